package postgres_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres"
)

const (
	workers = 8 // for each of GOMAXPROCS, which was 2 where this was tuned: the size of the pool
)

// unconfirmed are n users with a valid token each.
func unconfirmed(b *testing.B, s *postgres.Store, n int, approval bool) (tokens []string) {
	b.Helper()
	if n == 0 {
		return nil
	}
	exec(b, s, `INSERT INTO users (name, username, username_key, email, email_key, password_hash, language, profile, role,
			origin, verification_required, approval_required, created_at, approved_by, rejected_by, rejection_reason,
			rejection_note, corrections, search, version)
		SELECT 'n', 'u' || i, 'u' || i, i || '@example.org', i || '@example.org', '', 'en', '{}', 'member',
			'signup', true, $2, $3, '', '', '', '', 0, 'n' || i, 1 FROM generate_series(1, $1) AS i`, n, approval, now())
	exec(b, s, "INSERT INTO usernames SELECT username_key, id FROM users")
	var rows [][]any
	first := count(b, s, "SELECT min(id) FROM users")
	for i := range n {
		t := signup.NewToken()
		tokens = append(tokens, t.Reveal())
		id := first + i
		rows = append(rows, []any{t.Reveal(), int64(id), "", t.Hash(), "", now(), time.Now().Add(time.Hour)})
	}
	columns := []string{"id", "user_id", "claim_id", "token_hash", "address", "created_at", "expires_at"}
	if _, err := s.Pool().CopyFrom(b.Context(), pgx.Identifier{"sign_up_tokens"}, columns, pgx.CopyFromRows(rows)); err != nil {
		b.Fatal(err)
	}
	exec(b, s, "UPDATE sign_up_tokens SET address = (SELECT email FROM users WHERE users.id = user_id)")
	exec(b, s, "ANALYZE")
	return tokens
}

// parallel runs fn b.N times, each with another token.
func parallel(b *testing.B, approval bool, set func(*postgres.Store, *signup.Service), fn func(*postgres.Store, *signup.Service, string) error) {
	b.Helper()
	s := migrated(b)
	svc := service(b, s)
	tokens := unconfirmed(b, s, b.N, approval)
	set(s, svc)
	var next atomic.Int64
	b.SetParallelism(workers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := fn(s, svc, tokens[next.Add(1)-1]); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "/s")
}

func confirmOne(b *testing.B) func(*postgres.Store, *signup.Service, string) error {
	return func(_ *postgres.Store, svc *signup.Service, token string) error {
		_, err := svc.Confirm(b.Context(), token)
		return err
	}
}

// BenchmarkBareUpdate is what the disk and the driver cost alone.
func BenchmarkBareUpdate(b *testing.B) {
	parallel(b, false, func(*postgres.Store, *signup.Service) {}, func(s *postgres.Store, _ *signup.Service, token string) error {
		var id int64
		return pgx.BeginFunc(b.Context(), s.Pool(), func(tx pgx.Tx) error {
			return tx.QueryRow(b.Context(), "UPDATE sign_up_tokens SET used = true WHERE id = $1 RETURNING user_id", token).Scan(&id)
		})
	})
}

// BenchmarkConfirm makes each user active.
func BenchmarkConfirm(b *testing.B) {
	parallel(b, false, func(*postgres.Store, *signup.Service) {}, confirmOne(b))
}

// BenchmarkConfirmWithNotice makes each user wait for an administrator, who is
// owed a notice, with a job of the queue.
func BenchmarkConfirmWithNotice(b *testing.B) {
	parallel(b, true, func(s *postgres.Store, svc *signup.Service) {
		box, err := outbox.New(riverpgxv5.New(s.Pool()), outbox.Options{})
		if err == nil {
			err = box.Migrate(b.Context())
		}
		if err == nil {
			s.SetEnqueue(box.Enqueue)
			_, err = svc.CreateAdmin(b.Context(), registration("admin", "admin@example.net"), signup.ActorCLI)
		}
		if err != nil {
			b.Fatal(err)
		}
	}, confirmOne(b))
}

func BenchmarkValidToken(b *testing.B) {
	parallel(b, false, func(*postgres.Store, *signup.Service) {}, func(s *postgres.Store, _ *signup.Service, token string) error {
		return s.View(b.Context(), func(r signup.Reader) error {
			t, _ := signup.ParseToken(token)
			_, err := r.ValidToken(b.Context(), t.Hash(), time.Now())
			return err
		})
	})
}
