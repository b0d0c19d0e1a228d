package signup

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"time"
)

const (
	tokenBytes  = 32 // of randomness
	tokenLength = 43 // characters: 32 bytes in base64url without padding (RFC 4648, section 5)

	// DefaultTokenLifetime is how long a token works after its letter was written.
	DefaultTokenLifetime = 24 * time.Hour
)

// A Token is the secret in a sign-up link: 43 characters of base64url. Printed,
// logged or marshalled it reads "[token]"; only Reveal gives the secret.
type Token struct{ secret string }

// NewToken mints a token from crypto/rand.
func NewToken() Token {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return Token{base64.RawURLEncoding.EncodeToString(b[:])}
}

// ParseToken accepts exactly what NewToken makes, so that anything else is
// refused without asking the database.
func ParseToken(s string) (Token, bool) {
	if len(s) != tokenLength {
		return Token{}, false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(s); err != nil {
		return Token{}, false
	}
	return Token{s}, true
}

// Reveal returns the secret itself, for the one place that puts it in a link.
func (t Token) Reveal() string { return t.secret }

// Hash is the SHA-256 of the token's characters in lower-case hex (64 characters):
// all that is ever stored. The token has 256 bits of its own, so no salt and no
// slow hash are needed.
func (t Token) Hash() string { return hexSHA256(t.secret) }

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func (Token) String() string { return "[token]" }

// GoString implements fmt.GoStringer.
func (Token) GoString() string { return "[token]" }

// MarshalText implements encoding.TextMarshaler.
func (Token) MarshalText() ([]byte, error) { return []byte("[token]"), nil }

// LogValue implements slog.LogValuer.
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// A SignUpToken is the stored side of a token. It is bound to the user and to
// the exact address its letter went to.
//
//nolint:revive // Token is the secret; this is the field's name for the row
type SignUpToken struct {
	ID        string    // a UUID; at most 64 characters
	UserID    int64     //
	ClaimID   string    // the claim it confirms, "" for the user's own first sign-up
	TokenHash string    // see Token.Hash; at most 128 characters, unique
	Address   string    // as typed at sign-up
	CreatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; the token is expired from this instant on
	Used      bool
}

// Expired reports whether the token is expired at now.
func (t SignUpToken) Expired(now time.Time) bool { return !now.Before(t.ExpiresAt) }
