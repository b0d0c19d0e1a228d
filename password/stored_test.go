package password

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Hashes of "Analytical-1", made with Python's hashlib and with crypt(3).
var otherHashes = map[string]string{
	"passlib PBKDF2":           "$pbkdf2-sha256$29000$TmFDbDRzYWx0NTY3ODkwMQ$7x3bdTkrRTQoW/eLpwdrrtywZj/Ey41ntMhIdoEk8iY",
	"Django PBKDF2":            "pbkdf2_sha256$1000$NaCl4salt5678901$XtkqiRziSfWoEUwlqQhDhbxAD6yiCT8YDfV4Wh2QOqA=",
	"Werkzeug PBKDF2":          "pbkdf2:sha256:1000$NaCl4salt5678901$5ed92a891ce249f5a8114c25a9084385bc400faca2093f180df5785a1d903aa0",
	"passlib scrypt":           "$scrypt$ln=10,r=8,p=1$TmFDbDRzYWx0NTY3ODkwMQ$ictRN2cZ0Z1bDbQL7NO8EPFE0F2/IqXMOM1GuyC0pAo",
	"Django scrypt":            "scrypt$1024$NaCl4salt5678901$8$1$ictRN2cZ0Z1bDbQL7NO8EPFE0F2/IqXMOM1GuyC0pApHhGoX1CgQAsoMBDtGeSJQtkZCb84jeXPcHi4pqjy1ig==",
	"Werkzeug scrypt":          "scrypt:1024:8:1$NaCl4salt5678901$89cb51376719d19d5b0db40becd3bc10f144d05dbf22a5cc38cd46bb20b4a40a47846a17d4281002ca0c043b46792250b646426fce237973dc1e2e29aa3cb58a",
	"bcrypt":                   "$2b$05$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi",
	"bcrypt of PHP":            "$2y$05$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi",
	"Django bcrypt":            "bcrypt$$2b$05$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi",
	"Django bcrypt of SHA-256": "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuu9DAgLVz0136fWCH28tC/0ghFzktDI0K",
}

func TestOtherHashes(t *testing.T) {
	h := NewHasher(cheap, 0, 0)
	hash, err := h.Hash(t.Context(), "Analytical-1")
	if err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(otherHashes)
	all["Django argon2id"] = "argon2" + string(hash)
	for name, text := range all {
		hash, err := ParseHash(text)
		if err != nil || string(hash) != text {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ok, outdated, err := h.Verify(t.Context(), hash, "Analytical-1")
		if !ok || outdated == strings.Contains(name, "argon2id") || err != nil {
			t.Errorf("%s: %v, outdated %v, %v", name, ok, outdated, err)
		}
		for _, wrong := range []string{"", "Analytical-2", "analytical-1", "Analytical-1 "} {
			if ok, _, err := h.Verify(t.Context(), hash, wrong); ok || err != nil {
				t.Errorf("%s with %q: %v, %v", name, wrong, ok, err)
			}
		}
	}
}

func TestParseHashRefuses(t *testing.T) {
	salt, key := "TmFDbDRzYWx0NTY3ODkwMQ", "ictRN2cZ0Z1bDbQL7NO8EPFE0F2/IqXMOM1GuyC0pAo"
	for _, text := range []string{
		"", "$", "Analytical-1", "5f4dcc3b5aa765d61d8327deb882cf99", "$1$salt$qJH7.N4xYta3aEG/dfqo/0", "md5$salt$hash", "{SSHA}abc",
		"$2b$05$short", "$2b$16$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi", "$2b$05$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi.", "bcrypt$x",
		"$scrypt$ln=10,r=8,p=1$" + salt, "$scrypt$ln=21,r=8,p=1$" + salt + "$" + key, "$scrypt$ln=0,r=8,p=1$" + salt + "$" + key,
		"$scrypt$ln=20,r=8,p=5$" + salt + "$" + key, "$scrypt$ln=10,r=99999999,p=1$" + salt + "$" + key, "$scrypt$ln=10,r=8,p=0$" + salt + "$" + key,
		"$scrypt$ln=10,r=8,p=1$" + salt + "$c2hvcnQ", "$scrypt$ln=10,r=8,p=1$!$" + key, "scrypt$1000$s$8$1$" + key + "=", "scrypt$x$s$8$1$" + key + "=", "scrypt$1024$s$8$1",
		"scrypt:1024:8$s$00", "scrypt:a:8:1$s$00", "scrypt:1024:8:1$s$xyz",
		"$pbkdf2-sha256$0$" + salt + "$" + key, "$pbkdf2-sha256$5000001$" + salt + "$" + key, "$pbkdf2-sha256$x$" + salt + "$" + key, "$pbkdf2-sha256$1$" + salt,
		"scrypt$2$s$1$16777216$" + key + "=", "scrypt$2$s$65537$1$" + key + "=", // 2 GiB for p, 8 MiB for r
		"pbkdf2_sha256$1$" + strings.Repeat("s", 600) + "$" + key + "=", "pbkdf2_sha256$1$a\x00b$" + key + "=", "pbkdf2_sha256$1$a\xffb$" + key + "=",
		"pbkdf2_sha256$1$s$" + key + "=\n",
		"pbkdf2_sha256$1$s", "pbkdf2_sha256$1$s$short", "pbkdf2:sha256:1$s$zz", "pbkdf2_sha1$1$s$" + key,
	} {
		if _, err := ParseHash(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// Whatever ParseHash accepts can be checked without a panic, and costs little
// enough.
func FuzzParseHash(f *testing.F) {
	for _, text := range otherHashes {
		f.Add(text)
	}
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA")
	f.Fuzz(func(t *testing.T, text string) {
		hash, err := ParseHash(text)
		if err != nil {
			return
		}
		s, err := parseHash(string(hash))
		if err != nil || s.memory > maxMemory || len(text) > maxHashLength {
			t.Fatalf("%q: %d KiB, %v", text, s.memory, err)
		}
		if cost, err := bcrypt.Cost([]byte(text)); err == nil && cost > 6 || strings.Contains(text, "pbkdf2") && len(text) > 90 || s.memory > 4096 || s.params.Time > 3 {
			return // accepted, but too slow here
		}
		s.matches("Analytical-1")
	})
}

// Hashes of other systems wait for a turn as well.
func TestOtherHashesWaitForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(cheap, 1, 1)
		free := full(t, h, 1)
		done := make(chan error)
		go func() {
			_, _, err := h.Verify(t.Context(), Hash(otherHashes["bcrypt"]), "Analytical-1")
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("did not wait: %v", err)
		case <-time.After(time.Second):
		}
		free()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
