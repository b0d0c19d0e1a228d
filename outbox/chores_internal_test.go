package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
)

// A backlog of expired tokens that takes longer than one run delays expired
// sessions by one run at most, and is deleted in the end.
func TestCleanGoesOn(t *testing.T) {
	ctx := t.Context()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "signup.db"), sqlite.Options{})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	must(t, store.Migrate(ctx))
	svc, err := signup.New(store, signup.Options{})
	must(t, err)
	const backlog = 3000
	must(t, store.Update(ctx, func(tx signup.Tx) error { return plant(ctx, tx, backlog) }))
	var user signup.User
	must(t, store.Peek(ctx, func(r signup.Reader) (err error) { user, err = r.UserByEmailKey(ctx, "ada@example.org"); return err }))

	w := &cleanWorker{chores: &chores{log: slog.New(slog.DiscardHandler), svc: svc, time: 20 * time.Millisecond}}
	err = w.Work(ctx, nil)
	if !isSnooze(err) {
		t.Fatalf("after the first run: %v", err)
	}
	must(t, store.Peek(ctx, func(r signup.Reader) error {
		if sessions, err := r.Sessions(ctx, user.ID); err != nil || len(sessions) != 0 {
			t.Errorf("after the first run: %d sessions, %v", len(sessions), err)
		}
		if _, err := r.Token(ctx, hash(backlog-1)); err != nil {
			t.Errorf("the backlog is too small for this test: %v", err)
		}
		return nil
	}))
	for isSnooze(err) {
		err = w.Work(ctx, nil)
	}
	must(t, err)
	must(t, store.Peek(ctx, func(r signup.Reader) error {
		if _, err := r.Token(ctx, hash(backlog-1)); !errors.Is(err, signup.ErrNotFound) {
			t.Errorf("the last token: %v", err)
		}
		return nil
	}))
}

// plant creates the user ada with the given number of tokens and a session, all
// expired.
func plant(ctx context.Context, tx signup.Tx, tokens int) error {
	past := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	u, err := tx.CreateUser(ctx, signup.User{
		Name: "Ada", Username: "ada", UsernameKey: "ada", Email: "ada@example.org", EmailKey: "ada@example.org", PasswordHash: "-",
		Language: "en", Role: signup.RoleMember, Origin: signup.OriginOperator, CreatedAt: past,
	})
	if err != nil {
		return err
	}
	for i := range tokens {
		_, err := tx.CreateToken(ctx, signup.SignUpToken{ID: fmt.Sprint(i), UserID: u.ID, TokenHash: hash(i), Address: u.Email, CreatedAt: past, ExpiresAt: past})
		if err != nil {
			return err
		}
	}
	return tx.CreateSession(ctx, signup.Session{ID: "s", UserID: u.ID, TokenHash: hash(0), CreatedAt: past, SeenAt: past, ExpiresAt: past})
}

func isSnooze(err error) bool {
	var snooze *river.JobSnoozeError
	return errors.As(err, &snooze)
}

func hash(i int) string { return fmt.Sprintf("%064d", i) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
