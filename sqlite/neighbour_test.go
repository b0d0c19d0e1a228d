package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup"
)

func text(t *testing.T, conn *sql.DB, query string) (s string) {
	t.Helper()
	if err := conn.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatal(query, err)
	}
	return s
}

const (
	allTables = "SELECT coalesce(group_concat(name, ' ' ORDER BY name), '') FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	versions  = "SELECT group_concat(version_id, ' ' ORDER BY id) FROM goose_db_version"
)

// hosted returns a file that another program has migrated with goose.
func hosted(t *testing.T, statements string) (path string, conn *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "app.db")
	conn = raw(t, path)
	exec(t, conn, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP);
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1);`+statements)
	return path, conn
}

// A host and signup can share a file if no names collide. The host's migrations
// stay its own.
func TestAFileWithTheTablesOfAHost(t *testing.T) {
	path, conn := hosted(t, "CREATE TABLE notes (id INTEGER); INSERT INTO notes VALUES (7)")
	s := open(t, path, Options{})
	if current, _, err := s.Version(t.Context()); current != 0 || err != nil {
		t.Errorf("before: version %d, %v", current, err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if current, latest, err := s.Version(t.Context()); err != nil || current != latest {
		t.Errorf("version %d of %d, %v", current, latest, err)
	}
	if got := text(t, conn, versions); got != "0 1 2" {
		t.Errorf("the host's versions: %s", got)
	}
	if got := text(t, conn, "SELECT id FROM notes"); got != "7" {
		t.Errorf("the host's row: %s", got)
	}
}

// SQLite's names do not depend on case.
func TestForeignTablesAreRefused(t *testing.T) {
	path, conn := hosted(t, "CREATE TABLE Users (id INTEGER); CREATE TABLE notes (id INTEGER); CREATE INDEX sessions_user ON notes (id)")
	before := text(t, conn, allTables)
	err := open(t, path, Options{}).Migrate(t.Context())
	if !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), "Users, sessions_user; use another file") {
		t.Errorf("Migrate: %v", err)
	}
	if after := text(t, conn, allTables); after != before {
		t.Errorf("the tables were %s and are %s", before, after)
	}
}

// lastInGoose is the last migration that was recorded in goose's own table.
const lastInGoose = 7

// An installation of an earlier version keeps its versions in goose's table. If a
// host has added its own, the table stays the host's.
func TestVersionsMoveToATableOfOurOwn(t *testing.T) {
	for name, tt := range map[string]struct {
		host []int  // versions that a host has added
		left string // in goose's table
	}{
		"alone":  {nil, "none"},
		"shared": {[]int{8, 20260101120000}, "0 1 3 4 5 6 7 8 20260101120000"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.db")
			conn := raw(t, path)
			p, err := goose.NewProvider(goose.DialectSQLite3, conn, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
			if err == nil {
				_, err = p.UpTo(t.Context(), lastInGoose)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range tt.host {
				exec(t, conn, fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, 1)", v))
			}
			s := open(t, path, Options{})
			if current, _, err := s.Version(t.Context()); current != lastInGoose || err != nil {
				t.Errorf("before: version %d, %v", current, err)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if current, latest, err := s.Version(t.Context()); err != nil || current != latest {
				t.Errorf("version %d of %d, %v", current, latest, err)
			}
			if err := s.View(t.Context(), func(r signup.Reader) error { _, err := r.Settings(t.Context()); return err }); err != nil {
				t.Error(err)
			}
			left := "none"
			if strings.Contains(text(t, conn, allTables), "goose_db_version") {
				left = text(t, conn, versions)
			}
			if left != tt.left {
				t.Errorf("goose's table: %s, want %s", left, tt.left)
			}
		})
	}
}
