package signup_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// expired gives ada the given number of expired tokens.
func (w *world) expired(count int) {
	w.t.Helper()
	w.signUp("ada")
	u := w.user("ada")
	w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
		for i := range count {
			t := signup.SignUpToken{
				ID: fmt.Sprint(i), UserID: u.ID, TokenHash: hashNumber(i), Address: u.Email,
				CreatedAt: w.clock.Now().Add(-2 * time.Hour), ExpiresAt: w.clock.Now().Add(time.Duration(i)*time.Millisecond - time.Hour),
			}
			if _, err := tx.CreateToken(w.ctx, t); err != nil {
				return err
			}
		}
		return nil
	}))
}

func hashNumber(i int) string { return fmt.Sprintf("%064d", i) }

func TestDeleteExpiredDeletesAllInBatches(t *testing.T) {
	const backlog = 1500
	onEach(t, func(t *testing.T, w *world) {
		w.expired(backlog)
		live := w.token("ada@example.org")
		var deleted [2]int
		both := make(chan error)
		for i := range deleted {
			go func() {
				var err error
				deleted[i], err = w.Post().DeleteExpired(w.ctx)
				both <- err
			}()
		}
		w.must(errors.Join(<-both, <-both))
		if sum := deleted[0] + deleted[1]; sum != backlog {
			t.Errorf("two concurrent calls deleted %v, want %d in all", deleted, backlog)
		}
		if n, err := w.Post().DeleteExpired(w.ctx); n != 0 || err != nil {
			t.Errorf("%d left, %v", n, err)
		}
		_, err := w.Confirm(w.ctx, live)
		w.must(err)
	})
}

func TestDeleteExpiredInterrupted(t *testing.T) {
	const backlog = 5000
	onEach(t, func(t *testing.T, w *world) {
		w.expired(backlog)
		ctx, cancel := context.WithCancel(w.ctx)
		type result struct {
			n   int
			err error
		}
		done := make(chan result)
		go func() {
			n, err := w.Post().DeleteExpired(ctx)
			done <- result{n, err}
		}()
		for first := error(nil); !errors.Is(first, signup.ErrNotFound); {
			first = w.store.Peek(w.ctx, func(r signup.Reader) error {
				_, err := r.Token(w.ctx, hashNumber(0))
				return err
			})
		}
		cancel()
		cut := <-done
		if !errors.Is(cut.err, context.Canceled) || cut.n == 0 {
			t.Fatalf("interrupted: %d deleted, %v", cut.n, cut.err)
		}
		rest, err := w.Post().DeleteExpired(w.ctx)
		w.must(err)
		if cut.n+rest != backlog {
			t.Errorf("deleted %d, then %d, want %d in all", cut.n, rest, backlog)
		}
	})
}
