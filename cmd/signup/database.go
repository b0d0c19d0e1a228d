package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/outbox/queuepages"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/sqlite"
)

// A database is a store with the queue in the same place, whatever the make.
type database struct {
	store   signup.Store
	queue   queue
	limits  throttled.GCRAStoreCtx // what rate limits remember
	migrate func(context.Context) error
	version func(context.Context) (current, latest int64, err error)
	close   func() error
	pages   func(ctx context.Context, prefix string) (http.Handler, error) // about the queue

	// exclusive keeps other programs on the database from doing the same; nil
	// where the database itself does.
	exclusive func(context.Context, func(context.Context) error) error
}

// A queue sends what is owed; see package outbox.
type queue interface {
	Migrate(context.Context) error
	Migrated(context.Context) (bool, error)
	Start(context.Context, *signup.Service, outbox.Sender) error
	Stop(context.Context) error
}

// checkDatabase refuses what openDatabase does not know.
func checkDatabase(where string) error {
	scheme, rest, _ := strings.Cut(where, ":")
	switch {
	case scheme == "sqlite" && strings.TrimPrefix(rest, "//") != "":
		return nil
	case scheme == "postgres" || scheme == "postgresql":
		return postgres.CheckURL(where)
	default:
		return errors.New("must be sqlite:PATH, such as sqlite:./data/signup.db, or postgres://USER@HOST/NAME")
	}
}

// openDatabase opens the database that the configuration names. Another make
// of database is one more case here and in checkDatabase.
func openDatabase(ctx context.Context, where string, o outbox.Options) (*database, error) {
	scheme, rest, _ := strings.Cut(where, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), o)
	case "postgres", "postgresql":
		return openPostgres(ctx, where, o)
	default:
		return nil, usageError{checkDatabase(where)}
	}
}

func openSQLite(ctx context.Context, path string, o outbox.Options) (*database, error) {
	if o.Schema != "" {
		return nil, usagef("--schema is for PostgreSQL: SQLite has a file of its own")
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{Log: o.Log})
	if err != nil {
		return nil, err
	}
	queue, err := outbox.New(riversqlite.New(store.Writer()), o)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	store.SetEnqueue(func(ctx context.Context, tx *sql.Tx, mailID string) error {
		return queue.Enqueue(ctx, tx, mailID)
	})
	limits, err := memstore.NewCtx(limitedClients)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &database{
		store: store, queue: queue, limits: limits, pages: pagesOf(queue, o),
		migrate: store.Migrate, version: store.Version, close: store.Close,
	}, nil
}

func openPostgres(ctx context.Context, url string, o outbox.Options) (*database, error) {
	store, err := postgres.Open(ctx, url, postgres.Options{Log: o.Log, Schema: o.Schema})
	if err != nil {
		return nil, err
	}
	o.Clean, o.Schema = store.Limits().Forget, store.QueueSchema()
	queue, err := outbox.New(riverpgxv5.New(store.Pool()), o)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	store.SetEnqueue(func(ctx context.Context, tx pgx.Tx, mailID string) error {
		return queue.Enqueue(ctx, tx, mailID)
	})
	return &database{
		store: store, queue: queue, limits: store.Limits(), pages: pagesOf(queue, o), exclusive: store.Exclusive,
		migrate: store.Migrate, version: store.Version, close: store.Close,
	}, nil
}

func pagesOf[TTx any](box *outbox.Outbox[TTx], o outbox.Options) func(context.Context, string) (http.Handler, error) {
	return func(ctx context.Context, prefix string) (http.Handler, error) {
		return queuepages.New(ctx, box, o.Log, prefix)
	}
}

// prepare brings the tables up to date, or with noMigrate checks that they
// are.
func (d *database) prepare(ctx context.Context, noMigrate bool) error {
	if noMigrate {
		return d.checkVersion(ctx)
	}
	if err := d.migrate(ctx); err != nil {
		return err
	}
	if done, err := d.queue.Migrated(ctx); done || err != nil {
		return err // without a lock, which a pooler in transaction mode would never give back
	}
	if d.exclusive == nil {
		return d.queue.Migrate(ctx)
	}
	return d.exclusive(ctx, d.queue.Migrate)
}

func (d *database) checkVersion(ctx context.Context) error {
	current, latest, err := d.version(ctx)
	if err != nil {
		return err
	}
	if current != latest {
		return fmt.Errorf("the database is at version %d and this program needs %d: run signup migrate", current, latest)
	}
	if done, err := d.queue.Migrated(ctx); done || err != nil {
		return err
	}
	return errors.New("the queue's tables are not up to date: run signup migrate")
}
