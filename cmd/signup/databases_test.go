package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/signup-go/signup/postgres/pgtest"
)

// A testDatabase is a make of database that the tests run on. What they do
// behind the server's back goes through SQL that every make understands, or is
// said here.
type testDatabase struct {
	name    string
	where   func(testing.TB) string                  // a new one, as --database takes it
	connect func(t testing.TB, where string) *sql.DB // a connection of the tests' own
	expire  string                                   // ends the life of every token
	hurry   string                                   // makes every mail that waits for another try due
	orphan  func(id int64) []string                  // delete a user's row, and nothing that hangs on it
	indexed string                                   // finds the indexes of table $1 that begin with column $2
	lock    string                                   // keeps every other program from writing until ROLLBACK
	tables  string                                   // lists the names of all tables
}

// databases is every make there is.
var databases = []testDatabase{sqliteMake, postgresMake}

var sqliteMake = testDatabase{
	name: "sqlite",
	where: func(t testing.TB) string {
		return "sqlite:" + filepath.Join(t.TempDir(), "signup.db")
	},
	connect: func(t testing.TB, where string) *sql.DB {
		return openSQL(t, "sqlite", "file:"+strings.TrimPrefix(where, "sqlite:")+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
	},
	expire: `UPDATE sign_up_tokens SET created_at = 1, expires_at = 2`,
	hurry: `UPDATE river_job SET state = 'available', scheduled_at = datetime('now', '-1 seconds', 'subsec')
		WHERE kind = 'signup_mail' AND state IN ('scheduled', 'retryable')`,
	orphan: func(id int64) []string {
		return []string{`PRAGMA foreign_keys = 0`, fmt.Sprintf(`DELETE FROM users WHERE id = %d`, id), `PRAGMA foreign_keys = 1`}
	},
	indexed: `SELECT count(*) FROM pragma_index_list($1) l, pragma_index_info(l.name) i WHERE i.seqno = 0 AND i.name = $2`,
	lock:    `BEGIN EXCLUSIVE`,
	tables:  `SELECT name FROM sqlite_schema WHERE type = 'table'`,
}

var postgresMake = testDatabase{
	name:  "postgres",
	where: pgtest.NewEmpty,
	connect: func(t testing.TB, where string) *sql.DB {
		u, err := url.Parse(where)
		if err != nil {
			t.Fatal(err)
		}
		if q := u.Query(); !q.Has("search_path") {
			q.Set("search_path", "signup,public") // the tables of the queue, or all, are in the schema signup
			u.RawQuery = q.Encode()
		}
		return openSQL(t, "pgx", u.String())
	},
	expire: `UPDATE sign_up_tokens SET created_at = 'epoch', expires_at = 'epoch'`,
	hurry: `UPDATE river_job SET state = 'available', scheduled_at = now() - interval '1 second'
		WHERE kind = 'signup_mail' AND state IN ('scheduled', 'retryable')`,
	orphan: func(id int64) []string {
		return []string{`SET session_replication_role = replica`, fmt.Sprintf(`DELETE FROM users WHERE id = %d`, id), `RESET session_replication_role`}
	},
	indexed: `SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = to_regclass($1) AND a.attname = $2`,
	lock:   `BEGIN; LOCK TABLE users, sign_up_tokens, mails, settings, api_keys, audit_events, river_job`,
	tables: `SELECT tablename FROM pg_tables WHERE schemaname = ANY(current_schemas(false))`,
}

// onEachDatabase runs a test on every make of database.
func onEachDatabase(t *testing.T, f func(*testing.T, testDatabase)) {
	t.Helper()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) { f(t, d) })
	}
}

// openSQL opens a database as a program of another make would.
func openSQL(t testing.TB, driver, where string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
