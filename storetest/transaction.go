package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/signup-go/signup"
)

func transactionTests() []test {
	return []test{
		{"an error comes back and leaves nothing", errorRollsBack},
		{"a panic leaves nothing and the store usable", panicRollsBack},
		{"a context cancelled inside Update leaves nothing", cancelledInside},
		{"a context cancelled before Update or View does nothing", cancelledBefore},
		{"Update reads what it wrote and others do not yet", isolated},
		{"View is one snapshot", viewIsSnapshot},
		{"View writes nothing", viewError},
		{"Peek sees what is committed by then", peekSeesOthers},
		{"Peek returns the error", peekError},
		{"an update sees each of its own changes of a user", ownChanges},
		{"nothing hangs on a user whom the update deleted", ownDeletion},
		{"ErrStale runs the update again", staleRunsAgain},
		{"ErrStale comes back when it lasts", staleForEver},
		{"concurrent read-modify-write loses nothing", noLostUpdate},
		{"Ping", ping},
		{"a verb that names no row returns ErrNotFound and changes nothing", missingRows},
		{"a read that finds no row returns ErrNotFound, a list is empty", missingReads},
	}
}

func errorRollsBack(s *suite) {
	want := errors.New("refused")
	kept := s.createUser()
	s.refused(want, func(tx signup.Tx) error {
		everyWrite(s, tx, kept.ID)
		return want
	})
	s.same("users", s.allUsers(), []int64{kept.ID})
	s.nothingBut(kept)
}

// everyWrite writes a row of each kind.
func everyWrite(s *suite, tx signup.Tx, userID int64) {
	_, errUser := tx.CreateUser(s.ctx(), s.person())
	_, errToken := tx.CreateToken(s.ctx(), token(userID))
	err := errors.Join(
		errUser, errToken,
		tx.PutSettings(s.ctx(), map[string]string{"a": "1"}),
		tx.ReserveUsername(s.ctx(), "key", userID, start()),
		tx.CreateClaim(s.ctx(), claim(userID)),
		tx.AddMail(s.ctx(), mail(userID)),
		tx.CreateAPIKey(s.ctx(), apiKey("key")),
		tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Action: "x", UserID: userID}),
		tx.SpendUserTokens(s.ctx(), userID),
	)
	if err != nil {
		s.Error(err)
	}
}

// nothingBut checks that the store holds this user and no row of any other kind.
func (s *suite) nothingBut(u signup.User) {
	s.Helper()
	s.view(func(r signup.Reader) error {
		settings, err1 := r.Settings(s.ctx())
		claims, err2 := r.Claims(s.ctx(), u.ID)
		mails, err3 := r.Mails(s.ctx(), signup.MailQuery{})
		keys, err4 := r.APIKeys(s.ctx())
		events, err5 := r.Audit(s.ctx(), signup.AuditQuery{})
		has, err6 := r.HasValidToken(s.ctx(), u.ID, start())
		if n := len(settings) + len(claims) + len(mails) + len(keys) + len(events); n > 0 || has {
			s.Errorf("%d rows are left, valid token: %v", n, has)
		}
		if _, err := r.UserByUsernameKey(s.ctx(), "key"); !errors.Is(err, signup.ErrNotFound) {
			s.Errorf("the username is still reserved: %v", err)
		}
		return errors.Join(err1, err2, err3, err4, err5, err6)
	})
	s.same("the user", s.user(u.ID), u)
}

func panicRollsBack(s *suite) {
	kept := s.createUser()
	func() {
		defer func() {
			if recover() == nil {
				s.Error("the panic was swallowed")
			}
		}()
		_ = s.store.Update(s.ctx(), func(tx signup.Tx) error {
			everyWrite(s, tx, kept.ID)
			panic("bug")
		})
	}()
	s.nothingBut(kept)
	s.createUser()
}

func cancelledInside(s *suite) {
	kept := s.createUser()
	ctx, cancel := context.WithCancel(s.ctx())
	err := s.store.Update(ctx, func(tx signup.Tx) error {
		everyWrite(s, tx, kept.ID)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		s.Fatalf("Update: %v, want context.Canceled", err)
	}
	s.nothingBut(kept)
	s.createUser() // and the store still works
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
	s.update(func(tx signup.Tx) error {
		u, err := tx.CreateUser(s.ctx(), s.person())
		if err != nil {
			return err
		}
		if _, err := tx.User(s.ctx(), u.ID); err != nil {
			s.Errorf("Update does not see its own user: %v", err)
		}
		s.same("users seen from outside", s.allUsers(), []int64{})
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

// reading is View or Peek.
type reading func(context.Context, func(signup.Reader) error) error

// countAround counts the users before and after another one comes.
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
	id, other := s.createUser().ID, s.createUser()
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
	taken := func(tx signup.Tx) error {
		u, err := tx.User(s.ctx(), id)
		if err != nil {
			return err
		}
		u.EmailKey = other.EmailKey
		return tx.UpdateUser(s.ctx(), u)
	}
	s.refused(signup.ErrEmailExists, taken)
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
	gone := func(what string, verb func(signup.Tx) error) {
		s.Helper()
		s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
			if _, err := tx.User(s.ctx(), u.ID); err != nil {
				return err
			}
			if err := tx.DeleteUser(s.ctx(), u.ID); err != nil {
				return err
			}
			err := verb(tx)
			if !errors.Is(err, signup.ErrNotFound) {
				s.Errorf("%s: %v, want ErrNotFound", what, err)
			}
			return err
		})
	}
	gone("token", func(tx signup.Tx) error { _, err := tx.CreateToken(s.ctx(), token(u.ID)); return err })
	gone("mail", func(tx signup.Tx) error { return tx.AddMail(s.ctx(), mail(u.ID)) })
	gone("read", func(tx signup.Tx) error { _, err := tx.User(s.ctx(), u.ID); return err })
	gone("update", func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), u) })
	s.same("user", s.user(u.ID), u)
}

func staleRunsAgain(s *suite) {
	old := s.createUser()
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), old) })
	runs := 0
	s.update(func(tx signup.Tx) error {
		u := old
		if runs++; runs > 1 {
			var err error
			if u, err = tx.User(s.ctx(), old.ID); err != nil {
				return err
			}
		}
		if err := tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: "cli", Action: "x"}); err != nil {
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
	s.refused(signup.ErrStale, func(tx signup.Tx) error {
		u := old
		u.Name = "stale"
		return tx.UpdateUser(s.ctx(), u)
	})
	s.same("user", s.user(old.ID), stored)
}

func noLostUpdate(s *suite) {
	id := s.createUser().ID
	const n = 20 // a store may run each again for every one that is ahead of it
	errs := race(n, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			u, err := tx.User(s.ctx(), id)
			if err != nil {
				return err
			}
			u.Corrections++
			return tx.UpdateUser(s.ctx(), u)
		})
	})
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, signup.ErrStale) && !errors.Is(err, signup.ErrBusy):
			s.Fatal(err)
		}
	}
	u := s.user(id)
	s.same("corrections", u.Corrections, done)
	s.same("version", u.Version, int64(done+1))
	if done == 0 {
		s.Error("nobody got through")
	}
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

// nobody is the id of no user.
const nobody = 1 << 40

func missingRows(s *suite) {
	kept := s.createUser()
	ctx := s.ctx()
	absent := s.person()
	absent.ID, absent.Version = nobody, 1
	toNobody := mail(kept.ID)
	toNobody.RecipientID = nobody
	verbs := map[string]func(signup.Tx) error{
		"UpdateUser":      func(tx signup.Tx) error { return tx.UpdateUser(ctx, absent) },
		"DeleteUser":      func(tx signup.Tx) error { return tx.DeleteUser(ctx, nobody) },
		"ReserveUsername": func(tx signup.Tx) error { return tx.ReserveUsername(ctx, "key", nobody, start()) },
		"CreateToken":     func(tx signup.Tx) error { _, err := tx.CreateToken(ctx, token(nobody)); return err },
		"MarkTokenUsed":   func(tx signup.Tx) error { _, err := tx.MarkTokenUsed(ctx, newID()); return err },
		"SpendToken":      func(tx signup.Tx) error { _, err := tx.SpendToken(ctx, newID(), start()); return err },
		"CreateClaim":     func(tx signup.Tx) error { return tx.CreateClaim(ctx, claim(nobody)) },
		"DeleteClaim":     func(tx signup.Tx) error { return tx.DeleteClaim(ctx, newID()) },
		"AddMail about":   func(tx signup.Tx) error { return tx.AddMail(ctx, mail(nobody)) },
		"AddMail to":      func(tx signup.Tx) error { return tx.AddMail(ctx, toNobody) },
		"UpdateMail":      func(tx signup.Tx) error { return tx.UpdateMail(ctx, mail(kept.ID)) },
		"RevokeAPIKey":    func(tx signup.Tx) error { return tx.RevokeAPIKey(ctx, "none", start()) },
		"DeleteLapsed":    func(tx signup.Tx) error { return tx.DeleteLapsed(ctx, nobody, lapsedQuery()) },
	}
	for name, verb := range verbs {
		s.Run(name, func(t *testing.T) {
			sub := &suite{T: t, store: s.store}
			sub.refused(signup.ErrNotFound, verb)
		})
	}
	s.nothingBut(kept)
}

func missingReads(s *suite) {
	ctx := s.ctx()
	s.view(func(r signup.Reader) error {
		for name, err := range map[string]error{
			"User":              second(r.User(ctx, nobody)),
			"UserByEmailKey":    second(r.UserByEmailKey(ctx, "none")),
			"UserByUsernameKey": second(r.UserByUsernameKey(ctx, "none")),
			"ValidToken":        second(r.ValidToken(ctx, "none", start())),
			"Token":             second(r.Token(ctx, "none")),
			"Claim":             second(r.Claim(ctx, newID())),
			"Mail":              second(r.Mail(ctx, newID())),
			"APIKeyByHash":      second(r.APIKeyByHash(ctx, "none")),
		} {
			if !errors.Is(err, signup.ErrNotFound) {
				s.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		for name, err := range map[string]error{
			"Settings":      second(r.Settings(ctx)),
			"Users":         second(r.Users(ctx, signup.UserQuery{})),
			"Waiting":       second(r.Waiting(ctx, signup.WaitingQuery{Status: signup.StatusActive})),
			"CountUsers":    second(r.CountUsers(ctx, signup.UserQuery{})),
			"HasValidToken": second(r.HasValidToken(ctx, nobody, start())),
			"Claims":        second(r.Claims(ctx, nobody)),
			"Mails":         second(r.Mails(ctx, signup.MailQuery{})),
			"Lapsed":        second(r.Lapsed(ctx, lapsedQuery(), 10)),
			"APIKeys":       second(r.APIKeys(ctx)),
			"Audit":         second(r.Audit(ctx, signup.AuditQuery{})),
		} {
			if err != nil {
				s.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
}

func second[T any](_ T, err error) error { return err }
