package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) signup.Store { return migrated(t) })
}

func TestWebHooks(t *testing.T) {
	storetest.RunWebHooks(t, func(t *testing.T) signup.Store { return migrated(t) })
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

// migrated returns a store in a copy of a file that is migrated once, because
// that takes longer than most tests.
func migrated(t testing.TB) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signup.db")
	file, err := migratedFile()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, path, Options{})
}

var migratedFile = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "sqlite")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "signup.db")
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Migrate(context.Background()), s.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
