package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/signup-go/signup/outbox"
)

type backupCmd struct {
	File string `arg:"" type:"path" help:"The file to make."`
}

func (backupCmd) Help() string {
	return `It copies an SQLite database while the server runs, as it is at one moment: people, settings, keys, and the mails that wait. The file holds password hashes and addresses; only its owner can read it. A file that exists is left alone.

To restore it, stop the server, put it in the database's place, remove the files beside that end in -wal and -shm, and start.

PostgreSQL has its own tool: pg_dump.

Examples:

    signup backup /var/backups/signup-$(date +%F).db`
}

// A backer writes a copy of itself to a new file.
type backer interface {
	Backup(ctx context.Context, path string) error
}

// Run leaves the tables as they are: a backup comes before an upgrade.
func (c backupCmd) Run(ctx context.Context, s *session) (err error) {
	if err := s.config.err(); err != nil {
		return err
	}
	if scheme, _, _ := strings.Cut(s.config.database, ":"); scheme != "sqlite" {
		return usagef("signup backup is for SQLite; the database is PostgreSQL: use pg_dump --format=custom --file=FILE DATABASE")
	}
	db, err := openExisting(ctx, s.config.database, outbox.Options{Log: s.commandLog()})
	if err != nil {
		return s.elsewhere(err)
	}
	defer func() { err = errors.Join(err, db.close()) }()
	err = s.during(ctx, "backing up", func() error { return db.store.(backer).Backup(ctx, c.File) })
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s exists already; it was left alone", c.File)
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return s.showBackup(c.File)
}

func (s *session) showBackup(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return s.answer(map[string]any{"file": path, "bytes": info.Size()}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "Backed up to %s (%s).\n", printable(path), count(int(info.Size()), "byte"))
	})
}

var errNoDatabase = errors.New("there is no database")

// openExisting opens a database without making or migrating it.
func openExisting(ctx context.Context, where string, o outbox.Options) (*database, error) {
	if path, ok := strings.CutPrefix(where, "sqlite:"); ok {
		path = strings.TrimPrefix(path, "//")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w at %s", errNoDatabase, filepath.Clean(path))
		}
	}
	return openDatabase(ctx, where, o)
}
