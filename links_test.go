package signup_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// Strangers use up the mails that an address may get, and then do everything they
// can do with their own sign-ups, which must not end the links that were mailed:
// the owner of the mailbox needs one of them.
func TestStrangersEndNoLinks(t *testing.T) {
	ways := map[string]func(w *world, evil, name string){
		"by corrections": func(w *world, evil, name string) {
			w.must(w.CorrectByTicket(w.ctx, evil, name+"@evil.example"))
		},
		"by disowning": func(w *world, evil, name string) {
			w.must(w.CorrectByTicket(w.ctx, evil, name+"@evil.example"))
			w.must(w.Disown(w.ctx, w.token(name+"@evil.example")))
		},
		"by confirming": func(w *world, evil, name string) {
			w.must(w.CorrectByTicket(w.ctx, evil, name+"@evil.example"))
			_, err := w.Confirm(w.ctx, w.token(name+"@evil.example"))
			w.must(err)
		},
	}
	for way, end := range ways {
		t.Run(way, func(t *testing.T) {
			onEach(t, func(t *testing.T, w *world) { strangersEndNoLinks(w, end) })
		})
	}
}

func strangersEndNoLinks(w *world, end func(w *world, evil, name string)) {
	w.signUp("ada")
	w.deliver()
	w.clock.Advance(25 * time.Hour) // the link in it is expired
	due := map[string]time.Time{}
	var mailbox []string
	for minute := range 24 * 60 {
		name := fmt.Sprintf("evil%d", minute)
		evil := ""
		if minute%2 == 0 {
			evil = w.ticket(at(name, "ada@example.org"))
		}
		for _, m := range w.deliverDue(due) {
			if m.Recipient.Email == "ada@example.org" {
				mailbox = append(mailbox, m.Link)
			}
		}
		if evil != "" {
			end(w, evil, name)
		}
		if minute%30 == 29 {
			if _, err := w.SignUpOfToken(w.ctx, mailbox[len(mailbox)-1]); err != nil {
				w.t.Fatalf("after %d minutes and %d mails: %v", minute, len(mailbox), err)
			}
		}
		w.clock.Advance(time.Minute)
	}
	_, err := w.ConfirmAs(w.ctx, mailbox[len(mailbox)-1], signup.Claimant{Username: "ada", Password: "Passw0rd!ada"})
	w.must(err)
	w.status("ada", signup.StatusPendingApproval)
}

// A link whose own sign-up was corrected or disowned confirms others with its
// address, and never that one.
func TestLinkWithoutItsSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		evil := w.ticket(at("evil", "ada@example.org"))
		link := w.token("ada@example.org")
		w.must(w.CorrectByTicket(w.ctx, evil, "evil@evil.example"))
		_, err := w.SignUpOfToken(w.ctx, link)
		w.refused(err, refusal.TokenUnknown) // nobody else signed up with the address

		w.signUp("ada")
		u, err := w.SignUpOfToken(w.ctx, link)
		if err != nil || u.ID != 0 {
			t.Errorf("the sign-up of the link is %s, %v, want none", u.Username, err)
		}
		_, err = w.Confirm(w.ctx, link)
		w.refused(err, refusal.TokenUnknown)
		for _, c := range []signup.Claimant{
			{NewPassword: "Passw0rd!mine"},
			{Password: "Passw0rd!evil"},
			{Username: "evil", Password: "Passw0rd!evil"},
			{Ticket: evil},
		} {
			if _, err := w.ConfirmAs(w.ctx, link, c); refusal.Of(err) == nil {
				t.Errorf("%+v: %v, want a refusal", c, err)
			}
		}
		w.refused(w.Disown(w.ctx, link), refusal.TokenUnknown)
		w.status("evil", signup.StatusUnconfirmed)
		if _, err = w.UseToken(w.ctx, link, nil); !refusal.Is(err, refusal.TokenUnknown) {
			t.Errorf("used: %v", err)
		}

		_, err = w.ConfirmAs(w.ctx, link, signup.Claimant{Username: "ada", Password: "Passw0rd!ada"})
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		_, err = w.SignUpOfToken(w.ctx, link)
		w.refused(err, refusal.AlreadyConfirmed)
	})
}

// An expired link asks for another one to the mailbox that it was mailed to, even
// if its sign-up has another address by now.
func TestResendForALinkWithoutItsSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		evil := w.ticket(at("evil", "ada@example.org"))
		link := w.token("ada@example.org")
		w.signUp("ada")
		w.must(w.CorrectByTicket(w.ctx, evil, "evil@evil.example"))
		w.deliver()
		w.clock.Advance(25 * time.Hour)
		w.must(w.ResendForToken(w.ctx, link))
		sent := w.deliver()
		to := func(address string) bool {
			return slices.ContainsFunc(sent, func(m signup.Message) bool { return m.Recipient.Email == address })
		}
		if !to("ada@example.org") || to("evil@evil.example") {
			t.Errorf("sent %+v, want a link to ada@example.org only", sent)
		}
	})
}

// A note that is tried again after the holder was rejected must not turn into a
// link for an address that may not sign up again yet.
func TestNoteTriedAgainAfterRejection(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("reapply_after", `"never"`)
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		_, err = w.SignUp(w.ctx, at("again", "ada@example.org"))
		w.must(err)
		owed, err := w.As("test").Mails(w.ctx, signup.MailQuery{State: delivery.Owed, UserID: w.user("again").ID, Limit: 10})
		w.must(err)
		_, err = w.Post().Compose(w.ctx, owed[0].ID)
		w.must(err)
		_, err = w.Post().MailFailed(w.ctx, owed[0].ID, signup.Failure{Answer: "451 later"})
		w.must(err)
		_, err = w.As("test").Reject(w.ctx, w.user("ada").ID, "", "")
		w.must(err)
		for _, m := range w.deliver() {
			if m.Kind == signup.MailConfirmation {
				t.Errorf("mailed a link to a barred address")
			}
		}
	})
}

// Races of links, corrections, disowning and rejections: one winner at most, and
// never a sign-up with another address.
func TestLinkRaces(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for round := range 25 {
			a := fmt.Sprintf("m%d@example.org", round)
			n := func(s string) string { return fmt.Sprintf("%s%d", s, round) }
			mine := w.ticket(at(n("ada"), a))
			l1 := w.token(a)
			evil := w.ticket(at(n("evil"), a))
			l2 := w.token(a)
			acts := []func() error{
				func() error {
					_, err := w.ConfirmAs(w.ctx, l2, signup.Claimant{Ticket: mine})
					return err
				},
				func() error {
					_, err := w.ConfirmAs(w.ctx, l1, signup.Claimant{Username: n("ada"), Password: "Passw0rd!" + n("ada")})
					return err
				},
				func() error {
					_, err := w.ConfirmAs(w.ctx, l1, signup.Claimant{Username: n("evil"), Password: "Passw0rd!" + n("evil")})
					return err
				},
				func() error { return w.CorrectByTicket(w.ctx, evil, n("evil")+"@evil.example") },
				func() error { return w.Disown(w.ctx, l2) },
				func() error { _, err := w.Confirm(w.ctx, l2); return err },
				func() error {
					_, err := w.ConfirmAs(w.ctx, l2, signup.Claimant{NewPassword: "Passw0rd!new"})
					return err
				},
			}
			var wg sync.WaitGroup
			errs := make([]error, len(acts))
			for i, act := range acts {
				wg.Go(func() { errs[i] = act() })
			}
			wg.Wait()
			for i, err := range errs {
				if err != nil && refusal.Of(err) == nil {
					t.Errorf("round %d, act %d: %v", round, i, err)
				}
			}
			won := 0
			for _, name := range []string{"ada", "evil"} {
				u, err := w.FindUser(w.ctx, n(name))
				if err == nil && !u.VerifiedAt.IsZero() {
					won++
					if u.Email != a {
						t.Errorf("round %d: %s is confirmed with %s", round, name, u.Email)
					}
				}
			}
			if won != 1 {
				t.Errorf("round %d: %d winners; %v", round, won, errs)
			}
			for _, l := range []string{l1, l2} {
				_, err := w.SignUpOfToken(w.ctx, l)
				if !refusal.Is(err, refusal.AlreadyConfirmed) && !refusal.Is(err, refusal.TokenUnknown) { // unknown if its sign-up was disowned
					t.Errorf("round %d: a link afterwards: %v", round, err)
				}
			}
		}
	})
}

// At Gmail, a link to any spelling confirms the owner's, so strangers' spellings do
// not keep the owner waiting. Elsewhere a+b may be somebody else than a.
func TestLinksToOtherSpellings(t *testing.T) {
	for _, c := range []struct {
		owner, stranger string
		confirms        bool
	}{
		{"john.smith@gmail.com", "johnsmith+evil@gmail.com", true},
		{"john.smith@gmail.com", "j.ohn.smith@googlemail.com", true},
		{"john.smith@gmail.com", "john.smyth@gmail.com", false},
		{"ada+shop@example.org", "ada+evil@example.org", false},
		{"john.smith@example.org", "johnsmith@example.org", false},
	} {
		t.Run(c.owner+" "+c.stranger, func(t *testing.T) {
			onEach(t, func(t *testing.T, w *world) {
				evil := w.ticket(at("evil", c.stranger))
				link := w.token(c.stranger)
				owner := w.ticket(at("owner", c.owner))
				for _, claimant := range []signup.Claimant{{Username: "owner", Password: "Passw0rd!owner"}, {Ticket: owner}} {
					if c.confirms {
						break
					}
					if _, err := w.ConfirmAs(w.ctx, link, claimant); refusal.Of(err) == nil {
						t.Errorf("confirmed by %+v, %v", claimant, err)
					}
				}
				w.must(w.CorrectByTicket(w.ctx, evil, "evil@evil.example"))
				if c.confirms {
					_, err := w.SignUpOfToken(w.ctx, link)
					w.must(err)
				}
				_, err := w.ConfirmAs(w.ctx, link, signup.Claimant{Username: "owner", Password: "Passw0rd!owner"})
				if !c.confirms {
					w.refused(err, refusal.WrongPassword)
					w.status("owner", signup.StatusUnconfirmed)
					return
				}
				w.must(err)
				w.status("owner", signup.StatusPendingApproval)
				if n := w.mailsTo(c.owner); n != 0 {
					t.Errorf("%d more mails to the owner", n)
				}
				if _, err = w.ConfirmAs(w.ctx, link, signup.Claimant{Ticket: owner}); refusal.Of(err) == nil {
					t.Errorf("confirmed twice, %v", err)
				}
			})
		})
	}
}

// A temporary failure and a correction before the next attempt must not use up
// what the mailbox may get.
func TestCorrectedBetweenAttempts(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		greylisted := func() (tried int) {
			_, err := w.Post().OweRequestedLinks(w.ctx)
			w.must(err)
			owed, err := w.As("test").Mails(w.ctx, signup.MailQuery{State: delivery.Owed, Limit: 1000})
			w.must(err)
			for _, m := range owed {
				l, err := w.Post().Compose(w.ctx, m.ID)
				var early *signup.NotDueError
				if errors.As(err, &early) || errors.Is(err, signup.ErrNotOwed) {
					continue
				}
				w.must(err)
				if l.To.Email != "ada@example.org" {
					w.must(w.Post().MailSent(w.ctx, m.ID, "accepted"))
					continue
				}
				tried++
				_, err = w.Post().MailFailed(w.ctx, m.ID, signup.Failure{Phase: "rcpt", Answer: "451 greylisted", Wait: func(int) time.Duration { return 5 * time.Minute }})
				w.must(err)
			}
			return tried
		}
		tries := 0
		for i := range 10 {
			name := fmt.Sprintf("evil%d", i)
			evil := w.ticket(at(name, "ada@example.org"))
			tries += greylisted()
			w.must(w.CorrectByTicket(w.ctx, evil, name+"@evil.example"))
			w.clock.Advance(15 * time.Minute)
		}
		w.signUp("ada")
		start := w.clock.Now()
		for w.clock.Now().Before(start.Add(25 * time.Hour)) {
			for _, m := range w.deliver() {
				if m.Recipient.Email == "ada@example.org" {
					if waited := w.clock.Now().Sub(start); waited > time.Hour {
						t.Errorf("the first link reached the mailbox after %s, and %d attempts that delivered nothing", waited, tries)
					}
					return
				}
			}
			w.clock.Advance(10 * time.Minute)
		}
		t.Error("no link in 25 hours")
	})
}

// Mails that are refused for good give their turns back too, but not without end,
// and one that is being sent when its sign-up is corrected counts.
func TestTurnsGivenBackAreBounded(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		try := func(i int, report func(id string)) (tried int) {
			evil := w.ticket(at(fmt.Sprintf("evil%d", i), "ada@example.org"))
			owed, err := w.As("test").Mails(w.ctx, signup.MailQuery{State: delivery.Owed, Kind: signup.MailConfirmation, Limit: 10_000})
			w.must(err)
			for _, m := range owed {
				l, err := w.Post().Compose(w.ctx, m.ID)
				if err != nil || l.To.Email != "ada@example.org" {
					continue
				}
				tried++
				if report == nil {
					w.must(w.CorrectByTicket(w.ctx, evil, fmt.Sprintf("evil%d@evil.example", i)))
					w.must(w.Post().MailSent(w.ctx, m.ID, "accepted"))
				} else {
					report(m.ID)
				}
			}
			return tried
		}
		tries := 0
		for i := range 70 {
			tries += try(i, func(id string) { w.fail(id, signup.Failure{Phase: "data", Answer: "554 spam", Permanent: true}) })
			w.clock.Advance(20 * time.Minute) // 70 times within a day
		}
		if tries != 50 {
			t.Errorf("%d mails were tried within a day, want 10 and 40 given back", tries)
		}
		w.clock.Advance(25 * time.Hour)
		sent := 0
		for i := range 70 {
			sent += try(1000+i, nil)
			w.clock.Advance(20 * time.Minute)
		}
		if sent != 10 {
			t.Errorf("%d mails arrived within a day, want 10", sent)
		}
	})
}

// Of a sign-up that was corrected and then disowned nothing is left but a row that
// can never be used, and lapses.
func TestDisownedAfterACorrection(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		evil := w.ticket(at("evil", "ada@example.org"))
		w.deliver()
		w.must(w.CorrectByTicket(w.ctx, evil, "eve@evil.example"))
		id := w.user("evil").ID
		w.must(w.Disown(w.ctx, w.token("eve@evil.example")))

		u, err := w.User(w.ctx, id)
		w.must(err)
		if u.Name != "" || u.Email != "" || u.EmailKey != "" || u.PasswordHash != "" || u.Profile != nil || u.Username != fmt.Sprint("~", id) {
			t.Errorf("left of the person: %+v", u)
		}
		_, err = w.SignUpStatus(w.ctx, evil)
		w.refused(err, refusal.TicketUnknown)
		_, err = w.As("test").VerifyEmail(w.ctx, id)
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").SendLinkAgain(w.ctx, id)
		w.refused(err, refusal.Conflict)
		if n, err := w.As("test").VerifyWaiting(w.ctx); n != 0 || err != nil {
			t.Errorf("verified %d, %v", n, err)
		}
		w.signUpAt("evil", "evil@example.org") // the username is free
		if sent := w.deliver(); len(sent) != 1 || sent[0].Recipient.Email != "evil@example.org" {
			t.Errorf("mailed %+v", sent)
		}
		w.clock.Advance(9 * 24 * time.Hour)
		if n, err := w.Post().OweReminders(w.ctx); n != 0 || err != nil {
			t.Errorf("%d reminders, %v", n, err)
		}
		_, err = w.Post().DeleteLapsed(w.ctx)
		w.must(err)
		_, err = w.User(w.ctx, id)
		w.refused(err, refusal.UserNotFound)
	})
}
