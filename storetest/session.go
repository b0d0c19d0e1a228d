package storetest

import (
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func sessionTests() []test {
	return []test{
		{"every field is read back", sessionComesBack},
		{"Sessions lists the sessions of the user, newest first", sessionsInOrder},
		{"TouchSession stores SeenAt and ExpiresAt", sessionTouched},
		{"DeleteSessions removes one session, and only of its user", sessionEnds},
		{"DeleteSessions removes every session of one user", sessionsEnd},
	}
}

func session(userID int64) signup.Session {
	return signup.Session{
		ID: newID(), UserID: userID, TokenHash: newID(), Agent: "Browser 🧵/1.0",
		CreatedAt: start(), SeenAt: start().Add(time.Minute), ExpiresAt: start().Add(time.Hour),
	}
}

func (s *suite) createSession(userID int64, changes ...func(*signup.Session)) signup.Session {
	s.Helper()
	session := session(userID)
	for _, change := range changes {
		change(&session)
	}
	s.update(func(tx signup.Tx) error { return tx.CreateSession(s.ctx(), session) })
	return session
}

func (s *suite) sessions(userID int64) []signup.Session {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.Session, error) { return r.Sessions(s.ctx(), userID) })
}

func (s *suite) session(hash string) signup.Session {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.Session, error) { return r.SessionByHash(s.ctx(), hash) })
}

func (s *suite) deleteSessions(userID int64, id string) int {
	s.Helper()
	return write(s, func(tx signup.Tx) (int, error) { return tx.DeleteSessions(s.ctx(), userID, id) })
}

func sessionComesBack(s *suite) {
	for range 2 * len(awkward()) {
		want := filled[signup.Session](s)
		s.update(func(tx signup.Tx) error { return tx.CreateSession(s.ctx(), want) })
		s.same("by hash", s.session(want.TokenHash), want)
		s.same("in a list", s.sessions(want.UserID), []signup.Session{want})
	}
	bare := s.createSession(s.createUser().ID, func(s *signup.Session) { s.Agent = "" })
	s.same("bare session", s.session(bare.TokenHash), bare)
}

// sessionsInOrder creates the sessions in the order of their times, because the
// contract does not say which of the two times decides.
func sessionsInOrder(s *suite) {
	u, other := s.createUser(), s.createUser()
	want := []signup.Session{}
	for i := range 4 {
		want = slices.Insert(want, 0, s.createSession(u.ID, func(s *signup.Session) {
			s.CreatedAt = start().Add(time.Duration(i) * instant)
			s.ExpiresAt = start().Add(time.Duration(i*7%4-2) * time.Hour)
		}))
		s.createSession(other.ID)
	}
	s.same("sessions", s.sessions(u.ID), want)
}

func sessionTouched(s *suite) {
	u := s.createUser()
	touched, other := s.createSession(u.ID), s.createSession(u.ID)
	for _, changed := range refill(s, touched) {
		changed.ID = touched.ID
		s.update(func(tx signup.Tx) error { return tx.TouchSession(s.ctx(), changed) })
		s.same("session", s.session(touched.TokenHash), with(touched, changed, "SeenAt", "ExpiresAt"))
	}
	s.same("the other", s.session(other.TokenHash), other)
}

func sessionEnds(s *suite) {
	u, other := s.createUser(), s.createUser()
	ended, stays := s.createSession(u.ID), s.createSession(u.ID)
	s.same("of another user", s.deleteSessions(other.ID, ended.ID), 0)
	s.same("sessions", len(s.sessions(u.ID)), 2)
	s.same("ended", s.deleteSessions(u.ID, ended.ID), 1)
	s.same("ended again", s.deleteSessions(u.ID, ended.ID), 0)
	s.same("sessions", s.sessions(u.ID), []signup.Session{stays})
}

func sessionsEnd(s *suite) {
	u, other := s.createUser(), s.createUser()
	s.createSession(u.ID)
	s.createSession(u.ID, func(s *signup.Session) { s.ExpiresAt = start() })
	stays := s.createSession(other.ID)
	s.same("ended", s.deleteSessions(u.ID, ""), 2)
	s.same("ended again", s.deleteSessions(u.ID, ""), 0)
	s.same("of the user", s.sessions(u.ID), []signup.Session{})
	s.same("of the other", s.sessions(other.ID), []signup.Session{stays})
}
