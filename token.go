package signup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/internal/runes"
	"github.com/signup-go/signup/refusal"
)

const (
	tokenBytes  = 32 // random bytes
	tokenLength = 43 // characters: 32 bytes in base64url without padding (RFC 4648, section 5)
)

// A Token is the secret in a sign-up link: 43 characters of base64url. Printed,
// logged or marshalled it reads "[token]"; only Reveal returns the secret.
type Token struct{ secret string }

// NewToken returns a random token from crypto/rand.
func NewToken() Token {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return Token{base64.RawURLEncoding.EncodeToString(b[:])}
}

// ParseToken parses a token made by NewToken. It rejects anything else without a
// database query.
//
// Mail programs, and people who copy a link, leave junk around a token, which
// ParseToken removes:
//
//   - white space, brackets, quotes and the punctuation that ends a sentence;
//   - what quoted-printable leaves behind (RFC 2045, section 6.7): a leading "3D",
//     and "=" inside, with or without the line break that it hides;
//   - invisible characters, such as the zero width space, anywhere.
//
// The rest must be exactly a token.
func ParseToken(s string) (Token, bool) {
	s = trimToken(s)
	if len(s) != tokenLength {
		return Token{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != tokenBytes { // shorter if it skipped a line end
		return Token{}, false
	}
	return Token{s}, true
}

const (
	beforeToken = "<([\"'`“”„‘’‚«»‹›"
	afterToken  = ".,;:!?>)]\"'`“”‘’«»‹›"
)

var softBreaks = strings.NewReplacer("=\r\n", "", "=\n", "", "=", "")

// trimToken removes the junk that ParseToken lists. Only "3D" could also be part
// of a token, which the length decides.
func trimToken(s string) string {
	s = strings.Map(func(r rune) rune {
		if runes.IsUnseen(r) {
			return -1
		}
		return r
	}, softBreaks.Replace(s))
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(beforeToken, r) })
	s = strings.TrimRightFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(afterToken, r) })
	if len(s) == len("3D")+tokenLength {
		s = strings.TrimPrefix(s, "3D")
	}
	return s
}

// Reveal returns the secret, for building a link.
func (t Token) Reveal() string { return t.secret }

// Hash returns the SHA-256 of the token's characters in lower-case hex (64
// characters). Only this hash is stored. A token has 256 random bits, so it needs
// neither a salt nor a slow hash.
func (t Token) Hash() string { return hexSHA256(t.secret) }

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Format implements fmt.Formatter, so that no verb prints the secret.
func (Token) Format(f fmt.State, _ rune) { redact(f, "[token]") }

// MarshalText implements encoding.TextMarshaler.
func (Token) MarshalText() ([]byte, error) { return []byte("[token]"), nil }

// LogValue implements slog.LogValuer.
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// A SignUpToken is the stored side of a Token. It is bound to a user and to the
// exact address its letter went to. It outlives a correction of the user's address,
// because it still proves that somebody reads the mailbox: see ConfirmAs.
//
//nolint:revive // Token is the secret; this is the field's name for the row
type SignUpToken struct {
	ID        string // a UUID; at most 64 characters
	UserID    int64
	TokenHash string    // see Token.Hash; at most 128 characters, unique
	Address   string    // the address as typed
	EmailKey  string    // the key of the address; see User.EmailKey
	CreatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; the token is expired from this instant on
	Used      bool
}

func (t SignUpToken) expired(now time.Time) bool { return !now.Before(t.ExpiresAt) }

// CreateToken creates a token for a user like the one in a letter: bound to the
// user's current address and valid for Settings.TokenLifetime. The returned Token
// is the only copy. It refuses with refusal.UserNotFound.
func (a Admin) CreateToken(ctx context.Context, userID int64) (Token, SignUpToken, error) {
	s := a.s
	var token Token
	var stored SignUpToken
	err := s.store.Update(ctx, func(tx Tx) error {
		u, err := userByID(ctx, tx, userID)
		if err != nil {
			return err
		}
		settings, err := settingsIn(ctx, tx)
		if err != nil {
			return err
		}
		token, stored, err = s.mint(ctx, tx, u, time.Duration(settings.TokenLifetime))
		if err != nil {
			return err
		}
		return s.record(ctx, tx, a.by, event.TokenCreated, u.ID, map[string]string{"token_id": stored.ID})
	})
	return token, stored, err
}

// mint creates a token for the user's current address and stores its hash.
func (s *Service) mint(ctx context.Context, tx Tx, u User, lifetime time.Duration) (Token, SignUpToken, error) {
	token, now := NewToken(), s.now()
	id, err := s.newID()
	if err != nil {
		return Token{}, SignUpToken{}, err
	}
	stored, err := tx.CreateToken(ctx, SignUpToken{
		ID: id, UserID: u.ID, TokenHash: token.Hash(), Address: u.Email, EmailKey: u.EmailKey,
		CreatedAt: now, ExpiresAt: now.Add(lifetime),
	})
	return token, stored, err
}

// TokenByHash returns the token with this hash if it is unused and not expired,
// or else ErrNotFound.
func (s *Service) TokenByHash(ctx context.Context, hash string) (SignUpToken, error) {
	t, err := peek(ctx, s, func(r Reader) (SignUpToken, error) { return r.Token(ctx, hash) })
	if err == nil && (t.Used || t.expired(s.now())) {
		return SignUpToken{}, ErrNotFound
	}
	return t, err
}

// MarkTokenUsed marks the token with this ID used and returns it, or returns
// ErrNotFound.
func (s *Service) MarkTokenUsed(ctx context.Context, id string) (SignUpToken, error) {
	var t SignUpToken
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		t, err = tx.MarkTokenUsed(ctx, id)
		return err
	})
	return t, err
}

// UseToken spends a token and returns the ID of its user. If effects is not nil,
// it runs in the same transaction: either both take effect or neither does. It
// may run more than once; see Store.Update. UseToken refuses a token that does
// not work as Confirm does.
//
// It is for tokens made by CreateToken. It neither verifies the address nor
// invalidates other tokens: use Confirm for sign-ups.
func (s *Service) UseToken(ctx context.Context, token string, effects func(Tx, int64) error) (int64, error) {
	t, ok := ParseToken(token)
	if !ok {
		return 0, s.refuseToken(ctx, refusal.TokenUnknown)
	}
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		stored, err := s.spendToken(ctx, tx, t)
		if err != nil {
			return err
		}
		if u, err = ownSignUp(ctx, tx, stored); err != nil || effects == nil {
			return err
		}
		return effects(tx, u.ID)
	})
	switch {
	case errors.Is(err, errNotSpent):
		return 0, s.whyNotSpent(ctx, t)
	case err != nil:
		return 0, err
	}
	return u.ID, nil
}

// spendToken spends a token. Of concurrent calls one succeeds, the others return
// errNotSpent.
func (s *Service) spendToken(ctx context.Context, tx Tx, t Token) (SignUpToken, error) {
	stored, err := tx.SpendToken(ctx, t.Hash(), s.now())
	if errors.Is(err, ErrNotFound) {
		err = errNotSpent
	}
	return stored, err
}

// ownSignUp returns the user that a token belongs to, or errNotSpent if the user
// no longer exists or no longer has the exact address that it was sent to.
func ownSignUp(ctx context.Context, r Reader, t SignUpToken) (User, error) {
	u, err := r.User(ctx, t.UserID)
	switch {
	case errors.Is(err, ErrNotFound):
		return User{}, errNotSpent
	case err == nil && u.Email != t.Address:
		return User{}, errNotSpent
	}
	return u, err
}
