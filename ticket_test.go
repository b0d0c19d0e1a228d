package signup_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/refusal"
)

// ticket signs a person up in a browser and returns the ticket.
func (w *world) ticket(r signup.Registration) string {
	w.t.Helper()
	r.WantsTicket = true
	receipt, err := w.SignUp(w.ctx, r)
	w.must(err)
	return receipt.Ticket.Reveal()
}

func at(name, address string) signup.Registration {
	r := person(name)
	r.Email = address
	return r
}

func (w *world) ticketStatus(ticket string) signup.SignUpStatus {
	w.t.Helper()
	st, err := w.SignUpStatus(w.ctx, ticket)
	w.must(err)
	return st
}

func (w *world) wantsStatus(ticket string, status signup.Status, mail delivery.State) {
	w.t.Helper()
	if st := w.ticketStatus(ticket); st.Status != status || st.Mail != mail {
		w.t.Fatalf("%s %s, want %s %s", st.Status, st.Mail, status, mail)
	}
}

func TestTicketFollowsTheSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(at("ada", " Ada@example.org"))
		if st := w.ticketStatus(ada); st.Email != "Ada@example.org" || !st.ApprovalRequired || st.Verified {
			t.Errorf("%+v", st)
		}
		w.wantsStatus(ada, signup.StatusUnconfirmed, delivery.Owed)
		token := w.token("Ada@example.org")
		w.clock.Advance(time.Minute)
		w.wantsStatus(ada, signup.StatusUnconfirmed, delivery.Sent)
		_, err := w.Confirm(w.ctx, token)
		w.must(err)
		w.wantsStatus(ada, signup.StatusPendingApproval, "")
		_, err = w.As("test").Reject(w.ctx, w.user("ada").ID, "Too early", "secret note")
		w.must(err)
		if st := w.ticketStatus(ada); st.Status != signup.StatusRejected || st.Reason != "Too early" {
			t.Errorf("%+v", st)
		}
		w.refused(w.ResendByTicket(w.ctx, ada), refusal.Conflict)
		w.refused(w.CorrectByTicket(w.ctx, ada, "other@example.org"), refusal.Conflict)
		_, err = w.As("test").Reconsider(w.ctx, w.user("ada").ID)
		w.must(err)
		_, err = w.As("test").Approve(w.ctx, w.user("ada").ID)
		w.must(err)
		w.wantsStatus(ada, signup.StatusActive, "")
		for _, bad := range []string{"", "x", ada[1:], ada + "A", token} {
			_, err := w.SignUpStatus(w.ctx, bad)
			w.refused(err, refusal.TicketUnknown)
		}
		w.clock.Advance(30 * 24 * time.Hour)
		_, err = w.SignUpStatus(w.ctx, ada)
		w.refused(err, refusal.TicketUnknown)
		_, err = w.Post().DeleteExpired(w.ctx)
		w.must(err)
	})
}

func TestTicketShowsAFailedMail(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		ids, err := w.Post().OwedMails(w.ctx, 0)
		w.must(err)
		_, err = w.Post().MailFailed(w.ctx, ids[0], signup.Failure{Answer: "no such mailbox", Permanent: true})
		w.must(err)
		w.clock.Advance(time.Minute)
		w.wantsStatus(ada, signup.StatusUnconfirmed, delivery.Failed)
		w.must(w.CorrectByTicket(w.ctx, ada, "ada2@example.org"))
		w.wantsStatus(ada, signup.StatusUnconfirmed, delivery.Owed)
		_, err = w.Confirm(w.ctx, w.token("ada2@example.org"))
		w.must(err)
		w.wantsStatus(ada, signup.StatusPendingApproval, "")
	})
}

func TestTicketLapsesWithTheSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		w.token("ada@example.org")
		w.clock.Advance(8 * 24 * time.Hour)
		_, err := w.Post().DeleteLapsed(w.ctx)
		w.must(err)
		for _, err := range []error{
			w.ResendByTicket(w.ctx, ada), w.CorrectByTicket(w.ctx, ada, "ada2@example.org"),
		} {
			w.refused(err, refusal.TicketUnknown)
		}
	})
}

// The wait is the ticket's own and does not depend on other people's requests.
func TestResendByTicketWaits(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		w.token("ada@example.org")
		for i, wait := range []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute, time.Hour} {
			if got := w.ticketStatus(ada).ResendAt.Sub(w.clock.Now()); got != wait {
				t.Fatalf("%d: %s, want %s", i, got, wait)
			}
			w.refused(w.ResendByTicket(w.ctx, ada), refusal.TooSoon)
			w.clock.Advance(wait)
			w.must(w.ResendByTicket(w.ctx, ada))
			w.token("ada@example.org")
		}
	})
}

// Somebody who signs up with a taken address sees, and can do, the same as
// somebody who signs up with a free one.
func TestTicketConcealsTakenAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("owner")
		_, err := w.Confirm(w.ctx, w.token("owner@example.org"))
		w.must(err)
		free, taken := w.ticket(at("free", "free@example.org")), w.ticket(at("taken", "owner@example.org"))
		same := func(what string) {
			t.Helper()
			a, b := w.ticketStatus(free), w.ticketStatus(taken)
			a.Email, b.Email, a.Name, b.Name, a.Username, b.Username = "", "", "", "", "", ""
			if diff := cmp.Diff(a, b); diff != "" {
				t.Fatalf("%s: free (-), taken (+):\n%s", what, diff)
			}
		}
		same("immediately")
		w.deliver()
		same("sent")
		w.clock.Advance(settled)
		same("later")
		w.refused(w.ResendByTicket(w.ctx, taken), refusal.TooSoon)
		w.clock.Advance(time.Minute)
		for _, ticket := range []string{free, taken} {
			w.must(w.ResendByTicket(w.ctx, ticket))
		}
		same("requested again")
		w.deliver()
		w.clock.Advance(settled)
		same("sent again")
		// The person who used the taken address corrects it and gets a link
		// that works.
		w.must(w.CorrectByTicket(w.ctx, free, "free2@example.org"))
		w.must(w.CorrectByTicket(w.ctx, taken, "taken2@example.org"))
		same("corrected")
		_, err = w.Confirm(w.ctx, w.token("taken2@example.org"))
		w.must(err)
		w.wantsStatus(taken, signup.StatusPendingApproval, "")
		if u := w.user("taken"); u.Email != "taken2@example.org" {
			t.Errorf("%s", u.Email)
		}
		w.status("owner", signup.StatusPendingApproval)
	})
}

const settled = 20 * time.Second // after this time a sent mail shows as sent

func TestSignUpWithTakenAddressLapsesLikeAnyOther(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("owner")
		_, err := w.Confirm(w.ctx, w.token("owner@example.org"))
		w.must(err)
		tickets := []string{w.ticket(at("free", "free@example.org")), w.ticket(at("taken", "owner@example.org"))}
		w.deliver()
		w.clock.Advance(6 * 24 * time.Hour)
		for _, ticket := range tickets {
			w.must(w.ResendByTicket(w.ctx, ticket)) // this keeps it for another two days
		}
		w.deliver()
		w.clock.Advance(2*24*time.Hour - time.Second)
		if n, err := w.Post().DeleteLapsed(w.ctx); n != 0 || err != nil {
			t.Fatalf("%d lapsed, %v", n, err)
		}
		for _, ticket := range tickets {
			w.wantsStatus(ticket, signup.StatusUnconfirmed, delivery.Sent)
		}
		w.clock.Advance(2 * time.Second)
		if n, err := w.Post().DeleteLapsed(w.ctx); n != 2 || err != nil {
			t.Fatalf("%d lapsed, %v", n, err)
		}
		for _, ticket := range tickets {
			_, err = w.SignUpStatus(w.ctx, ticket)
			w.refused(err, refusal.TicketUnknown)
		}
	})
}

// Each of several sign-ups with one address can be reached only by its own
// ticket.
func TestTicketsOfSignUpsWithOneAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const address = "shared@example.org"
		tickets, links := map[string]string{}, map[string]string{}
		for _, name := range []string{"first", "second", "third"} {
			tickets[name] = w.ticket(at(name, address))
			for _, m := range w.deliver() {
				links[m.User.Username] = m.Link
			}
			w.clock.Advance(time.Minute)
		}
		// The first corrects the address; the links of the others still work.
		w.must(w.CorrectByTicket(w.ctx, tickets["first"], "first@example.org"))
		_, err := w.Confirm(w.ctx, links["first"])
		w.refused(err, refusal.TokenUnknown)
		if got := w.ticketStatus(tickets["second"]).Email + w.ticketStatus(tickets["third"]).Email; got != address+address {
			t.Errorf("%s", got)
		}
		_, err = w.Confirm(w.ctx, links["third"])
		w.must(err)
		w.wantsStatus(tickets["third"], signup.StatusPendingApproval, "")
		if u := w.user("third"); u.Email != address || u.Name != "Person third" {
			t.Errorf("%+v", u)
		}
		// The second lost but cannot tell, and changes the address.
		w.clock.Advance(settled)
		w.wantsStatus(tickets["second"], signup.StatusUnconfirmed, delivery.Sent)
		w.must(w.CorrectByTicket(w.ctx, tickets["second"], "second@example.org"))
		_, err = w.Confirm(w.ctx, w.token("second@example.org"))
		w.must(err)
		for _, name := range []string{"second", "third"} {
			w.wantsStatus(tickets[name], signup.StatusPendingApproval, "")
		}
	})
}

func TestCorrectByTicketIsLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		old := w.token("ada@example.org")
		w.must(w.CorrectByTicket(w.ctx, ada, "ada@example.org")) // no change
		w.refused(w.CorrectByTicket(w.ctx, ada, "nonsense"), refusal.Invalid)
		for _, address := range []string{"1@example.org", "2@example.org", "3@example.org", "4@example.org", "Ada@example.org"} {
			w.must(w.CorrectByTicket(w.ctx, ada, address))
		}
		w.refused(w.CorrectByTicket(w.ctx, ada, "6@example.org"), refusal.TooManyCorrections)
		_, err := w.Confirm(w.ctx, old)
		w.refused(err, refusal.TokenUnknown)
		if _, total, err := w.As("test").Users(w.ctx, signup.UserQuery{}); err != nil || total != 1 {
			t.Errorf("%d users, %v", total, err)
		}
		if letters := w.deliver(); len(letters) != 1 || letters[0].Recipient.Email != "Ada@example.org" {
			t.Errorf("%v", letters)
		}
		w.signUp("a1")
	})
}

func TestCorrectByTicketToATakenAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("bob")
		_, err := w.Confirm(w.ctx, w.token("bob@example.org"))
		w.must(err)
		ada := w.ticket(person("ada"))
		w.must(w.CorrectByTicket(w.ctx, ada, "bob@example.org"))
		if st := w.ticketStatus(ada); st.Email != "bob@example.org" || st.Status != signup.StatusUnconfirmed {
			t.Errorf("%+v", st)
		}
		w.must(w.CorrectByTicket(w.ctx, ada, "ada2@example.org"))
		w.set("conceal_emails", "false")
		w.refused(w.CorrectByTicket(w.ctx, ada, "bob@example.org"), refusal.EmailTaken)
		if st := w.ticketStatus(ada); st.Email != "ada2@example.org" {
			t.Errorf("%+v", st)
		}
		w.status("bob", signup.StatusPendingApproval)
	})
}

// Whichever runs first, a confirmed sign-up is never changed.
func TestConfirmAndCorrectAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for range 10 {
			w.clock.Advance(3 * time.Hour) // the number of mails to an address per day is limited
			ada := w.ticket(person("ada"))
			token := w.token("ada@example.org")
			var confirmed, corrected, disowned error
			var all sync.WaitGroup
			all.Go(func() { _, confirmed = w.Confirm(w.ctx, token) })
			all.Go(func() { corrected = w.CorrectByTicket(w.ctx, ada, "ada2@example.org") })
			all.Go(func() { disowned = w.Disown(w.ctx, token) })
			all.Wait()
			if confirmed == nil {
				if u := w.user("ada"); u.Email != "ada@example.org" || u.VerifiedAt.IsZero() {
					t.Fatalf("confirmed, but then changed to %+v", u)
				}
			}
			if n := wins(confirmed, corrected, disowned); n != 1 {
				t.Fatalf("%d won: %v, %v, %v", n, confirmed, corrected, disowned)
			}
			for _, name := range []string{"ada@example.org", "ada2@example.org"} {
				if u, err := w.FindUser(w.ctx, name); err == nil {
					w.must(w.store.Update(w.ctx, func(tx signup.Tx) error { return tx.DeleteUser(w.ctx, u.ID) }))
				}
			}
		}
	})
}

func wins(errs ...error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// Case B12: the owner of a mailbox who did not sign up can remove the sign-up.
func TestDisown(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		token := w.token("ada@example.org")
		w.must(w.Disown(w.ctx, token))
		_, err := w.FindUser(w.ctx, "ada")
		w.refused(err, refusal.UserNotFound)
		_, err = w.SignUpStatus(w.ctx, ada)
		w.refused(err, refusal.TicketUnknown)
		for _, err := range []error{w.Disown(w.ctx, token), second(w.Confirm(w.ctx, token)), w.Disown(w.ctx, "nonsense")} {
			w.refused(err, refusal.TokenUnknown)
		}
		events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{Limit: 1})
		if err != nil || len(events) != 1 || events[0].Type != event.Disowned || events[0].Actor != signup.ActorPerson {
			t.Errorf("%v %v", events, err)
		}
		w.signUp("ada") // the username is free
		token = w.token("ada@example.org")
		w.clock.Advance(25 * time.Hour)
		w.must(w.Disown(w.ctx, token)) // an expired token works here too
	})
}

func second[T any](_ T, err error) error { return err }

// Disown removes only the link's own sign-up and leaves the others alone.
func TestDisownOneOfSeveral(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const address = "shared@example.org"
		tickets, links := map[string]string{}, map[string]string{}
		for _, name := range []string{"first", "second", "third"} {
			tickets[name] = w.ticket(at(name, address))
			for _, m := range w.deliver() {
				links[m.User.Username] = m.Link
			}
			w.clock.Advance(time.Minute)
		}
		w.must(w.Disown(w.ctx, links["second"]))
		w.must(w.Disown(w.ctx, links["first"]))
		for _, name := range []string{"first", "second"} {
			_, err := w.Confirm(w.ctx, links[name])
			w.refused(err, refusal.TokenUnknown)
			_, err = w.SignUpStatus(w.ctx, tickets[name])
			w.refused(err, refusal.TicketUnknown)
			w.signUp(name) // the username is free
		}
		w.deliver()
		_, err := w.Confirm(w.ctx, links["third"])
		w.must(err)
		w.wantsStatus(tickets["third"], signup.StatusPendingApproval, "")
		if u := w.user("third"); u.Email != address || u.Name != "Person third" {
			t.Errorf("%+v", u)
		}
	})
}

func TestDisownNeverRemovesADecidedSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		used := w.token("ada@example.org")
		_, err := w.Confirm(w.ctx, used)
		w.must(err)
		id := w.user("ada").ID
		byHand, _, err := w.As("test").CreateToken(w.ctx, id)
		w.must(err)
		unused := refusal.TokenUnknown
		try := func(status signup.Status) {
			t.Helper()
			w.refused(w.Disown(w.ctx, used), refusal.AlreadyConfirmed)
			w.refused(w.Disown(w.ctx, byHand.Reveal()), unused)
			w.status("ada", status)
		}
		try(signup.StatusPendingApproval)
		_, err = w.As("test").Reject(w.ctx, id, "", "")
		w.must(err)
		try(signup.StatusRejected)
		// A new sign-up after the rejection can be disowned, and only that one.
		w.signUpAt("ada2", "ada@example.org")
		w.must(w.Disown(w.ctx, w.token("ada@example.org")))
		try(signup.StatusRejected)
		_, err = w.As("test").Reconsider(w.ctx, id)
		w.must(err)
		unused = refusal.AlreadyConfirmed // withdrawing the rejection ended every link
		_, err = w.As("test").Approve(w.ctx, id)
		w.must(err)
		try(signup.StatusActive)
	})
}

func TestTermsMustBeAccepted(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) { o.TermsVersion = "2026-01" })
			for _, version := range []string{"", "2025-01", "true"} {
				r := person("ada")
				r.TermsVersion = version
				_, err := w.SignUp(w.ctx, r)
				refusals := refusal.Of(err)
				if len(refusals) != 1 || refusals[0].Field != "terms_version" || refusals[0].Code != refusal.Invalid {
					t.Errorf("%q: %v", version, err)
				}
			}
			r := person("ada")
			r.TermsVersion = "2026-01"
			accepted := w.clock.Now()
			ada := w.ticket(r)
			w.clock.Advance(time.Hour)
			w.must(w.CorrectByTicket(w.ctx, ada, "ada2@example.org")) // the terms need not be accepted again
			if u := w.user("ada"); u.TermsVersion != "2026-01" || !u.TermsAt.Equal(accepted) {
				t.Errorf("%q %s", u.TermsVersion, u.TermsAt)
			}
		})
	}
	for _, o := range []signup.Options{
		{TermsVersion: " x"},
		{TermsVersion: "1", Fields: field.List{{Name: "terms", Type: field.Boolean}}},
	} {
		if _, err := signup.New(openSQLite(t), o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
