package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func raceTests() []test {
	return []test{
		{"of two administrators who demote each other one remains", demoteRace},
		{"concurrent confirmations of one address leave one holder and no open link", confirmRace},
		{"without HoldAddress one of many verifications of an address succeeds", verifyRace},
		{"of concurrent CreateUser that hold one address exactly one succeeds", createHolderRace},
		{"of concurrent CreateUser of one username exactly one succeeds", createUsernameRace},
		{"of concurrent reconsiderations of one username exactly one succeeds", reconsiderRace},
		{"concurrent read-modify-write loses no update", noLostUpdate},
		{"a user is either deleted or confirmed, never both", deleteRace},
	}
}

// demoteRace runs many pairs concurrently. Each update reads both administrators
// in order of ID, and demotes the other one only if both are active. Before that,
// it gives the other update of its pair a moment to read: if reads did not lock,
// both would see two.
func demoteRace(s *suite) {
	pairs := make([]pair, 12)
	for i := range pairs {
		pairs[i] = pair{
			ids: [2]int64{s.createUser(active, admin).ID, s.createUser(active, admin).ID},
			saw: [2]chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1)},
		}
	}
	for _, err := range race(2*len(pairs), func(i int) error { return s.demote(pairs[i/2], i%2) }) {
		if err != nil {
			s.Fatal(err)
		}
	}
	for _, p := range pairs {
		left := 0
		for _, id := range p.ids {
			if s.user(id).Role == signup.RoleAdmin {
				left++
			}
		}
		s.same("administrators left", left, 1)
	}
}

// A pair is two administrators, and whether each one's update saw two of them.
type pair struct {
	ids [2]int64
	saw [2]chan struct{}
}

func (s *suite) demote(p pair, by int) error {
	return s.store.Update(s.ctx(), func(tx signup.Tx) error {
		var users [2]signup.User
		admins := 0
		for i, id := range p.ids {
			u, err := tx.User(s.ctx(), id)
			if err != nil {
				return err
			}
			users[i] = u
			if u.Active() && u.Role == signup.RoleAdmin {
				admins++
			}
		}
		if admins < 2 {
			return nil
		}
		p.meet(by)
		users[1-by].Role = signup.RoleMember
		return tx.UpdateUser(s.ctx(), users[1-by])
	})
}

func (p pair) meet(by int) {
	select {
	case p.saw[by] <- struct{}{}:
	default: // the update is running again
	}
	select {
	case <-p.saw[1-by]:
	case <-time.After(aWhile / 5):
	}
}

const sameAddress = "same@example.org"

// confirmRace concurrently spends every token of several users with one address,
// some of them twice.
func confirmRace(s *suite) {
	var tokens []signup.SignUpToken
	var users []signup.User
	for range 5 {
		u := s.createUser(address(sameAddress))
		users = append(users, u)
		for range 3 {
			tokens = append(tokens, s.createToken(u.ID, tokenTo(sameAddress)))
		}
	}
	ctx, cancel := context.WithTimeout(s.ctx(), 20*time.Second)
	defer cancel()
	errs := race(2*len(tokens), func(i int) error { return s.confirmAt(ctx, tokens[i%len(tokens)]) })
	s.oneWins(errs, signup.ErrNotFound, signup.ErrEmailTaken)
	holds := 0
	for _, u := range users {
		if s.user(u.ID).HoldsAddress() {
			holds++
		}
	}
	s.same("holders", holds, 1)
	for _, t := range tokens {
		s.same("token used", s.storedToken(t.TokenHash).Used, true)
	}
}

// confirmAt performs the essential steps of a confirmation.
func (s *suite) confirmAt(ctx context.Context, t signup.SignUpToken) error {
	return s.store.Update(ctx, func(tx signup.Tx) error {
		if err := tx.HoldAddress(ctx, sameAddress); err != nil {
			return err
		}
		if err := s.confirm(ctx, tx, t); err != nil {
			return err
		}
		return tx.CloseLinksAt(ctx, sameAddress, start())
	})
}

func (s *suite) confirm(ctx context.Context, tx signup.Tx, t signup.SignUpToken) error {
	spent, err := tx.SpendToken(ctx, t.TokenHash, start())
	if err != nil {
		return err
	}
	u, err := tx.User(ctx, spent.UserID)
	if err != nil {
		return err
	}
	verified(&u)
	return tx.UpdateUser(ctx, u)
}

// changeRace changes many users concurrently, each in an Update of its own.
func (s *suite) changeRace(want error, change func(*signup.User), before ...func(*signup.User)) {
	s.Helper()
	users := make([]signup.User, 20)
	for i := range users {
		users[i] = s.createUser(before...)
	}
	s.oneWins(race(len(users), func(i int) error { return s.updateUser(users[i].ID, change) }), want)
}

func verifyRace(s *suite) {
	s.changeRace(signup.ErrEmailTaken, verified, address(sameAddress))
}

func reconsiderRace(s *suite) {
	s.changeRace(signup.ErrUsernameTaken, func(u *signup.User) { u.RejectedAt = time.Time{} }, rejected, username("same"))
}

func (s *suite) createRace(want error, changes ...func(*signup.User)) {
	s.Helper()
	people := make([]signup.User, many)
	for i := range people {
		people[i] = s.person()
		for _, change := range changes {
			change(&people[i])
		}
	}
	s.oneWins(race(many, func(i int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error { return second(tx.CreateUser(s.ctx(), people[i])) })
	}), want)
	s.same("users", len(s.allUsers()), 1)
}

func createHolderRace(s *suite) { s.createRace(signup.ErrEmailTaken, verified, address(sameAddress)) }

func createUsernameRace(s *suite) { s.createRace(signup.ErrUsernameTaken, username("same")) }

func noLostUpdate(s *suite) {
	id := s.createUser().ID
	const n = 20 // a store may run each update again for every other one that is ahead of it
	errs := race(n, func(int) error { return s.updateUser(id, func(u *signup.User) { u.Corrections++ }) })
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, signup.ErrBusy):
			s.Fatal(err)
		}
	}
	u := s.user(id)
	s.same("corrections", u.Corrections, done)
	s.same("version", u.Version, int64(done+1))
	if done == 0 {
		s.Error("no update succeeded")
	}
}

// deleteRace deletes unconfirmed users while they are being confirmed.
func deleteRace(s *suite) {
	for range 50 {
		u := s.createUser()
		t := s.createToken(u.ID)
		errs := race(2, func(i int) error {
			return s.store.Update(s.ctx(), func(tx signup.Tx) error {
				if i == 0 {
					return s.confirm(s.ctx(), tx, t)
				}
				return s.deleteUnconfirmed(tx, u.ID)
			})
		})
		s.oneWins(errs, signup.ErrNotFound, errConfirmed)
		s.same("the user exists", slices.Contains(s.allUsers(), u.ID), errs[0] == nil)
	}
}

var errConfirmed = errors.New("the user is confirmed")

func (s *suite) deleteUnconfirmed(tx signup.Tx, id int64) error {
	u, err := tx.User(s.ctx(), id)
	if err != nil {
		return err
	}
	if u.Status() != signup.StatusUnconfirmed {
		return errConfirmed
	}
	return tx.DeleteUser(s.ctx(), id)
}
