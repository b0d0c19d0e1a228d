// Package sqlitetest gives tests migrated SQLite stores.
package sqlitetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/signup-go/signup/sqlite"
)

// New returns a store in a file of its own. Both end with the test.
func New(t testing.TB) *sqlite.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signup.db")
	check(t, os.WriteFile(path, File(t), 0o600))
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	check(t, err)
	t.Cleanup(func() { check(t, store.Close()) })
	return store
}

// File returns the content of an empty, migrated database.
func File(t testing.TB) []byte {
	t.Helper()
	file, err := emptyFile()
	check(t, err)
	return file
}

// emptyFile returns a migrated database. It is made once and copied for each
// test, because migrating takes longer than most tests.
var emptyFile = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "sqlitetest")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "signup.db")
	store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(store.Migrate(context.Background()), store.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
