// Package sqlite implements signup.Store in one SQLite file.
//
// One connection writes, and all its transactions are BEGIN IMMEDIATE. Updates
// that wait at the same time share one, each within a savepoint. A pool of other
// connections reads snapshots at the same time (write-ahead log). When Update
// returns, the commit is on the disk. Open verifies the connection
// settings, because SQLite silently ignores a setting that it cannot apply.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/retry"
)

// DefaultBusyTimeout is how long a statement waits for a lock that another
// process holds.
const DefaultBusyTimeout = 5 * time.Second

// Enqueue ensures, inside tx, that the mail is sent after the commit.
type Enqueue func(ctx context.Context, tx *sql.Tx, mailID string) error

// Options configure Open. The zero value is valid.
type Options struct {
	Enqueue Enqueue      // called by AddMail; nil: nothing is sent. See also Store.SetEnqueue.
	Log     *slog.Logger // nil: nothing is logged

	// BusyTimeout 0 means DefaultBusyTimeout. An Update or View waits at most
	// twice as long for its turn and then returns signup.ErrBusy.
	BusyTimeout time.Duration
}

// A Store implements signup.Store in one SQLite file. It is safe for concurrent
// use.
type Store struct {
	path    string
	writer  *sql.DB
	reader  *sql.DB
	turn    chan *group // to update; first come, first served
	timeout time.Duration
	enqueue atomic.Pointer[Enqueue]
	log     *slog.Logger
	unsent  sync.Once // warns about a mail that nothing will send
}

var _ signup.Store = (*Store)(nil)

// Open opens the database file at path. If it does not exist, Open creates it
// with mode 0600, and its folder with mode 0700. Open does not migrate: see
// Migrate.
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
	// While another process switches the new file to WAL, a connection fails at
	// once: SQLite does not wait there.
	err = retry.Do(ctx, s.timeout, func(wait context.Context) error { return s.checkPragmas(wait, o) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.Close())
	}
	return s, nil
}

func connect(path string, o Options) (*Store, error) {
	s := &Store{path: path, turn: make(chan *group, 1), timeout: 2 * o.BusyTimeout, log: o.Log}
	s.turn <- nil
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

// SetEnqueue replaces Options.Enqueue, for a queue that needs Writer first.
func (s *Store) SetEnqueue(f Enqueue) {
	if f == nil {
		f = s.leave
	}
	s.enqueue.Store(&f)
}

// leave is used if there is no Enqueue.
func (s *Store) leave(ctx context.Context, _ *sql.Tx, mailID string) error {
	s.unsent.Do(func() {
		if s.log != nil {
			s.log.WarnContext(ctx, "a mail is owed, but the store has no Enqueue: nothing will send it", "mail", mailID)
		}
	})
	return nil
}

// Writer returns the only connection that writes, for a queue in the same file.
// While it is in use, every Update waits.
func (s *Store) Writer() *sql.DB { return s.writer }

// Ping reads from the file.
func (s *Store) Ping(ctx context.Context) error {
	var version int64
	err := s.reader.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version)
	return fault("ping", err)
}

// Close waits for running updates, within twice Options.BusyTimeout, and closes
// every connection.
func (s *Store) Close() error {
	select {
	case g := <-s.turn:
		if g != nil {
			g.commit()
		}
		defer func() { s.turn <- nil }()
	case <-time.After(s.timeout):
	}
	return errors.Join(s.reader.Close(), s.writer.Close())
}
