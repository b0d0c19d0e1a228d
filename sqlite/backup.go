package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Backup writes a copy of the database, as it is at one moment, to a new file
// (mode 0600) while others read and write. The file is there only when the copy
// is complete and on the disk; one that exists is left alone: fs.ErrExist.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }()
	if err := errors.Join(s.copyInto(ctx, part.Name()), part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Link(part.Name(), path); err != nil { // unlike Rename it replaces nothing
		return err
	}
	return syncDir(filepath.Dir(path))
}

// copyInto has a connection of its own: SQLite takes VACUUM INTO for a write
// where query_only is set, though it only reads.
func (s *Store) copyInto(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(s.path, s.patience/2, url.Values{}))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(fault("copy the database", err), db.Close())
}

// syncDir makes a new name in the folder last. Not every system can.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
