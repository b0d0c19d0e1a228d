// Package postgres implements signup.Store in PostgreSQL 14 or later, for one or
// more programs on the same database.
//
// # Isolation
//
// An Update runs at READ COMMITTED. It locks every user it reads (by ID, address
// or username, through a mail about the user or a token being spent) and every
// address it holds until it ends, with a row lock or, for an address, an advisory
// lock; see hold.go. So two updates about one user run one after the other, and
// the second sees what the first wrote, while updates about different users do
// not wait for each other. Everything else is decided by unique indexes and
// conditional statements. An update should read the user before it reads what
// belongs to the user. A View runs at REPEATABLE READ.
//
// SERIALIZABLE would not need such care, but it locks whole pages of small
// indexes: 200 concurrent sign-ups took 649 runs, and the throughput of
// confirmations fell to a quarter.
//
// # Connections
//
// The URL is that of libpq, with the additional parameters of pgx and pgxpool,
// for example pool_max_conns. The tables are in the first schema of search_path,
// unless there are tables of another program; see Options.Schema.
// With PgBouncer in transaction mode add default_query_exec_mode=exec (unless it
// is 1.21 or later with max_prepared_statements), and migrate over a direct
// connection, because the lock for migrations belongs to a session.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/migrations"
	"github.com/signup-go/signup/internal/rows"
)

const (
	// DefaultBusyTimeout is how long a statement waits for a row that another
	// transaction has locked.
	DefaultBusyTimeout = 5 * time.Second

	// DefaultMaxConns is the size of the pool if the URL does not set
	// pool_max_conns.
	DefaultMaxConns = 16
)

// Enqueue ensures, inside tx, that the mail is sent after the commit.
type Enqueue func(ctx context.Context, tx pgx.Tx, mailID string) error

// Options configure Open. The zero value is valid.
type Options struct {
	Enqueue Enqueue      // called by AddMail; nil: nothing is sent. See also Store.SetEnqueue.
	Log     *slog.Logger // nil: nothing is logged

	// Schema is the schema for the tables; Migrate creates it. If it is empty, an
	// existing installation is found in the first schema of search_path or in
	// DefaultSchema, and a new one goes to the first schema of search_path if that
	// has no tables (and, if it is "public", no other schema has any), otherwise to
	// DefaultSchema.
	//
	// Connections get the schema as their search_path unless it is the first one
	// there anyway. PgBouncer does not allow that: set the search_path of the role.
	Schema string

	// BusyTimeout 0 means DefaultBusyTimeout. An Update or View waits at most
	// twice as long for a connection or an unreachable database, and then returns
	// signup.ErrBusy.
	BusyTimeout time.Duration
}

// A Store implements signup.Store in PostgreSQL. It is safe for concurrent use.
type Store struct {
	pool        *pgxpool.Pool
	place       migrations.Place // of the tables
	given       string           // Options.Schema
	first       string           // the first schema of the search_path; "" if none of them exists
	lockTimeout time.Duration
	timeout     time.Duration
	enqueue     atomic.Pointer[Enqueue]
	log         *slog.Logger
	unsent      sync.Once // warns about a mail that nothing will send
}

var _ signup.Store = (*Store)(nil)

// Open connects to the database at url and checks that it is usable. It does not
// migrate: see Migrate.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database's URL: %w", err) // pgx omits the password
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = DefaultMaxConns
	}
	config.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		rows.RegisterTimes(c.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{pool: pool, given: o.Schema, timeout: 2 * o.BusyTimeout, lockTimeout: o.BusyTimeout, log: o.Log}
	s.SetEnqueue(o.Enqueue)
	v, err := s.checkServer(ctx)
	if err == nil {
		s.first = v.schema
		err = s.enterSchema(ctx, config)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), s.Close())
	}
	s.logOpened(ctx, v)
	return s, nil
}

// SetEnqueue replaces Options.Enqueue, for a queue that needs Pool first.
func (s *Store) SetEnqueue(f Enqueue) {
	if f == nil {
		f = s.leave
	}
	s.enqueue.Store(&f)
}

// leave is used if there is no Enqueue.
func (s *Store) leave(ctx context.Context, _ pgx.Tx, mailID string) error {
	s.unsent.Do(func() {
		if s.log != nil {
			s.log.WarnContext(ctx, "a mail is owed, but the store has no Enqueue: nothing will send it", "mail", mailID)
		}
	})
	return nil
}

// Pool returns the connection pool, for a queue in the same database.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping makes a round trip to the database.
func (s *Store) Ping(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return waited(ctx, wait, "ping", s.pool.Ping(wait))
}

// Close waits for running transactions and closes every connection.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// CheckURL reports what is wrong with a URL that Open cannot parse, without
// repeating it.
func CheckURL(url string) error {
	if _, err := pgxpool.ParseConfig(url); err != nil {
		return errors.New("must be a PostgreSQL URL such as postgres://USER@HOST/NAME?sslmode=verify-full")
	}
	return nil
}
