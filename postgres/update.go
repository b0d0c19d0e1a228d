package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/retry"
	"github.com/signup-go/signup/postgres/internal/db"
)

// forUpdate leaves the access mode to the database: if it is read-only, updates
// must fail.
func forUpdate() pgx.TxOptions { return pgx.TxOptions{IsoLevel: pgx.ReadCommitted} }

func forView() pgx.TxOptions {
	return pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
}

// Update implements signup.Store.
func (s *Store) Update(ctx context.Context, fn func(signup.Tx) error) error {
	err := retry.Do(ctx, s.timeout, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) error { return s.update(ctx, c, fn) })
	})
	if isReadOnly(err) {
		s.pool.Reset() // after a failover, new connections reach the new primary
	}
	return err
}

// View implements signup.Store.
func (s *Store) View(ctx context.Context, fn func(signup.Reader) error) error {
	return retry.Do(ctx, s.timeout, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) error {
			return fn(reader{db.New(&pipe{conn: c.Conn(), begin: forView()})})
		})
	})
}

// Peek implements signup.Store.
func (s *Store) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return retry.Do(ctx, s.timeout, func(wait context.Context) error {
		return s.onConn(ctx, wait, func(c *pgxpool.Conn) error { return fn(reader{db.New(c)}) })
	})
}

func (s *Store) update(ctx context.Context, c *pgxpool.Conn, fn func(signup.Tx) error) error {
	u := newUnit(c.Conn(), s.lockTimeout)
	if err := fn(newWriter(u, *s.enqueue.Load())); err != nil {
		if cause, _ := busyCause(err); cause != "" { // an error of a statement that fn ran itself; see SQL
			err = busy("update", err)
		}
		return err
	}
	return s.commit(ctx, u)
}

// onConn runs fn with a connection and rolls back what fn leaves open.
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

// rollBack works even after ctx has ended. If it fails, Release drops the
// connection, which has the same effect.
func (s *Store) rollBack(ctx context.Context, c *pgxpool.Conn) {
	const idle = 'I'
	if c.Conn().IsClosed() || c.Conn().PgConn().TxStatus() == idle {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	defer cancel()
	_, _ = c.Exec(ctx, "ROLLBACK")
}
