package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"
)

// Upper bounds of what other systems' hashes may cost; see maxMemory for argon2id.
const (
	maxBcryptCost  = 15
	maxIterations  = 5_000_000     // of PBKDF2
	maxScryptBlock = 1 << 23       // N*r: 1 GiB
	maxScryptWork  = 4 * (1 << 23) // N*r*p
	maxScryptLanes = 1 << 16       // r*p: 8 MiB
)

// maxHashLength is what the stores keep, in characters.
const maxHashLength = 512

var errBadHash = errors.New("the password hash has no known format")

// A stored hash checks passwords.
type stored struct {
	matches func(typed string) bool
	memory  uint32 // KiB
	params  Params // of argon2id; zero for the other schemes
	salt    int    // bytes
	key     int    // bytes
}

// ParseHash accepts a hash that Verify can check:
//
//   - argon2id as a PHC string, which is what Hasher.Hash returns, also as Django
//     stores it ("argon2$argon2id$...");
//   - bcrypt in modular crypt format ("$2b$12$..."), also as Django stores it
//     ("bcrypt$..." and "bcrypt_sha256$...");
//   - scrypt as passlib ("$scrypt$ln=16,r=8,p=1$..."), Django
//     ("scrypt$16384$salt$8$1$...") and Werkzeug ("scrypt:32768:8:1$salt$...")
//     store it;
//   - PBKDF2 with SHA-256 as passlib ("$pbkdf2-sha256$29000$..."), Django
//     ("pbkdf2_sha256$870000$salt$...") and Werkzeug
//     ("pbkdf2:sha256:1000000$salt$...") store it.
//
// It refuses other formats, hashes of more than 512 bytes or with control
// characters, and hashes that would cost more than 1 GiB of memory or some seconds
// of work.
func ParseHash(text string) (Hash, error) {
	if len(text) > maxHashLength || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", errBadHash // no store keeps it
	}
	if _, err := parseHash(text); err != nil {
		return "", err
	}
	return Hash(text), nil
}

func parseHash(text string) (stored, error) {
	for prefix, parse := range map[string]func(rest string) (stored, error){
		"$argon2id$":       parseArgon2id,
		"argon2$argon2id$": parseArgon2id,
		"$2a$":             func(string) (stored, error) { return parseBcrypt(text, asTyped) },
		"$2b$":             func(string) (stored, error) { return parseBcrypt(text, asTyped) },
		"$2y$":             func(string) (stored, error) { return parseBcrypt(text, asTyped) },
		"bcrypt$":          func(rest string) (stored, error) { return parseBcrypt(rest, asTyped) },
		"bcrypt_sha256$":   func(rest string) (stored, error) { return parseBcrypt(rest, digest) },
		"$scrypt$":         parsePasslibScrypt,
		"scrypt$":          parseDjangoScrypt,
		"scrypt:":          parseWerkzeugScrypt,
		"$pbkdf2-sha256$":  parsePasslibPBKDF2,
		"pbkdf2_sha256$":   parseDjangoPBKDF2,
		"pbkdf2:sha256:":   parseWerkzeugPBKDF2,
	} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			s, err := parse(rest)
			if err != nil {
				return stored{}, errBadHash
			}
			return s, nil
		}
	}
	return stored{}, errBadHash
}

// parseArgon2id reads the rest of a PHC string
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
func parseArgon2id(rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 4 || parts[0] != fmt.Sprintf("v=%d", argon2.Version) {
		return stored{}, errBadHash
	}
	p, err := ParseParams(parts[1])
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[2])
	key, keyErr := base64.RawStdEncoding.Strict().DecodeString(parts[3])
	if len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		err = errBadHash
	}
	derive := func(typed string) []byte { return p.key(typed, salt, len(key)) }
	return stored{equals(key, derive), p.Memory, p, len(salt), len(key)}, errors.Join(err, saltErr, keyErr)
}

// key hashes the NFC form of the password.
func (p Params) key(typed string, salt []byte, size int) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(typed)), salt, p.Time, p.Memory, p.Threads, uint32(size))
}

func asTyped(typed string) []byte { return []byte(typed) }

// digest lets more than bcrypt's 72 bytes count.
func digest(typed string) []byte {
	sum := sha256.Sum256([]byte(typed))
	return []byte(hex.EncodeToString(sum[:]))
}

func parseBcrypt(hash string, prepare func(string) []byte) (stored, error) {
	cost, err := bcrypt.Cost([]byte(hash))
	if err == nil && (cost > maxBcryptCost || len(hash) != 60) {
		err = errBadHash
	}
	return stored{matches: func(typed string) bool {
		return bcrypt.CompareHashAndPassword([]byte(hash), prepare(typed)) == nil
	}}, err
}

func parsePasslibScrypt(rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 {
		return stored{}, errBadHash
	}
	var ln, r, p int
	if _, err := fmt.Sscanf(parts[0], "ln=%d,r=%d,p=%d", &ln, &r, &p); err != nil || ln < 1 || ln > 24 {
		return stored{}, errBadHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[1])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[2])
	s, err := newScrypt(1<<ln, r, p, salt, key)
	return s, errors.Join(saltErr, keyErr, err)
}

func parseDjangoScrypt(rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 5 {
		return stored{}, errBadHash
	}
	numbers, err := integers(parts[0], parts[2], parts[3])
	if err != nil {
		return stored{}, err
	}
	key, keyErr := base64.StdEncoding.DecodeString(parts[4])
	s, err := newScrypt(numbers[0], numbers[1], numbers[2], []byte(parts[1]), key)
	return s, errors.Join(keyErr, err)
}

func parseWerkzeugScrypt(rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	cost := strings.Split(parts[0], ":")
	if len(parts) != 3 || len(cost) != 3 {
		return stored{}, errBadHash
	}
	numbers, err := integers(cost...)
	if err != nil {
		return stored{}, err
	}
	key, keyErr := hex.DecodeString(parts[2])
	s, err := newScrypt(numbers[0], numbers[1], numbers[2], []byte(parts[1]), key)
	return s, errors.Join(keyErr, err)
}

func newScrypt(n, r, p int, salt, key []byte) (stored, error) {
	switch {
	case n < 2 || n&(n-1) != 0 || r < 1 || p < 1 || len(key) < 16 || len(key) > 64,
		n > maxScryptBlock || r > maxScryptBlock/n || p > maxScryptWork/(n*r) || p > maxScryptLanes/r:
		return stored{}, errBadHash
	}
	derive := func(typed string) []byte {
		got, _ := scrypt.Key([]byte(typed), salt, n, r, p, len(key)) // fails only for parameters out of range
		return got
	}
	return stored{matches: equals(key, derive), memory: uint32(n * r / 8)}, nil
}

func parsePasslibPBKDF2(rest string) (stored, error) {
	parts := strings.Split(strings.ReplaceAll(rest, ".", "+"), "$")
	if len(parts) != 3 {
		return stored{}, errBadHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[1])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[2])
	s, err := newPBKDF2(parts[0], salt, key)
	return s, errors.Join(saltErr, keyErr, err)
}

func parseDjangoPBKDF2(rest string) (stored, error) {
	return parsePBKDF2(rest, base64.StdEncoding.DecodeString)
}

func parseWerkzeugPBKDF2(rest string) (stored, error) {
	return parsePBKDF2(rest, hex.DecodeString)
}

// parsePBKDF2 reads "iterations$salt$key", whose salt is used as it is written.
func parsePBKDF2(rest string, decode func(string) ([]byte, error)) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 {
		return stored{}, errBadHash
	}
	key, keyErr := decode(parts[2])
	s, err := newPBKDF2(parts[0], []byte(parts[1]), key)
	return s, errors.Join(keyErr, err)
}

func newPBKDF2(iterations string, salt, key []byte) (stored, error) {
	n, err := strconv.Atoi(iterations)
	if err != nil || n < 1 || n > maxIterations || len(key) < 16 || len(key) > 64 {
		return stored{}, errBadHash
	}
	derive := func(typed string) []byte {
		got, _ := pbkdf2.Key(sha256.New, typed, salt, n, len(key)) // fails only for a salt that FIPS mode finds too short
		return got
	}
	return stored{matches: equals(key, derive)}, nil
}

func equals(key []byte, derive func(string) []byte) func(string) bool {
	return func(typed string) bool { return subtle.ConstantTimeCompare(derive(typed), key) == 1 }
}

func integers(texts ...string) (numbers []int, err error) {
	for _, text := range texts {
		n, atoiErr := strconv.Atoi(text)
		numbers, err = append(numbers, n), errors.Join(err, atoiErr)
	}
	return numbers, err
}
