package sqlite

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

func TestOpenCreatesFileAndFolderForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	path := filepath.Join(dir, "signup.db")
	if err := open(t, path, Options{}).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, want := range map[string]os.FileMode{dir: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func TestOpenAcceptsAnyFileName(t *testing.T) {
	for _, name := range []string{"a b.db", "what?.db", "100%41.db", "a#b.db", "a&_txlock=deferred.db", "ü🧵.db", "a'b.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := open(t, path, Options{}).Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if entries, _ := os.ReadDir(filepath.Dir(path)); info.Size() == 0 || len(entries) > 3 {
				t.Errorf("size %d, files %v", info.Size(), entries)
			}
		})
	}
}

func TestOpenRefusesMemory(t *testing.T) {
	for _, path := range []string{"", ":memory:", "file::memory:?cache=shared", "file:x.db"} {
		if s, err := Open(t.Context(), path, Options{}); err == nil {
			t.Errorf("Open(%q) succeeded", path)
			_ = s.Close()
		}
	}
}

func TestOpenOfAnInvalidFileNamesTheCause(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(t.Context(), dir, Options{})
	if !errors.Is(err, signup.ErrBusy) || !strings.Contains(err.Error(), "cannot be opened") {
		t.Errorf("Open of a folder: %v", err)
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("not a database\n"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), text, Options{}); err == nil || errors.Is(err, signup.ErrBusy) {
		t.Errorf("Open of a text file: %v", err)
	}
}

func TestOpenLogsItsSettings(t *testing.T) {
	var log bytes.Buffer
	open(t, filepath.Join(t.TempDir(), "signup.db"), Options{
		Log: slog.New(slog.NewTextHandler(&log, nil)), BusyTimeout: 1234 * time.Millisecond,
	})
	for _, want := range []string{"journal_mode=wal", "synchronous=2", "foreign_keys=1", "busy_timeout=1234"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines: %s", n, log.String())
	}
}

func TestPragmasAreSetOnEveryConnection(t *testing.T) {
	s := migrated(t)
	for range s.reader.Stats().MaxOpenConnections {
		c, err := s.reader.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }() // keep them all open, so that each is a different connection
		for name, want := range map[string]string{"query_only": "1", "foreign_keys": "1", "journal_mode": "wal"} {
			var value string
			if err := c.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&value); err != nil || value != want {
				t.Errorf("%s is %s, want %s (%v)", name, value, want, err)
			}
		}
	}
}

func TestOpenRefusesAPragmaThatIsNotSet(t *testing.T) {
	s := migrated(t)
	err := inForce(t.Context(), s.writer, []pragma{{"synchronous", "3"}})
	if err == nil || !strings.Contains(err.Error(), "synchronous is 2, but must be 3") {
		t.Error(err)
	}
}
