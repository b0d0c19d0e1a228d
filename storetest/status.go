package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func statusTests() []test {
	return []test{
		{"Users, CountUsers and UserByEmailKey agree with the Go functions for all facts", statusOfFacts},
		{"Users follows changes of the facts", statusChanges},
		{"CreateUser refuses an address that both users would hold, and no other", createHolders},
		{"UpdateUser refuses an address that both users would hold, and no other", updateHolders},
		{"CreateUser refuses a second user with a username who is not rejected, and no other", createUsernames},
		{"UpdateUser refuses a second user with a username who is not rejected, and no other", updateUsernames},
		{"if both are taken, the error is ErrUsernameTaken", usernameFirst},
		{"a transaction can continue after CreateUser was refused", takenGoesOn},
		{"an update can change the address of its holder", changeAddress},
	}
}

// allFacts is the number of combinations of facts that setFacts knows.
const allFacts = 1 << 6

// setFacts sets the facts that determine the status, one for each of six bits.
func setFacts(bits int) func(*signup.User) {
	has := func(bit int) bool { return bits&(1<<bit) != 0 }
	at := func(bit int) time.Time {
		if has(bit) {
			return start()
		}
		return time.Time{}
	}
	return func(u *signup.User) {
		u.VerificationRequired, u.VerifiedAt, u.RejectedAt = has(0), at(1), at(2)
		u.ApprovalRequired, u.ApprovedAt = has(3), at(4)
		u.DisabledAt = at(5)
	}
}

func statusOfFacts(s *suite) {
	want := map[signup.Status][]int64{}
	for bits := range allFacts {
		u := s.createUser(setFacts(bits))
		want[u.Status()] = slices.Insert(want[u.Status()], 0, u.ID)
		s.same(fmt.Sprintf("user %06b holds the address", bits), s.holderOf(u.EmailKey) == u.ID, u.HoldsAddress())
	}
	for _, status := range signup.Statuses() {
		s.same(string(status), s.find(signup.UserQuery{Status: status}), want[status])
	}
}

// holderOf returns the ID of the user who holds the address, or 0 if there is
// none, and checks that all methods agree.
func (s *suite) holderOf(key string) (id int64) {
	s.Helper()
	uses := read(s, func(r signup.Reader) (map[string]signup.AddressUse, error) {
		return r.AddressUses(s.ctx(), []string{key})
	})
	err := s.store.View(s.ctx(), func(r signup.Reader) error {
		u, err := r.UserByEmailKey(s.ctx(), key)
		id = u.ID
		return err
	})
	if err != nil {
		s.missing("UserByEmailKey", err)
		id = 0
	}
	s.same("holder according to AddressUses", uses[key].HolderID, id)
	return id
}

func statusChanges(s *suite) {
	u := s.createUser()
	for bits := range allFacts {
		if err := s.updateUser(u.ID, setFacts(bits)); err != nil {
			s.Fatal(err)
		}
		now := s.user(u.ID)
		s.same("holds the address", s.holderOf(u.EmailKey) == u.ID, now.HoldsAddress())
		for _, status := range signup.Statuses() {
			want := []int64{}
			if status == now.Status() {
				want = []int64{u.ID}
			}
			s.same(string(status), s.find(signup.UserQuery{Status: status}), want)
		}
	}
}

// A pairing is two users with different facts who share an address or a username.
type pairing struct {
	want  func(a, b signup.User) error // the error for the second one
	share func(a signup.User, b *signup.User)
}

var addressOf = pairing{
	share: func(a signup.User, b *signup.User) { b.EmailKey = a.EmailKey },
	want: func(a, b signup.User) error {
		if a.HoldsAddress() && b.HoldsAddress() {
			return signup.ErrEmailTaken
		}
		return nil
	},
}

var usernameOf = pairing{
	share: func(a signup.User, b *signup.User) { b.UsernameKey = a.UsernameKey },
	want: func(a, b signup.User) error {
		if a.RejectedAt.IsZero() && b.RejectedAt.IsZero() {
			return signup.ErrUsernameTaken
		}
		return nil
	},
}

func createHolders(s *suite)   { s.createPairs(addressOf) }
func createUsernames(s *suite) { s.createPairs(usernameOf) }

// createPairs creates a pair of users for every two combinations of facts; which
// of the two is disabled varies with them.
func (s *suite) createPairs(p pairing) {
	const count = 1 << 5
	s.update(func(tx signup.Tx) error {
		for i := range count * count {
			first, second := i/count+i%3&1*count, i%count+i%3>>1*count
			a, b := s.person(), s.person()
			setFacts(first)(&a)
			setFacts(second)(&b)
			p.share(a, &b)
			if _, err := tx.CreateUser(s.ctx(), a); err != nil {
				return err
			}
			_, err := tx.CreateUser(s.ctx(), b)
			s.wants(first, second, err, p.want(a, b))
		}
		return nil
	})
}

func (s *suite) wants(first, second int, got, want error) {
	s.Helper()
	if !is(got, want) {
		s.Fatalf("facts %06b and %06b: %v, want %v", first, second, got, want)
	}
}

func updateHolders(s *suite)   { s.updatePairs(addressOf) }
func updateUsernames(s *suite) { s.updatePairs(usernameOf) }

// updatePairs sets the facts of two rejected users who share something, for every
// two combinations of the facts that matter; the facts of the approval, and which
// of the two is disabled, vary with them.
func (s *suite) updatePairs(p pairing) {
	const count = 1 << 3
	users := make([]signup.User, 2*count*count)
	for i := range users {
		users[i] = s.person()
		rejected(&users[i])
		if i%2 == 1 {
			p.share(users[i-1], &users[i])
		}
	}
	s.createUsers(users)
	for i := range count * count {
		approval := i % 4
		first, second := i/count+approval*count+i%3&1*4*count, i%count+(3-approval)*count+i%3>>1*4*count
		a, b := users[2*i], users[2*i+1]
		setFacts(first)(&a)
		setFacts(second)(&b)
		s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), a) })
		err := s.store.Update(s.ctx(), func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), b) })
		s.wants(first, second, err, p.want(a, b))
		b.Version++
		if err != nil {
			b = users[2*i+1]
		}
		s.same("the second user", s.user(b.ID), b)
	}
}

func usernameFirst(s *suite) {
	a := s.createUser(verified)
	both := []func(*signup.User){verified, address(a.EmailKey), username(a.UsernameKey)}
	b := s.person()
	for _, change := range both {
		change(&b)
	}
	s.refused(signup.ErrUsernameTaken, func(tx signup.Tx) error { return second(tx.CreateUser(s.ctx(), b)) })
	c := s.createUser()
	if err := s.updateUser(c.ID, both...); !is(err, signup.ErrUsernameTaken) {
		s.Fatalf("UpdateUser: %v, want ErrUsernameTaken", err)
	}
	s.same("user", s.user(c.ID), c)
}

func takenGoesOn(s *suite) {
	first := s.createUser(verified)
	var third signup.User
	s.update(func(tx signup.Tx) (err error) {
		again := s.person()
		again.EmailKey, again.VerifiedAt = first.EmailKey, start()
		if _, err := tx.CreateUser(s.ctx(), again); !is(err, signup.ErrEmailTaken) {
			s.Errorf("CreateUser: %v, want ErrEmailTaken", err)
		}
		again = s.person()
		again.UsernameKey = first.UsernameKey
		if _, err := tx.CreateUser(s.ctx(), again); !is(err, signup.ErrUsernameTaken) {
			s.Errorf("CreateUser: %v, want ErrUsernameTaken", err)
		}
		again.UsernameKey = "another"
		third, err = tx.CreateUser(s.ctx(), again)
		return err
	})
	s.same("users", s.allUsers(), []int64{first.ID, third.ID})
}

func changeAddress(s *suite) {
	a, b := s.createUser(verified), s.createUser(verified)
	if err := s.updateUser(b.ID, address(a.EmailKey)); !is(err, signup.ErrEmailTaken) {
		s.Fatalf("to a taken address: %v, want ErrEmailTaken", err)
	}
	if err := s.updateUser(a.ID, address("new@example.org"), username("new")); err != nil {
		s.Fatal(err)
	}
	s.same("holder of the new address", s.holderOf("new@example.org"), a.ID)
	s.same("holder of the old address", s.holderOf(a.EmailKey), int64(0))
	if err := s.updateUser(b.ID, address(a.EmailKey), username(a.UsernameKey)); err != nil {
		s.Fatal(err)
	}
	s.same("holder of the old address", s.holderOf(a.EmailKey), b.ID)
	s.same("holder of the address before", s.holderOf(b.EmailKey), int64(0))
}
