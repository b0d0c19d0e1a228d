package postgres_test

import (
	"context"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
)

func deleteExpired(ctx context.Context, tx signup.Tx, limit int) (int, error) {
	return tx.DeleteOld(ctx, signup.OldTokens, now(), limit)
}

// withExpired returns a store with n expired tokens of one user.
func withExpired(t *testing.T, n int) (*postgres.Store, signup.User) {
	t.Helper()
	s := migrated(t)
	u := mustSignUp(t, s, 1)
	exec(t, s, `INSERT INTO sign_up_tokens (id, user_id, token_hash, address, email_key, created_at, expires_at)
		SELECT 'id' || i, $1, 'hash' || i, '', '', $3, $3::timestamptz - i * interval '1 ms' FROM generate_series(1, $2) AS i`, u.ID, n, now())
	return s, u
}

// Case B33: a clean-up neither waits for another one nor blocks the user.
func TestConcurrentCleanUpsTakeDifferentTokens(t *testing.T) {
	t.Parallel()
	s, u := withExpired(t, 10)
	var outer, inner, rest int
	err := s.Update(t.Context(), func(tx signup.Tx) (err error) {
		if outer, err = deleteExpired(t.Context(), tx, 4); err != nil {
			return err
		}
		return s.Update(t.Context(), func(tx signup.Tx) (err error) { // while the outer update is open
			if _, err := tx.User(t.Context(), u.ID); err != nil {
				return err
			}
			inner, err = deleteExpired(t.Context(), tx, 4)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx signup.Tx) (err error) {
		rest, err = deleteExpired(t.Context(), tx, 4)
		return err
	})
	if outer != 4 || inner != 4 || rest != 2 || err != nil {
		t.Errorf("%d, %d and %d removed, %v", outer, inner, rest, err)
	}
}
