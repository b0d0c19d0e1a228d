package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/retry"
	"github.com/signup-go/signup/sqlite/internal/db"
)

// A group is a transaction that updates share, because a commit takes longer than
// most updates: it waits for the disk. The updates run one after the other. The
// last of those that were waiting commits, and then all of them return.
//
// The Store's turn goes from update to update and carries the open group, or nil.
// Whoever has it may use the group.
type group struct {
	tx     *sql.Tx
	cancel context.CancelFunc
	opened time.Time
	size   int           // updates that succeeded
	ended  chan struct{} // closed once err is known
	err    error         // of the commit
}

// Bounds of a group. Without them, the first update could wait for ever.
const (
	maxSize = 64
	maxOpen = 20 * time.Millisecond
)

// update runs fn in a group and returns once that is committed.
func (s *Store) update(ctx, wait context.Context, fn func(signup.Tx) error) error {
	var g *group
	select {
	case g = <-s.turn:
	case <-wait.Done():
		return noTurn(ctx)
	}
	if g == nil {
		var err error
		if g, err = s.open(ctx, wait); err != nil {
			s.turn <- nil
			return err
		}
	}
	ended, err := s.join(ctx, g, fn)
	// Also an update that failed waits: it may have failed because of what others in
	// the group did, which nobody else sees before the commit.
	if lost := s.committed(g); lost != nil && !ended {
		return lost
	}
	return err
}

func (s *Store) open(ctx, wait context.Context) (*group, error) {
	tx, cancel, err := begin(context.WithoutCancel(ctx), wait, s.writer)
	if err != nil {
		return nil, waited(ctx, wait, "begin", err)
	}
	return &group{tx: tx, cancel: cancel, opened: time.Now(), ended: make(chan struct{})}, nil
}

// join runs fn as the group's next update, and then passes the turn on. If fn
// fails or panics, what it did is undone, and only that. ended reports whether
// fn's failure has ended the transaction, as that of a full disk does.
func (s *Store) join(ctx context.Context, g *group, fn func(signup.Tx) error) (ended bool, err error) {
	if err := g.mark(); err != nil {
		s.pass(g)
		return false, err
	}
	done := false
	defer func() {
		if !done {
			ended = !g.undo()
		}
		s.pass(g)
	}()
	if err := fn(writer{reader{db.New(uninterrupted{g.tx})}, g.tx, *s.enqueue.Load()}); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	done = true
	return false, g.keep()
}

// pass lets the next update have its turn.
func (s *Store) pass(g *group) {
	switch {
	case g.over():
		g = nil
	case g.size == maxSize, time.Since(g.opened) > maxOpen:
		g.commit()
		g = nil
	}
	s.turn <- g
}

// committed waits until somebody ends the group. That is this update if it
// gets the turn back: those that waited in front of it have had theirs.
func (s *Store) committed(g *group) error {
	select {
	case <-g.ended:
	case has := <-s.turn:
		if has == g {
			g.commit()
			has = nil
		}
		s.turn <- has
	}
	return g.err
}

// mark, keep and undo set, remove and restore the savepoint of the update that
// runs.
func (g *group) mark() error { return g.exec("SAVEPOINT signup_update") }

func (g *group) keep() error {
	err := g.exec("RELEASE signup_update")
	if err == nil {
		g.size++
	}
	return err
}

// undo reports whether there was something to restore.
func (g *group) undo() bool {
	err := g.exec("ROLLBACK TO signup_update; RELEASE signup_update")
	if err == nil && g.size == 0 {
		g.end(nil) // nobody else waits for it
	}
	return err == nil
}

// exec runs a statement about a savepoint. It fails only if there is no
// transaction any more, because SQLite rolled it back (a full disk) or fn did.
func (g *group) exec(text string) error {
	_, err := g.tx.ExecContext(context.Background(), text)
	if err != nil {
		g.end(&retry.Busy{Cause: "another update ended the transaction", Again: true, Err: err})
		return g.err
	}
	return nil
}

func (g *group) commit() { g.end(busy("commit", g.tx.Commit())) }

// end gives err to all updates of the group, and rolls back what is not
// committed.
func (g *group) end(err error) {
	_ = g.tx.Rollback()
	g.cancel()
	g.err = err
	close(g.ended)
}

func (g *group) over() bool {
	select {
	case <-g.ended:
		return true
	default:
		return false
	}
}

// uninterrupted runs statements that do not end with their context, because
// SQLite may roll back the whole transaction when one is interrupted. None
// starts once the context has ended.
type uninterrupted struct{ tx *sql.Tx }

var _ db.DBTX = uninterrupted{}

func lasting(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func (t uninterrupted) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(lasting(ctx), text, args...)
}

func (t uninterrupted) PrepareContext(ctx context.Context, text string) (*sql.Stmt, error) {
	return t.tx.PrepareContext(lasting(ctx), text)
}

func (t uninterrupted) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(lasting(ctx), text, args...)
}

func (t uninterrupted) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(lasting(ctx), text, args...)
}
