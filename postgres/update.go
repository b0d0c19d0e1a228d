package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

const (
	maxStale   = 5 // runs of one Update that ended stale
	firstPause = 5 * time.Millisecond
	longPause  = 250 * time.Millisecond
)

// beginUpdate leaves the access mode to the database: one that is read-only is
// so for a reason.
func beginUpdate(lockTimeout time.Duration) string {
	return fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = %d",
		max(lockTimeout.Milliseconds(), 1))
}

const beginView = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// Update implements signup.Store.
func (s *Store) Update(ctx context.Context, fn func(signup.Tx) error) error {
	err := s.insist(ctx, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) error { return s.update(ctx, wait, c, fn) })
	})
	if isReadOnly(err) {
		s.pool.Reset() // after a failover new connections lead to the server that writes
	}
	return err
}

// View implements signup.Store.
func (s *Store) View(ctx context.Context, fn func(signup.Reader) error) error {
	return s.insist(ctx, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) error {
			p := &pipe{conn: c.Conn()}
			p.waiting = append(p.waiting, statement{sql: beginView})
			return fn(reader{db.New(p)})
		})
	})
}

// Peek implements signup.Store.
func (s *Store) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return s.insist(ctx, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) error { return fn(reader{db.New(c)}) })
	})
}

func (s *Store) update(ctx, wait context.Context, c *pgxpool.Conn, fn func(signup.Tx) error) error {
	tx, err := c.Conn().BeginTx(wait, pgx.TxOptions{BeginQuery: s.begin})
	if err != nil {
		return waited(ctx, wait, "begin", err)
	}
	u := newUnit(tx)
	if err := fn(newWriter(u, *s.enqueue.Load())); err != nil {
		return err
	}
	return s.commit(ctx, u)
}

// onConn runs fn with a connection, and rolls back what fn leaves open.
func (s *Store) onConn(ctx, wait context.Context, fn func(*pgxpool.Conn) error) error {
	c, err := s.pool.Acquire(wait)
	if err != nil {
		return waited(ctx, wait, "connect", err)
	}
	defer func() {
		s.rollBack(ctx, c)
		c.Release()
	}()
	return fn(c)
}

// rollBack does so even after ctx is over. If it cannot, Release drops the
// connection, which comes to the same.
func (s *Store) rollBack(ctx context.Context, c *pgxpool.Conn) {
	const idle = 'I'
	if c.Conn().IsClosed() || c.Conn().PgConn().TxStatus() == idle {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
	defer cancel()
	_, _ = c.Exec(ctx, "ROLLBACK")
}

// insist runs once again while something passing is in the way, its user was
// stale, or a row that it refers to was deleted meanwhile. The context it hands
// on ends when the time to wait is over.
func (s *Store) insist(ctx context.Context, once func(wait context.Context) error) error {
	wait, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	stale, dangling := 0, 0
	for try := 0; ; try++ {
		err := once(wait)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
			return fmt.Errorf("%w: %w", ctx.Err(), err) // for example "conn closed"
		case errors.Is(err, signup.ErrStale):
			if stale++; stale == maxStale {
				return err
			}
		case isDangling(err):
			if dangling++; dangling == 2 {
				return err
			}
		case !passing(err) || !pause(wait, try):
			return err
		}
	}
}

// pause waits between two tries, longer and longer and never twice the same.
// It reports false when the time is over.
func pause(wait context.Context, try int) bool {
	longest := min(firstPause<<min(try, 10), longPause)
	timer := time.NewTimer(longest/2 + rand.N(longest/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-wait.Done():
		return false
	}
}
