package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
)

// ErrInDoubt is returned when the connection broke during COMMIT and the
// database could not be asked afterwards what became of the transaction.
var ErrInDoubt = fmt.Errorf("the connection broke during COMMIT: %w", signup.ErrInDoubt)

// A unit is the transaction of one update.
type unit struct {
	pipe
	tx pgx.Tx

	id    string    // PostgreSQL's, "" until a first answer has come back
	taken time.Time // when PostgreSQL gave it, by its clock
}

func newUnit(tx pgx.Tx) *unit {
	u := &unit{pipe: pipe{conn: tx}, tx: tx}
	u.waiting = append(u.waiting, statement{sql: "SELECT pg_current_xact_id()::text, clock_timestamp()", into: []any{&u.id, &u.taken}})
	return u
}

// commit ignores the end of ctx once COMMIT is on its way. When the connection
// breaks then, it asks the database what came of it.
func (s *Store) commit(ctx context.Context, u *unit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
	defer cancel()
	if u.id == "" {
		if err := u.flush(wait); err != nil {
			return busy("commit", err)
		}
	}
	tag, err := u.Exec(wait, "COMMIT")
	switch {
	case err == nil && tag.String() == "COMMIT":
		return nil
	case err == nil:
		return fmt.Errorf("commit: %w", pgx.ErrTxCommitRollback) // fn went on after a fault
	case isAnswer(err):
		return busy("commit", err)
	}
	return s.outcome(wait, u, err)
}

// isAnswer reports whether the server itself refused the statement, and lives.
func isAnswer(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR"
}

// outcome finds out, over another connection, what became of a transaction
// whose connection broke with err.
func (s *Store) outcome(wait context.Context, u *unit, err error) error {
	for try := 0; ; try++ {
		status, sure, asked := s.ask(wait, u)
		switch {
		case asked == nil && status == "committed" && sure:
			return nil
		case asked == nil && status == "aborted":
			return &busyError{cause: "the connection broke", again: true, err: err}
		}
		running := asked == nil && status == "in progress" // the server has not noticed yet
		if !running && !errors.Is(busy("ask", asked), signup.ErrBusy) || !pause(wait, try) {
			return fmt.Errorf("%w: %w", ErrInDoubt, err)
		}
	}
}

// ask returns what became of a transaction. A server that crashed may have
// given its id to another transaction, of which it speaks then. It has not
// crashed while a session is alive that began before.
func (s *Store) ask(ctx context.Context, u *unit) (status string, sure bool, err error) {
	err = s.onConn(ctx, ctx, func(c *pgxpool.Conn) error {
		return c.QueryRow(ctx, `SELECT coalesce(pg_xact_status($1::text::xid8), ''),
			EXISTS (SELECT FROM pg_stat_activity WHERE backend_start < $2)`, u.id, u.taken).Scan(&status, &sure)
	})
	return status, sure, err
}
