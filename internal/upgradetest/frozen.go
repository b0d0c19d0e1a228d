package upgradetest

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// Frozen checks that dir contains exactly the migrations in want, with these
// SHA-256 hashes.
func Frozen(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if name, got := filepath.Base(file), hex.EncodeToString(sum[:]); got != want[name] {
			t.Errorf("%q: %q, want %q", name, got, want[name])
		}
	}
	if len(files) != len(want) {
		t.Errorf("%d migrations, want %d", len(files), len(want))
	}
}
