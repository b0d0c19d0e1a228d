package signup_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup"
)

// ticket signs somebody up in a browser and returns the ticket.
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

func (w *world) standing(ticket string) signup.Standing {
	w.t.Helper()
	st, err := w.Standing(w.ctx, ticket)
	w.must(err)
	return st
}

func (w *world) wantsStanding(ticket string, status signup.Status, mail signup.MailState) {
	w.t.Helper()
	if st := w.standing(ticket); st.Status != status || st.Mail != mail {
		w.t.Fatalf("%s %s, want %s %s", st.Status, st.Mail, status, mail)
	}
}

func TestTicketFollowsTheSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(at("ada", " Ada@example.org"))
		if st := w.standing(ada); st.Email != "Ada@example.org" || !st.ApprovalRequired || st.Verified {
			t.Errorf("%+v", st)
		}
		w.wantsStanding(ada, signup.StatusUnconfirmed, signup.MailOwed)
		token := w.token("Ada@example.org")
		w.clock.advance(time.Minute)
		w.wantsStanding(ada, signup.StatusUnconfirmed, signup.MailSent)
		_, err := w.Confirm(w.ctx, token)
		w.must(err)
		w.wantsStanding(ada, signup.StatusPendingApproval, "")
		_, err = w.Reject(w.ctx, w.user("ada").ID, "Too early", "secret note", "test")
		w.must(err)
		if st := w.standing(ada); st.Status != signup.StatusRejected || st.Reason != "Too early" {
			t.Errorf("%+v", st)
		}
		w.refused(w.ResendByTicket(w.ctx, ada), signup.CodeConflict)
		w.refused(w.CorrectByTicket(w.ctx, ada, "other@example.org"), signup.CodeConflict)
		_, err = w.Reconsider(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		_, err = w.Approve(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		w.wantsStanding(ada, signup.StatusActive, "")
		for _, bad := range []string{"", "x", ada[1:], ada + "A", token} {
			_, err := w.Standing(w.ctx, bad)
			w.refused(err, signup.CodeTicketUnknown)
		}
		w.clock.advance(signup.TicketLifetime)
		_, err = w.Standing(w.ctx, ada)
		w.refused(err, signup.CodeTicketUnknown)
		_, err = w.DeleteExpired(w.ctx)
		w.must(err)
	})
}

func TestTicketTellsOfMailThatFailed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		ids, err := w.OwedMails(w.ctx, 0)
		w.must(err)
		_, err = w.MailFailed(w.ctx, ids[0], signup.Failure{Answer: "no such mailbox", Permanent: true})
		w.must(err)
		w.clock.advance(time.Minute)
		w.wantsStanding(ada, signup.StatusUnconfirmed, signup.MailFailed)
		w.must(w.CorrectByTicket(w.ctx, ada, "ada2@example.org"))
		w.wantsStanding(ada, signup.StatusUnconfirmed, signup.MailOwed)
		_, err = w.Confirm(w.ctx, w.token("ada2@example.org"))
		w.must(err)
		w.wantsStanding(ada, signup.StatusPendingApproval, "")
	})
}

func TestTicketLapsesWithTheSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		w.token("ada@example.org")
		w.clock.advance(8 * 24 * time.Hour)
		_, err := w.DeleteLapsed(w.ctx)
		w.must(err)
		for _, err := range []error{
			w.ResendByTicket(w.ctx, ada), w.CorrectByTicket(w.ctx, ada, "ada2@example.org"),
		} {
			w.refused(err, signup.CodeTicketUnknown)
		}
	})
}

// The countdown is the ticket's own, whatever others ask for.
func TestResendByTicketWaits(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		w.token("ada@example.org")
		for i, wait := range []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute, time.Hour} {
			if got := w.standing(ada).ResendAt.Sub(w.clock.Now()); got != wait {
				t.Fatalf("%d: %s, want %s", i, got, wait)
			}
			w.refused(w.ResendByTicket(w.ctx, ada), signup.CodeTooSoon)
			w.clock.advance(wait)
			w.must(w.ResendByTicket(w.ctx, ada))
			w.token("ada@example.org")
		}
	})
}

// Whoever signs up with a taken address sees, and can do, what whoever signs
// up with a free one does.
func TestTicketConcealsTakenAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("owner")
		_, err := w.Confirm(w.ctx, w.token("owner@example.org"))
		w.must(err)
		free, taken := w.ticket(at("free", "free@example.org")), w.ticket(at("taken", "owner@example.org"))
		same := func(what string) {
			t.Helper()
			a, b := w.standing(free), w.standing(taken)
			a.Email, b.Email = "", ""
			if diff := cmp.Diff(a, b); diff != "" {
				t.Fatalf("%s: free (-), taken (+):\n%s", what, diff)
			}
		}
		same("at once")
		w.deliver()
		same("sent")
		w.clock.advance(settled)
		same("later")
		w.refused(w.ResendByTicket(w.ctx, taken), signup.CodeTooSoon)
		w.clock.advance(time.Minute)
		for _, ticket := range []string{free, taken} {
			w.must(w.ResendByTicket(w.ctx, ticket))
		}
		same("asked again")
		w.deliver()
		w.clock.advance(settled)
		same("sent again")
		// Somebody confirms the owner's address no more: the one who took it
		// corrects it, and gets a link that works.
		w.must(w.CorrectByTicket(w.ctx, free, "free2@example.org"))
		w.must(w.CorrectByTicket(w.ctx, taken, "taken2@example.org"))
		same("corrected")
		_, err = w.Confirm(w.ctx, w.token("taken2@example.org"))
		w.must(err)
		w.wantsStanding(taken, signup.StatusPendingApproval, "")
		if u := w.user("taken"); u.Email != "taken2@example.org" {
			t.Errorf("%s", u.Email)
		}
		w.status("owner", signup.StatusPendingApproval)
	})
}

const settled = 20 * time.Second // after this long a mail that was sent shows as sent

func TestTakenAddressIsGoneWhenAFreeOneWouldBe(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("owner")
		_, err := w.Confirm(w.ctx, w.token("owner@example.org"))
		w.must(err)
		taken := w.ticket(at("taken", "owner@example.org"))
		w.clock.advance(7*24*time.Hour - time.Second)
		w.wantsStanding(taken, signup.StatusUnconfirmed, signup.MailOwed)
		w.clock.advance(2 * time.Second)
		_, err = w.Standing(w.ctx, taken)
		w.refused(err, signup.CodeTicketUnknown)
	})
}

// Of several sign-ups for an address, a ticket reaches its own and no other.
func TestTicketsOfOneAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const address = "shared@example.org"
		first := w.ticket(at("first", address))
		second := w.ticket(at("second", address))
		third := w.ticket(at("third", address))
		links := map[string]string{}
		for _, m := range w.deliver() {
			links[m.User.Username] = m.Link
		}
		// The first corrects his: the links of the others go on working.
		w.must(w.CorrectByTicket(w.ctx, first, "first@example.org"))
		_, err := w.Confirm(w.ctx, links["first"])
		w.refused(err, signup.CodeTokenUnknown)
		if got := w.standing(second).Email + w.standing(third).Email; got != address+address {
			t.Errorf("%s", got)
		}
		w.clock.advance(time.Minute)
		w.must(w.ResendByTicket(w.ctx, third))
		if letters := w.deliver(); len(letters) != 2 { // and the first's
			t.Errorf("%d letters", len(letters))
		}
		_, err = w.Confirm(w.ctx, links["third"])
		w.must(err)
		w.wantsStanding(third, signup.StatusPendingApproval, "")
		if u := w.user("third"); u.Email != address || u.Name != "Person third" {
			t.Errorf("%+v", u)
		}
		// The second lost, and is not told; he takes another address.
		w.clock.advance(settled)
		if st := w.standing(second); st.Status != signup.StatusUnconfirmed {
			t.Errorf("%+v", st)
		}
		w.must(w.CorrectByTicket(w.ctx, second, "second@example.org"))
		_, err = w.Confirm(w.ctx, w.token("second@example.org"))
		w.must(err)
		w.wantsStanding(second, signup.StatusPendingApproval, "")
		w.wantsStanding(third, signup.StatusPendingApproval, "")
		w.status("second", signup.StatusPendingApproval)
	})
}

func TestCorrectByTicketIsLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		old := w.token("ada@example.org")
		w.must(w.CorrectByTicket(w.ctx, ada, "ada@example.org")) // nothing to do
		w.refused(w.CorrectByTicket(w.ctx, ada, "nonsense"), signup.CodeInvalid)
		for _, address := range []string{"1@example.org", "2@example.org", "3@example.org", "4@example.org", "Ada@example.org"} {
			w.must(w.CorrectByTicket(w.ctx, ada, address))
		}
		w.refused(w.CorrectByTicket(w.ctx, ada, "6@example.org"), signup.CodeTooManyCorrections)
		_, err := w.Confirm(w.ctx, old)
		w.refused(err, signup.CodeTokenUnknown)
		if _, total, err := w.Users(w.ctx, signup.UserQuery{}); err != nil || total != 1 {
			t.Errorf("%d users, %v", total, err)
		}
		if letters := w.deliver(); len(letters) != 1 || letters[0].Recipient.Email != "Ada@example.org" {
			t.Errorf("%v", letters)
		}
		w.signUp("1") // the addresses on the way are free
	})
}

func TestCorrectByTicketToATakenAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("bob")
		_, err := w.Confirm(w.ctx, w.token("bob@example.org"))
		w.must(err)
		ada := w.ticket(person("ada"))
		w.must(w.CorrectByTicket(w.ctx, ada, "bob@example.org"))
		if st := w.standing(ada); st.Email != "bob@example.org" || st.Status != signup.StatusUnconfirmed {
			t.Errorf("%+v", st)
		}
		w.must(w.CorrectByTicket(w.ctx, ada, "ada2@example.org"))
		w.set("conceal_emails", "false")
		w.refused(w.CorrectByTicket(w.ctx, ada, "bob@example.org"), signup.CodeEmailTaken)
		if st := w.standing(ada); st.Email != "ada2@example.org" {
			t.Errorf("%+v", st)
		}
		w.status("bob", signup.StatusPendingApproval)
	})
}

// Whatever comes first, a confirmed sign-up is never withdrawn.
func TestConfirmAndCorrectAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for range 10 {
			w.clock.advance(3 * time.Hour) // an address gets so many mails a day
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
					t.Fatalf("confirmed, and now %+v", u)
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

// Case B12: whoever has the mailbox and did not sign up gets rid of it.
func TestDisown(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(person("ada"))
		token := w.token("ada@example.org")
		w.must(w.Disown(w.ctx, token))
		_, err := w.FindUser(w.ctx, "ada")
		w.refused(err, signup.CodeUserNotFound)
		_, err = w.Standing(w.ctx, ada)
		w.refused(err, signup.CodeTicketUnknown)
		for _, err := range []error{w.Disown(w.ctx, token), second(w.Confirm(w.ctx, token)), w.Disown(w.ctx, "nonsense")} {
			w.refused(err, signup.CodeTokenUnknown)
		}
		events, err := w.Audit(w.ctx, signup.AuditQuery{Limit: 1})
		if err != nil || len(events) != 1 || events[0].Action != "user.disowned" || events[0].Actor != signup.ActorPerson {
			t.Errorf("%v %v", events, err)
		}
		w.signUp("ada") // name and address are free
		w.clock.advance(25 * time.Hour)
		w.must(w.Disown(w.ctx, w.token("ada@example.org")))
	})
}

func second[T any](_ T, err error) error { return err }

func TestDisownOneOfSeveral(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const address = "shared@example.org"
		tickets, links := map[string]string{}, map[string]string{}
		for _, name := range []string{"first", "second", "third"} {
			tickets[name] = w.ticket(at(name, address))
		}
		for _, m := range w.deliver() {
			links[m.User.Username] = m.Link
		}
		w.must(w.Disown(w.ctx, links["second"]))
		w.must(w.Disown(w.ctx, links["first"]))
		for _, name := range []string{"first", "second"} {
			_, err := w.Confirm(w.ctx, links[name])
			w.refused(err, signup.CodeTokenUnknown)
			_, err = w.Standing(w.ctx, tickets[name])
			w.refused(err, signup.CodeTicketUnknown)
			w.signUp(name) // the name is free
		}
		w.deliver()
		_, err := w.Confirm(w.ctx, links["third"])
		w.must(err)
		w.wantsStanding(tickets["third"], signup.StatusPendingApproval, "")
		if u := w.user("third"); u.Email != address || u.Name != "Person third" {
			t.Errorf("%+v", u)
		}
	})
}

func TestDisownNeverRemovesWhatWasDecided(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		used := w.token("ada@example.org")
		_, err := w.Confirm(w.ctx, used)
		w.must(err)
		id := w.user("ada").ID
		byHand, _, err := w.CreateToken(w.ctx, id, "test")
		w.must(err)
		unused := signup.CodeTokenUnknown
		try := func(status signup.Status) {
			t.Helper()
			w.refused(w.Disown(w.ctx, used), signup.CodeAlreadyConfirmed)
			w.refused(w.Disown(w.ctx, byHand.Reveal()), unused)
			w.status("ada", status)
		}
		try(signup.StatusPendingApproval)
		_, err = w.Reject(w.ctx, id, "", "", "test")
		w.must(err)
		try(signup.StatusRejected)
		// A further sign-up after the rejection can be disowned, and only that.
		w.signUp("ada")
		w.must(w.Disown(w.ctx, w.token("ada@example.org")))
		try(signup.StatusRejected)
		_, err = w.Reconsider(w.ctx, id, "test")
		w.must(err)
		unused = signup.CodeAlreadyConfirmed // taking it back closed what was open
		_, err = w.Approve(w.ctx, id, "test")
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
				refusals := signup.Refusals(err)
				if len(refusals) != 1 || refusals[0].Field != "terms_version" || refusals[0].Code != signup.CodeInvalid {
					t.Errorf("%q: %v", version, err)
				}
			}
			r := person("ada")
			r.TermsVersion = "2026-01"
			accepted := w.clock.Now()
			ada := w.ticket(r)
			w.clock.advance(time.Hour)
			w.must(w.CorrectByTicket(w.ctx, ada, "ada2@example.org")) // nothing new was accepted
			if u := w.user("ada"); u.TermsVersion != "2026-01" || !u.TermsAt.Equal(accepted) {
				t.Errorf("%q %s", u.TermsVersion, u.TermsAt)
			}
			r.Username, r.Email = "other", "ada2@example.org" // a claim
			w.ticket(r)
			_, err := w.Confirm(w.ctx, w.token("ada2@example.org"))
			w.must(err)
			if u := w.user("ada2@example.org"); u.TermsVersion != "2026-01" || u.TermsAt.IsZero() {
				t.Errorf("%q %s", u.TermsVersion, u.TermsAt)
			}
		})
	}
	for _, o := range []signup.Options{
		{TermsVersion: " x"},
		{TermsVersion: "1", Fields: signup.Fields{{Name: "terms", Type: signup.FieldBoolean}}},
	} {
		if _, err := signup.New(nil, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
