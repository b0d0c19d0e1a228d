package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup/internal/upgradetest"
)

// everySignUp is the migration that made every sign-up a row of the table users.
const everySignUp = 7

func TestUpgrade(t *testing.T) {
	upgradetest.Run(t, func(t *testing.T) upgradetest.Database {
		path := filepath.Join(t.TempDir(), "old.db")
		conn := raw(t, path)
		p, err := goose.NewProvider(goose.DialectSQLite3, conn, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
		if err == nil {
			_, err = p.UpTo(t.Context(), everySignUp-1)
		}
		if err != nil {
			t.Fatal(err)
		}
		return old(t, path, conn)
	})
}

// Databases made by published versions, with their contents.
func TestUpgradeOfDatabases(t *testing.T) {
	files, err := filepath.Glob("testdata/upgrade/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no databases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dump, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "old.db")
			conn := raw(t, path)
			exec(t, conn, string(dump))
			upgradetest.Load(t, old(t, path, conn), file)
		})
	}
}

func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	conn, err := sql.Open("sqlite", writerDSN(path, DefaultBusyTimeout))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func old(t *testing.T, path string, conn *sql.DB) upgradetest.Database {
	t.Helper()
	s := open(t, path, Options{})
	count := func(query string) (n int) {
		t.Helper()
		if err := conn.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(query, err)
		}
		return n
	}
	return upgradetest.Database{
		Store: s,
		Migrate: func() error {
			err := s.Migrate(t.Context())
			if n := count("SELECT count(*) FROM pragma_foreign_key_check"); n != 0 {
				err = fmt.Errorf("%d rows violate a foreign key, %w", n, err)
			}
			return err
		},
		Exec: func(query string, args ...any) error {
			for i, arg := range args {
				if at, ok := arg.(time.Time); ok {
					args[i] = at.UnixMilli()
				}
			}
			_, err := conn.ExecContext(t.Context(), query, args...)
			return err
		},
		Count: count,
		Given: func(int64) error { return nil },
	}
}

// A published migration is never edited, because databases have already run it:
// add a new one.
func TestMigrationsAreFrozen(t *testing.T) {
	upgradetest.Frozen(t, "migrations", map[string]string{
		"00001_init.sql":                 "94e307ef1df72fef5821fbf06ddd855c0672120eb247fd98bef34b912407b979",
		"00003_post.sql":                 "69f94de7a083bfeaaab67a37a2f582c957d72d23f6ca981f31b1685179acf18f",
		"00004_sessions.sql":             "0e2163347ca9b3a78106ac12e0a4ae0c0ace74162a52f34b68fb02ef4d1c956b",
		"00005_tickets.sql":              "77cf8328a64520e8b0435a15544a9c737f1e43177102603a6d3c957a2d068107",
		"00006_strangers.sql":            "a7e8fde6847cdf8e10aa19abde35da77f1217fbcab7795578d75dfaf764c07a9",
		"00007_every_sign_up_a_user.sql": "8e4e48763dad8258798f1d0de3600fc3af964f73a989123029522ab13b1181d1",
		"00008_tokens_of_addresses.sql":  "1e0f9e97d70e3c6186d86f81f9df4754709b9e9c5bf78b3cc8f3168cc71fb395",
		"00009_scopes.sql":               "f90eacf254a3b6e0feea65f79ddff143d45393c426568b9ce3aa557b158d835f",
		"00010_event_positions.sql":      "7613ef4c646f6a2531de3de64936d3176f99dfa2dc414db8a3099098ce852544",
		"00011_web_hooks.sql":            "078a7d01e456f600df7a0fa247b933e4bdec783e3f23bcbf898935db8d3f43ae",
		"00012_disabled.sql":             "29e9f676bbbabb3cbe321c95ef35398ff5e50c2ffc6e91ab4aa197a56e7ec64c",
		"00013_account_tokens.sql":       "ec0962fd5aaeabb54ec2fb65eabc002e3b037a8f29756d9357bd46b446d39342",
	})
}
