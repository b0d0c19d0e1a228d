package storetest

import (
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func reminderTests() []test {
	return []test{
		{"Unreminded lists exactly the users that the query describes, oldest first", unreminded},
		{"Unreminded omits users to whom a mail is owed", unremindedMails},
		{"Unreminded lists the latest unconfirmed user of an address that nobody holds", unremindedAddress},
	}
}

func reminderQuery() signup.ReminderQuery {
	return signup.ReminderQuery{CreatedAfter: start().Add(-time.Hour), CreatedTill: start()}
}

func (s *suite) unreminded(limit int) []int64 {
	s.Helper()
	return userIDs(read(s, func(r signup.Reader) ([]signup.User, error) {
		return r.Unreminded(s.ctx(), reminderQuery(), limit)
	}))
}

func created(at time.Time) func(*signup.User) { return func(u *signup.User) { u.CreatedAt = at } }

func unreminded(s *suite) {
	q := reminderQuery()
	last := s.createUser()
	first := s.createUser(created(q.CreatedAfter.Add(instant)))
	middle := s.createUser(created(start().Add(-time.Minute)))
	for _, change := range []func(*signup.User){
		created(q.CreatedAfter), created(q.CreatedAfter.Add(-time.Hour)), created(q.CreatedTill.Add(instant)),
		func(u *signup.User) { u.RemindedAt = start() },
		func(u *signup.User) { u.UndeliverableAt = start() },
		func(u *signup.User) { u.VerificationRequired = false },
		func(u *signup.User) { u.Origin = signup.OriginOperator },
		verified, rejected, admin,
	} {
		s.createUser(change)
	}
	s.same("listed", s.unreminded(100), []int64{first.ID, middle.ID, last.ID})
	s.same("two", s.unreminded(2), []int64{first.ID, middle.ID})
	s.same("none asked for", s.unreminded(0), []int64{})
}

func unremindedMails(s *suite) {
	owed, told, about := s.createUser(), s.createUser(), s.createUser()
	recipient := s.createUser(admin)
	s.addMail(owed.ID)
	for _, state := range mailStates() {
		if state != delivery.Owed {
			s.addMail(told.ID, func(m *signup.Mail) { m.State, m.EndedAt = state, start() })
		}
	}
	s.addMail(about.ID, func(m *signup.Mail) { m.RecipientID = recipient.ID })
	waits := s.createUser()
	s.addMail(waits.ID, func(m *signup.Mail) { m.NextAttemptAt = start().Add(time.Hour) })
	s.same("listed", s.unreminded(100), []int64{told.ID, about.ID})
}

func unremindedAddress(s *suite) {
	at := func(key string, changes ...func(*signup.User)) signup.User {
		return s.createUser(append(changes, address(key))...)
	}
	at("held@example.org")
	at("held@example.org", verified)
	at("held@example.org")
	at("shut@example.org", active, disabled)
	at("shut@example.org")
	at("shared@example.org")
	latest := at("shared@example.org")
	at("shared@example.org", rejected)
	at("shared@example.org", rejected, verified)
	at("reminded@example.org")
	at("reminded@example.org", func(u *signup.User) { u.RemindedAt = start() })
	at("young@example.org")
	at("young@example.org", created(reminderQuery().CreatedTill.Add(instant)))
	alone := at("alone@example.org")
	s.same("listed", s.unreminded(100), []int64{latest.ID, alone.ID})
}
