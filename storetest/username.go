package storetest

import (
	"errors"

	"github.com/signup-go/signup"
)

func usernameTests() []test {
	return []test{
		{"ReserveUsername gives a key once, and again to its holder", reserve},
		{"a refused key leaves the transaction usable", reserveGoesOn},
		{"one of many users gets a key", reserveRace},
		{"UserByUsernameKey finds the holder, not the namesake", holder},
		{"ReleaseUsernames frees every key but one", release},
	}
}

func (s *suite) reserve(key string, id int64) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.ReserveUsername(s.ctx(), key, id) })
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
		return tx.ReserveUsername(s.ctx(), "key", b.ID)
	})
	s.same("holder", s.holder("key"), a.ID)
}

func reserveGoesOn(s *suite) {
	a, b := s.createUser(), s.createUser()
	s.reserve("key", a.ID)
	s.update(func(tx signup.Tx) error {
		if err := tx.ReserveUsername(s.ctx(), "key", b.ID); !errors.Is(err, signup.ErrUsernameReserved) {
			s.Errorf("ReserveUsername: %v, want ErrUsernameReserved", err)
		}
		return tx.ReserveUsername(s.ctx(), "other", b.ID)
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
			return tx.ReserveUsername(s.ctx(), "key", users[i].ID)
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
