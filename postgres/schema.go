package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup/internal/migrations"
)

// DefaultSchema is the schema of a new installation beside tables of another
// program, and of the mail queue's tables where the others are in "public".
const DefaultSchema = "signup"

// Schema returns the name of the schema that the tables are in, or will be.
func (s *Store) Schema() string { return s.place.Schema }

// plain matches the names that River accepts for a schema.
var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,40}$`)

// QueueSchema returns the schema for the mail queue's tables, for
// outbox.Options.Schema: that of the other tables unless it is "public", where
// another program may come to run a River of its own.
func (s *Store) QueueSchema() string {
	if schema := s.place.Schema; schema != "public" && plain.MatchString(schema) {
		return schema
	}
	return DefaultSchema
}

// placeIn describes a schema to package migrations.
func placeIn(schema string) (migrations.Place, error) {
	dir, err := fs.Sub(files, "migrations")
	return migrations.Place{
		Dialect: goose.DialectPostgres, Schema: schema, Files: dir, LastOld: 8,
		Advice: "use a schema without them (Options.Schema, --schema, or search_path in the URL)",
		Names: `SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relname::text IN (SELECT jsonb_array_elements_text($2::jsonb)) ORDER BY 1`,
		Columns: `SELECT count(*) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
				AND c.relname || '.' || a.attname IN (SELECT jsonb_array_elements_text($2::jsonb))`,
	}, err
}

// locate returns the schema of the tables: the given one; or the first one of the
// search_path, or else DefaultSchema, if ours are there. For a new installation it
// is the first one of the search_path if that has no tables, except that "public"
// is only used in a database that has no tables at all.
func locate(ctx context.Context, c migrations.Conn, given, first string) (string, error) {
	if given != "" {
		return given, nil
	}
	for _, schema := range []string{first, DefaultSchema} {
		place, err := placeIn(schema)
		if err != nil {
			return "", err
		}
		if h, err := place.Read(ctx, c); err != nil || h.Exists() {
			return schema, err
		}
	}
	var used bool
	err := c.QueryRowContext(ctx, `SELECT EXISTS (
		SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (n.nspname = $1 OR $1 = 'public')
			AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
			AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
	)`, first).Scan(&used)
	if used {
		return DefaultSchema, err
	}
	return first, err
}

// enterSchema finds the schema of the tables, and makes it the search_path of all
// connections unless it is the first one there anyway.
func (s *Store) enterSchema(ctx context.Context, config *pgxpool.Config) error {
	wait, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	schema, err := s.find(wait)
	if err != nil {
		return waited(ctx, wait, "find the tables", err)
	}
	if s.place, err = placeIn(schema); err != nil || schema == s.first {
		return err
	}
	config.ConnConfig.RuntimeParams["search_path"] = pgx.Identifier{schema}.Sanitize()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	s.pool.Close()
	s.pool = pool
	return nil
}

// find locates the tables in one snapshot, because another instance may be about
// to create them.
func (s *Store) find(ctx context.Context) (schema string, err error) {
	conns := stdlib.OpenDBFromPool(s.pool)
	defer func() { err = errors.Join(err, conns.Close()) }()
	tx, err := conns.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback() }()
	return locate(ctx, tx, s.given, s.first)
}

// makeSchema creates the schema if it does not exist.
func makeSchema(ctx context.Context, tx *sql.Tx, schema string) error {
	var exists bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", schema).Scan(&exists)
	if err != nil || exists {
		return err
	}
	name := pgx.Identifier{schema}.Sanitize()
	_, err = tx.ExecContext(ctx, "CREATE SCHEMA "+name)
	if sqlState(err) == notPermitted {
		return fmt.Errorf("let the database's owner run CREATE SCHEMA %s AUTHORIZATION and the name of this role: %w", name, err)
	}
	return err
}
