package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/signup-go/signup/internal/migrations"
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
// call it concurrently: one migrates, and the others wait for it, for at most 5
// minutes. It needs permission to create tables only if there is something to
// migrate, and permission to create the schema only if that does not exist.
//
// If the database is newer than the program, Migrate returns ErrNewer. If tables
// of another program are in the way, it returns ErrForeign. In both cases it
// changes nothing.
func (s *Store) Migrate(ctx context.Context) error {
	conns := stdlib.OpenDBFromPool(s.pool)
	return errors.Join(busy("migrate", s.migrate(ctx, conns)), conns.Close())
}

func (s *Store) migrate(ctx context.Context, conns *sql.DB) error {
	h, latest, err := s.history(ctx, conns)
	if err != nil || h.Settled() && h.Version == latest {
		return err
	}
	if err := s.settle(ctx, conns); err != nil {
		return err
	}
	p, err := newGoose(conns)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// settle decides, under the lock that goose holds while it migrates, which tables
// are ours; see migrations.Place.Settle.
func (s *Store) settle(ctx context.Context, conns *sql.DB) (err error) {
	tx, err := conns.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '5min'"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lock.DefaultLockID); err != nil {
		return err
	}
	now, err := locate(ctx, tx, s.given, s.first)
	if err == nil && now != s.place.Schema {
		err = fmt.Errorf("meanwhile another program has changed the database, so that the tables belong in the schema %q instead of %q: start again", now, s.place.Schema)
	}
	if err != nil {
		return err
	}
	if err := makeSchema(ctx, tx, s.place.Schema); err != nil {
		return err
	}
	if err := s.place.Settle(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Version returns the last migration applied to the database (0 for none) and the
// last one this program knows. If the database is ahead, it returns ErrNewer.
func (s *Store) Version(ctx context.Context) (current, latest int64, err error) {
	conns := stdlib.OpenDBFromPool(s.pool)
	h, latest, err := s.history(ctx, conns)
	return h.Version, latest, errors.Join(busy("read the database's version", err), conns.Close())
}

func (s *Store) history(ctx context.Context, conns *sql.DB) (h migrations.History, latest int64, err error) {
	if latest, err = migrations.Latest(s.place.Files); err != nil {
		return h, 0, err
	}
	if h, err = s.place.Read(ctx, conns); err == nil && h.Version > latest {
		err = fmt.Errorf("version %d, but this program knows %d: %w", h.Version, latest, ErrNewer)
	}
	return h, latest, err
}

func newGoose(conns *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // interval in seconds, number of attempts
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, conns, dir, goose.WithSessionLocker(locker), goose.WithTableName(migrations.Table),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
