package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func sessionTests() []test {
	return []test{
		{"every field comes back, newest first", sessionsComeBack},
		{"TouchSession moves its times", sessionTouched},
		{"a session ends once, and only for its user", sessionEnds},
		{"all sessions of a user end, and nobody else's", sessionsEnd},
		{"expired sessions go in bites, the oldest first", sessionsExpire},
		{"a user's sessions go with the user", sessionsGoWithUser},
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

func sessionsComeBack(s *suite) {
	u, other := s.createUser(), s.createUser()
	first, second := s.createSession(u.ID), s.createSession(u.ID)
	s.createSession(other.ID)
	s.same("sessions", s.sessions(u.ID), []signup.Session{second, first})
	s.same("by hash", read(s, func(r signup.Reader) (signup.Session, error) {
		return r.SessionByHash(s.ctx(), first.TokenHash)
	}), first)
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
		_, err := tx.SessionByHash(s.ctx(), "unknown")
		return err
	})
}

func sessionTouched(s *suite) {
	u := s.createUser()
	touched, other := s.createSession(u.ID), s.createSession(u.ID)
	touched.SeenAt, touched.ExpiresAt = start().Add(2*time.Hour), start().Add(3*time.Hour)
	s.update(func(tx signup.Tx) error { return tx.TouchSession(s.ctx(), touched) })
	s.same("sessions", s.sessions(u.ID), []signup.Session{other, touched})
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error { return tx.TouchSession(s.ctx(), session(u.ID)) })
}

func sessionEnds(s *suite) {
	u, other := s.createUser(), s.createUser()
	ended, stays := s.createSession(u.ID), s.createSession(u.ID)
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error { return tx.DeleteSession(s.ctx(), other.ID, ended.ID) })
	s.update(func(tx signup.Tx) error { return tx.DeleteSession(s.ctx(), u.ID, ended.ID) })
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error { return tx.DeleteSession(s.ctx(), u.ID, ended.ID) })
	s.same("sessions", s.sessions(u.ID), []signup.Session{stays})
}

func sessionsEnd(s *suite) {
	u, other := s.createUser(), s.createUser()
	s.createSession(u.ID)
	s.createSession(u.ID)
	stays := s.createSession(other.ID)
	var n int
	end := func(tx signup.Tx) (err error) {
		n, err = tx.DeleteSessions(s.ctx(), u.ID)
		return err
	}
	s.update(end)
	s.same("ended", n, 2)
	s.update(end)
	s.same("ended again", n, 0)
	s.same("of the other", s.sessions(other.ID), []signup.Session{stays})
}

func sessionsExpire(s *suite) {
	u := s.createUser()
	now := start().Add(time.Hour)
	until := func(t time.Time) func(*signup.Session) { return func(s *signup.Session) { s.ExpiresAt = t } }
	atNow := s.createSession(u.ID, until(now))
	stays := s.createSession(u.ID, until(now.Add(instant)))
	s.createSession(u.ID, until(now.Add(-time.Hour)))
	var n int
	clean := func(tx signup.Tx) (err error) {
		n, err = tx.DeleteExpiredSessions(s.ctx(), now, 1)
		return err
	}
	s.update(clean)
	s.same("left", s.sessions(u.ID), []signup.Session{stays, atNow})
	s.update(clean)
	s.same("cleaned", n, 1)
	s.update(clean)
	s.same("nothing more to clean", n, 0)
	s.same("left", s.sessions(u.ID), []signup.Session{stays})
}

func sessionsGoWithUser(s *suite) {
	u := s.createUser()
	session := s.createSession(u.ID)
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), u.ID) })
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
		_, err := tx.SessionByHash(s.ctx(), session.TokenHash)
		return err
	})
}
