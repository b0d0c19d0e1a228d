package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) signup.Store { return migrated(t) })
}

func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func migrated(t testing.TB) *Store {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "signup.db"), Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
