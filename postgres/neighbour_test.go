package postgres_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// hostTables are the migrations of another program, which uses goose too. They
// have the numbers of ours.
var hostTables = fstest.MapFS{
	"00001_users.sql": {Data: []byte("-- +goose Up\nCREATE TABLE users (id int PRIMARY KEY, login text);\nINSERT INTO users VALUES (1, 'host');\n")},
	"00002_notes.sql": {Data: []byte("-- +goose Up\nCREATE TABLE notes (id int);\n")},
	"00003_more.sql":  {Data: []byte("-- +goose Up\nCREATE TABLE more (id int);\n")},
}

// migrateHost applies the host's migrations up to a version.
func migrateHost(t *testing.T, s *postgres.Store, version int64) {
	t.Helper()
	conns := stdlib.OpenDBFromPool(s.Pool())
	defer func() { _ = conns.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, conns, hostTables, goose.WithDisableGlobalRegistry(true))
	if err == nil {
		_, err = p.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, s *postgres.Store, query string, args ...any) []string {
	t.Helper()
	rows, err := s.Pool().Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func tablesIn(t *testing.T, s *postgres.Store, schema string) []string {
	t.Helper()
	return list(t, s, "SELECT tablename::text FROM pg_tables WHERE schemaname = $1 ORDER BY 1", schema)
}

// A program that has tables and migrations of its own gets a schema beside them,
// and its own next migration is applied.
func TestANewInstallationBesideAHost(t *testing.T) {
	t.Parallel()
	at := pgtest.NewEmpty(t)
	host := open(t, with(t, at, "search_path", "public"), postgres.Options{})
	migrateHost(t, host, 2)
	before := tablesIn(t, host, "public")
	s := open(t, at, postgres.Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Schema(); got != "signup" {
		t.Errorf("the tables are in the schema %q", got)
	}
	mustSignUp(t, s, 1)
	if after := tablesIn(t, host, "public"); !slices.Equal(before, after) {
		t.Errorf("the host's tables were %v and are %v", before, after)
	}
	migrateHost(t, host, 3)
	if got := strings.Join(list(t, host, "SELECT version_id::text FROM public.goose_db_version ORDER BY id"), " "); got != "0 1 2 3" {
		t.Errorf("the host's versions: %s", got)
	}
	if n := count(t, host, "SELECT count(*) FROM public.users WHERE login = 'host'"); n != 1 {
		t.Errorf("%d users of the host", n)
	}
	again := open(t, at, postgres.Options{})
	checkCurrent(t, again)
	if n := count(t, again, "SELECT count(*) FROM users"); n != 1 {
		t.Errorf("%d users are found again", n)
	}
}

// A host whose tables come later can have a goose of its own, and tables with
// other names, in our schema.
func TestAHostComesLater(t *testing.T) {
	t.Parallel()
	at := pgtest.New(t)
	s := open(t, at, postgres.Options{})
	if got := s.Schema(); got != "public" {
		t.Errorf("the tables are in the schema %q", got)
	}
	exec(t, s, "CREATE TABLE goose_db_version (id int, version_id bigint, is_applied boolean, tstamp timestamp)")
	exec(t, s, "INSERT INTO goose_db_version VALUES (1, 0, true, now()), (2, 1, true, now()), (3, 99, true, now())")
	s = open(t, at, postgres.Options{})
	checkCurrent(t, s)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "SELECT count(*) FROM goose_db_version"); n != 3 {
		t.Errorf("%d versions of the host", n)
	}
}

func TestTheGivenSchema(t *testing.T) {
	t.Parallel()
	at := pgtest.NewEmpty(t)
	s := open(t, at, postgres.Options{Schema: `odd "name"`})
	if current, _, err := s.Version(t.Context()); current != 0 || err != nil {
		t.Errorf("version %d, %v", current, err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustSignUp(t, s, 1)
	if n := count(t, s, `SELECT count(*) FROM "odd ""name""".users`); n != 1 {
		t.Errorf("%d users in the schema", n)
	}
	if names := tablesIn(t, s, "public"); len(names) != 0 {
		t.Errorf("in public: %v", names)
	}
}

// Tables of another program are named, and nothing is written.
func TestForeignTablesAreRefused(t *testing.T) {
	t.Parallel()
	at := pgtest.NewEmpty(t)
	s := open(t, at, postgres.Options{Schema: "public"})
	migrateHost(t, s, 2)
	exec(t, s, "CREATE INDEX sessions_user ON notes (id)")
	before := tablesIn(t, s, "public")
	err := s.Migrate(t.Context())
	if !errors.Is(err, postgres.ErrForeign) || !strings.Contains(err.Error(), "sessions_user, users;") || !strings.Contains(err.Error(), "--schema") {
		t.Errorf("Migrate: %v", err)
	}
	if after := tablesIn(t, s, "public"); !slices.Equal(before, after) {
		t.Errorf("the tables were %v and are %v", before, after)
	}
}

// A role that may not create a schema is told who must.
func TestASchemaThatMayNotBeCreated(t *testing.T) {
	t.Parallel()
	at := pgtest.NewEmpty(t)
	owner := open(t, at, postgres.Options{})
	role := "r" + strings.ToLower(strings.TrimPrefix(databaseName(t, at), "signup_test_"))
	exec(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD 'x'")
	t.Cleanup(func() { _, _ = owner.Pool().Exec(t.Context(), "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	s := open(t, as(t, at, role, "x"), postgres.Options{Schema: "app"})
	if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), `CREATE SCHEMA "app" AUTHORIZATION`) {
		t.Errorf("Migrate: %v", err)
	}
	exec(t, owner, "CREATE SCHEMA app AUTHORIZATION "+role)
	if err := s.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}

// lastInGoose is the last migration that was recorded in goose's own table.
const lastInGoose = 8

// An installation of an earlier version keeps its versions in goose's table. If a
// host has added its own, the table stays the host's.
func TestVersionsMoveToATableOfOurOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		host string // versions that a host has added
		left string // in goose's table
	}{
		"alone":  {"", "none"},
		"shared": {"9 20260101120000", "0 1 2 3 4 5 6 7 8 9 20260101120000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, pgtest.NewEmpty(t), postgres.Options{})
			conns := stdlib.OpenDBFromPool(s.Pool())
			defer func() { _ = conns.Close() }()
			p, err := goose.NewProvider(goose.DialectPostgres, conns, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
			if err == nil {
				_, err = p.UpTo(t.Context(), lastInGoose)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range strings.Fields(tt.host) {
				exec(t, s, "INSERT INTO goose_db_version (version_id, is_applied) VALUES ("+v+", true)")
			}
			exec(t, s, "INSERT INTO settings (name, value) VALUES ('stored', 'before')")
			if current, _, err := s.Version(t.Context()); current != lastInGoose || err != nil {
				t.Errorf("before: version %d, %v", current, err)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkCurrent(t, s)
			mustSignUp(t, s, 1)
			if count(t, s, "SELECT count(*) FROM settings WHERE name = 'stored'") != 1 {
				t.Error("what the earlier version stored is gone")
			}
			left := "none"
			if count(t, s, "SELECT count(*) FROM pg_tables WHERE tablename = 'goose_db_version'") == 1 {
				left = strings.Join(list(t, s, "SELECT version_id::text FROM goose_db_version ORDER BY id"), " ")
			}
			if left != tt.left {
				t.Errorf("goose's table: %s, want %s", left, tt.left)
			}
		})
	}
}
