package storetest

import (
	"github.com/signup-go/signup"
)

func addressTests() []test {
	return []test{
		{"HoldAddress changes nothing", holdChangesNothing},
		{"AddressUses returns the holder and the number of unconfirmed users", addressUses},
		{"AddressUses accepts many keys", addressUsesMany},
		{"AddressUses sees the update's own writes", addressUsesInUpdate},
	}
}

func holdChangesNothing(s *suite) {
	u := s.createUser(verified)
	s.update(func(tx signup.Tx) error {
		for _, key := range append(awkward(), u.EmailKey, u.EmailKey) {
			if err := tx.HoldAddress(s.ctx(), key); err != nil {
				return err
			}
		}
		return nil
	})
	s.same("users", s.allUsers(), []int64{u.ID})
	s.same("user", s.user(u.ID), u)
}

func (s *suite) uses(keys ...string) map[string]signup.AddressUse {
	s.Helper()
	uses := read(s, func(r signup.Reader) (map[string]signup.AddressUse, error) { return r.AddressUses(s.ctx(), keys) })
	return used(uses)
}

// used removes the keys that no user has: they may be missing.
func used(uses map[string]signup.AddressUse) map[string]signup.AddressUse {
	left := map[string]signup.AddressUse{}
	for key, use := range uses {
		if use != (signup.AddressUse{}) {
			left[key] = use
		}
	}
	return left
}

func addressUses(s *suite) {
	want := map[string]signup.AddressUse{}
	keys := []string{"nobody@example.org"}
	for i, key := range []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org", "O'Brien%_@example.org"} {
		use := signup.AddressUse{Unconfirmed: i}
		for range i {
			s.createUser(address(key))
		}
		s.createUser(address(key), rejected, verified)
		s.createUser(address(key), rejected)
		if i%2 == 0 {
			use.HolderID = s.createUser(address(key), active).ID
		}
		want[key] = use
		keys = append(keys, key)
	}
	needsNoLink := s.createUser(func(u *signup.User) { u.VerificationRequired = false })
	s.same("of all", s.uses(keys...), used(want))
	s.same("of one", s.uses(keys[2]), map[string]signup.AddressUse{keys[2]: want[keys[2]]})
	s.same("of one twice", s.uses(keys[2], keys[2]), map[string]signup.AddressUse{keys[2]: want[keys[2]]})
	s.same("of one that needs no confirmation", s.uses(needsNoLink.EmailKey),
		map[string]signup.AddressUse{needsNoLink.EmailKey: {HolderID: needsNoLink.ID}})
	s.same("of nobody", s.uses("nobody@example.org"), map[string]signup.AddressUse{})
	s.same("of none", s.uses(), map[string]signup.AddressUse{})
}

func addressUsesMany(s *suite) {
	users := make([]signup.User, 300)
	keys, want := []string{}, map[string]signup.AddressUse{}
	for i := range users {
		users[i] = s.person()
		keys = append(keys, users[i].EmailKey)
		want[users[i].EmailKey] = signup.AddressUse{Unconfirmed: 1}
	}
	s.createUsers(users)
	s.same("uses", s.uses(keys...), want)
}

func addressUsesInUpdate(s *suite) {
	s.update(func(tx signup.Tx) error {
		u := s.person()
		verified(&u)
		u, err := tx.CreateUser(s.ctx(), u)
		if err != nil {
			return err
		}
		uses, err := tx.AddressUses(s.ctx(), []string{u.EmailKey})
		s.same("uses", uses, map[string]signup.AddressUse{u.EmailKey: {HolderID: u.ID}})
		return err
	})
}
