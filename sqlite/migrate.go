package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer is returned when a newer program has migrated the database.
var ErrNewer = errors.New("the database was migrated by a newer version of this program; run that version, or restore a backup made before the upgrade")

// Migrate brings the tables up to date, forward only. Several processes may do
// it at the same moment. A database that is newer is left alone: ErrNewer.
func (s *Store) Migrate(ctx context.Context) error {
	p, err := s.goose()
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, s.patience)
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
		if !passing(err) && !s.advanced(ctx, before) || !pause(wait, try) {
			return err
		}
	}
}

// advanced reports whether another process has migrated further than before,
// which makes our own step fail: each step is one transaction.
func (s *Store) advanced(ctx context.Context, before int64) bool {
	now, _, err := s.Version(ctx)
	return err == nil && now > before
}

// Version is the last migration the database has had and the last this program
// has. It returns ErrNewer when the database is ahead.
func (s *Store) Version(ctx context.Context) (current, latest int64, err error) {
	p, err := s.goose()
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

func (s *Store) goose() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, s.writer, files,
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
