package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// exclusiveLock is a number that only this program's advisory locks have.
const exclusiveLock = 7_387_464_552 // "signup" on a telephone, and 2

// Exclusive runs f while no other program on the database runs anything in
// Exclusive: what must happen once, when several start at the same moment. It
// has a connection of its own, so that f can use the pool whatever its size;
// through PgBouncer it needs session mode.
func (s *Store) Exclusive(ctx context.Context, f func(context.Context) error) (err error) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return busy("connect", err)
	}
	// The lock goes with its connection.
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", exclusiveLock); err != nil {
		return busy("wait for the others", err)
	}
	return f(ctx)
}
