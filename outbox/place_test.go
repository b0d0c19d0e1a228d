package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/sqlite"
)

// A box is an Outbox, whatever its database.
type box interface {
	Migrate(context.Context) error
	Migrated(context.Context) (bool, error)
	Start(context.Context, *signup.Service, outbox.Sender) error
	Stop(context.Context) error
}

// A setup is a Service and an outbox with one database, which other programs may
// use as well.
type setup struct {
	*signup.Service
	t     *testing.T
	store signup.Store
	box   box
	exec  func(statement string)
	query func(query string) string // of one value
	pool  *pgxpool.Pool             // nil for SQLite
	db    *sql.DB                   // nil for PostgreSQL
}

func (s *setup) start(sender outbox.Sender) {
	s.t.Helper()
	must(s.t, s.box.Start(s.t.Context(), s.Service, sender))
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = s.box.Stop(ctx)
	})
}

func (s *setup) signUp(name string) {
	s.t.Helper()
	_, err := s.SignUp(s.t.Context(), signup.Registration{Name: name, Username: name, Email: name + "@example.org", Password: "Passw0rd!"})
	must(s.t, err)
}

// sentAll waits until no mail is owed.
func (s *setup) sentAll() {
	s.t.Helper()
	eventually(s.t, func() bool { return s.query("SELECT count(*) FROM mails WHERE state = 'owed'") == "0" })
}

// onBoth runs a test on both databases, each with a function that opens a database
// again.
func onBoth(t *testing.T, test func(t *testing.T, open func(outbox.Options) *setup)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "db")
		test(t, func(o outbox.Options) *setup { return openSQLite(t, path, o) })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := pgtest.NewEmpty(t)
		test(t, func(o outbox.Options) *setup { return openPostgres(t, url, postgres.Options{}, o) })
	})
}

func openSQLite(t *testing.T, path string, o outbox.Options) *setup {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	b, err := outbox.New(riversqlite.New(store.Writer()), o)
	must(t, err)
	store.SetEnqueue(b.Enqueue)
	s := newSetup(t, store, b)
	s.db = store.Writer()
	s.exec = func(statement string) {
		t.Helper()
		_, err := store.Writer().ExecContext(context.Background(), statement)
		must(t, err)
	}
	s.query = func(query string) (value string) {
		t.Helper()
		must(t, store.Writer().QueryRowContext(t.Context(), query).Scan(&value))
		return value
	}
	return s
}

func openPostgres(t *testing.T, url string, po postgres.Options, o outbox.Options) *setup {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, po)
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	b, err := outbox.New(riverpgxv5.New(store.Pool()), o)
	must(t, err)
	store.SetEnqueue(b.Enqueue)
	s := newSetup(t, store, b)
	s.pool = store.Pool()
	s.exec = func(statement string) {
		t.Helper()
		_, err := store.Pool().Exec(context.Background(), statement)
		must(t, err)
	}
	s.query = func(query string) (value string) {
		t.Helper()
		must(t, store.Pool().QueryRow(t.Context(), "SELECT ("+query+")::text").Scan(&value))
		return value
	}
	return s
}

func newSetup(t *testing.T, store signup.Store, b box) *setup {
	t.Helper()
	svc, err := signup.New(store, serviceOptions())
	must(t, err)
	return &setup{Service: svc, t: t, store: store, box: b}
}

func serviceOptions() signup.Options {
	return signup.Options{
		Letters: writer{},
		Links: signup.Links{
			Confirm: func(token signup.Token) string { return token.Reveal() },
			Login:   func() string { return "" },
			Review:  func(signup.User) string { return "" },
		},
		Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	}
}

func (s *setup) migrate() *setup {
	s.t.Helper()
	must(s.t, s.store.(interface{ Migrate(context.Context) error }).Migrate(s.t.Context()))
	must(s.t, s.box.Migrate(s.t.Context()))
	if done, err := s.box.Migrated(s.t.Context()); !done || err != nil {
		s.t.Errorf("migrated: %v, %v", done, err)
	}
	return s
}

// load fills the database with one that the version before the present names of
// queues and tables made. It was killed while a mail was being sent, a second one
// waits for another attempt, and a third one was owed when no server ran.
func (s *setup) load(name string) {
	s.t.Helper()
	dump, err := os.ReadFile("testdata/earlier-" + name + ".sql")
	must(s.t, err)
	s.exec(string(dump))
	now := "now()"
	if s.db != nil {
		now = fmt.Sprint(time.Now().UnixMilli())
	}
	s.exec("UPDATE mails SET created_at = " + now) // so that no sweep looks for their jobs
}

func TestMailsOfAnEarlierVersionAreSent(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, outbox.Options) *setup{
		"sqlite": func(t *testing.T, o outbox.Options) *setup { return openSQLite(t, filepath.Join(t.TempDir(), "db"), o) },
		"postgres": func(t *testing.T, o outbox.Options) *setup {
			return openPostgres(t, pgtest.NewEmpty(t), postgres.Options{}, o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, outbox.Options{})
			s.load(name)
			if s.pool != nil {
				s.exec("CREATE VIEW watch AS SELECT 1; CREATE SCHEMA unrelated") // a schema and a view are in nobody's way
			}
			s.migrate()
			sent := &sender{}
			s.start(sent)
			s.sentAll()
			var ids []string
			for _, l := range sent.letters() {
				ids = append(ids, l.MailID)
			}
			slices.Sort(ids)
			if len(ids) != 3 || len(slices.Compact(ids)) != 3 {
				t.Errorf("sent %v, want three mails, each once", ids)
			}
			if s.db != nil { // where the jobs stay in the table, the search for them ends
				eventually(t, func() bool {
					return s.query("SELECT (SELECT count(*) FROM river_job WHERE kind NOT LIKE 'signup%') + (SELECT count(*) FROM signup_queue WHERE old)") == "0"
				})
			} else {
				if n := s.query("SELECT count(*) FROM public.river_job WHERE kind IN ('mail', 'again')"); n != "0" {
					t.Errorf("%s jobs of the earlier version are left", n)
				}
			}
		})
	}
}

// A job that waits for another attempt keeps its time.
func TestAJobOfAnEarlierVersionKeepsItsTime(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, pgtest.NewEmpty(t), postgres.Options{}, outbox.Options{})
	s.load("postgres")
	s.exec("UPDATE river_job SET scheduled_at = '2100-01-01' WHERE state = 'scheduled'")
	s.migrate().start(&sender{})
	eventually(t, func() bool { return s.query("SELECT count(*) FROM mails WHERE state = 'owed'") == "1" })
	got := s.query("SELECT string_agg(DISTINCT state || ' ' || extract(year FROM scheduled_at), ', ') FROM signup.river_job WHERE kind = 'signup_mail' AND state = 'scheduled'")
	if got != "scheduled 2100" {
		t.Errorf("the jobs are %s", got)
	}
}

// While instances are replaced one by one, one of the earlier version goes on owing
// mails. What it leaves when it stops is sent, and what it is sending is left alone.
func TestInstancesAreReplacedOneByOne(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, pgtest.NewEmpty(t), postgres.Options{}, outbox.Options{})
	s.load("postgres")
	s.exec("UPDATE river_job SET attempted_at = now() WHERE state = 'running'")
	s.exec(`INSERT INTO river_job (kind, queue, args, state) VALUES ('mail', 'mail', '{"mail_id": "of another program"}', 'available')`)
	s.migrate()
	sent := &sender{}
	s.start(sent)
	eventually(t, func() bool { return s.query("SELECT count(*) FROM mails WHERE state = 'owed'") == "1" })
	s.store.(*postgres.Store).SetEnqueue(func(ctx context.Context, tx pgx.Tx, id string) error { // as the earlier version does
		_, err := tx.Exec(ctx, `INSERT INTO public.river_job (kind, queue, args) VALUES ('mail', 'mail', jsonb_build_object('mail_id', $1::text))`, id)
		return err
	})
	s.signUp("late")
	eventually(t, func() bool {
		return slices.ContainsFunc(sent.letters(), func(l signup.Letter) bool { return l.To.Email == "late@example.org" })
	})
	if n := len(sent.letters()); n != 3 {
		t.Errorf("sent %d letters, want 3", n)
	}
	left := s.query("SELECT string_agg(state || ' ' || (args ->> 'mail_id'), ', ' ORDER BY id) FROM public.river_job WHERE kind = 'mail'")
	if !strings.HasPrefix(left, "running ") || !strings.HasSuffix(left, ", available of another program") {
		t.Errorf("the earlier version's jobs: %s", left)
	}
}

// A role that may write mails in an existing installation may send them afterwards.
func TestRolesThatServeReachTheQueue(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, pgtest.NewEmpty(t), postgres.Options{}, outbox.Options{})
	s.load("postgres")
	role := s.query(`SELECT 'worker_' || substr(current_database(), 13)`)
	s.exec("CREATE ROLE " + role + "; CREATE ROLE reader_" + role)
	t.Cleanup(func() {
		s.exec("DROP OWNED BY " + role + ", reader_" + role + "; DROP ROLE " + role + "; DROP ROLE reader_" + role)
	})
	s.exec("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role + "; GRANT SELECT ON mails TO reader_" + role)
	s.migrate()
	for who, want := range map[string]string{role: "true", "reader_" + role: "false"} {
		got := s.query(fmt.Sprintf(`SELECT has_schema_privilege('%[1]s', 'signup', 'USAGE') AND has_table_privilege('%[1]s', 'signup.river_job', 'INSERT')
			AND has_table_privilege('%[1]s', 'signup_queue', 'SELECT') AND has_table_privilege('%[1]s', 'signup_migrations', 'SELECT')`, who))
		if got != want {
			t.Errorf("%s reaches the queue: %s, want %s", who, got, want)
		}
	}
}

// If the store refuses a database, the queue writes nothing there either.
func TestTheStoreIsMigratedFirst(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(outbox.Options) *setup) {
		s := open(outbox.Options{})
		if err := s.box.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "migrate the store first") {
			t.Errorf("Migrate: %v", err)
		}
		tables := "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'signup')"
		if s.db != nil {
			tables = "SELECT count(*) FROM sqlite_schema"
		}
		if n := s.query(tables); n != "0" {
			t.Errorf("%s tables", n)
		}
	})
}

// Tables of River that were there first belong to another program.
func TestAnotherProgramsRiverIsRefused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(outbox.Options) *setup) {
		s := open(outbox.Options{})
		if s.pool != nil {
			s = open(outbox.Options{Schema: "public"})
		}
		must(t, s.store.(interface{ Migrate(context.Context) error }).Migrate(t.Context()))
		migrateRiver(t, s)
		err := s.box.Migrate(t.Context())
		if !errors.Is(err, outbox.ErrForeign) || !strings.Contains(err.Error(), "river_job, river_leader") || !strings.Contains(err.Error(), "outbox.Parts") {
			t.Errorf("Migrate: %v", err)
		}
		if done, err := s.box.Migrated(t.Context()); done || err != nil {
			t.Errorf("migrated: %v, %v", done, err)
		}
	})
}

// Once another program works with our tables of River, each would discard the
// other's jobs.
func TestASharedRiverIsRefused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(outbox.Options) *setup) {
		s := open(outbox.Options{}).migrate()
		job := "river_job (kind, queue, args) VALUES ('report', 'reports', '{}')"
		if s.pool != nil {
			s.exec("INSERT INTO signup." + job)
		} else {
			s.exec("INSERT INTO " + job)
		}
		err := s.box.Start(t.Context(), s.Service, &sender{})
		if !errors.Is(err, outbox.ErrForeign) || !strings.Contains(err.Error(), "reports;") {
			t.Errorf("Start: %v", err)
		}
	})
}

// Two installations in one database must not share a queue.
func TestASecondInstallationNeedsAQueueOfItsOwn(t *testing.T) {
	t.Parallel()
	url := pgtest.NewEmpty(t)
	openPostgres(t, url, postgres.Options{}, outbox.Options{}).migrate()
	second := openPostgres(t, url, postgres.Options{Schema: "second"}, outbox.Options{})
	must(t, second.store.(*postgres.Store).Migrate(t.Context()))
	if err := second.box.Migrate(t.Context()); !errors.Is(err, outbox.ErrForeign) {
		t.Errorf("Migrate: %v", err)
	}
	second = openPostgres(t, url, postgres.Options{Schema: "second"}, outbox.Options{Schema: second.store.(*postgres.Store).QueueSchema()})
	second.migrate()
	second.signUp("ada")
	second.start(&sender{})
	second.sentAll()
}
