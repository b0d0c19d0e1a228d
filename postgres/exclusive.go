package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// exclusiveLock is the number of an advisory lock that only this program uses.
const exclusiveLock = 7_387_464_552 // "signup" on a telephone keypad, and 2

// Exclusive runs f while no other program runs anything in Exclusive on the same
// database. It is for work that must be done once even if several instances start
// at the same time. It uses a connection of its own, so that f can use the whole
// pool. Through PgBouncer it needs session mode.
func (s *Store) Exclusive(ctx context.Context, f func(context.Context) error) (err error) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return busy("connect", err)
	}
	// Closing the connection releases the lock.
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", exclusiveLock); err != nil {
		return busy("wait for the other instances", err)
	}
	return f(ctx)
}
