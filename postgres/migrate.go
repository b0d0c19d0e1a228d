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
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer is returned when a newer version of the program has migrated the
// database.
var ErrNewer = errors.New("the database was migrated by a newer version of this program; run that version, or restore a backup made before the upgrade")

// Migrate brings the schema up to date; it never goes back. Several processes may
// call it concurrently: one migrates, and the others wait for it, for at most 5
// minutes. It needs permission to create tables only if there is something to
// migrate. If the database is newer than the program, it is not changed and
// Migrate returns ErrNewer.
func (s *Store) Migrate(ctx context.Context) error {
	current, latest, err := s.Version(ctx)
	if err != nil || current == latest {
		return err
	}
	conns := stdlib.OpenDBFromPool(s.pool)
	p, err := newGoose(conns)
	if err == nil {
		_, err = p.Up(ctx)
	}
	return errors.Join(busy("migrate", err), conns.Close())
}

// Version returns the last migration applied to the database (0 for none) and the
// last one this program knows. If the database is ahead, it returns ErrNewer.
func (s *Store) Version(ctx context.Context) (current, latest int64, err error) {
	if latest, err = latestMigration(); err != nil {
		return 0, 0, err
	}
	if current, err = s.currentVersion(ctx); err != nil {
		return 0, 0, busy("read the database's version", err)
	}
	if current > latest {
		return current, latest, fmt.Errorf("version %d, but this program knows %d: %w", current, latest, ErrNewer)
	}
	return current, latest, nil
}

// currentVersion reads goose's table in the schema where goose looks for it.
func (s *Store) currentVersion(ctx context.Context) (version int64, err error) {
	var exists bool
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (
		SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'goose_db_version'
	)`).Scan(&exists)
	if err != nil || !exists {
		return 0, err
	}
	err = s.pool.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&version)
	return version, err
}

func latestMigration() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}

func newGoose(conns *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // interval in seconds, number of attempts
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, conns, files, goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
