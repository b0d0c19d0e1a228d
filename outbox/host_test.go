package outbox_test

import (
	"context"
	"database/sql"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/sqlite"
)

// migrateRiver makes the tables of River where another program has them.
func migrateRiver(t *testing.T, s *setup) {
	t.Helper()
	var err error
	if s.pool != nil {
		var m *rivermigrate.Migrator[pgx.Tx]
		if m, err = rivermigrate.New(riverpgxv5.New(s.pool), &rivermigrate.Config{Schema: "public"}); err == nil {
			_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
		}
	} else {
		var m *rivermigrate.Migrator[*sql.Tx]
		if m, err = rivermigrate.New(riversqlite.New(s.db), nil); err == nil {
			_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
		}
	}
	must(t, err)
}

type hostArgs struct {
	N int `json:"n"`
}

func (hostArgs) Kind() string { return "report" }

// A hostWorker counts the jobs of the host that are done.
type hostWorker struct {
	river.WorkerDefaults[hostArgs]
	done chan int
}

func (w *hostWorker) Work(_ context.Context, job *river.Job[hostArgs]) error {
	w.done <- job.Args.N
	return nil
}

// A host is another program with tables, goose and River of its own in the schema
// "public" of a database.
type host struct {
	t      *testing.T
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	done   chan int
}

func newHost(t *testing.T, url string) *host {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	h := &host{t: t, pool: pool, done: make(chan int, 1000)}
	h.goose(1)
	m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	must(t, err)
	_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	must(t, err)
	workers := river.NewWorkers()
	river.AddWorker(workers, &hostWorker{done: h.done})
	h.client, err = river.NewClient(riverpgxv5.New(pool), &river.Config{
		Workers: workers, Queues: map[string]river.QueueConfig{"mail": {MaxWorkers: 2}, river.QueueDefault: {MaxWorkers: 2}},
	})
	must(t, err)
	must(t, h.client.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = h.client.Stop(ctx)
	})
	return h
}

// goose applies the host's migrations, which have the numbers of ours.
func (h *host) goose(version int64) {
	h.t.Helper()
	conns := stdlib.OpenDBFromPool(h.pool)
	defer func() { _ = conns.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, conns, fstest.MapFS{
		"00001_things.sql": {Data: []byte("-- +goose Up\nCREATE TABLE things (id int);\n")},
		"00002_more.sql":   {Data: []byte("-- +goose Up\nINSERT INTO things VALUES (7);\n")},
	}, goose.WithDisableGlobalRegistry(true))
	must(h.t, err)
	_, err = p.UpTo(h.t.Context(), version)
	must(h.t, err)
}

// work inserts a job into one of the host's queues, and waits until it is done.
func (h *host) work(n int, queue string) {
	h.t.Helper()
	_, err := h.client.Insert(h.t.Context(), hostArgs{n}, &river.InsertOpts{Queue: queue})
	must(h.t, err)
	select {
	case got := <-h.done:
		if got != n {
			h.t.Errorf("job %d was done, want %d", got, n)
		}
	case <-time.After(20 * time.Second):
		h.t.Fatal("the host's job was not done")
	}
}

// rows returns everything of the host that a River or a goose of ours could change.
func (h *host) rows() (text string) {
	h.t.Helper()
	must(h.t, h.pool.QueryRow(h.t.Context(), `SELECT concat_ws(E'\n',
		(SELECT string_agg(j::text, E'\n' ORDER BY id) FROM public.river_job AS j WHERE kind = 'kept'),
		(SELECT string_agg(m::text, E'\n' ORDER BY version) FROM public.river_migration AS m),
		(SELECT string_agg(q.name, E'\n' ORDER BY q.name) FROM public.river_queue AS q),
		(SELECT string_agg(g::text, E'\n' ORDER BY id) FROM public.goose_db_version AS g),
		(SELECT string_agg(t::text, E'\n') FROM public.things AS t))`).Scan(&text))
	return text
}

// A program with River and goose in the same database is left alone: its leader
// stays its own, so its running and finished jobs do, and its migrations. The kept
// jobs are of such an age that a leader of ours would discard or delete them.
func TestAHostWithRiverAndGoose(t *testing.T) {
	t.Parallel()
	for name, hostFirst := range map[string]bool{"the host was first": true, "the host came later": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.NewEmpty(t)
			var h *host
			if hostFirst {
				h = newHost(t, url)
			}
			s := openPostgres(t, url, postgres.Options{}, outbox.Options{SendTimeout: time.Second, RescueAfter: 2 * time.Second}).migrate()
			if !hostFirst {
				h = newHost(t, url)
			}
			for _, queue := range []string{"mail", "default"} {
				s.exec(`INSERT INTO public.river_job (kind, queue, args, state, attempt, attempted_at) VALUES ('kept', '` + queue + `', '{}', 'running', 1, now() - interval '10 minutes')`)
				s.exec(`INSERT INTO public.river_job (kind, queue, args, state, finalized_at) VALUES ('kept', '` + queue + `', '{}', 'completed', now() - interval '2 hours')`)
			}
			// Our own of that age tell when the leader has looked for such jobs.
			s.exec(`INSERT INTO signup.river_job (kind, queue, args, state, attempt, attempted_at) VALUES ('signup_sweep', 'signup_chore', '{}', 'running', 1, now() - interval '10 minutes')`)
			s.exec(`INSERT INTO signup.river_job (kind, queue, args, state, finalized_at) VALUES ('signup_old', 'signup_chore', '{}', 'completed', now() - interval '2 hours')`)
			h.work(1, "default")
			before := h.rows()
			s.start(&sender{})
			s.signUp("ada")
			s.sentAll()
			eventually(t, func() bool {
				return s.query("SELECT count(*) FROM signup.river_job WHERE kind = 'signup_old' OR attempted_at < now() - interval '9 minutes'") == "0"
			})
			if after := h.rows(); after != before {
				t.Errorf("the host had\n%s\nand has\n%s", before, after)
			}
			h.work(2, "mail")
			h.goose(2)
			if got := s.query("SELECT string_agg(id::text, ' ') FROM public.things"); got != "7" {
				t.Errorf("the host's second migration: %s", got)
			}
		})
	}
}

// shared starts one River client for a host and us, and returns a function that
// inserts a job of the host's.
func shared[TTx any](t *testing.T, s *setup, driver riverdriver.Driver[TTx], setEnqueue func(*outbox.Outbox[TTx])) (insert func(n int), done chan int) {
	t.Helper()
	done = make(chan int, 10)
	config := &river.Config{Workers: river.NewWorkers(), Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}}
	river.AddWorker(config.Workers, &hostWorker{done: done})
	parts := outbox.NewParts(outbox.Options{Backoff: soon})
	parts.AddTo(config)
	client, err := river.NewClient(driver, config)
	must(t, err)
	b := outbox.Share(client, parts)
	setEnqueue(b)
	s.box = b
	s.migrate()
	s.start(&sender{})
	must(t, client.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = client.Stop(ctx)
	})
	return func(n int) {
		_, err := client.Insert(t.Context(), hostArgs{n}, nil)
		must(t, err)
	}, done
}

// A host can let its own River client do the work of the outbox.
func TestOneRiverForAHostAndUs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(outbox.Options) *setup) {
		s := open(outbox.Options{})
		var insert func(int)
		var done chan int
		if s.pool != nil {
			insert, done = shared(t, s, riverpgxv5.New(s.pool), func(b *outbox.Outbox[pgx.Tx]) {
				must(t, s.store.(*postgres.Store).Migrate(t.Context()))
				migrateRiver(t, s)
				s.store.(*postgres.Store).SetEnqueue(b.Enqueue)
			})
		} else {
			insert, done = shared(t, s, riversqlite.New(s.db), func(b *outbox.Outbox[*sql.Tx]) {
				migrateRiver(t, s)
				s.store.(*sqlite.Store).SetEnqueue(b.Enqueue)
			})
		}
		insert(1)
		s.signUp("ada")
		s.sentAll()
		if got := <-done; got != 1 {
			t.Errorf("job %d was done", got)
		}
		eventually(t, func() bool {
			return s.query("SELECT count(DISTINCT kind) FROM river_job WHERE state = 'completed'") == "5"
		})
		kinds := s.query("SELECT string_agg(kind || ' ' || queue, ', ' ORDER BY kind) FROM (SELECT DISTINCT kind, queue FROM river_job) AS jobs")
		if kinds != "report default, signup_clean signup_chore, signup_mail signup_mail, signup_remind signup_chore, signup_sweep signup_chore" {
			t.Errorf("the kinds and queues are %s", kinds)
		}
	})
}
