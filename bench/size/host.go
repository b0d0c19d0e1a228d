package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/sqlite"
)

// A store can be filled with generated rows.
type store interface {
	signup.Store
	Migrate(context.Context) error
	Import(context.Context, func(row func(table string, values []any) error) error) error
	Close() error
}

// A host is where databases are created.
type host struct {
	name  string
	open  func(ctx context.Context, name string) (s store, remove func(), err error)
	close func()
}

func newHost(database string) (*host, error) {
	switch {
	case database == "sqlite":
		return sqliteFolder()
	case database == "postgres":
		server, stop, err := pgtest.Start()
		if err != nil {
			return nil, err
		}
		return postgresServer(server, func() { _ = stop() }), nil
	case postgres.CheckURL(database) == nil && strings.Contains(database, "://"):
		return postgresServer(database, func() {}), nil
	default:
		return nil, errors.New("--database must be sqlite, postgres or postgres://USER@HOST/NAME")
	}
}

func sqliteFolder() (*host, error) {
	dir, err := os.MkdirTemp("", "signup-size")
	if err != nil {
		return nil, err
	}
	open := func(ctx context.Context, name string) (store, func(), error) {
		s, err := openSQLite(ctx, filepath.Join(dir, name+".db"))
		if err != nil {
			return nil, nil, err
		}
		return s, func() { _ = s.Close() }, nil
	}
	return &host{"SQLite", open, func() { _ = os.RemoveAll(dir) }}, nil
}

func postgresServer(server string, stop func()) *host {
	open := func(ctx context.Context, name string) (store, func(), error) {
		if err := execute(ctx, server, "CREATE DATABASE "+name); err != nil {
			return nil, nil, err
		}
		drop := func() { _ = execute(context.WithoutCancel(ctx), server, "DROP DATABASE "+name+" WITH (FORCE)") }
		at, err := url.Parse(server)
		if err != nil {
			return nil, nil, err
		}
		at.Path = "/" + name
		s, err := openPostgres(ctx, at.String())
		if err != nil {
			drop()
			return nil, nil, err
		}
		return s, func() { _ = s.Close(); drop() }, nil
	}
	return &host{"PostgreSQL", open, stop}
}

func execute(ctx context.Context, server, statement string) error {
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

// openSQLite and openPostgres set up the queue as the program does, because a
// sign-up stores a job. Nothing works on the queue.
func openSQLite(ctx context.Context, path string) (store, error) {
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	queue, err := outbox.New(riversqlite.New(s.Writer()), outbox.Options{})
	if err != nil {
		return nil, err
	}
	s.SetEnqueue(func(ctx context.Context, tx *sql.Tx, id string) error { return queue.Enqueue(ctx, tx, id) })
	return s, errors.Join(s.Migrate(ctx), queue.Migrate(ctx))
}

func openPostgres(ctx context.Context, url string) (store, error) {
	s, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		return nil, err
	}
	queue, err := outbox.New(riverpgxv5.New(s.Pool()), outbox.Options{})
	if err != nil {
		return nil, err
	}
	s.SetEnqueue(func(ctx context.Context, tx pgx.Tx, id string) error { return queue.Enqueue(ctx, tx, id) })
	return s, errors.Join(s.Migrate(ctx), queue.Migrate(ctx))
}
