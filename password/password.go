// Package password validates passwords and hashes them with argon2id.
package password

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/signup-go/signup/refusal"
)

// A Policy says which characters a password must contain.
type Policy string

// The policies.
const (
	Strict     Policy = "strict"      // an upper-case letter, a lower-case letter, a digit and a special character
	LengthOnly Policy = "length_only" // any characters
)

// Limits of a password. Length is counted in characters after NFC, size in bytes
// as sent. No password is ever truncated.
const (
	MinLength = 8
	MaxBytes  = 1024
)

// Check accepts valid UTF-8 without NUL, of at most 1024 bytes as sent and at
// least minLength characters (code points) in NFC. Unless the policy is
// LengthOnly, the password must also contain an upper-case letter, a lower-case
// letter, a digit (of any script) and a special character, which is punctuation
// or a symbol. Otherwise Check refuses with refusal.Invalid for "password" and
// lists everything that is missing.
func Check(password string, policy Policy, minLength int) error {
	switch {
	case len(password) > MaxBytes:
		return refusal.Field("password", "must have at most 1024 bytes").By(refusal.AtLimit(refusal.RuleMaxLength, MaxBytes))
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return refusal.Field("password", "must not contain invalid characters").By(refusal.Rule{Name: refusal.RuleCharacters})
	}
	password = norm.NFC.String(password)
	var lacks []string
	var rules []refusal.Rule
	if utf8.RuneCountInString(password) < minLength {
		lacks = append(lacks, fmt.Sprintf("at least %d characters", minLength))
		rules = append(rules, refusal.AtLimit(refusal.RuleMinLength, minLength))
	}
	if policy != LengthOnly {
		more, broken := lacking(password)
		lacks, rules = append(lacks, more...), append(rules, broken...)
	}
	if len(lacks) > 0 {
		return refusal.Field("password", "must have "+list(lacks)).By(rules...)
	}
	return nil
}

func lacking(password string) (lacks []string, rules []refusal.Rule) {
	for _, rule := range []struct {
		has  func(rune) bool
		what string
		name refusal.RuleName
	}{
		{unicode.IsUpper, "an upper-case letter", refusal.RuleUpper},
		{unicode.IsLower, "a lower-case letter", refusal.RuleLower},
		{unicode.IsDigit, "a digit", refusal.RuleDigit},
		{isSpecial, "a special character", refusal.RuleSpecial},
	} {
		if !strings.ContainsFunc(password, rule.has) {
			lacks, rules = append(lacks, rule.what), append(rules, refusal.Rule{Name: rule.name})
		}
	}
	return lacks, rules
}

// isSpecial excludes letters, digits, marks, white space and control characters.
func isSpecial(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func list(items []string) string {
	if n := len(items); n > 1 {
		return strings.Join(items[:n-1], ", ") + " and " + items[n-1]
	}
	return strings.Join(items, "")
}

// A Hash is an argon2id hash as a PHC string,
// "$argon2id$v=19$m=65536,t=3,p=4$salt$hash", or another system's hash that
// ParseHash accepts. Printed, logged or marshalled it reads "[password hash]";
// convert it to string to get the hash.
type Hash string

// Format implements fmt.Formatter, so that no verb prints the hash.
func (Hash) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[password hash]") }

// MarshalText implements encoding.TextMarshaler.
func (Hash) MarshalText() ([]byte, error) { return []byte("[password hash]"), nil }

// LogValue implements slog.LogValuer.
func (Hash) LogValue() slog.Value { return slog.StringValue("[password hash]") }

// Params are the cost parameters of argon2id (RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8  // lanes
}

// DefaultParams returns the second recommended option of RFC 9106: 64 MiB, 3
// passes, 4 lanes.
func DefaultParams() Params { return Params{64 * 1024, 3, 4} }

// Upper bounds of the parameters. They also apply to stored hashes, so that none
// can make the program allocate gigabytes.
const (
	maxMemory  = 1 << 20 // KiB: 1 GiB
	maxTime    = 20
	maxThreads = 64
)

func (p Params) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Time, p.Threads)
}

// ParseParams parses the form "m=65536,t=3,p=4" and checks the bounds.
func ParseParams(s string) (Params, error) {
	var p Params
	_, err := fmt.Sscanf(s, "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads)
	if err != nil || p.String() != s {
		return Params{}, errors.New("password parameters must have the form m=65536,t=3,p=4")
	}
	return p, p.check()
}

func (p Params) check() error {
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

// A Hasher hashes and verifies passwords with bounded concurrency. Its memory is
// about the number of concurrent hashes times Params.Memory, plus garbage
// not yet collected.
type Hasher struct {
	// After, if set before the first hash, is called after each hash of 16 MiB or
	// more, before the next one may start. A program that uses memory mostly for
	// hashing sets it to runtime.GC, because otherwise the garbage of several
	// hashes accumulates. In a program with a large heap, a collection would cost
	// more than the hash.
	After func()

	params Params
	turns  *turns
}

// NewHasher returns a Hasher that computes up to concurrent hashes at a time (0
// means GOMAXPROCS) while up to queue further callers wait (0 means 64), and as
// many again at log-in; see AtLogIn and WithClient.
func NewHasher(params Params, concurrent, queue int) *Hasher {
	if concurrent <= 0 {
		concurrent = runtime.GOMAXPROCS(0)
	}
	if queue <= 0 {
		queue = defaultQueue
	}
	return &Hasher{params: params, turns: newTurns(concurrent, queue)}
}

// Hash hashes a password with a new salt. It refuses with refusal.Busy when too
// many callers are already waiting, and with refusal.Invalid a password of more
// than 1024 bytes. If ctx ends first, it returns ctx's error.
func (h *Hasher) Hash(ctx context.Context, password string) (Hash, error) {
	if len(password) > MaxBytes {
		return "", refusal.Field("password", "must have at most 1024 bytes")
	}
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails
	var key []byte
	err := h.run(ctx, h.params.Memory, func() { key = h.params.key(password, salt[:], keyBytes) })
	if err != nil {
		return "", err
	}
	return Hash(fmt.Sprintf("$argon2id$v=%d$%s$%s$%s", argon2.Version, h.params,
		base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(key))), nil
}

// Verify reports whether the password matches the hash, and whether the hash is
// outdated: made with another scheme, parameters or sizes than the Hasher's, in
// which case the caller should hash the password again. A password of more than
// 1024 bytes never matches. Verify fails like Hash, and also if ParseHash refuses
// the hash.
func (h *Hasher) Verify(ctx context.Context, hash Hash, password string) (ok, outdated bool, err error) {
	if len(password) > MaxBytes {
		return false, false, nil
	}
	stored, err := parseHash(string(hash))
	if err != nil {
		return false, false, err
	}
	outdated = stored.params != h.params || stored.salt != saltBytes || stored.key != keyBytes
	err = h.run(ctx, stored.memory, func() { ok = stored.matches(password) })
	return ok, outdated, err
}

// run waits for a turn and runs hash, which uses that much memory (KiB).
func (h *Hasher) run(ctx context.Context, memory uint32, hash func()) error {
	if err := h.turns.take(ctx); err != nil {
		return err
	}
	defer h.turns.pass()
	hash()
	if h.After != nil && memory >= largeHash {
		h.After()
	}
	return nil
}

const largeHash = 16 * 1024 // KiB
