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

// ErrNewer is returned when a newer program has migrated the database.
var ErrNewer = errors.New("the database was migrated by a newer version of this program; run that version, or restore a backup made before the upgrade")

// Migrate brings the tables up to date, forward only. Several processes may do
// it at the same moment: one migrates, the others wait for it, 5 minutes at
// most. It needs the right to create tables only when there is something to do.
// A database that is newer is left alone: ErrNewer.
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

// Version is the last migration the database has had (0 for none) and the last
// this program has. It returns ErrNewer when the database is ahead.
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

// currentVersion reads goose's table where goose looks for it.
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
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // seconds, tries
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, conns, files, goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
