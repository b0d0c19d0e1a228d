package postgres_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
)

const (
	workers = 8 // per GOMAXPROCS, which was 2 where this was tuned: the size of the pool
)

// unconfirmed stores and returns n users with a valid token each.
func unconfirmed(b *testing.B, s *postgres.Store, n int) []signup.User {
	b.Helper()
	exec(b, s, `INSERT INTO users (name, username, username_key, email, email_key, password_hash, language, profile, role,
			origin, verification_required, approval_required, created_at, approved_by, rejected_by, rejection_reason,
			rejection_note, corrections, search, version)
		SELECT 'n', 'u' || i, 'u' || i, i || '@example.org', i || '@example.org', '', 'en', '{}', 'member',
			'signup', true, false, $2, '', '', '', '', 0, 'n' || i, 1 FROM generate_series(1, $1::int) AS i`, n, now())
	exec(b, s, `INSERT INTO sign_up_tokens (id, user_id, token_hash, address, email_key, created_at, expires_at)
		SELECT 'hash' || id, id, 'hash' || id, email, email_key, $1, $1::timestamptz + interval '1 hour' FROM users`, now())
	exec(b, s, "ANALYZE")
	first := int64(count(b, s, "SELECT min(id) FROM users"))
	users := make([]signup.User, n)
	for i := range users {
		users[i] = signup.User{ID: first + int64(i), EmailKey: fmt.Sprint(i+1, "@example.org")}
	}
	return users
}

// parallel runs fn b.N times, each time with another user.
func parallel(b *testing.B, fn func(*postgres.Store, signup.User) error) {
	b.Helper()
	s := migrated(b)
	users := unconfirmed(b, s, b.N)
	var next atomic.Int64
	b.SetParallelism(workers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := fn(s, users[next.Add(1)-1]); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "/s")
}

// BenchmarkBareUpdate measures the cost of the disk and the driver alone.
func BenchmarkBareUpdate(b *testing.B) {
	parallel(b, func(s *postgres.Store, u signup.User) error {
		var id int64
		return pgx.BeginFunc(b.Context(), s.Pool(), func(tx pgx.Tx) error {
			return tx.QueryRow(b.Context(), "UPDATE sign_up_tokens SET used = true WHERE id = $1 RETURNING user_id", hash(u)).Scan(&id)
		})
	})
}

// BenchmarkConfirm performs the store operations of a confirmation.
func BenchmarkConfirm(b *testing.B) {
	parallel(b, func(s *postgres.Store, u signup.User) error { return confirm(b, s, u) })
}

func BenchmarkToken(b *testing.B) {
	parallel(b, func(s *postgres.Store, u signup.User) error {
		return s.View(b.Context(), func(r signup.Reader) error {
			t, err := r.Token(b.Context(), hash(u))
			if err == nil && t.ExpiresAt.IsZero() {
				err = signup.ErrNotFound
			}
			return err
		})
	})
}
