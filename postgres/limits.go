package postgres

import (
	"context"
	"time"
)

// Limits stores the state of rate limits, shared by all programs on the database.
// It implements GCRAStoreCtx of github.com/throttled/throttled, a store for the
// generic cell rate algorithm. The table is unlogged: after a crash of the
// database all limits start afresh.
//
// It uses the database's clock, because all programs must use the same one. A
// call waits for the database no longer than a transaction would, and then
// returns signup.ErrBusy.
type Limits struct{ s *Store }

// Limits returns the rate limits in this database.
func (s *Store) Limits() *Limits { return &Limits{s} }

// GetWithTime returns the value of the key, or -1 if there is none, and the
// current time.
func (l *Limits) GetWithTime(ctx context.Context, key string) (value int64, now time.Time, err error) {
	wait, cancel := context.WithTimeout(ctx, l.s.timeout)
	defer cancel()
	err = l.s.pool.QueryRow(wait, `SELECT coalesce(
		(SELECT value FROM rate_limits WHERE key = $1 AND expires_at > clock_timestamp()), -1), clock_timestamp()`,
		key).Scan(&value, &now)
	return value, now, waited(ctx, wait, "read a rate limit", err)
}

// SetIfNotExistsWithTTL sets the value of a key that has no value or an expired
// one, and reports whether it did.
func (l *Limits) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	wait, cancel := context.WithTimeout(ctx, l.s.timeout)
	defer cancel()
	tag, err := l.s.pool.Exec(wait, `INSERT INTO rate_limits AS r (key, value, expires_at)
		VALUES ($1, $2, clock_timestamp() + $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
		WHERE r.expires_at <= clock_timestamp()`, key, value, ttl)
	return tag.RowsAffected() == 1, waited(ctx, wait, "set a rate limit", err)
}

// CompareAndSwapWithTTL replaces the value of a key if it equals old, and reports
// whether it did.
func (l *Limits) CompareAndSwapWithTTL(ctx context.Context, key string, old, new int64, ttl time.Duration) (bool, error) {
	wait, cancel := context.WithTimeout(ctx, l.s.timeout)
	defer cancel()
	tag, err := l.s.pool.Exec(wait, `UPDATE rate_limits SET value = $3, expires_at = clock_timestamp() + $4
		WHERE key = $1 AND value = $2 AND expires_at > clock_timestamp()`, key, old, new, ttl)
	return tag.RowsAffected() == 1, waited(ctx, wait, "set a rate limit", err)
}

// Forget deletes at most limit keys that have expired.
func (l *Limits) Forget(ctx context.Context, limit int) error {
	wait, cancel := context.WithTimeout(ctx, l.s.timeout)
	defer cancel()
	_, err := l.s.pool.Exec(wait, `DELETE FROM rate_limits WHERE key = ANY (ARRAY(
		SELECT key FROM rate_limits WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`, limit)
	return waited(ctx, wait, "delete expired rate limits", err)
}
