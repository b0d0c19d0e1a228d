package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
)

// The rules of package signup read first and write then. These are the pairs
// that could each read what the other is about to change.

type silent struct{}

func (silent) Write(signup.Message) (signup.Text, error) { return signup.Text{}, nil }

func service(t testing.TB, s *postgres.Store) *signup.Service {
	t.Helper()
	svc, err := signup.New(s, signup.Options{
		Letters: silent{},
		Links: signup.Links{
			Confirm: func(token signup.Token) string { return token.Reveal() },
			Login:   func() string { return "" },
			Review:  func(signup.User) string { return "" },
		},
		Hasher: signup.NewHasher(signup.PasswordParams{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func registration(name, address string) signup.Registration {
	return signup.Registration{Name: name, Username: name, Email: address, Password: "Correct-Horse-9"}
}

// A duel is one user who is unconfirmed, and a link of his.
type duel struct {
	*testing.T
	ctx   context.Context
	store *postgres.Store
	svc   *signup.Service
	email string
	user  signup.User
	token string
}

const rounds = 25

// duels runs fn for a new user each round.
func duels(t *testing.T, fn func(duel)) {
	t.Parallel()
	s := migrated(t)
	svc := service(t, s)
	for i := range rounds {
		d := duel{T: t, ctx: t.Context(), store: s, svc: svc, email: fmt.Sprintf("p%d@example.org", i)}
		if _, err := svc.SignUp(d.ctx, registration(fmt.Sprintf("p%d", i), d.email)); err != nil {
			t.Fatal(err)
		}
		var err error
		if d.user, err = svc.FindUser(d.ctx, d.email); err != nil {
			t.Fatal(err)
		}
		token, _, err := svc.CreateToken(d.ctx, d.user.ID, signup.ActorCLI)
		if err != nil {
			t.Fatal(err)
		}
		d.token = token.Reveal()
		fn(d)
	}
}

func (d duel) confirm() error {
	_, err := d.svc.Confirm(d.ctx, d.token)
	return err
}

func (d duel) correct() error {
	_, err := d.svc.CorrectEmail(d.ctx, d.user.ID, "new-"+d.email, signup.ActorCLI)
	return err
}

// faults fails the test for every error that may not be shown.
func (d duel) faults(errs []error) {
	d.Helper()
	for _, err := range errs {
		if err != nil && signup.Refusals(err) == nil {
			d.Errorf("a fault: %v", err)
		}
	}
}

func (d duel) none(what, query string, args ...any) {
	d.Helper()
	if n := count(d, d.store, query, args...); n != 0 {
		d.Fatalf("%d %s", n, what)
	}
}

func TestASignUpThatRacesAConfirmationLeavesNoClaim(t *testing.T) {
	duels(t, func(d duel) {
		d.faults(race(d.confirm, func() error {
			_, err := d.svc.SignUp(d.ctx, registration("x"+d.user.Username, d.email))
			return err
		}))
		d.none("claims on a verified user", "SELECT count(*) FROM claims JOIN users ON users.id = user_id WHERE verified_at IS NOT NULL")
		d.none("usernames too many", "SELECT count(*) - 1 FROM usernames WHERE user_id = $1", d.user.ID)
	})
}

func TestACorrectionAndAConfirmationCannotBothWin(t *testing.T) {
	duels(t, func(d duel) {
		errs := race(d.confirm, d.correct)
		d.faults(errs)
		if (errs[0] == nil) == (errs[1] == nil) {
			d.Fatalf("confirm: %v, correct: %v", errs[0], errs[1])
		}
	})
}

func TestManyResendsOweOneMail(t *testing.T) {
	duels(t, func(d duel) {
		exec(d, d.store, "UPDATE mails SET state = 'sent'")
		resend := func() error { return d.svc.Resend(d.ctx, d.email) }
		d.faults(race(resend, resend, resend, resend, d.confirm))
		d.none("mails too many", "SELECT greatest(count(*) - 1, 0) FROM mails WHERE state = 'owed'")
		d.none("mails owed to the confirmed",
			"SELECT count(*) FROM mails JOIN users ON users.id = user_id WHERE state = 'owed' AND verified_at IS NOT NULL")
	})
}

func TestAnAttemptThatFailsDoesNotReviveASupersededMail(t *testing.T) {
	duels(t, func(d duel) {
		mails, err := d.svc.Mails(d.ctx, signup.MailQuery{UserID: d.user.ID})
		if err != nil || len(mails) != 1 {
			d.Fatal(mails, err)
		}
		d.faults(race(d.correct, func() error {
			_, err := d.svc.MailFailed(d.ctx, mails[0].ID, signup.Failure{Answer: "later"})
			return err
		}))
		d.none("revived mails", "SELECT count(*) FROM mails WHERE id = $1 AND state = 'owed'", mails[0].ID)
	})
}

func TestManyApprovalsOweOneMail(t *testing.T) {
	duels(t, func(d duel) {
		if err := d.confirm(); err != nil {
			d.Fatal(err)
		}
		approve := func() error {
			_, err := d.svc.Approve(d.ctx, d.user.ID, signup.ActorCLI)
			return err
		}
		d.faults(race(approve, approve, approve))
		d.none("mails too many", "SELECT count(*) - 1 FROM mails WHERE user_id = $1 AND kind = 'approved'", d.user.ID)
	})
}

// An administrator who is deleted between being listed and being owed a notice
// must not cost the person his confirmation.
func TestAnAdministratorWhoGoesDoesNotStopAConfirmation(t *testing.T) {
	duels(t, func(d duel) {
		admin, err := d.svc.CreateAdmin(d.ctx, registration("adm"+d.user.Username, "adm-"+d.email), signup.ActorCLI)
		if err != nil {
			d.Fatal(err)
		}
		errs := race(d.confirm, func() error {
			return d.store.Update(d.ctx, func(tx signup.Tx) error { return tx.DeleteUser(d.ctx, admin.ID) })
		})
		if err := errors.Join(errs...); err != nil {
			d.Fatal(err)
		}
	})
}

func TestTwoSignUpsOfANewAddressAreAUserAndAClaim(t *testing.T) {
	duels(t, func(d duel) {
		signUp := func(name string) func() error {
			return func() error {
				_, err := d.svc.SignUp(d.ctx, registration(name+d.user.Username, "twins-"+d.email))
				return err
			}
		}
		if err := errors.Join(race(signUp("a"), signUp("b"))...); err != nil {
			d.Fatal(err)
		}
		u, err := d.svc.FindUser(d.ctx, "twins-"+d.email)
		if err != nil {
			d.Fatal(err)
		}
		d.none("claims too many or few", "SELECT count(*) - 1 FROM claims WHERE user_id = $1", u.ID)
		d.none("mails too many or few", "SELECT count(*) - 2 FROM mails WHERE user_id = $1", u.ID)
	})
}

// Whoever comes to owe a lapsed user a mail keeps him; whoever comes later
// finds nobody. A mail is never owed and swept away.
func TestAMailThatRacesALapseIsNotSweptAway(t *testing.T) {
	duels(t, func(d duel) {
		exec(d, d.store, "DELETE FROM mails")
		exec(d, d.store, "DELETE FROM sign_up_tokens")
		later := d.user.CreatedAt.AddDate(1, 0, 0)
		errs := race(
			func() error {
				return d.store.Update(d.ctx, func(tx signup.Tx) error {
					return tx.DeleteLapsed(d.ctx, d.user.ID, signup.LapsedQuery{Now: later, UnconfirmedBefore: later})
				})
			},
			func() error {
				return d.store.Update(d.ctx, func(tx signup.Tx) error { return tx.AddMail(d.ctx, confirmation(d.email, d.user)) })
			},
		)
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), signup.ErrNotFound) {
			d.Fatalf("delete: %v, add mail: %v", errs[0], errs[1])
		}
	})
}
