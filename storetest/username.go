package storetest

import (
	"errors"
	"time"

	"github.com/signup-go/signup"
)

func usernameTests() []test {
	return []test{
		{"ReserveUsername gives a key once, and again to its holder", reserve},
		{"a refused key leaves the transaction usable", reserveGoesOn},
		{"one of many users gets a key", reserveRace},
		{"UserByUsernameKey finds the holder, not the namesake", holder},
		{"ReleaseUsernames frees every key but one", release},
		{"HoldUsername keeps others from the key for a time", hold},
		{"LetGoUsername frees what is held for the user", letGo},
		{"DeleteExpiredUsernames removes what was held till before, in bites", deleteExpiredUsernames},
	}
}

func (s *suite) reserve(key string, id int64) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.ReserveUsername(s.ctx(), key, id, start()) })
}

func (s *suite) holder(key string) int64 {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.User, error) { return r.UserByUsernameKey(s.ctx(), key) }).ID
}

func (s *suite) free(key string) {
	s.Helper()
	s.view(func(r signup.Reader) error {
		if _, err := r.UserByUsernameKey(s.ctx(), key); !errors.Is(err, signup.ErrNotFound) {
			s.Errorf("%s: %v, want ErrNotFound", key, err)
		}
		return nil
	})
}

func reserve(s *suite) {
	a, b := s.createUser(), s.createUser()
	s.reserve("key", a.ID)
	s.reserve("key", a.ID)
	s.refused(signup.ErrUsernameReserved, func(tx signup.Tx) error {
		return tx.ReserveUsername(s.ctx(), "key", b.ID, start())
	})
	s.same("holder", s.holder("key"), a.ID)
}

func reserveGoesOn(s *suite) {
	a, b := s.createUser(), s.createUser()
	s.reserve("key", a.ID)
	s.update(func(tx signup.Tx) error {
		if err := tx.ReserveUsername(s.ctx(), "key", b.ID, start()); !errors.Is(err, signup.ErrUsernameReserved) {
			s.Errorf("ReserveUsername: %v, want ErrUsernameReserved", err)
		}
		return tx.ReserveUsername(s.ctx(), "other", b.ID, start())
	})
	s.same("holder", s.holder("other"), b.ID)
}

func reserveRace(s *suite) {
	users := make([]signup.User, many)
	for i := range users {
		users[i] = s.createUser()
	}
	s.oneWins(race(many, func(i int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			return tx.ReserveUsername(s.ctx(), "key", users[i].ID, start())
		})
	}), signup.ErrUsernameReserved)
}

func holder(s *suite) {
	s.createUser(func(u *signup.User) { u.UsernameKey = "key" })
	s.free("key")
	b := s.createUser(func(u *signup.User) { u.UsernameKey = "key" }) // keys of users need not be unique
	s.reserve("key", b.ID)
	s.same("holder", s.holder("key"), b.ID)
}

func release(s *suite) {
	a, b := s.createUser(), s.createUser()
	for _, key := range []string{"one", "two", "three"} {
		s.reserve(key, a.ID)
	}
	s.reserve("four", b.ID)
	s.update(func(tx signup.Tx) error { return tx.ReleaseUsernames(s.ctx(), a.ID, "two") })
	s.free("one")
	s.free("three")
	s.same("kept", s.holder("two"), a.ID)
	s.same("not his", s.holder("four"), b.ID)
	s.update(func(tx signup.Tx) error { return tx.ReleaseUsernames(s.ctx(), a.ID, "") })
	s.free("two")
}

func (s *suite) hold(key string, id int64, until time.Time) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.HoldUsername(s.ctx(), key, id, start(), until) })
}

func hold(s *suite) {
	a, b := s.createUser(), s.createUser()
	later := start().Add(time.Hour)
	s.hold("key", a.ID, start().Add(instant))
	s.hold("key", a.ID, later)
	s.free("key") // for whom the address is not his
	s.refused(signup.ErrUsernameReserved, func(tx signup.Tx) error {
		return tx.HoldUsername(s.ctx(), "key", b.ID, later.Add(-instant), later)
	})
	s.refused(signup.ErrUsernameReserved, func(tx signup.Tx) error {
		return tx.ReserveUsername(s.ctx(), "key", b.ID, later.Add(-instant))
	})
	s.update(func(tx signup.Tx) error { return tx.ReserveUsername(s.ctx(), "key", b.ID, later) })
	s.same("holder", s.holder("key"), b.ID)
	s.refused(signup.ErrUsernameReserved, func(tx signup.Tx) error {
		return tx.HoldUsername(s.ctx(), "key", a.ID, later, later)
	})
	s.hold("other", a.ID, later)
	s.update(func(tx signup.Tx) error { return tx.HoldUsername(s.ctx(), "other", b.ID, later, later.Add(time.Hour)) })
	s.reserve("a's", a.ID)
	s.hold("a's", a.ID, later) // his own
}

func letGo(s *suite) {
	a, b := s.createUser(), s.createUser()
	s.hold("key", a.ID, start().Add(time.Hour))
	s.update(func(tx signup.Tx) error { return tx.LetGoUsername(s.ctx(), "key", b.ID) })
	s.refused(signup.ErrUsernameReserved, func(tx signup.Tx) error {
		return tx.ReserveUsername(s.ctx(), "key", b.ID, start())
	})
	s.update(func(tx signup.Tx) error { return tx.LetGoUsername(s.ctx(), "key", a.ID) })
	s.reserve("key", b.ID)
	s.hold("gone", a.ID, start().Add(time.Hour))
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), a.ID) })
	s.reserve("gone", b.ID)
}

func deleteExpiredUsernames(s *suite) {
	u := s.createUser()
	for i, age := range []time.Duration{3, 2, 1, 0} {
		s.hold(string(rune('a'+i)), u.ID, start().Add(-age*time.Hour))
	}
	for _, want := range []int{2, 1, 0} {
		n := 0
		s.update(func(tx signup.Tx) (err error) {
			n, err = tx.DeleteExpiredUsernames(s.ctx(), start(), 2)
			return err
		})
		s.same("how many", n, want)
	}
}
