// Package postgres is a signup.Store in PostgreSQL 14 or later, for one
// program or for many on the same database.
//
// # Isolation
//
// An Update is READ COMMITTED and holds every user it reads, by id, by address,
// by a mail of his or by a token being spent, until it ends (a row lock; see
// hold.go). So two updates about one user run one after the other, each on what
// the other left, and updates about different users never wait for each other.
// Everything else is decided by unique keys and conditional statements. An
// update should read the user before it reads what hangs on him. A View is
// REPEATABLE READ.
//
// SERIALIZABLE would ask for no such care, but it locks whole pages of small
// indexes: 200 sign-ups at once ran 649 times, and a quarter as many
// confirmations got through.
//
// # Connections
//
// The URL is libpq's, with the parameters of pgx and pgxpool besides, for
// example pool_max_conns. Tables live in the first schema of search_path.
// Through PgBouncer in transaction mode add default_query_exec_mode=exec
// (unless it is 1.21 or later with max_prepared_statements), and migrate over
// a direct connection: the lock that orders migrations belongs to a session.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
)

const (
	// DefaultBusyTimeout is how long one statement waits for a row that
	// another transaction holds.
	DefaultBusyTimeout = 5 * time.Second

	// DefaultMaxConns is the size of the pool unless the URL has pool_max_conns.
	DefaultMaxConns = 16
)

// Enqueue sees to it, inside tx, that the mail will be sent after the commit.
type Enqueue func(ctx context.Context, tx pgx.Tx, mailID string) error

// Options are what Open can be told. The zero value is good.
type Options struct {
	Enqueue Enqueue      // called by AddMail; nil for none. See also Store.SetEnqueue.
	Log     *slog.Logger // nil for none

	// BusyTimeout is DefaultBusyTimeout when 0. A whole Update or View waits
	// at most twice as long for a connection and for a database that is out of
	// reach, then it returns signup.ErrBusy.
	BusyTimeout time.Duration
}

// A Store is a signup.Store in PostgreSQL, safe for concurrent use.
type Store struct {
	pool        *pgxpool.Pool
	lockTimeout string // of an update, in milliseconds
	patience    time.Duration
	enqueue     atomic.Pointer[Enqueue]
}

var _ signup.Store = (*Store)(nil)

// Open connects to the database at url and checks that it can be used. It does
// not migrate: see Migrate.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database's URL: %w", err) // pgx leaves the password out
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = DefaultMaxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{
		pool:        pool,
		lockTimeout: strconv.FormatInt(max(o.BusyTimeout.Milliseconds(), 1), 10),
		patience:    2 * o.BusyTimeout,
	}
	s.SetEnqueue(o.Enqueue)
	if err := s.checkServer(ctx, o.Log); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), s.Close())
	}
	return s, nil
}

// SetEnqueue replaces Options.Enqueue: for a queue that needs Pool first.
func (s *Store) SetEnqueue(f Enqueue) {
	if f == nil {
		f = func(context.Context, pgx.Tx, string) error { return nil }
	}
	s.enqueue.Store(&f)
}

// Pool is where the connections come from, for a queue in the same database.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping does a round trip to the database.
func (s *Store) Ping(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return waited(ctx, wait, "ping", s.pool.Ping(wait))
}

// Close closes every connection. Transactions that run are waited for.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// CheckURL says what is wrong with a URL that Open could not read, without
// repeating it.
func CheckURL(url string) error {
	if _, err := pgxpool.ParseConfig(url); err != nil {
		return errors.New("must be a PostgreSQL URL such as postgres://USER@HOST/NAME?sslmode=verify-full")
	}
	return nil
}
