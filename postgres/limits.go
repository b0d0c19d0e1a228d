package postgres

import (
	"context"
	"time"
)

// Limits is what rate limits remember, shared by all programs on the database:
// a store for the generic cell rate algorithm of github.com/throttled/throttled
// (its GCRAStoreCtx). The table is unlogged: after a crash of the database
// everybody starts anew.
//
// Its clock is the database's, because every program must count by the same.
// Whoever asks for a limit waits for the database no longer than a transaction
// would; what cannot be told is a signup.ErrBusy.
type Limits struct{ s *Store }

// Limits returns the store's.
func (s *Store) Limits() *Limits { return &Limits{s} }

// GetWithTime returns the value of the key, -1 when there is none, and the time.
func (l *Limits) GetWithTime(ctx context.Context, key string) (value int64, now time.Time, err error) {
	wait, cancel := context.WithTimeout(ctx, l.s.patience)
	defer cancel()
	err = l.s.pool.QueryRow(wait, `SELECT coalesce(
		(SELECT value FROM rate_limits WHERE key = $1 AND expires_at > clock_timestamp()), -1), clock_timestamp()`,
		key).Scan(&value, &now)
	return value, now, waited(ctx, wait, "read a rate limit", err)
}

// SetIfNotExistsWithTTL sets the value of a key that has none, or had one that
// has expired, and reports whether it did.
func (l *Limits) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	wait, cancel := context.WithTimeout(ctx, l.s.patience)
	defer cancel()
	tag, err := l.s.pool.Exec(wait, `INSERT INTO rate_limits AS r (key, value, expires_at)
		VALUES ($1, $2, clock_timestamp() + $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
		WHERE r.expires_at <= clock_timestamp()`, key, value, ttl)
	return tag.RowsAffected() == 1, waited(ctx, wait, "set a rate limit", err)
}

// CompareAndSwapWithTTL replaces the value of a key if it is old, and reports
// whether it did.
func (l *Limits) CompareAndSwapWithTTL(ctx context.Context, key string, old, new int64, ttl time.Duration) (bool, error) {
	wait, cancel := context.WithTimeout(ctx, l.s.patience)
	defer cancel()
	tag, err := l.s.pool.Exec(wait, `UPDATE rate_limits SET value = $3, expires_at = clock_timestamp() + $4
		WHERE key = $1 AND value = $2 AND expires_at > clock_timestamp()`, key, old, new, ttl)
	return tag.RowsAffected() == 1, waited(ctx, wait, "set a rate limit", err)
}

// Forget removes at most so many keys that have expired.
func (l *Limits) Forget(ctx context.Context, limit int) error {
	wait, cancel := context.WithTimeout(ctx, l.s.patience)
	defer cancel()
	_, err := l.s.pool.Exec(wait, `DELETE FROM rate_limits WHERE key = ANY (ARRAY(
		SELECT key FROM rate_limits WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`, limit)
	return waited(ctx, wait, "forget rate limits", err)
}
