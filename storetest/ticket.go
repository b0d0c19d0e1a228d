package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func ticketTests() []test {
	return []test{
		{"every field is read back", ticketComesBack},
		{"PutTicket replaces the ticket with the same hash and no other", replaceTicket},
		{"a hash of 128 characters fits", ticketLength},
		{"an expired ticket can be read", expiredTicket},
		{"DeleteTickets deletes those of one user", deleteTickets},
	}
}

func ticket(userID int64) signup.Ticket {
	return signup.Ticket{
		Hash: newID(), UserID: userID, AskedAt: start(), CreatedAt: start(), ExpiresAt: start().Add(time.Hour),
	}
}

func (s *suite) putTicket(userID int64, changes ...func(*signup.Ticket)) signup.Ticket {
	s.Helper()
	t := ticket(userID)
	for _, change := range changes {
		change(&t)
	}
	s.put(t)
	return t
}

func (s *suite) put(t signup.Ticket) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.PutTicket(s.ctx(), t) })
}

func (s *suite) ticket(hash string) signup.Ticket {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(s.ctx(), hash) })
}

func ticketComesBack(s *suite) {
	full := filled[signup.Ticket](s)
	s.put(full)
	s.same("ticket", s.ticket(full.Hash), full)
	bare := signup.Ticket{Hash: "bare", UserID: full.UserID, AskedAt: start(), CreatedAt: start(), ExpiresAt: start()}
	s.put(bare)
	s.same("bare ticket", s.ticket("bare"), bare)
	for _, hash := range awkward() {
		t := s.putTicket(full.UserID, func(t *signup.Ticket) { t.Hash = hash })
		s.same("ticket", s.ticket(hash), t)
	}
}

func replaceTicket(s *suite) {
	t, other := filled[signup.Ticket](s), filled[signup.Ticket](s)
	s.put(t)
	s.put(other)
	for _, changed := range refill(s, t) {
		changed.Hash = t.Hash
		s.put(changed)
		s.same("ticket", s.ticket(t.Hash), changed)
	}
	cleared := signup.Ticket{Hash: t.Hash, UserID: t.UserID, AskedAt: start(), CreatedAt: start(), ExpiresAt: start()}
	s.put(cleared)
	s.same("cleared", s.ticket(t.Hash), cleared)
	s.same("the other", s.ticket(other.Hash), other)
}

func ticketLength(s *suite) {
	long := ""
	for range 128 {
		long += "h"
	}
	t := s.putTicket(s.createUser().ID, func(t *signup.Ticket) { t.Hash = long })
	s.same("ticket", s.ticket(long), t)
}

func expiredTicket(s *suite) {
	t := s.putTicket(s.createUser().ID, func(t *signup.Ticket) { t.ExpiresAt = time.UnixMilli(1).UTC() })
	s.same("ticket", s.ticket(t.Hash), t)
}

func deleteTickets(s *suite) {
	a, b := s.createUser(), s.createUser()
	gone, other := []signup.Ticket{s.putTicket(a.ID), s.putTicket(a.ID)}, s.putTicket(b.ID)
	s.update(func(tx signup.Tx) error { return tx.DeleteTickets(s.ctx(), a.ID) })
	for _, t := range gone {
		s.missing("ticket", s.store.View(s.ctx(), func(r signup.Reader) error { return second(r.Ticket(s.ctx(), t.Hash)) }))
	}
	s.same("another user's ticket", s.ticket(other.Hash), other)
}
