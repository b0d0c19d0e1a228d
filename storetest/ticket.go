package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

func ticketTests() []test {
	return []test{
		{"every field comes back", ticketComesBack},
		{"UpdateTicket stores all but Hash, CreatedAt and ExpiresAt", updateTicket},
		{"Tickets lists the user's", ticketsOfUser},
		{"a verb on a ticket that is not there is refused", ticketNotThere},
		{"DeleteUser takes the tickets along", deleteUserWithTickets},
		{"DeleteExpiredTickets removes what expired before, in bites", deleteExpiredTickets},
		{"AdoptClaim makes what hangs on the claim the user's own", adoptClaim},
		{"SpendTokensOf spends the tokens of one sign-up", spendTokensOf},
	}
}

func (s *suite) createTicket(userID int64, hash string, change ...func(*signup.Ticket)) signup.Ticket {
	s.Helper()
	t := signup.Ticket{
		Hash: hash, UserID: userID, AskedAt: start(), CreatedAt: start(), ExpiresAt: start().Add(time.Hour),
	}
	for _, f := range change {
		f(&t)
	}
	s.update(func(tx signup.Tx) error { return tx.CreateTicket(s.ctx(), t) })
	return t
}

func (s *suite) storedTicket(hash string) signup.Ticket {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(s.ctx(), hash) })
}

func (s *suite) tickets(userID int64) []signup.Ticket {
	s.Helper()
	all := read(s, func(r signup.Reader) ([]signup.Ticket, error) { return r.Tickets(s.ctx(), userID) })
	slices.SortFunc(all, func(a, b signup.Ticket) int { return strings.Compare(a.Hash, b.Hash) })
	return all
}

func ticketComesBack(s *suite) {
	u := s.createUser()
	want := s.createTicket(u.ID, "a", func(t *signup.Ticket) {
		t.ClaimID, t.Held, t.Corrections, t.Resends = "c", `{"name":"<b>\u0000é"}`, 3, 4
		t.AskedAt, t.ExpiresAt = start().Add(instant), start().Add(48*time.Hour)
	})
	s.same("ticket", s.storedTicket("a"), want)
}

func updateTicket(s *suite) {
	u, other := s.createUser(), s.createUser()
	want := s.createTicket(u.ID, "a")
	changed := want
	changed.UserID, changed.ClaimID, changed.Held = other.ID, "x", `{}`
	changed.Corrections, changed.Resends, changed.AskedAt = 1, 2, start().Add(time.Minute)
	sent := changed
	sent.CreatedAt, sent.ExpiresAt = start().Add(time.Hour), start().Add(2*time.Hour)
	s.update(func(tx signup.Tx) error { return tx.UpdateTicket(s.ctx(), sent) })
	s.same("ticket", s.storedTicket("a"), changed)
}

func ticketsOfUser(s *suite) {
	a, b := s.createUser(), s.createUser()
	want := []signup.Ticket{s.createTicket(a.ID, "1"), s.createTicket(a.ID, "2")}
	s.createTicket(b.ID, "3")
	s.same("tickets", s.tickets(a.ID), want)
	s.same("none", s.tickets(s.createUser().ID), []signup.Ticket{})
}

func ticketNotThere(s *suite) {
	u := s.createUser()
	for _, verb := range []func(signup.Tx) error{
		func(tx signup.Tx) error { return second(tx.Ticket(s.ctx(), "x")) },
		func(tx signup.Tx) error { return tx.UpdateTicket(s.ctx(), signup.Ticket{Hash: "x", UserID: u.ID}) },
		func(tx signup.Tx) error { return tx.DeleteTicket(s.ctx(), "x") },
		func(tx signup.Tx) error {
			return tx.CreateTicket(s.ctx(), signup.Ticket{Hash: "x", UserID: u.ID + 1000})
		},
		func(tx signup.Tx) error { return tx.AdoptClaim(s.ctx(), signup.Claim{ID: "x", UserID: u.ID}) },
	} {
		s.refused(signup.ErrNotFound, verb)
	}
	s.createTicket(u.ID, "x")
	s.update(func(tx signup.Tx) error { return tx.DeleteTicket(s.ctx(), "x") })
	s.same("tickets", s.tickets(u.ID), []signup.Ticket{})
}

func deleteUserWithTickets(s *suite) {
	u, other := s.createUser(), s.createUser()
	s.createTicket(u.ID, "a")
	kept := s.createTicket(other.ID, "b")
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), u.ID) })
	s.same("gone", s.tickets(u.ID), []signup.Ticket{})
	s.same("another user's", s.tickets(other.ID), []signup.Ticket{kept})
}

func deleteExpiredTickets(s *suite) {
	u := s.createUser()
	for i, age := range []time.Duration{3, 2, 1} {
		s.createTicket(u.ID, string(rune('a'+i)), func(t *signup.Ticket) { t.ExpiresAt = start().Add(-age * time.Hour) })
	}
	kept := s.createTicket(u.ID, "z", func(t *signup.Ticket) { t.ExpiresAt = start() })
	for _, want := range []int{2, 1, 0} {
		n := 0
		s.update(func(tx signup.Tx) (err error) {
			n, err = tx.DeleteExpiredTickets(s.ctx(), start(), 2)
			return err
		})
		s.same("how many", n, want)
	}
	s.same("tickets", s.tickets(u.ID), []signup.Ticket{kept})
}

func adoptClaim(s *suite) {
	u := s.createUser()
	c, t := s.claimedToken(u.ID)
	other, otherToken := s.claimedToken(u.ID)
	m := s.addMail(u.ID, func(m *signup.Mail) { m.ClaimID = c.ID })
	otherMail := s.addMail(u.ID, func(m *signup.Mail) { m.ClaimID = other.ID })
	ticket := s.createTicket(u.ID, "a", func(t *signup.Ticket) { t.ClaimID = c.ID })
	otherTicket := s.createTicket(u.ID, "b", func(t *signup.Ticket) { t.ClaimID = other.ID })
	s.update(func(tx signup.Tx) error { return tx.AdoptClaim(s.ctx(), c) })
	t.ClaimID, m.ClaimID, ticket.ClaimID = "", "", ""
	s.same("claims", s.claims(u.ID), []signup.Claim{other})
	s.same("token", s.storedToken(t.TokenHash), t)
	s.same("another claim's token", s.storedToken(otherToken.TokenHash), otherToken)
	for _, want := range []signup.Mail{m, otherMail} {
		s.same("mail", read(s, func(r signup.Reader) (signup.Mail, error) { return r.Mail(s.ctx(), want.ID) }), want)
	}
	s.same("tickets", s.tickets(u.ID), []signup.Ticket{ticket, otherTicket})
}

func spendTokensOf(s *suite) {
	u := s.createUser()
	own := s.createToken(u.ID)
	c, claimed := s.claimedToken(u.ID)
	spend := func(claimID string) {
		s.update(func(tx signup.Tx) error { return tx.SpendTokensOf(s.ctx(), u.ID, claimID) })
	}
	spend("")
	own.Used = true
	s.same("own", s.storedToken(own.TokenHash), own)
	s.same("of the claim", s.storedToken(claimed.TokenHash), claimed)
	spend(c.ID)
	claimed.Used = true
	s.same("of the claim", s.storedToken(claimed.TokenHash), claimed)
}
