package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"

	"github.com/signup-go/signup/internal/migrations"
	"github.com/signup-go/signup/internal/retry"
)

//go:embed migrations/*.sql
var files embed.FS

// ErrNewer is returned when a newer version of the program has migrated the
// database.
var ErrNewer = errors.New("the database was migrated by a newer version of this program; run that version, or restore a backup made before the upgrade")

// ErrForeign is returned, wrapped, when tables of another program have the names
// that Migrate would use.
var ErrForeign = migrations.ErrForeign

// Migrate brings the schema up to date; it never goes back. Several processes may
// call it concurrently. If the database is newer than the program, Migrate returns
// ErrNewer. If tables of another program are in the way, it returns ErrForeign;
// other tables in the same file are left alone. In both cases it changes nothing.
//
// Each migration is one transaction, in which foreign keys are off: SQLite can
// change a table's constraints only by recreating the table, and dropping the old
// one would delete every row that refers to it.
func (s *Store) Migrate(ctx context.Context) (err error) {
	conn, err := openPool(migrationDSN(s.path, s.timeout/2))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	conn.SetMaxOpenConns(1)
	wait, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	for try := 0; ; try++ {
		before, latest, err := s.history(ctx)
		if err == nil && before.Settled() && before.Version == latest {
			return nil
		}
		if err == nil {
			if err = up(ctx, conn); err == nil {
				return nil
			}
			err = fault("migrate", err)
		}
		if !retry.Passing(err) && !s.advanced(ctx, before.Version) || !retry.Pause(wait, try) {
			return err
		}
	}
}

func up(ctx context.Context, conn *sql.DB) error {
	if err := settle(ctx, conn); err != nil {
		return err
	}
	p, err := newGoose(conn)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// settle decides which tables are ours; see migrations.Place.Settle.
func settle(ctx context.Context, conn *sql.DB) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	p, err := place()
	if err == nil {
		err = p.Settle(ctx, tx)
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// place describes the file to package migrations.
func place() (migrations.Place, error) {
	dir, err := fs.Sub(files, "migrations")
	return migrations.Place{
		Dialect: goose.DialectSQLite3, Schema: "main", Files: dir, LastOld: 7,
		Advice: "use another file",
		Names: `SELECT name FROM sqlite_schema
			WHERE ?1 = 'main' AND lower(name) IN (SELECT value FROM json_each(?2)) ORDER BY name`,
		Columns: `SELECT count(*) FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
			WHERE ?1 = 'main' AND t.type = 'table' AND t.name || '.' || c.name IN (SELECT value FROM json_each(?2))`,
	}, err
}

// advanced reports whether another process has migrated further than version
// before. In that case our own step has failed, because each step is one
// transaction.
func (s *Store) advanced(ctx context.Context, before int64) bool {
	now, _, err := s.Version(ctx)
	return err == nil && now > before
}

// Version returns the last migration applied to the database (0 for none) and the
// last one this program knows. If the database is ahead, it returns ErrNewer.
func (s *Store) Version(ctx context.Context) (current, latest int64, err error) {
	h, latest, err := s.history(ctx)
	return h.Version, latest, err
}

func (s *Store) history(ctx context.Context) (h migrations.History, latest int64, err error) {
	p, err := place()
	if err != nil {
		return h, 0, err
	}
	if latest, err = migrations.Latest(p.Files); err != nil {
		return h, 0, err
	}
	if h, err = p.Read(ctx, s.reader); err != nil {
		return h, latest, fault("read the database's version", err)
	}
	if h.Version > latest {
		err = fmt.Errorf("version %d, but this program knows %d: %w", h.Version, latest, ErrNewer)
	}
	return h, latest, err
}

func newGoose(conns *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, conns, dir, goose.WithTableName(migrations.Table),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
