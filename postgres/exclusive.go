package postgres

import (
	"context"
	"errors"
	"fmt"
)

// exclusiveLock is a number that only this program's advisory locks have.
const exclusiveLock = 7_387_464_552 // "signup" on a telephone, and 2

// Exclusive runs f while no other program on the database runs anything in
// Exclusive: what must happen once, when several start at the same moment. It
// needs a connection that is its own, so no PgBouncer in transaction mode.
func (s *Store) Exclusive(ctx context.Context, f func(context.Context) error) (err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return busy("connect", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", exclusiveLock); err != nil {
		return busy("wait for the others", err)
	}
	defer func() {
		if _, unlockErr := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", exclusiveLock); unlockErr != nil {
			err = errors.Join(err, fmt.Errorf("let the others go on: %w", unlockErr), conn.Conn().Close(ctx))
		}
	}()
	return f(ctx)
}
