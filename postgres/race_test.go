package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/postgres"
)

// The rules of package signup read before they write. These tests run pairs of
// operations, each of which could read what the other is about to change.

const rounds = 25

func hash(u signup.User) string { return fmt.Sprint("hash", u.ID) }

// withLink stores person i, unconfirmed, with the address and a link.
func withLink(t testing.TB, s *postgres.Store, i int, emailKey string) (u signup.User) {
	t.Helper()
	p := person(i)
	p.Email, p.EmailKey = emailKey, emailKey
	err := s.Update(t.Context(), func(tx signup.Tx) (err error) {
		if u, err = tx.CreateUser(t.Context(), p); err != nil {
			return err
		}
		_, err = tx.CreateToken(t.Context(), signup.SignUpToken{
			ID: hash(u), UserID: u.ID, TokenHash: hash(u), Address: u.Email, EmailKey: u.EmailKey, CreatedAt: now(), ExpiresAt: now().Add(time.Hour),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// confirm performs the store operations of a confirmation.
func confirm(t testing.TB, s *postgres.Store, u signup.User) error {
	return s.Update(t.Context(), func(tx signup.Tx) error {
		ctx := t.Context()
		if err := tx.HoldAddress(ctx, u.EmailKey); err != nil {
			return err
		}
		token, err := tx.SpendToken(ctx, hash(u), now())
		if err != nil {
			return err
		}
		u, err := tx.User(ctx, token.UserID)
		if err != nil {
			return err
		}
		if u.Email != token.Address {
			return signup.ErrNotFound
		}
		u.VerifiedAt = now()
		event := signup.AuditEvent{At: now(), Actor: signup.ActorPerson, Type: event.Verified, UserID: u.ID}
		return errors.Join(
			tx.UpdateUser(ctx, u), tx.CloseLinksAt(ctx, u.EmailKey, now()), tx.AddAudit(ctx, event), tx.AddAudit(ctx, event),
		)
	})
}

func TestACorrectionAndAConfirmationCannotBothWin(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	for i := range rounds {
		u := withLink(t, s, i, fmt.Sprintf("p%d@example.org", i))
		errs := race(func() error { return confirm(t, s, u) }, func() error {
			return s.Update(t.Context(), func(tx signup.Tx) error {
				now, err := tx.User(t.Context(), u.ID)
				if err != nil {
					return err
				}
				if now.Status() != signup.StatusUnconfirmed {
					return signup.ErrNotFound
				}
				now.Email, now.EmailKey = "new-"+u.Email, "new-"+u.EmailKey
				return errors.Join(tx.SupersedeLinks(t.Context(), u.ID, now.CreatedAt), tx.UpdateUser(t.Context(), now))
			})
		})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("confirm: %v, correct: %v", errs[0], errs[1])
		}
	}
}

// Of several sign-ups with one address one gets it, and the tokens of the others
// are used up.
func TestOneOfSeveralConfirmationsGetsTheAddress(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	for i := range rounds {
		var calls []func() error
		for n := range 4 {
			u := withLink(t, s, 10*i+n, fmt.Sprintf("p%d@example.org", i))
			calls = append(calls, func() error { return confirm(t, s, u) })
		}
		errs := race(calls...)
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, signup.ErrNotFound) })
		if len(errs) != 1 || errs[0] != nil {
			t.Fatalf("errors other than ErrNotFound: %v", errs)
		}
	}
	if n := count(t, s, "SELECT count(*) FROM users WHERE verified_at IS NOT NULL"); n != rounds {
		t.Errorf("%d users have their address, want %d", n, rounds)
	}
}

// The update of a user who was read is sent with the next statement or the
// commit. If an index refuses it, the error still names the index, and nothing is
// stored.
func TestADelayedUpdateIsRefusedByTheIndex(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	a, b := mustSignUp(t, s, 1), mustSignUp(t, s, 2)
	exec(t, s, "UPDATE users SET verified_at = now() WHERE id = $1", a.ID)
	for want, change := range map[error]func(*signup.User){
		signup.ErrUsernameTaken: func(u *signup.User) {
			u.UsernameKey, u.EmailKey, u.VerifiedAt = a.UsernameKey, a.EmailKey, now() // the username is checked first
		},
		signup.ErrEmailTaken: func(u *signup.User) { u.EmailKey, u.VerifiedAt = a.EmailKey, now() },
	} {
		for name, after := range map[string]func(signup.Tx) error{
			"commit": func(signup.Tx) error { return nil },
			"a statement": func(tx signup.Tx) error {
				_, err := tx.Settings(t.Context())
				return err
			},
		} {
			err := s.Update(t.Context(), func(tx signup.Tx) error {
				u, err := tx.User(t.Context(), b.ID)
				if err != nil {
					return err
				}
				change(&u)
				return errors.Join(tx.UpdateUser(t.Context(), u), after(tx))
			})
			if !errors.Is(err, want) || errors.Is(err, signup.ErrBusy) {
				t.Errorf("at %s: %v, want %v", name, err, want)
			}
		}
	}
	if n := count(t, s, "SELECT count(*) FROM users WHERE id = $1 AND version = 1 AND verified_at IS NULL", b.ID); n != 1 {
		t.Error("the update was stored")
	}
}

// An administrator may be deleted after being listed and before being owed a
// notice: AddMail returns ErrNotFound, and the transaction continues.
func TestAMailToADeletedUserIsNotFound(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	u := mustSignUp(t, s, 1)
	err := s.Update(t.Context(), func(tx signup.Tx) error {
		notice := confirmation("notice", u)
		notice.RecipientID = u.ID + 1
		if err := tx.AddMail(t.Context(), notice); !errors.Is(err, signup.ErrNotFound) {
			t.Errorf("AddMail: %v, want ErrNotFound", err)
		}
		return tx.AddMail(t.Context(), confirmation("m", u))
	})
	if n := count(t, s, "SELECT count(*) FROM mails"); err != nil || n != 1 {
		t.Errorf("%d mails, %v", n, err)
	}
}
