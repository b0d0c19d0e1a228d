package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite/internal/db"
)

const (
	maxStale   = 5 // runs of one Update that ended stale
	firstPause = 5 * time.Millisecond
	longPause  = 250 * time.Millisecond
)

// Update implements signup.Store.
func (s *Store) Update(ctx context.Context, fn func(signup.Tx) error) error {
	return s.insist(ctx, func(wait context.Context) error { return s.update(ctx, wait, fn) })
}

// View implements signup.Store.
func (s *Store) View(ctx context.Context, fn func(signup.Reader) error) error {
	return s.insist(ctx, func(wait context.Context) error { return s.view(ctx, wait, fn) })
}

// Peek implements signup.Store.
func (s *Store) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	return s.insist(ctx, func(wait context.Context) error { return s.peek(ctx, wait, fn) })
}

func (s *Store) update(ctx, wait context.Context, fn func(signup.Tx) error) error {
	select {
	case s.turn <- struct{}{}:
	case <-wait.Done():
		return noTurn(ctx)
	}
	defer func() { <-s.turn }()
	tx, end, err := begin(ctx, wait, s.writer)
	if err != nil {
		return err
	}
	defer end()
	if err := fn(writer{reader{db.New(tx)}, tx, *s.enqueue.Load()}); err != nil {
		return err
	}
	return fault("commit", tx.Commit())
}

func (s *Store) view(ctx, wait context.Context, fn func(signup.Reader) error) error {
	tx, end, err := begin(ctx, wait, s.reader)
	if err != nil {
		return err
	}
	defer end()
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

// begin waits for a connection and its lock no longer than wait lasts; once
// begun, the transaction lasts as long as ctx does. end rolls back what is not
// committed.
func begin(ctx, wait context.Context, pool *sql.DB) (tx *sql.Tx, end func(), err error) {
	txCtx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(wait, cancel)
	tx, err = pool.BeginTx(txCtx, nil)
	if !stop() && err == nil {
		err = errors.Join(errNoTurn, tx.Rollback())
	}
	if err != nil {
		cancel()
		return nil, nil, waited(ctx, wait, "begin", err)
	}
	return tx, func() { _ = tx.Rollback(); cancel() }, nil
}

// waited is busy for a step that wait ends.
func waited(ctx, wait context.Context, what string, err error) error {
	if err != nil && wait.Err() != nil {
		err = noTurn(ctx)
	}
	return busy(what, err)
}

// insist runs once again while the database is locked or its user was stale.
// The context it hands on ends when the time to wait for a turn is over.
func (s *Store) insist(ctx context.Context, once func(wait context.Context) error) error {
	wait, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	stale := 0
	for try := 0; ; try++ {
		err := once(wait)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
			return fmt.Errorf("%w: %w", ctx.Err(), err) // for example "interrupted"
		case errors.Is(err, signup.ErrStale):
			if stale++; stale == maxStale {
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
