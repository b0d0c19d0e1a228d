package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// makeFile creates the file before SQLite does, to set its mode, which SQLite
// also uses for the -wal and -shm files. It returns the absolute path.
func makeFile(path string) (string, error) {
	if path == "" || strings.Contains(path, ":memory:") || strings.HasPrefix(path, "file:") {
		return "", errors.New("the database must be the path of a file, because several connections share it")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", unreachable(err)
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", unreachable(err)
	}
	return abs, f.Close()
}

func writerDSN(path string, busy time.Duration) string {
	return dsn(path, busy, url.Values{"_txlock": {"immediate"}})
}

func readerDSN(path string, busy time.Duration) string {
	return dsn(path, busy, url.Values{"_query_only": {"1"}})
}

func migrationDSN(path string, busy time.Duration) string {
	return dsn(path, busy, url.Values{"_txlock": {"immediate"}, "_foreign_keys": {"0"}})
}

// dsn returns a URI (https://www.sqlite.org/uri.html), so that a path may contain
// "?", "%", "#" and spaces.
func dsn(path string, busy time.Duration, q url.Values) string {
	q.Set("_busy_timeout", strconv.FormatInt(busy.Milliseconds(), 10))
	q.Set("_journal_mode", "WAL")
	q.Set("_synchronous", "FULL")
	if !q.Has("_foreign_keys") {
		q.Set("_foreign_keys", "1")
	}
	q.Set("_pragma", fmt.Sprintf("journal_size_limit(%d)", 64<<20)) // size in bytes to which a checkpoint truncates the log
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // Windows: /C:/...
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}).String()
}
