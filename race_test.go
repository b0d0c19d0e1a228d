package signup_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// Pairs of verbs that could each read what the other is about to change. Each
// runs in rounds, with a new unconfirmed user and a link of theirs.

type duel struct {
	*world
	name, email string
	user        signup.User
	token       string
	ticket      string
}

func duels(t *testing.T, fn func(d duel)) {
	onEach(t, func(t *testing.T, w *world) {
		for i := range 15 {
			d := duel{world: w, name: fmt.Sprintf("p%d", i)}
			d.email = d.name + "@example.org"
			d.ticket = w.ticket(person(d.name))
			d.user = w.user(d.name)
			d.token = w.token(d.email)
			fn(d)
			w.clock.Advance(time.Hour)
		}
	})
}

// race runs the calls at once. It fails for every error that may not be shown.
func (d duel) race(calls ...func() error) []error {
	d.t.Helper()
	errs := parallel(len(calls), func(i int) error { return calls[i]() })
	for _, err := range errs {
		if err != nil && refusal.Of(err) == nil {
			d.t.Errorf("a fault: %v", err)
		}
	}
	return errs
}

func (d duel) confirm() error { return second(d.Confirm(d.ctx, d.token)) }

func (d duel) correct() error {
	return second(d.As("test").CorrectEmail(d.ctx, d.user.ID, "new-"+d.email))
}

func (d duel) mails(q signup.MailQuery) int {
	d.t.Helper()
	mails, err := d.As("test").Mails(d.ctx, q)
	d.must(err)
	return len(mails)
}

func TestCorrectionAndConfirmationCannotBothWin(t *testing.T) {
	duels(t, func(d duel) {
		errs := d.race(d.confirm, d.correct)
		if (errs[0] == nil) == (errs[1] == nil) {
			d.t.Fatalf("confirm: %v, correct: %v", errs[0], errs[1])
		}
	})
}

func TestManyResendsOweOneMail(t *testing.T) {
	duels(t, func(d duel) {
		d.clock.Advance(time.Hour)
		resend := func() error { return d.ResendForToken(d.ctx, d.token) }
		d.race(resend, resend, func() error { return d.ResendByTicket(d.ctx, d.ticket) }, d.confirm)
		owed := d.mails(signup.MailQuery{UserID: d.user.ID, State: delivery.Owed, Kind: signup.MailConfirmation})
		if owed > 1 {
			d.t.Errorf("%d links are owed, want 1 at most", owed)
		}
		if letters := kinds(d.deliver()); letters[signup.MailConfirmation] > 0 && d.user.Status() != signup.StatusUnconfirmed {
			d.t.Errorf("sent %v to somebody who is confirmed", letters)
		}
	})
}

func TestFailedAttemptDoesNotReviveASupersededMail(t *testing.T) {
	duels(t, func(d duel) {
		d.must(d.ResendForToken(d.ctx, d.token))
		id := d.mailTo(d.name, signup.MailConfirmation).ID
		d.race(d.correct, func() error {
			return second(d.Post().MailFailed(d.ctx, id, signup.Failure{Answer: "later"}))
		})
		if m, err := d.As("test").Mail(d.ctx, id); err != nil || m.State == delivery.Owed {
			d.t.Errorf("%+v, %v", m, err)
		}
	})
}

func TestManyApprovalsOweOneMail(t *testing.T) {
	duels(t, func(d duel) {
		d.must(d.confirm())
		approve := func() error { return second(d.As("test").Approve(d.ctx, d.user.ID)) }
		d.race(approve, approve, approve)
		if n := d.mails(signup.MailQuery{UserID: d.user.ID, Kind: signup.MailApproved}); n != 1 {
			d.t.Errorf("%d mails, want 1", n)
		}
	})
}

// However several sign-ups with one address are confirmed at once, one of them
// holds it, and that is told.
func TestManyWaysToWinAnAddress(t *testing.T) {
	duels(t, func(d duel) {
		other := d.ticket2()
		d.clock.Advance(time.Minute)
		link := d.token
		d.race(
			d.confirm,
			func() error { return second(d.ConfirmAs(d.ctx, link, signup.Claimant{Ticket: other})) },
			func() error {
				return second(d.ConfirmAs(d.ctx, link, signup.Claimant{Username: "x" + d.name, Password: "Passw0rd!x" + d.name}))
			},
			func() error { return second(d.As("test").VerifyEmail(d.ctx, d.user.ID)) },
		)
		holders := 0
		users, err := d.As("test").List(d.ctx, signup.UserQuery{EmailKey: d.email})
		d.must(err)
		for _, u := range users {
			if u.HoldsAddress() {
				holders++
			}
		}
		if len(users) != 2 || holders != 1 {
			d.t.Errorf("%d users, %d holders", len(users), holders)
		}
	})
}

// ticket2 signs somebody else up with the same address.
func (d duel) ticket2() string { return d.world.ticket(at("x"+d.name, d.email)) }

// An administrator who is deleted between being listed and being owed a notice
// must not cost the person the confirmation.
func TestAdministratorWhoGoesDoesNotStopAConfirmation(t *testing.T) {
	duels(t, func(d duel) {
		admin := d.admin("adm" + d.name)
		errs := d.race(d.confirm, func() error {
			return d.store.Update(d.ctx, func(tx signup.Tx) error { return tx.DeleteUser(d.ctx, admin.ID) })
		}, func() error { return second(d.Post().OweNotices(d.ctx)) })
		if err := errors.Join(errs...); err != nil {
			d.t.Error(err)
		}
	})
}

// A sign-up that is confirmed does not lapse, and one that lapsed cannot be
// confirmed.
func TestConfirmationThatRacesALapse(t *testing.T) {
	duels(t, func(d duel) {
		d.set("token_lifetime", `"720h"`)
		d.must(d.ResendForToken(d.ctx, d.token))
		token := d.token
		for _, m := range d.deliver() {
			if m.Recipient.Email == d.email {
				token = m.Link
			}
		}
		d.set("token_lifetime", `"5m"`)
		d.clock.Advance(9 * 24 * time.Hour)
		lapsed := 0
		errs := d.race(
			func() error { return second(d.Confirm(d.ctx, token)) },
			func() (err error) { lapsed, err = d.Post().DeleteLapsed(d.ctx); return err },
		)
		_, err := d.User(d.ctx, d.user.ID)
		if confirmed := errs[0] == nil; confirmed != (err == nil) {
			d.t.Errorf("confirmed: %v; %d lapsed; and then %v", errs[0], lapsed, err)
		}
	})
}
