package sqlite

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// withTokens returns a store with one user who has n valid tokens, with the
// hashes hash0, hash1 and so on.
func withTokens(b *testing.B, n int) *Store {
	b.Helper()
	s := migrated(b)
	err := s.Update(b.Context(), func(tx signup.Tx) error {
		u, err := tx.CreateUser(b.Context(), person(0))
		for i := 0; i < n && err == nil; i++ {
			_, err = tx.CreateToken(b.Context(), signup.SignUpToken{
				ID: fmt.Sprint("id", i), UserID: u.ID, TokenHash: fmt.Sprint("hash", i),
				CreatedAt: now(), ExpiresAt: now().Add(time.Hour),
			})
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkSpendTokenInUpdate(b *testing.B) {
	s := withTokens(b, b.N)
	b.ResetTimer()
	for i := range b.N {
		err := s.Update(b.Context(), func(tx signup.Tx) error {
			_, err := tx.SpendToken(b.Context(), fmt.Sprint("hash", i), now())
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSpendTokensTogether has 16 updates waiting at a time, which share
// commits.
func BenchmarkSpendTokensTogether(b *testing.B) {
	s := withTokens(b, b.N)
	var next atomic.Int64
	b.SetParallelism(16 / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			hash := fmt.Sprint("hash", next.Add(1)-1)
			err := s.Update(b.Context(), func(tx signup.Tx) error {
				_, err := tx.SpendToken(b.Context(), hash, now())
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkBareDurableUpdate measures the cost of the disk and the driver alone:
// one durable row.
func BenchmarkBareDurableUpdate(b *testing.B) {
	s := withTokens(b, 1)
	for b.Loop() {
		tx, err := s.writer.BeginTx(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.ExecContext(b.Context(), "UPDATE sign_up_tokens SET used = 1 - used WHERE id = 'id0'"); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToken(b *testing.B) {
	s := withTokens(b, 1000)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := s.View(b.Context(), func(r signup.Reader) error {
				_, err := r.Token(b.Context(), "hash500")
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}
