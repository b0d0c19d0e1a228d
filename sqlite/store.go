// Package sqlite is a signup.Store in one SQLite file.
//
// One connection writes, every transaction of it BEGIN IMMEDIATE; a pool of
// others reads snapshots meanwhile (write-ahead log). A commit is on the disk
// when Update returns. Open checks that the file's settings are really in
// force, because SQLite ignores a setting it cannot take.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/signup-go/signup"
)

// DefaultBusyTimeout is how long one statement waits for a lock that another
// process holds.
const DefaultBusyTimeout = 5 * time.Second

// Enqueue sees to it, inside tx, that the mail will be sent after the commit.
type Enqueue func(ctx context.Context, tx *sql.Tx, mailID string) error

// Options are what Open can be told. The zero value is good.
type Options struct {
	Enqueue Enqueue      // called by AddMail; nil for none. See also Store.SetEnqueue.
	Log     *slog.Logger // nil for none

	// BusyTimeout is DefaultBusyTimeout when 0. A whole Update or View waits
	// at most twice as long for its turn, then it returns signup.ErrBusy.
	BusyTimeout time.Duration
}

// A Store is a signup.Store in one SQLite file, safe for concurrent use.
type Store struct {
	path     string
	writer   *sql.DB
	reader   *sql.DB
	turn     chan struct{} // holds one element while somebody writes: first come, first served
	patience time.Duration
	enqueue  atomic.Pointer[Enqueue]
}

var _ signup.Store = (*Store)(nil)

// Open opens the database file at path, which it makes (mode 0600, its folder
// 0700) when there is none. It does not migrate: see Migrate.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	abs, err := makeFile(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s, err := connect(abs, o)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := s.checkPragmas(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.Close())
	}
	return s, nil
}

func connect(path string, o Options) (*Store, error) {
	s := &Store{path: path, turn: make(chan struct{}, 1), patience: 2 * o.BusyTimeout}
	s.SetEnqueue(o.Enqueue)
	var err error
	if s.writer, err = openPool(writerDSN(path, o.BusyTimeout)); err != nil {
		return nil, err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = openPool(readerDSN(path, o.BusyTimeout)); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return s, nil
}

// SetEnqueue replaces Options.Enqueue: for a queue that needs Writer first.
func (s *Store) SetEnqueue(f Enqueue) {
	if f == nil {
		f = func(context.Context, *sql.Tx, string) error { return nil }
	}
	s.enqueue.Store(&f)
}

// Writer is the one connection that writes, for a queue on the same file.
// Whoever holds it for long holds up every Update.
func (s *Store) Writer() *sql.DB { return s.writer }

// Ping reads from the file.
func (s *Store) Ping(ctx context.Context) error {
	var version int64
	err := s.reader.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version)
	return fault("ping", err)
}

// Close closes every connection. Updates that run are waited for.
func (s *Store) Close() error {
	return errors.Join(s.reader.Close(), s.writer.Close())
}
