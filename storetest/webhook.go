package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/webhook"
)

// RunWebHooks runs the suite of a store that has web hooks, as Run does.
func RunWebHooks(t *testing.T, open func(t *testing.T) signup.Store) {
	for _, c := range []test{
		{"every field of a hook is read back", hookComesBack},
		{"WebHooks lists the hooks in order of name", hooksInOrder},
		{"a name is taken until its hook is deleted", hookNames},
		{"UpdateWebHook stores every field but three", hookUpdated},
		{"what is written about a missing hook is ErrNotFound", missingHooks},
		{"every field of a delivery is read back", deliveryComesBack},
		{"Deliveries selects by hook, state and position", deliveriesSelected},
		{"AdvanceUser makes the first delivery due that has not ended", userAdvanced},
		{"ClaimDeliveries takes what is due, the lowest first, at most limit", deliveriesClaimed},
		{"DueWebHooks returns enabled hooks with a due delivery", hooksDue},
		{"StoreAttempt stores every field of a claimed delivery", attemptStored},
		{"RetryDeliveries makes what has a next attempt due", deliveriesRetried},
		{"DropDeliveries deletes from a position on", deliveriesDropped},
		{"DeleteOldDeliveries deletes at most limit of those that ended, oldest first", oldDeliveries},
		{"PositionSince returns the lowest position at a time or later", positionSince},
		{"of concurrent claims only one gets a delivery", claimRace},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newSuite(t, open(t)))
		})
	}
}

func (s *suite) hooks(fn func(webhook.Tx) error) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return fn(tx.(webhook.Tx)) })
}

func (s *suite) hookRefused(want error, fn func(webhook.Tx) error) {
	s.Helper()
	s.refused(want, func(tx signup.Tx) error { return fn(tx.(webhook.Tx)) })
}

func readHooks[T any](s *suite, verb func(webhook.Reader) (T, error)) T {
	s.Helper()
	return read(s, func(r signup.Reader) (T, error) { return verb(r.(webhook.Reader)) })
}

// fullHook returns a hook with a value in every field but ID.
func (s *suite) fullHook() webhook.Hook {
	at := func() time.Time { s.filled++; return start().Add(time.Duration(s.filled) * time.Minute) }
	return webhook.Hook{
		Name: s.text(), URL: s.text(), Types: []event.Type{event.Active, event.Removed},
		Secret: webhook.StoredSecret(s.text()), OldSecret: webhook.StoredSecret(s.text()), OldSecretEndsAt: at(),
		Declared: true, Position: int64(len(s.text())), CreatedAt: at(), DisabledAt: at(), DisabledWhy: s.text(),
	}
}

func (s *suite) createHook(h webhook.Hook) webhook.Hook {
	s.Helper()
	s.hooks(func(tx webhook.Tx) (err error) {
		h, err = tx.CreateWebHook(s.ctx(), h)
		return err
	})
	return h
}

// enabledHook returns a hook that was stored.
func (s *suite) enabledHook(name string) webhook.Hook {
	s.Helper()
	return s.createHook(webhook.Hook{Name: name, CreatedAt: start()})
}

func (s *suite) hook(name string) webhook.Hook {
	s.Helper()
	return readHooks(s, func(r webhook.Reader) (webhook.Hook, error) { return r.WebHook(s.ctx(), name) })
}

// full checks that a row has a value in every field, so that no field can be added
// without being tested.
func (s *suite) full(row any) {
	s.Helper()
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			s.Fatalf("the test has no value for %s", v.Type().Field(i).Name)
		}
	}
}

func hookComesBack(s *suite) {
	h := s.createHook(s.fullHook())
	s.full(h)
	s.same("by name", s.hook(h.Name), h)
	s.hooks(func(tx webhook.Tx) error {
		held, err := tx.HoldWebHook(s.ctx(), h.ID)
		s.same("held", held, h)
		return err
	})
	bare := s.enabledHook("bare")
	s.same("bare", s.hook("bare"), bare)
	if bare.ID == h.ID {
		s.Fatal("two hooks have one ID")
	}
}

func hooksInOrder(s *suite) {
	b, a := s.enabledHook("b"), s.enabledHook("a")
	s.same("hooks", readHooks(s, func(r webhook.Reader) ([]webhook.Hook, error) { return r.WebHooks(s.ctx()) }), []webhook.Hook{a, b})
}

func hookNames(s *suite) {
	h := s.enabledHook("app")
	create := func(tx webhook.Tx) error {
		return second(tx.CreateWebHook(s.ctx(), webhook.Hook{Name: "app", CreatedAt: start()}))
	}
	s.hookRefused(signup.ErrNameTaken, create)
	s.hooks(func(tx webhook.Tx) error {
		if err := create(tx); !errors.Is(err, signup.ErrNameTaken) {
			s.Fatalf("created again: %v", err)
		}
		return tx.DeleteWebHook(s.ctx(), h.ID)
	})
	s.hooks(create)
}

func hookUpdated(s *suite) {
	before, other := s.createHook(s.fullHook()), s.createHook(s.fullHook())
	want := s.fullHook()
	want.ID, want.Name, want.CreatedAt = before.ID, before.Name, before.CreatedAt
	want.Declared, want.Types = false, []event.Type{event.Lapsed}
	want.Position = before.Position + 1
	changed := want
	changed.Name, changed.CreatedAt = "not stored", start().Add(-time.Hour)
	s.hooks(func(tx webhook.Tx) error { return tx.UpdateWebHook(s.ctx(), changed) })
	s.same("changed", s.hook(before.Name), want)
	s.same("the other", s.hook(other.Name), other)
	want.OldSecret, want.OldSecretEndsAt, want.DisabledAt, want.DisabledWhy, want.Types = webhook.Secret{}, time.Time{}, time.Time{}, "", nil
	s.hooks(func(tx webhook.Tx) error { return tx.UpdateWebHook(s.ctx(), want) })
	s.same("emptied", s.hook(before.Name), want)
}

func missingHooks(s *suite) {
	s.missing("WebHook", s.store.View(s.ctx(), func(r signup.Reader) error { return second(r.(webhook.Reader).WebHook(s.ctx(), "app")) }))
	for what, fn := range map[string]func(webhook.Tx) error{
		"HoldWebHook": func(tx webhook.Tx) error { return second(tx.HoldWebHook(s.ctx(), nobody)) },
		"UpdateWebHook": func(tx webhook.Tx) error {
			return tx.UpdateWebHook(s.ctx(), webhook.Hook{ID: nobody, CreatedAt: start()})
		},
		"DeleteWebHook": func(tx webhook.Tx) error { return tx.DeleteWebHook(s.ctx(), nobody) },
		"StoreAttempt": func(tx webhook.Tx) error {
			return tx.StoreAttempt(s.ctx(), webhook.Delivery{HookID: nobody, Position: 1}, start())
		},
	} {
		s.missing(what, s.store.Update(s.ctx(), func(tx signup.Tx) error { return fn(tx.(webhook.Tx)) }))
	}
}
