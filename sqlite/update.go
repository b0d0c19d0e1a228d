package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/retry"
	"github.com/signup-go/signup/sqlite/internal/db"
)

// Update implements signup.Store.
func (s *Store) Update(ctx context.Context, fn func(signup.Tx) error) error {
	return retry.Do(ctx, s.timeout, func(wait context.Context) error { return s.update(ctx, wait, fn) })
}

// View implements signup.Store.
func (s *Store) View(ctx context.Context, fn func(signup.Reader) error) error {
	return retry.Do(ctx, s.timeout, func(wait context.Context) error { return s.view(ctx, wait, fn) })
}

// Peek implements signup.Store.
func (s *Store) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return retry.Do(ctx, s.timeout, func(wait context.Context) error { return s.peek(ctx, wait, fn) })
}

func (s *Store) view(ctx, wait context.Context, fn func(signup.Reader) error) error {
	tx, cancel, err := begin(ctx, wait, s.reader)
	if err != nil {
		return waited(ctx, wait, "begin", err)
	}
	defer cancel()
	defer func() { _ = tx.Rollback() }()
	return fn(reader{db.New(tx)})
}

func (s *Store) peek(ctx, wait context.Context, fn func(signup.Reader) error) error {
	conn, err := s.reader.Conn(wait)
	if err != nil {
		return waited(ctx, wait, "connect", err)
	}
	defer func() { _ = conn.Close() }()
	return fn(reader{db.New(conn)})
}

// begin waits for a connection and its lock until wait ends. Once begun, the
// transaction lasts as long as ctx, or until cancel.
func begin(ctx, wait context.Context, pool *sql.DB) (tx *sql.Tx, cancel context.CancelFunc, err error) {
	txCtx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(wait, cancel)
	tx, err = pool.BeginTx(txCtx, nil)
	if !stop() && err == nil {
		err = errors.Join(errNoTurn, tx.Rollback())
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return tx, cancel, nil
}

// waited is like busy, for a step that wait may have ended.
func waited(ctx, wait context.Context, what string, err error) error {
	if err != nil && wait.Err() != nil {
		err = noTurn(ctx)
	}
	return busy(what, err)
}
