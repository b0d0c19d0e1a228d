package storetest

import (
	"errors"
	"sync"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func holdTests() []test {
	tests := []test{
		{"HoldAddress locks an address that no user has", holdAddressOfNobody},
		{"HoldAddress locks an address that users have", holdAddressOfSomebody},
		{"Mail locks the mail's user, and another Mail sees the result", holdMail},
		{"UserByUsernameKey locks a rejected user", holdRejected},
		{"a TakeUnnoticed that waited sees what the other one stored", takeUnnoticedSees},
		{"a lock ends when the update fails", holdEndsWithError},
	}
	for _, h := range holders() {
		tests = append(tests, test{h.name + " locks the user until the update ends", func(s *suite) { s.holds(h) }})
	}
	return tests
}

// A scene is a user who holds an address, and rows that refer to the user.
type scene struct {
	user   signup.User
	mail   signup.Mail
	tokens []signup.SignUpToken

	accountTokens []signup.AccountToken
}

func (s *suite) newScene() scene {
	s.Helper()
	u := s.createUser(verified)
	return scene{
		u, s.addMail(u.ID),
		[]signup.SignUpToken{s.createToken(u.ID), s.createToken(u.ID)},
		[]signup.AccountToken{s.createAccountToken(u.ID), s.createAccountToken(u.ID)},
	}
}

// A holder is a method that locks the user of a scene, and may return the user.
// The two updates, 0 and 1, never spend the same token.
type holder struct {
	name string
	verb func(s *suite, tx signup.Tx, at scene, which int) (signup.User, error)
}

func holders() []holder {
	return []holder{
		{"User", func(s *suite, tx signup.Tx, at scene, _ int) (signup.User, error) {
			return tx.User(s.ctx(), at.user.ID)
		}},
		{"UserByEmailKey", func(s *suite, tx signup.Tx, at scene, _ int) (signup.User, error) {
			return tx.UserByEmailKey(s.ctx(), at.user.EmailKey)
		}},
		{"UserByUsernameKey", func(s *suite, tx signup.Tx, at scene, _ int) (signup.User, error) {
			return tx.UserByUsernameKey(s.ctx(), at.user.UsernameKey)
		}},
		{"Mail", func(s *suite, tx signup.Tx, at scene, _ int) (signup.User, error) {
			return signup.User{}, second(tx.Mail(s.ctx(), at.mail.ID))
		}},
		{"SpendToken", func(s *suite, tx signup.Tx, at scene, which int) (signup.User, error) {
			return signup.User{}, second(tx.SpendToken(s.ctx(), at.tokens[which].TokenHash, start()))
		}},
		{"SpendAccountToken", func(s *suite, tx signup.Tx, at scene, which int) (signup.User, error) {
			t := at.accountTokens[which]
			return signup.User{}, second(tx.SpendAccountToken(s.ctx(), t.Hash, t.Purpose, start()))
		}},
	}
}

const left = "left by the first update"

// holds checks that an update which called the method of h blocks another update
// that asks for the user by any method, and that the second update then sees what
// the first one wrote.
func (s *suite) holds(h holder) {
	for _, asks := range holders() {
		at, what := s.newScene(), h.name+", then "+asks.name
		var asked, read signup.User
		s.waits(what,
			func(tx signup.Tx) error { return second(h.verb(s, tx, at, 0)) },
			func(tx signup.Tx) error {
				u, err := tx.User(s.ctx(), at.user.ID)
				if err != nil {
					return err
				}
				u.Name = left
				return tx.UpdateUser(s.ctx(), u)
			},
			func(tx signup.Tx) (err error) {
				asked, err = asks.verb(s, tx, at, 1)
				return err
			},
			func(tx signup.Tx) (err error) {
				read, err = tx.User(s.ctx(), at.user.ID)
				return err
			},
		)
		s.same(what+": the name that the second update reads", read.Name, left)
		if asked.ID != 0 {
			s.same(what+": what the second update got", asked, read)
		}
	}
}

// aWhile is how long a test waits for something that must not happen.
const aWhile = 150 * time.Millisecond

// waits runs two updates. The first calls hold, and calls write only after the
// second has had time to get through ask, which must block until the first has
// ended. The second then checks the result with check.
func (s *suite) waits(what string, hold, write, ask, check func(signup.Tx) error) {
	s.Helper()
	held, asked := make(chan struct{}), make(chan struct{})
	tellHeld := sync.OnceFunc(func() { close(held) })
	tellAsked := sync.OnceFunc(func() { close(asked) })
	through := false
	errs := race(2, func(i int) error {
		if i == 1 {
			<-held
			return s.store.Update(s.ctx(), func(tx signup.Tx) error {
				err := ask(tx)
				tellAsked()
				return errors.Join(err, check(tx))
			})
		}
		defer tellHeld()
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			if err := hold(tx); err != nil {
				return err
			}
			tellHeld()
			select {
			case <-asked:
				through = true
			case <-time.After(aWhile):
			}
			return write(tx)
		})
	})
	if through {
		s.Fatalf("%s: the second update did not wait for the first", what)
	}
	if err := errors.Join(errs...); err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

// holdAndLook locks an address and reads who has it, because a store may send the
// lock together with the next statement.
func (s *suite) holdAndLook(key string, use *signup.AddressUse) func(signup.Tx) error {
	return func(tx signup.Tx) error {
		if err := tx.HoldAddress(s.ctx(), key); err != nil {
			return err
		}
		uses, err := tx.AddressUses(s.ctx(), []string{key})
		*use = uses[key]
		return err
	}
}

func nothing(signup.Tx) error { return nil }

func holdAddressOfNobody(s *suite) {
	u := s.person()
	verified(&u)
	var first, then signup.AddressUse
	s.waits("HoldAddress",
		s.holdAndLook(u.EmailKey, &first),
		func(tx signup.Tx) (err error) {
			u, err = tx.CreateUser(s.ctx(), u)
			return err
		},
		s.holdAndLook(u.EmailKey, &then),
		nothing,
	)
	s.same("the use that the first update sees", first, signup.AddressUse{})
	s.same("the use that the second update sees", then, signup.AddressUse{HolderID: u.ID})
}

func holdAddressOfSomebody(s *suite) {
	const key = "new@example.org"
	a, b := s.createUser(address(key)), s.createUser(address(key))
	s.createUser(address(key), rejected)
	var first, then signup.AddressUse
	s.waits("HoldAddress",
		s.holdAndLook(key, &first),
		func(tx signup.Tx) error {
			u, err := tx.User(s.ctx(), b.ID)
			if err != nil {
				return err
			}
			verified(&u)
			return tx.UpdateUser(s.ctx(), u)
		},
		s.holdAndLook(key, &then),
		nothing,
	)
	s.same("the use that the first update sees", first, signup.AddressUse{Unconfirmed: 2})
	s.same("the use that the second update sees", then, signup.AddressUse{HolderID: b.ID, Unconfirmed: 1})
	s.same("the other user", s.user(a.ID), a)
}

func holdMail(s *suite) {
	at := s.newScene()
	var seen signup.Mail
	ended := at.mail
	ended.State, ended.EndedAt, ended.LastAnswer = delivery.Sent, start(), "250 OK"
	s.waits("Mail",
		func(tx signup.Tx) error { return second(tx.Mail(s.ctx(), at.mail.ID)) },
		func(tx signup.Tx) error { return tx.UpdateMail(s.ctx(), ended) },
		func(tx signup.Tx) (err error) {
			seen, err = tx.Mail(s.ctx(), at.mail.ID)
			return err
		},
		nothing,
	)
	s.same("the mail that the second update sees", seen, ended)
}

func holdRejected(s *suite) {
	u := s.createUser(rejected)
	var seen signup.User
	s.waits("UserByUsernameKey",
		func(tx signup.Tx) error { return second(tx.UserByUsernameKey(s.ctx(), u.UsernameKey)) },
		func(tx signup.Tx) error {
			changed := u
			changed.RejectionNote = left
			return tx.UpdateUser(s.ctx(), changed)
		},
		func(tx signup.Tx) (err error) {
			seen, err = tx.UserByUsernameKey(s.ctx(), u.UsernameKey)
			return err
		},
		nothing,
	)
	s.same("the note that the second update sees", seen.RejectionNote, left)
}

// takeUnnoticedSees accepts both kinds of stores: those in which a second
// TakeUnnoticed waits and those in which it does not. If it waits, it must see
// the events and times that the first one stored.
func takeUnnoticedSees(s *suite) {
	for range 3 {
		s.createUser(verified)
	}
	held, asked := make(chan struct{}), make(chan struct{})
	tellHeld := sync.OnceFunc(func() { close(held) })
	tellAsked := sync.OnceFunc(func() { close(asked) })
	waited, taken, noticed := false, [2]int{}, 0
	errs := race(2, func(i int) error {
		if i == 1 {
			<-held
		}
		defer tellHeld()
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			users, err := tx.TakeUnnoticed(s.ctx(), 2, start().Add(instant))
			taken[i] = len(users)
			if err != nil {
				return err
			}
			if i == 1 {
				tellAsked()
				noticed, err = tx.CountNoticed(s.ctx(), start(), 10)
				return err
			}
			tellHeld()
			select {
			case <-asked:
			case <-time.After(aWhile):
				waited = true
			}
			return nil
		})
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
	s.same("users that each took", taken, [2]int{2, 1})
	if waited {
		s.same("noticed users that the second update sees", noticed, 3)
	}
}

func holdEndsWithError(s *suite) {
	at := s.newScene()
	fault := errors.New("fault")
	for _, h := range holders() {
		s.refused(fault, func(tx signup.Tx) error {
			if _, err := h.verb(s, tx, at, 0); err != nil {
				return err
			}
			return fault
		})
		if err := s.updateUser(at.user.ID, named(h.name)); err != nil {
			s.Fatalf("after %s: %v", h.name, err)
		}
	}
	s.same("name", s.user(at.user.ID).Name, holders()[len(holders())-1].name)
}
