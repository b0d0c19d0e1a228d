package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/sqlite"
)

// A database is a kind of database to measure with.
type database struct {
	name   string
	create func(name string) (url string, err error) // creates a new one and returns its --database value
	open   func(url string) (store, error)
	bare   func() (change func(ctx context.Context, row int64) error, done func(), err error) // returns a function that durably changes one row
	stop   func()
}

type store interface {
	signup.Store
	Migrate(context.Context) error
	Close() error
}

const (
	bareTable  = `CREATE TABLE bare (id bigint PRIMARY KEY, used bigint NOT NULL)`
	bareChange = `UPDATE bare SET used = used + 1 WHERE id = $1 RETURNING used`
)

func (b *bench) sqlite() (database, error) {
	file := func(name string) string { return filepath.Join(b.dir, name+".db") }
	return database{
		name:   "SQLite",
		create: func(name string) (string, error) { return "sqlite:" + file(name), nil },
		open: func(url string) (store, error) {
			return sqlite.Open(b.ctx, url[len("sqlite:"):], sqlite.Options{})
		},
		bare: func() (func(context.Context, int64) error, func(), error) { return bareSQLite(b.ctx, file("bare")) },
		stop: func() {},
	}, nil
}

// bareSQLite opens a database with the same pragmas as the store.
func bareSQLite(ctx context.Context, path string) (func(context.Context, int64) error, func(), error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	done := func() { _ = db.Close() }
	for _, statement := range []string{bareTable, fmt.Sprintf(
		`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO bare SELECT i, 0 FROM n`, bareRows-1)} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, done, err
		}
	}
	return func(ctx context.Context, row int64) error {
		var used int64
		return db.QueryRowContext(ctx, bareChange, row).Scan(&used)
	}, done, nil
}

func (b *bench) postgres() (database, error) {
	server, stop, err := pgtest.Start()
	if err != nil {
		return database{}, err
	}
	admin, err := pgxpool.New(b.ctx, server)
	if err != nil {
		return database{}, errors.Join(err, stop())
	}
	create := func(name string) (string, error) {
		_, err := admin.Exec(b.ctx, "CREATE DATABASE "+name)
		at, parseErr := url.Parse(server)
		if err := errors.Join(err, parseErr); err != nil {
			return "", err
		}
		at.Path = "/" + name
		return at.String(), nil
	}
	return database{
		name: "PostgreSQL", create: create,
		open: func(url string) (store, error) { return postgres.Open(b.ctx, url, postgres.Options{}) },
		bare: func() (func(context.Context, int64) error, func(), error) {
			url, err := create("bare")
			if err != nil {
				return nil, nil, err
			}
			return barePostgres(b.ctx, url)
		},
		stop: func() { admin.Close(); _ = stop() },
	}, nil
}

// barePostgres opens a pool with one connection per caller.
func barePostgres(ctx context.Context, url string) (func(context.Context, int64) error, func(), error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, err
	}
	config.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	for _, statement := range []string{bareTable, fmt.Sprintf(`INSERT INTO bare SELECT i, 0 FROM generate_series(0, %d) i`, bareRows-1)} {
		if _, err := pool.Exec(ctx, statement); err != nil {
			return nil, pool.Close, err
		}
	}
	return func(ctx context.Context, row int64) error {
		var used int64
		return pool.QueryRow(ctx, bareChange, row).Scan(&used)
	}, pool.Close, nil
}
