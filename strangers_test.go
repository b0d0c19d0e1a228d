package signup_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// mailsTo delivers all mails and returns how many went to an address.
func (w *world) mailsTo(address string) (n int) {
	w.t.Helper()
	for _, m := range w.deliver() {
		if m.Recipient.Email == address {
			n++
		}
	}
	return n
}

// wantsPassword fails unless this is the user's password.
func (w *world) wantsPassword(name, password string) {
	w.t.Helper()
	u := w.user(name)
	if ok, _, err := cheapHasher().Verify(w.ctx, u.PasswordHash, password); !ok || err != nil {
		w.t.Fatalf("the password of %s is different, %v", name, err)
	}
}

// strangers signs n strangers up with an address and returns the links that
// reached the mailbox.
func (w *world) strangers(n int, address string) (links []string) {
	w.t.Helper()
	for i := range n {
		w.signUpAt(fmt.Sprintf("evil%d", i), address)
		for _, m := range w.deliver() {
			links = append(links, m.Link)
		}
	}
	return links
}

// Thirty strangers sign up with an address before its owner does. Whichever link
// the owner opens, in the browser that signed up or in another one, the account
// is the owner's.
func TestStrangersWhoSignUpFirstGainNothing(t *testing.T) {
	proofs := map[string]func(ticket string) signup.Claimant{
		"the ticket":   func(ticket string) signup.Claimant { return signup.Claimant{Ticket: ticket} },
		"the password": func(string) signup.Claimant { return signup.Claimant{Username: "ADA", Password: "Passw0rd!ada"} },
	}
	for by, proof := range proofs {
		for which := range 3 {
			t.Run(fmt.Sprintf("link %d and %s", which, by), func(t *testing.T) {
				onEach(t, func(t *testing.T, w *world) {
					w.strangers(30, "ada@example.org")
					ada := w.ticket(at("ada", "ada@example.org"))
					var links []signup.Message
					for range 3 {
						w.clock.Advance(time.Hour)
						links = append(links, w.deliver()...)
					}
					_, err := w.ConfirmAs(w.ctx, links[which].Link, proof(ada))
					w.must(err)
					w.status("ada", signup.StatusPendingApproval)
					w.wantsPassword("ada", "Passw0rd!ada")
					w.wantsStatus(ada, signup.StatusPendingApproval, "")
					for _, m := range links {
						_, err := w.Confirm(w.ctx, m.Link)
						w.refused(err, refusal.AlreadyConfirmed)
					}
					w.status("evil0", signup.StatusUnconfirmed)
				})
			})
		}
	}
}

// Requests by strangers every minute do not lock the owner out: at any time there
// is a working link in the mailbox, however short the lifetime of a link is.
func TestOwnerCanAlwaysConfirm(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("token_lifetime", `"5m"`)
		ada := w.ticket(at("ada", "ada@example.org"))
		var mailbox, evil []string
		due := map[string]time.Time{}
		for minute := range 48 * 60 {
			switch {
			case minute%20 == 0:
				w.signUpAt(fmt.Sprintf("evil%d", minute), "ada@example.org")
			case minute%2 == 0:
				w.must(w.Resend(w.ctx, "ada@example.org"))
			default:
				if len(evil) < 20 {
					evil = append(evil, w.ticket(at(fmt.Sprintf("evil%d", minute), fmt.Sprintf("evil%d@evil.example", minute))))
				}
				_ = w.CorrectByTicket(w.ctx, evil[minute%len(evil)], "ada@example.org")
			}
			for _, m := range w.deliverDue(due) {
				if m.Recipient.Email == "ada@example.org" {
					mailbox = append(mailbox, m.Link)
				}
			}
			if minute%30 == 29 {
				_, err := w.SignUpOfToken(w.ctx, mailbox[len(mailbox)-1])
				if err != nil {
					t.Fatalf("after %d minutes and %d mails: %v", minute, len(mailbox), err)
				}
			}
			w.clock.Advance(time.Minute)
		}
		if len(mailbox) > 30 {
			t.Errorf("%d mails in two days", len(mailbox))
		}
		_, err := w.ConfirmAs(w.ctx, mailbox[len(mailbox)-1], signup.Claimant{Ticket: ada})
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
	})
}

// deliverDue delivers as the queue does, which retries a mail when it is due.
func (w *world) deliverDue(due map[string]time.Time) []signup.Message {
	w.t.Helper()
	w.test.Letters()
	_, err := w.Post().OweRequestedLinks(w.ctx)
	w.must(err)
	owed, err := w.As("test").Mails(w.ctx, signup.MailQuery{State: delivery.Owed, Limit: 10_000})
	w.must(err)
	for _, m := range owed {
		if w.clock.Now().Before(due[m.ID]) {
			continue
		}
		var early *signup.NotDueError
		switch _, err := w.Post().Compose(w.ctx, m.ID); {
		case errors.As(err, &early):
			due[m.ID] = w.clock.Now().Add(early.Wait)
		case err == nil:
			w.must(w.Post().MailSent(w.ctx, m.ID, "accepted"))
		case !errors.Is(err, signup.ErrNotOwed):
			w.must(err)
		}
	}
	return w.test.Letters()
}

// Correcting an address and signing up again does not reset a limit.
func TestCorrectionResetsNoLimit(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		sent := 0
		for i := range 40 {
			evil := w.ticket(at(fmt.Sprintf("evil%d", i), "ada@example.org"))
			sent += w.mailsTo("ada@example.org")
			w.must(w.CorrectByTicket(w.ctx, evil, fmt.Sprintf("junk%d@evil.example", i)))
			w.clock.Advance(10 * time.Second)
		}
		if sent != 5 {
			t.Errorf("%d mails in 400 seconds, want 5", sent)
		}
	})
}

// Mails older than every limit are deleted from the count.
func TestOldAddressMailsAreDeleted(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.strangers(5, "ada@example.org")
		w.clock.Advance(25 * time.Hour)
		_, err := w.Post().DeleteExpired(w.ctx)
		w.must(err)
		left := -1
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			left, err = tx.DeleteOld(w.ctx, signup.OldAddressMails, w.clock.Now(), 100)
			return err
		}))
		if left != 0 {
			t.Errorf("%d left", left)
		}
	})
}

// An instance with a fast clock does not block the mails of the others (F16).
func TestFastClockBlocksNoMails(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ahead := newWorld(t, w.store)
		ahead.clock.Advance(20 * time.Minute)
		ahead.signUp("ada")
		if n := ahead.mailsTo("ada@example.org"); n != 1 {
			t.Fatalf("%d mails, want 1", n)
		}
		for range 3 {
			w.clock.Advance(5 * time.Minute)
			w.must(w.Resend(w.ctx, "ada@example.org"))
			if n := w.mailsTo("ada@example.org"); n != 1 {
				t.Errorf("%d mails, want 1", n)
			}
		}
	})
}

// Failed sign-ins record events too, but do not displace the count of links.
func TestFailedSignInsResetNoLimit(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.deliver()
		links := 0
		for range 3 {
			w.must(w.Resend(w.ctx, "ada@example.org"))
			links += w.mailsTo("ada@example.org")
			for range 60 {
				_, _, err := w.SignIn(w.ctx, "ada", "wrong", "")
				w.refused(err, refusal.Unauthorized)
			}
		}
		if links != 1 {
			t.Errorf("%d links within a minute, want 1", links)
		}
	})
}

// A taken username is refused for everybody, with whichever address.
func TestUsernamesRevealNoAddresses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("owner")
		for _, status := range []signup.Status{signup.StatusUnconfirmed, signup.StatusPendingApproval} {
			w.status("owner", status)
			for _, address := range []string{"owner@example.org", "nobody@example.org"} {
				r := at("owner", address)
				r.Password = "Passw0rd!guess"
				_, err := w.SignUp(w.ctx, r)
				w.refused(err, refusal.UsernameTaken)
			}
			w.deliver()
			w.clock.Advance(time.Hour)
			if status == signup.StatusUnconfirmed {
				w.must(w.Resend(w.ctx, "owner@example.org"))
				_, err := w.Confirm(w.ctx, w.token("owner@example.org"))
				w.must(err)
			}
		}
	})
}

// If several people signed up with an address, only a link to the mailbox can
// verify it.
func TestVerifyEmailRefusesSharedAddresses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUpAt("mallory", "ada@example.org")
		mallory := w.user("mallory").ID
		w.signUp("ada")
		w.signUp("bob")
		_, err := w.As("test").VerifyEmail(w.ctx, mallory)
		w.refused(err, refusal.Conflict)
		if n, err := w.As("test").VerifyWaiting(w.ctx); err != nil || n != 1 {
			t.Errorf("verified %d, %v, want 1", n, err)
		}
		w.status("bob", signup.StatusPendingApproval)
		w.status("mallory", signup.StatusUnconfirmed)
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
	})
}

// Once an address is held, no operation confirms another sign-up with it, even
// if only one such sign-up is left.
func TestOtherSignUpsFindTheAddressTaken(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		evil := w.ticket(at("evil", "ada@example.org"))
		w.signUp("ada")
		links := map[string]string{}
		for _, m := range w.deliver() {
			links[m.User.Username] = m.Link
		}
		_, err := w.Confirm(w.ctx, links["ada"])
		w.must(err)
		id := w.user("evil").ID
		w.clock.Advance(time.Hour)

		_, err = w.Confirm(w.ctx, links["evil"])
		w.refused(err, refusal.AlreadyConfirmed)
		_, err = w.As("test").VerifyEmail(w.ctx, id)
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").Approve(w.ctx, id)
		w.refused(err, refusal.NotVerified)
		w.must(w.ResendByTicket(w.ctx, evil))
		sent := w.deliver()
		if len(sent) != 1 || sent[0].Kind != signup.MailAccountExists || sent[0].User.Username != "ada" {
			t.Errorf("sent %+v, want a note to ada", sent)
		}
		w.clock.Advance(6 * 24 * time.Hour)
		if n, err := w.Post().OweReminders(w.ctx); n != 0 || err != nil {
			t.Errorf("%d reminders, %v", n, err)
		}
		made, _, err := w.As("test").CreateToken(w.ctx, id)
		w.must(err)
		_, err = w.Confirm(w.ctx, made.Reveal())
		w.refused(err, refusal.AlreadyConfirmed)
		w.status("evil", signup.StatusUnconfirmed)

		// When the winner is rejected, nothing changes for the others except that
		// a link can be mailed again.
		_, err = w.As("test").Reject(w.ctx, w.user("ada").ID, "", "")
		w.must(err)
		w.wantsStatus(evil, signup.StatusUnconfirmed, delivery.Sent)
		_, err = w.Confirm(w.ctx, links["evil"])
		w.refused(err, refusal.TokenUnknown)
	})
}

// rejected signs a person up, confirms and rejects them.
func (w *world) rejected(name string) (id int64) {
	w.t.Helper()
	w.signUp(name)
	_, err := w.Confirm(w.ctx, w.token(name+"@example.org"))
	w.must(err)
	id = w.user(name).ID
	_, err = w.As("test").Reject(w.ctx, id, "no", "")
	w.must(err)
	w.deliver()
	return id
}

// Withdrawing a rejection ends the links that were mailed in the meantime.
func TestReconsiderEndsLinks(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		id := w.rejected("ada")
		again := w.ticket(at("ada2", "ada@example.org"))
		token := w.token("ada@example.org")
		_, err := w.As("test").Reconsider(w.ctx, id)
		w.must(err)
		_, err = w.As("test").Approve(w.ctx, id)
		w.must(err)
		w.deliver()

		_, err = w.Confirm(w.ctx, token)
		w.refused(err, refusal.AlreadyConfirmed)
		w.must(w.Resend(w.ctx, "ada@example.org"))
		if n := w.mailsTo("ada@example.org"); n != 0 {
			t.Errorf("%d mails to an active user", n)
		}
		w.clock.Advance(settled)
		w.wantsStatus(again, signup.StatusUnconfirmed, delivery.Sent)
		w.status("ada", signup.StatusActive)
	})
}

// While verification is turned off, a new user holds the address immediately.
// Links that were mailed before do not take it away.
func TestEarlierLinksDoNotReplaceTheHolder(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUpAt("early", "ada@example.org")
		token := w.token("ada@example.org")
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		w.set("signup_require_email_verification", "true")
		_, err := w.Confirm(w.ctx, token)
		w.refused(err, refusal.AlreadyConfirmed)
		w.status("ada", signup.StatusPendingApproval)
		w.status("early", signup.StatusUnconfirmed)
	})
}

func TestUseTokenRefusesAnEarlierAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("bob")
		bob := w.user("bob").ID
		token, _, err := w.As("test").CreateToken(w.ctx, bob)
		w.must(err)
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			u, err := tx.User(w.ctx, bob)
			if err != nil {
				return err
			}
			u.Email, u.EmailKey = "bob@example.net", "bob@example.net"
			return tx.UpdateUser(w.ctx, u)
		}))
		if id, err := w.UseToken(w.ctx, token.Reveal(), nil); !refusal.Is(err, refusal.TokenUnknown) || id != 0 {
			t.Errorf("sent to an old address: user %d, %v", id, err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	store := openSQLite(t)
	limits := func(n int, per time.Duration) []signup.Limit { return []signup.Limit{{N: n, Per: per}} }
	for name, o := range map[string]signup.Options{
		"a limit of 0 events": {MailLimits: limits(0, time.Hour)},
		"a period of 0":       {MailLimits: limits(1, 0)},
		"a negative duration": {SessionIdle: -1},
	} {
		if _, err := signup.New(store, o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := signup.New(store, signup.Options{MailLimits: limits(1, 1)}); err != nil {
		t.Error(err)
	}
	if _, err := signup.New(nil, signup.Options{}); err == nil {
		t.Error("a nil store is accepted")
	}
}

// A letter that cannot be written is a failed attempt. It does not keep its
// sign-up from lapsing.
func TestLetterThatCannotBeWritten(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) { o.Letters = brokenWriter{} })
			w.signUp("ada")
			id := w.mailTo("ada", signup.MailConfirmation).ID
			m := signup.Mail{State: delivery.Owed}
			for m.State == delivery.Owed {
				_, err := w.Post().Compose(w.ctx, id)
				if !errors.Is(err, signup.ErrNotWritten) {
					t.Fatal(err)
				}
				m = w.fail(id, signup.Failure{Phase: "write", Answer: err.Error(), Wait: hourly})
				w.clock.Advance(time.Hour)
			}
			w.clock.Advance(8 * 24 * time.Hour)
			if n, err := w.Post().DeleteLapsed(w.ctx); n != 1 || err != nil {
				t.Errorf("%d lapsed, %v, want 1", n, err)
			}
		})
	}
}

type brokenWriter struct{}

func (brokenWriter) Write(signup.Message) (signup.Text, error) {
	return signup.Text{}, errors.New("template: no")
}

// A text that no database can store is not found, and is not a fault.
func TestUnstorableTexts(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, text := range []string{"a\x00b", "a\xffb"} {
			if users, _, err := w.As("test").Users(w.ctx, signup.UserQuery{Search: text}); err != nil || len(users) != 0 {
				t.Errorf("users: %d, %v", len(users), err)
			}
			for _, q := range []signup.AuditQuery{{Type: event.Type(text)}, {Actor: signup.Actor(text)}, {Type: event.Type(text), UserID: 1}} {
				if events, err := w.As("test").Audit(w.ctx, q); err != nil || len(events) != 0 {
					t.Errorf("%+v: %d events, %v", q, len(events), err)
				}
			}
			_, err := w.As("test").Mail(w.ctx, text)
			w.refused(err, refusal.MailNotFound)
			if refusal.Of(w.As("test").RevokeAPIKey(w.ctx, text)) == nil {
				t.Error("a key was revoked, or the error is a fault")
			}
		}
	})
}

// Without a refusal the error is nil, not an interface that holds a nil pointer.
func TestChecksReturnNil(t *testing.T) {
	check := func() error { return password.Check("Passw0rd!ada", password.Strict, 8) }
	if err := check(); err != nil {
		t.Error(err)
	}
}

// The limits hold for letters that are written at the same time, about sign-ups
// with several addresses of one mailbox.
func TestLimitsHoldForLettersWrittenAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for mailbox := range 5 {
			for i := range 20 {
				w.signUpAt(fmt.Sprintf("evil%d-%d", mailbox, i), fmt.Sprintf("ada%d+%d@example.org", mailbox, i))
			}
			ids, err := w.Post().OwedMails(w.ctx, 0)
			w.must(err)
			var written atomic.Int32
			var all sync.WaitGroup
			start := make(chan struct{})
			for _, id := range ids {
				all.Go(func() {
					<-start
					if _, err := w.Post().Compose(w.ctx, id); err == nil {
						written.Add(1)
						_, _ = w.As("test").CancelMail(w.ctx, id)
					}
				})
			}
			close(start)
			all.Wait()
			if n := written.Load(); n != 1 {
				t.Errorf("%d mails in a minute, want 1", n)
			}
		}
	})
}

// Where nothing is required, a sign-up with each sub-address of a mailbox is a
// mail to it, too.
func TestWelcomesAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.set("signup_require_admin_approval", "false")
		for i := range 30 {
			w.signUpAt(fmt.Sprintf("evil%d", i), fmt.Sprintf("ada+%d@example.org", i))
		}
		if n := len(w.deliver()); n != 1 {
			t.Errorf("%d mails in a minute, want 1", n)
		}
	})
}

// A refused sign-up takes as long with the address of the username as with
// another, also when the password there was hashed at another cost.
func TestOldHashesDoNotTell(t *testing.T) {
	store := openSQLite(t)
	newWorld(t, store).signUp("ada")
	w := newWorld(t, store, func(o *signup.Options) {
		o.Hasher = password.NewHasher(password.Params{Memory: 16 * 1024, Time: 2, Threads: 1}, 0, 1000)
	})
	try := func(address string) time.Duration {
		began := time.Now()
		_, err := w.SignUp(w.ctx, signup.Registration{Name: "Eve", Username: "ada", Email: address, Password: "Passw0rd!eve"})
		w.refused(err, refusal.UsernameTaken)
		return time.Since(began)
	}
	same, other := time.Hour, time.Hour
	differ := func() bool { return max(same, other) > min(same, other)*3/2 }
	for i := 0; i < 15 || i < 100 && differ(); i++ { // in turns, so that both meet the same load, and more often on a busy machine
		same, other = min(same, try("ada@example.org")), min(other, try("other@example.org"))
	}
	if differ() {
		t.Errorf("%s with the address of the username, %s with another", same, other)
	}
}

// Nobody learns an account's password by signing up again.
func TestSigningUpTriesNoPasswords(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("root")
		w.activeMember("ada")
		_, err := w.SignUp(w.ctx, person("ada")) // a form sent twice, late
		w.must(err)
		w.clock.Advance(time.Hour)
		for _, name := range []string{"root", "ada"} {
			_, err = w.SignUp(w.ctx, person(name))
			w.refused(err, refusal.UsernameTaken)
		}
	})
}

// The last link that the limits allow lives until the next one also when its
// mail was refused at first.
func TestLinkOfAMailThatIsTriedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("token_lifetime", `"5m"`)
		w.signUp("ada")
		for {
			ids, err := w.Post().OwedMails(w.ctx, 0)
			w.must(err)
			var early *signup.NotDueError
			if _, err = w.Post().Compose(w.ctx, ids[0]); errors.As(err, &early) {
				letters := w.test.Letters()
				if last := letters[len(letters)-1]; last.Lifetime < early.Wait {
					t.Errorf("the last link lives %s, and the next is mailed in %s", last.Lifetime, early.Wait)
				}
				return
			}
			w.must(err)
			_, err = w.Post().MailFailed(w.ctx, ids[0], signup.Failure{Wait: func(int) time.Duration { return 10 * time.Minute }})
			w.must(err)
			w.clock.Advance(10 * time.Minute)
			w.must(second(w.Post().Compose(w.ctx, ids[0])))
			w.must(w.Post().MailSent(w.ctx, ids[0], "accepted"))
			w.clock.Advance(time.Hour)
			w.must(w.Resend(w.ctx, "ada@example.org"))
			w.must(second(w.Post().OweRequestedLinks(w.ctx)))
		}
	})
}

// Sub-addresses that strangers make up keep no link from the owner of the plain
// address, whoever is first, and bring the mailbox no more mails than its limits.
func TestSubAddressesKeepNobodyOut(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for i := range 40 {
			w.signUpAt(fmt.Sprintf("evil%d", i), fmt.Sprintf("ada+%d@example.org", i))
		}
		sent := 0
		for range 24 * 6 {
			sent += len(w.deliver())
			w.clock.Advance(10 * time.Minute)
		}
		if sent > 6 { // five a day, and the first of the next
			t.Errorf("%d mails in a day", sent)
		}
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
	})
}
