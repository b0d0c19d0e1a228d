package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/retry"
)

// ErrInDoubt is returned when the connection broke during COMMIT and the database
// could not be asked for the outcome of the transaction afterwards.
var ErrInDoubt = fmt.Errorf("the connection broke during COMMIT: %w", signup.ErrInDoubt)

// A unit is the transaction of one update. It begins in the same round trip as
// its first statement.
type unit struct {
	pipe

	id    string    // PostgreSQL's transaction ID; "" until the first result has arrived
	taken time.Time // when PostgreSQL assigned the ID, by its own clock
}

func newUnit(conn *pgx.Conn, lockTimeout time.Duration) *unit {
	u := &unit{pipe: pipe{conn: conn, begin: forUpdate()}}
	timeout := strconv.FormatInt(max(lockTimeout.Milliseconds(), 1), 10)
	var set string
	u.waiting = []statement{{
		sql:  "SELECT pg_current_xact_id()::text, clock_timestamp(), set_config('lock_timeout', $1, true)",
		args: []any{timeout}, into: []any{&u.id, &u.taken, &set},
	}}
	return u
}

// commit ignores the end of ctx once COMMIT has been sent. If the connection then
// breaks, it asks the database for the outcome.
func (s *Store) commit(ctx context.Context, u *unit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
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
		return fmt.Errorf("commit: %w", pgx.ErrTxCommitRollback) // fn continued after an error
	case isAnswer(err):
		return busy("commit", err)
	}
	return s.outcome(wait, u, err)
}

// isAnswer reports whether the server is alive and refused the statement itself.
func isAnswer(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR"
}

// outcome determines, over another connection, the outcome of a transaction whose
// connection broke with err.
func (s *Store) outcome(wait context.Context, u *unit, err error) error {
	for try := 0; ; try++ {
		status, sure, asked := s.ask(wait, u)
		switch {
		case asked == nil && status == "committed" && sure:
			return nil
		case asked == nil && status == "aborted":
			return &retry.Busy{Cause: "the connection broke", Again: true, Err: err}
		}
		running := asked == nil && status == "in progress" // the server has not noticed the broken connection yet
		if !running && !errors.Is(busy("ask", asked), signup.ErrBusy) || !retry.Pause(wait, try) {
			return fmt.Errorf("%w: %w", ErrInDoubt, err)
		}
	}
}

// ask returns the status of a transaction. A server that crashed may have
// assigned the ID to another transaction and return that one's status. sure
// reports that it has not crashed, because a session that began earlier is still
// alive.
func (s *Store) ask(ctx context.Context, u *unit) (status string, sure bool, err error) {
	err = s.onConn(ctx, ctx, func(c *pgxpool.Conn) error {
		return c.QueryRow(ctx, `SELECT coalesce(pg_xact_status($1::text::xid8), ''),
			EXISTS (SELECT FROM pg_stat_activity WHERE backend_start < $2)`, u.id, u.taken).Scan(&status, &sure)
	})
	return status, sure, err
}
