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

	"github.com/signup-go/signup/internal/retry"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer is returned when a newer version of the program has migrated the
// database.
var ErrNewer = errors.New("the database was migrated by a newer version of this program; run that version, or restore a backup made before the upgrade")

// Migrate brings the schema up to date; it never goes back. Several processes may
// call it concurrently. If the database is newer than the program, it is not
// changed and Migrate returns ErrNewer.
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
	p, err := newGoose(conn)
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	for try := 0; ; try++ {
		before, _, err := s.Version(ctx)
		if err != nil {
			return err
		}
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
		err = fault("migrate", err)
		if !retry.Passing(err) && !s.advanced(ctx, before) || !retry.Pause(wait, try) {
			return err
		}
	}
}

// advanced reports whether another process has migrated further than version
// before. In that case our own step has failed, because each step is one
// transaction.
func (s *Store) advanced(ctx context.Context, before int64) bool {
	now, _, err := s.Version(ctx)
	return err == nil && now > before
}

// Version returns the last migration applied to the database and the last one
// this program knows. If the database is ahead, it returns ErrNewer.
func (s *Store) Version(ctx context.Context) (current, latest int64, err error) {
	p, err := newGoose(s.writer)
	if err != nil {
		return 0, 0, err
	}
	current, latest, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, fault("read the database's version", err)
	}
	if current > latest {
		return current, latest, fmt.Errorf("version %d, but this program knows %d: %w", current, latest, ErrNewer)
	}
	return current, latest, nil
}

func newGoose(conns *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, conns, files,
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
