package password

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/signup-go/signup/refusal"
)

var cheap = Params{Memory: 64, Time: 1, Threads: 1}

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct {
		password string
		policy   Policy
		length   int
		message  string // "" if accepted
	}{
		{"Passw0rd!", Strict, 8, ""},
		{"Pässw0rt€", Strict, 8, ""},
		{"Ünlü٣😀xyz", Strict, 8, ""}, // digits of any script, any symbol
		{"correct horse battery", LengthOnly, 8, ""},
		{"", LengthOnly, 8, "must have at least 8 characters"},
		{"1234567", LengthOnly, 8, "must have at least 8 characters"},
		{"12345678", LengthOnly, 12, "must have at least 12 characters"},
		{"éééé", LengthOnly, 8, "must have at least 8 characters"},                         // characters, not bytes
		{"e\u0301e\u0301e\u0301e\u0301", LengthOnly, 8, "must have at least 8 characters"}, // NFC first
		{"password", Strict, 8, "must have an upper-case letter, a digit and a special character"},
		{"Password", Strict, 8, "must have a digit and a special character"},
		{"PASSW0RD!", Strict, 8, "must have a lower-case letter"},
		{"        ", Strict, 8, "must have an upper-case letter, a lower-case letter, a digit and a special character"},
		{"Passw0rd", Strict, 8, "must have a special character"},
		{"Passw0rd ", Strict, 8, "must have a special character"}, // a space is not a special character
		{"Pä!", Strict, 8, "must have at least 8 characters and a digit"},
		{strings.Repeat("x", 1024), LengthOnly, 8, ""},
		{strings.Repeat("x", 1025), LengthOnly, 8, "must have at most 1024 bytes"},
		{strings.Repeat("é", 513), LengthOnly, 8, "must have at most 1024 bytes"},
		{"Passw0rd!\x00", Strict, 8, "must not contain invalid characters"},
		{"Passw0rd!\xff", Strict, 8, "must not contain invalid characters"},
	} {
		refusals := refusal.Of(Check(c.password, c.policy, c.length))
		switch {
		case len(refusals) == 0 && c.message == "":
		case len(refusals) != 1 || refusals[0].Message != c.message || refusals[0].Field != "password" || refusals[0].Code != refusal.Invalid:
			t.Errorf("%.40q, %s, %d: %+v, want %q", c.password, c.policy, c.length, refusals, c.message)
		}
	}
}

func TestHashAndVerify(t *testing.T) {
	h := NewHasher(cheap, 0, 0)
	long := strings.Repeat("x", 72)
	passwords := []string{"Passw0rd!", "", "ä", long, long + "a", long + "b", strings.Repeat("😀", 24), strings.Repeat("😀", 24) + "!", strings.Repeat("y", 1024)}
	for _, hashed := range passwords {
		hash, err := h.Hash(t.Context(), hashed)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(hash); !strings.HasPrefix(s, "$argon2id$v=19$m=64,t=1,p=1$") || len(s) != len("$argon2id$v=19$m=64,t=1,p=1$")+22+1+43 {
			t.Errorf("hash has the form %q", s)
		}
		for _, tried := range passwords {
			if ok, outdated, err := h.Verify(t.Context(), hash, tried); err != nil || outdated || ok != (tried == hashed) {
				t.Errorf("%.80q for %.80q: %t, %t, %v", tried, hashed, ok, outdated, err)
			}
		}
	}
}

func TestHashesAreSalted(t *testing.T) {
	h := NewHasher(cheap, 0, 0)
	a, _ := h.Hash(t.Context(), "same")
	b, _ := h.Hash(t.Context(), "same")
	if a == b {
		t.Error("two hashes of one password are the same")
	}
}

func TestPasswordIsNormalised(t *testing.T) {
	h := NewHasher(cheap, 0, 0)
	hash, err := h.Hash(t.Context(), "se\u0301same")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.Verify(t.Context(), hash, "s\u00e9same"); err != nil || !ok {
		t.Errorf("the decomposed é does not match: %v", err)
	}
}

// phcOf returns the form that argon2-cffi and passlib write: standard base64
// without padding.
func phcOf(p Params, salt []byte, password string) Hash {
	b64 := base64.RawStdEncoding
	key := argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, 32)
	return Hash(fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", p.Memory, p.Time, p.Threads, b64.EncodeToString(salt), b64.EncodeToString(key)))
}

// TestForeignHash checks a hash from the tests of the reference implementation
// (phc-winner-argon2, src/test.c): t=2, m=2^8 KiB, p=1.
func TestForeignHash(t *testing.T) {
	const reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	h := NewHasher(cheap, 0, 0)
	for _, hash := range []Hash{reference, phcOf(Params{Memory: 128, Time: 2, Threads: 2}, []byte("somesaltsomesalt"), "password")} {
		if ok, outdated, err := h.Verify(t.Context(), hash, "password"); !ok || !outdated || err != nil {
			t.Errorf("%t, outdated %t, %v", ok, outdated, err)
		}
		if ok, _, err := h.Verify(t.Context(), hash, "differentpassword"); ok || err != nil {
			t.Errorf("a wrong password: %t, %v", ok, err)
		}
	}
}

// TestHostileHash checks that no stored hash makes Verify allocate gigabytes or
// panic, and that the error does not contain the hash.
func TestHostileHash(t *testing.T) {
	h := NewHasher(cheap, 0, 0)
	salt, key := "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, hash := range []string{
		"", "$", "$$$$$", "x", "$2b$12$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + key, "$argon2id$m=256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=1048577,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=4294967295,p=1$" + salt + "$" + key, "$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=1,p=0$" + salt + "$" + key, "$argon2id$v=19$m=256,t=1,p=256$" + salt + "$" + key, "$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=-1,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=+256,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=256,t=1,p=1x$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$", "$argon2id$v=19$m=256,t=2,p=1$$" + key, "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "=",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "$", "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat("AAAA", 1_000_000),
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$!!", "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key[:42] + "5", // stray bits
	} {
		ok, _, err := h.Verify(t.Context(), Hash(hash), "password")
		if ok || err == nil || refusal.Of(err) != nil || len(hash) > 9 && strings.Contains(err.Error(), hash) {
			t.Errorf("%.80q: %t, %v", hash, ok, err)
		}
	}
}

func TestOversizedPasswordIsNotHashed(t *testing.T) {
	h := NewHasher(DefaultParams(), 1, 1)
	huge := strings.Repeat("x", 5<<20)
	hash := phcOf(cheap, []byte("somesaltsomesalt"), "password")
	start := time.Now()
	for range 100 {
		if _, err := h.Hash(t.Context(), huge); !refusal.Is(err, refusal.Invalid) {
			t.Fatalf("hashed: %v", err)
		}
		if ok, _, err := h.Verify(t.Context(), hash, huge); ok || err != nil {
			t.Fatalf("verified: %t, %v", ok, err)
		}
		if err := Check(huge, Strict, 8); err == nil {
			t.Fatal("accepted")
		}
	}
	// One hash takes longer than this; a refusal takes a few microseconds.
	if took := time.Since(start); took > 50*time.Millisecond {
		t.Errorf("100 refusals took %s", took)
	}
}

func TestPasswordHashHidesItself(t *testing.T) {
	h := Hash("$argon2id$secret")
	inJSON, err := json.Marshal(map[string]any{"h": h})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "hash", h)
	for _, s := range []string{fmt.Sprint(h), fmt.Sprintf("%v %+v %#v %s %q", h, h, h, h, h), string(inJSON), log.String()} {
		if strings.Contains(s, "secret") || !strings.Contains(s, "[password hash]") {
			t.Errorf("printed as %s", s)
		}
	}
	if string(h) != "$argon2id$secret" {
		t.Error("the conversion does not give the hash")
	}
}

func TestParsePasswordParams(t *testing.T) {
	if p, err := ParseParams("m=65536,t=3,p=4"); err != nil || p != DefaultParams() || p.String() != "m=65536,t=3,p=4" {
		t.Errorf("%v, %v", p, err)
	}
	for _, s := range []string{
		"", "m=65536", "m=65536,t=3", "65536,3,4", "t=3,m=65536,p=4", "m=65536,t=3,p=4,x=1", "m=65536, t=3, p=4", "m=65536,t=3,p=4\n", "m=0x10000,t=3,p=4",
		"m=1048577,t=3,p=4", "m=65536,t=0,p=4", "m=65536,t=999,p=4", "m=65536,t=3,p=0", "m=65536,t=3,p=65", "m=31,t=3,p=4", "m=-1,t=3,p=4", "m=99999999999,t=3,p=4",
	} {
		if p, err := ParseParams(s); err == nil {
			t.Errorf("%q gives %v", s, p)
		}
	}
}
