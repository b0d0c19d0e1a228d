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

// Backup writes a consistent copy of the database to a new file (mode 0600) while
// other transactions go on. The file appears only when the copy is complete and
// on the disk. If the file already exists, it is not changed and Backup returns
// fs.ErrExist.
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
	if err := os.Link(part.Name(), path); err != nil { // unlike Rename, it never replaces a file
		return err
	}
	return syncDir(filepath.Dir(path))
}

// copyInto opens a connection of its own, because SQLite refuses VACUUM INTO on a
// connection with query_only.
func (s *Store) copyInto(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(s.path, s.timeout/2, url.Values{}))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(fault("copy the database", err), db.Close())
}

// syncDir flushes the folder's entry for a new file to the disk, if the system
// can.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
