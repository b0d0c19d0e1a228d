package signup

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// A PolicyType is how passwords are judged besides their length.
type PolicyType string

// The policies.
const (
	PolicyStrict     PolicyType = "strict"      // an upper-case letter, a digit and a special character
	PolicyLengthOnly PolicyType = "length_only" // any characters
)

// Limits of a password. Its length is counted in characters after NFC, its
// size in bytes as sent. No password is ever cut.
const (
	MinPasswordLength = 8
	MaxPasswordBytes  = 1024
)

// CheckPassword judges a password: valid UTF-8 without NUL, at most 1024 bytes
// as sent, at least minLength characters (code points) in NFC. Unless the
// policy is PolicyLengthOnly it needs an upper-case letter, a digit (of any
// script) and a special character, which is punctuation or a symbol. It refuses
// with CodeInvalid for "password" and says all that is missing.
func CheckPassword(password string, policy PolicyType, minLength int) error {
	return asError(checkPasswordRules(password, policy, minLength))
}

func checkPasswordRules(password string, policy PolicyType, minLength int) *Error {
	switch {
	case len(password) > MaxPasswordBytes:
		return invalid("password", "must have at most 1024 bytes").by(limit(RuleMaxLength, MaxPasswordBytes))
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return invalid("password", "must not contain invalid characters").by(Rule{Name: RuleCharacters})
	}
	password = norm.NFC.String(password)
	var lacks []string
	var rules []Rule
	if utf8.RuneCountInString(password) < minLength {
		lacks = append(lacks, fmt.Sprintf("at least %d characters", minLength))
		rules = append(rules, limit(RuleMinLength, minLength))
	}
	if policy != PolicyLengthOnly {
		more, broken := lacking(password)
		lacks, rules = append(lacks, more...), append(rules, broken...)
	}
	if len(lacks) > 0 {
		return invalid("password", "must have "+list(lacks)).by(rules...)
	}
	return nil
}

func lacking(password string) (lacks []string, rules []Rule) {
	for _, rule := range []struct {
		has  func(rune) bool
		what string
		name RuleName
	}{
		{unicode.IsUpper, "an upper-case letter", RuleUpper},
		{unicode.IsDigit, "a digit", RuleDigit},
		{isSpecial, "a special character", RuleSpecial},
	} {
		if !strings.ContainsFunc(password, rule.has) {
			lacks, rules = append(lacks, rule.what), append(rules, Rule{Name: rule.name})
		}
	}
	return lacks, rules
}

// isSpecial is true for what is no letter, digit, mark, space nor control.
func isSpecial(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func list(items []string) string {
	if n := len(items); n > 1 {
		return strings.Join(items[:n-1], ", ") + " and " + items[n-1]
	}
	return strings.Join(items, "")
}

// A PasswordHash is an argon2id hash as a PHC string,
// "$argon2id$v=19$m=65536,t=3,p=4$salt$hash". Printed, logged or marshalled it
// reads "[password hash]"; convert it to a string for the string.
type PasswordHash string

func (PasswordHash) String() string { return "[password hash]" }

// GoString implements fmt.GoStringer.
func (PasswordHash) GoString() string { return "[password hash]" }

// MarshalText implements encoding.TextMarshaler.
func (PasswordHash) MarshalText() ([]byte, error) { return []byte("[password hash]"), nil }

// LogValue implements slog.LogValuer.
func (PasswordHash) LogValue() slog.Value { return slog.StringValue("[password hash]") }

// PasswordParams are the costs of argon2id (RFC 9106).
type PasswordParams struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8  // lanes
}

// DefaultPasswordParams are the second recommended option of RFC 9106: 64 MiB,
// 3 passes, 4 lanes.
func DefaultPasswordParams() PasswordParams { return PasswordParams{64 * 1024, 3, 4} }

// Bounds of the parameters: also of those in a stored hash, so that no hash
// can ask for gigabytes.
const (
	maxMemory  = 1 << 20 // KiB: 1 GiB
	maxTime    = 20
	maxThreads = 64
)

func (p PasswordParams) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Time, p.Threads)
}

// ParsePasswordParams reads the form "m=65536,t=3,p=4".
func ParsePasswordParams(s string) (PasswordParams, error) {
	var p PasswordParams
	_, err := fmt.Sscanf(s, "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads)
	if err != nil || p.String() != s {
		return PasswordParams{}, errors.New("password parameters must have the form m=65536,t=3,p=4")
	}
	return p, p.check()
}

func (p PasswordParams) check() error {
	switch {
	case p.Threads < 1 || p.Threads > maxThreads:
		return fmt.Errorf("password parameters: p must be 1 to %d", maxThreads)
	case p.Time < 1 || p.Time > maxTime:
		return fmt.Errorf("password parameters: t must be 1 to %d", maxTime)
	case p.Memory < 8*uint32(p.Threads) || p.Memory > maxMemory: // RFC 9106, section 3.1
		return fmt.Errorf("password parameters: m must be 8*p to %d (KiB)", maxMemory)
	}
	return nil
}

const (
	saltBytes = 16
	keyBytes  = 32

	defaultQueue = 64
)

// A Hasher hashes and verifies passwords, so many at a time and no more: it
// works in that number times PasswordParams.Memory, besides what the collector
// has not come to.
type Hasher struct {
	// After, if set before the first hash, is called after each hash of 16 MiB
	// or more, before the next may start. A program whose memory is mostly that
	// of hashes sets it to runtime.GC: left to itself, the collector lets several
	// pile up. With a large heap of one's own that would cost more than the hash.
	After func()

	params PasswordParams
	slots  chan struct{} // one element for each hashing
	queue  chan struct{} // one for each caller that hashes or waits
}

// NewHasher makes a Hasher that works on concurrent passwords at a time (0:
// one a core) and lets queue more callers wait (0: 64).
func NewHasher(params PasswordParams, concurrent, queue int) *Hasher {
	if concurrent <= 0 {
		concurrent = runtime.GOMAXPROCS(0)
	}
	if queue <= 0 {
		queue = defaultQueue
	}
	return &Hasher{params: params, slots: make(chan struct{}, concurrent), queue: make(chan struct{}, concurrent+queue)}
}

// Hash hashes a password with a new salt. It refuses with CodeBusy when too
// many wait already, and returns ctx's error when that ends first.
func (h *Hasher) Hash(ctx context.Context, password string) (PasswordHash, error) {
	if len(password) > MaxPasswordBytes {
		return "", invalid("password", "must have at most 1024 bytes")
	}
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails
	key, err := h.derive(ctx, password, salt[:], h.params, keyBytes)
	if err != nil {
		return "", err
	}
	return PasswordHash(fmt.Sprintf("$argon2id$v=%d$%s$%s$%s", argon2.Version, h.params,
		base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(key))), nil
}

// Verify reports whether the password is the one that was hashed, and whether
// the hash was made with other parameters or sizes than the Hasher's, so that
// it should be made anew. A password over 1024 bytes is simply wrong. It fails
// like Hash, or when the hash is not one of argon2id.
func (h *Hasher) Verify(ctx context.Context, hash PasswordHash, password string) (ok, outdated bool, err error) {
	if len(password) > MaxPasswordBytes {
		return false, false, nil
	}
	params, salt, want, err := parseHash(string(hash))
	if err != nil {
		return false, false, err
	}
	outdated = params != h.params || len(salt) != saltBytes || len(want) != keyBytes
	got, err := h.derive(ctx, password, salt, params, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, outdated, nil
}

// derive waits for a slot and hashes the password's NFC form.
func (h *Hasher) derive(ctx context.Context, password string, salt []byte, p PasswordParams, size uint32) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, &Error{Code: CodeBusy, Message: "Too many sign-ups at the moment; try again shortly"}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	key := argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, p.Time, p.Memory, p.Threads, size)
	if h.After != nil && p.Memory >= largeHash {
		h.After()
	}
	return key, nil
}

const largeHash = 16 * 1024 // KiB

var errBadHash = errors.New("the stored password hash is not one of argon2id")

// parseHash reads a PHC string
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
func parseHash(hash string) (p PasswordParams, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errBadHash
	}
	if p, err = ParsePasswordParams(parts[3]); err != nil {
		return p, nil, nil, errBadHash
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return p, nil, nil, errBadHash
	}
	return p, salt, key, nil
}
