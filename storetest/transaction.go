package storetest

import (
	"context"
	"errors"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

func transactionTests() []test {
	return []test{
		{"the error is returned and nothing is stored", errorRollsBack},
		{"the error is returned with its fields", errorUnchanged},
		{"a panic passes through, nothing is stored, and the store stays usable", panicRollsBack},
		{"a context cancelled inside Update stores nothing", cancelledInside},
		{"a context cancelled before Update or View does nothing", cancelledBefore},
		{"Update commits every kind of write", everyWriteCommitted},
		{"Update reads its own writes and nobody else does yet", isolated},
		{"View reads one snapshot", viewIsSnapshot},
		{"View returns the error", viewError},
		{"Peek sees what has been committed since it began", peekSeesOthers},
		{"Peek returns the error", peekError},
		{"an update sees each of its own changes to a user", ownChanges},
		{"an update cannot use a user that it deleted", ownDeletion},
		{"ErrStale runs the update again", staleRunsAgain},
		{"a persistent ErrStale is returned", staleForEver},
		{"Ping", ping},
		{"a write to a missing row returns ErrNotFound and changes nothing", missingRows},
		{"a transaction can continue after ErrNotFound", missingGoesOn},
		{"a read of a missing row returns ErrNotFound; a list is empty", missingReads},
		{"a method on a set of rows accepts an empty set", emptySets},
	}
}

func errorRollsBack(s *suite) {
	w := s.newWorld()
	before := w.state(s)
	want := errors.New("refused")
	s.refused(want, func(tx signup.Tx) error {
		w.everyWrite(s, tx)
		return want
	})
	s.same("the store", w.state(s), before)
}

func errorUnchanged(s *suite) {
	refused := &refusal.Error{Code: refusal.Conflict, Field: "field", Message: "message"}
	err := s.store.Update(s.ctx(), func(signup.Tx) error { return refused })
	var got *refusal.Error
	if !errors.As(err, &got) || got != refused {
		s.Fatalf("Update: %v, want %v", err, refused)
	}
}

func panicRollsBack(s *suite) {
	w := s.newWorld()
	before := w.state(s)
	func() {
		defer func() {
			if recover() == nil {
				s.Error("the panic was swallowed")
			}
		}()
		_ = s.store.Update(s.ctx(), func(tx signup.Tx) error {
			w.everyWrite(s, tx)
			panic("bug")
		})
	}()
	s.same("the store", w.state(s), before)
	s.createUser()
}

func cancelledInside(s *suite) {
	w := s.newWorld()
	before := w.state(s)
	ctx, cancel := context.WithCancel(s.ctx())
	err := s.store.Update(ctx, func(tx signup.Tx) error {
		w.everyWrite(s, tx)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		s.Fatalf("Update: %v, want context.Canceled", err)
	}
	s.same("the store", w.state(s), before)
	s.createUser()
}

func everyWriteCommitted(s *suite) {
	w := s.newWorld()
	before := w.state(s)
	s.update(func(tx signup.Tx) error { w.everyWrite(s, tx); return nil })
	after := w.state(s)
	for what, rows := range before {
		if equal(rows, after[what]) {
			s.Errorf("no write of %s was committed", what)
		}
	}
}

func cancelledBefore(s *suite) {
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	err := s.store.Update(ctx, func(tx signup.Tx) error {
		_, err := tx.CreateUser(ctx, s.person())
		return err
	})
	if !errors.Is(err, context.Canceled) {
		s.Errorf("Update: %v, want context.Canceled", err)
	}
	err = s.store.View(ctx, func(r signup.Reader) error {
		_, err := r.Settings(ctx)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		s.Errorf("View: %v, want context.Canceled", err)
	}
	s.same("users", s.allUsers(), []int64{})
}

func isolated(s *suite) {
	w := s.newWorld()
	before := w.state(s)
	s.update(func(tx signup.Tx) error {
		u, err := tx.CreateUser(s.ctx(), s.person())
		if err != nil {
			return err
		}
		w.everyWrite(s, tx)
		if _, err := tx.User(s.ctx(), u.ID); err != nil {
			s.Errorf("Update does not see its own user: %v", err)
		}
		s.same("the store seen from outside", w.state(s), before)
		return nil
	})
}

func viewIsSnapshot(s *suite) {
	before, after := s.countAround(s.store.View)
	s.same("users in the View", after, before)
}

func peekSeesOthers(s *suite) {
	before, after := s.countAround(s.store.Peek)
	s.same("users in the Peek", after, before+1)
}

// reading is the method View or Peek.
type reading func(context.Context, func(signup.Reader) error) error

// countAround counts the users before and after another one is created.
func (s *suite) countAround(read reading) (before, after int) {
	s.Helper()
	s.createUser()
	err := read(s.ctx(), func(r signup.Reader) (err error) {
		if before, err = r.CountUsers(s.ctx(), signup.UserQuery{}); err != nil {
			return err
		}
		s.createUser()
		after, err = r.CountUsers(s.ctx(), signup.UserQuery{})
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return before, after
}

func viewError(s *suite) { s.wantsErrorBack(s.store.View) }

func peekError(s *suite) { s.wantsErrorBack(s.store.Peek) }

func (s *suite) wantsErrorBack(read reading) {
	s.Helper()
	want := errors.New("refused")
	if err := read(s.ctx(), func(signup.Reader) error { return want }); !errors.Is(err, want) {
		s.Fatalf("%v, want %v", err, want)
	}
}

func ownChanges(s *suite) {
	id := s.createUser().ID
	s.update(func(tx signup.Tx) error {
		for _, name := range []string{"first", "second"} {
			u, err := tx.User(s.ctx(), id)
			if err != nil {
				return err
			}
			u.Name = name
			if err := tx.UpdateUser(s.ctx(), u); err != nil {
				return err
			}
		}
		u, err := tx.User(s.ctx(), id)
		s.same("name", u.Name, "second")
		s.same("version", u.Version, int64(3))
		return err
	})
	s.same("name", s.user(id).Name, "second")
	s.refused(signup.ErrStale, func(tx signup.Tx) error {
		u, err := tx.User(s.ctx(), id)
		if err != nil {
			return err
		}
		if err := tx.UpdateUser(s.ctx(), u); err != nil {
			return err
		}
		return tx.UpdateUser(s.ctx(), u)
	})
	s.same("version", s.user(id).Version, int64(3))
}

func ownDeletion(s *suite) {
	u := s.createUser()
	gone := func(verb func(signup.Tx) error) {
		s.Helper()
		s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
			if _, err := tx.User(s.ctx(), u.ID); err != nil {
				return err
			}
			if err := tx.DeleteUser(s.ctx(), u.ID); err != nil {
				return err
			}
			return verb(tx)
		})
	}
	gone(func(tx signup.Tx) error { return second(tx.CreateToken(s.ctx(), token(u.ID))) })
	gone(func(tx signup.Tx) error { return tx.PutTicket(s.ctx(), ticket(u.ID)) })
	gone(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), mail(u.ID)) })
	gone(func(tx signup.Tx) error { return tx.CreateSession(s.ctx(), session(u.ID)) })
	gone(func(tx signup.Tx) error { return second(tx.User(s.ctx(), u.ID)) })
	gone(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), u) })
	s.same("user", s.user(u.ID), u)
}

func staleRunsAgain(s *suite) {
	old := s.createUser()
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), old) })
	runs := 0
	s.update(func(tx signup.Tx) error {
		u := old
		runs++
		if runs > 1 {
			var err error
			if u, err = tx.User(s.ctx(), old.ID); err != nil {
				return err
			}
		}
		if err := tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: "x"}); err != nil {
			return err
		}
		return tx.UpdateUser(s.ctx(), u)
	})
	s.same("runs", runs, 2)
	s.same("version", s.user(old.ID).Version, int64(3))
	s.same("events", len(s.events(signup.AuditQuery{})), 1)
}

func staleForEver(s *suite) {
	old := s.createUser()
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), old) })
	stored := s.user(old.ID)
	for _, version := range []int64{old.Version, stored.Version + 1} {
		s.refused(signup.ErrStale, func(tx signup.Tx) error {
			u := stored
			u.Name, u.Version = "stale", version
			return tx.UpdateUser(s.ctx(), u)
		})
	}
	s.same("user", s.user(old.ID), stored)
}

func ping(s *suite) {
	if err := s.store.Ping(s.ctx()); err != nil {
		s.Error(err)
	}
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	if err := s.store.Ping(ctx); err == nil {
		s.Error("Ping with a cancelled context succeeded")
	}
}
