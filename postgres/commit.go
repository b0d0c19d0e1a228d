package postgres

import (
	"context"
	"errors"
	"fmt"

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
	id string // PostgreSQL's, "" until a first answer has come back
}

func newUnit(tx pgx.Tx) *unit {
	u := &unit{pipe: pipe{conn: tx}, tx: tx}
	u.waiting = append(u.waiting, statement{sql: "SELECT pg_current_xact_id()::text", into: []any{&u.id}})
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
	return s.outcome(wait, u.id, err)
}

// isAnswer reports whether the server itself refused the statement, and lives.
func isAnswer(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR"
}

// outcome finds out, over another connection, what became of a transaction
// whose connection broke with err.
func (s *Store) outcome(wait context.Context, id string, err error) error {
	for try := 0; ; try++ {
		var status string
		asked := s.onConn(wait, wait, func(c *pgxpool.Conn) error {
			return c.QueryRow(wait, "SELECT coalesce(pg_xact_status($1::text::xid8), '')", id).Scan(&status)
		})
		switch {
		case asked == nil && status == "committed":
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
