package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/webhook"
)

// addDeliveries stores deliveries of a hook: one for each user, at positions from 1 on, due
// at start unless a change says otherwise.
func (s *suite) addDeliveries(h webhook.Hook, users []int64, changes ...func(i int, d *webhook.Delivery)) []webhook.Delivery {
	s.Helper()
	list := make([]webhook.Delivery, len(users))
	s.hooks(func(tx webhook.Tx) error {
		for i, user := range users {
			list[i] = webhook.Delivery{HookID: h.ID, Position: int64(i + 1), UserID: user, Type: event.Active, CreatedAt: start(), NextAttemptAt: start()}
			for _, change := range changes {
				change(i, &list[i])
			}
			if err := tx.AddDelivery(s.ctx(), list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list
}

func waiting(_ int, d *webhook.Delivery) { d.NextAttemptAt = time.Time{} }

// dueInTurn makes the deliveries due one minute after the other.
func dueInTurn(i int, d *webhook.Delivery) {
	d.NextAttemptAt = start().Add(time.Duration(i) * time.Minute)
}

// deliveries returns all of a hook, oldest event first.
func (s *suite) deliveries(h webhook.Hook) []webhook.Delivery {
	s.Helper()
	list := readHooks(s, func(r webhook.Reader) ([]webhook.Delivery, error) {
		return r.Deliveries(s.ctx(), webhook.Query{HookID: h.ID, Limit: 1000})
	})
	slices.Reverse(list)
	return list
}

func deliveryComesBack(s *suite) {
	h := s.enabledHook("app")
	at := func(n time.Duration) time.Time { return start().Add(n * time.Minute) }
	want := s.addDeliveries(h, []int64{7, 7}, func(i int, d *webhook.Delivery) {
		*d = webhook.Delivery{
			HookID: h.ID, Position: d.Position, UserID: 7, Type: event.Removed, CreatedAt: at(1), Attempts: 3,
			TryingSince: at(2), LastAttemptAt: at(3), LastAnswer: "500 <\u2028> \u00fc", NextAttemptAt: at(4),
		}
		if i == 1 {
			d.NextAttemptAt, d.EndedAt = time.Time{}, at(5)
		}
	})
	owed := want[0]
	owed.EndedAt = want[1].EndedAt
	s.full(owed)
	s.same("deliveries", s.deliveries(h), want)
}

func deliveriesSelected(s *suite) {
	h, other := s.enabledHook("app"), s.enabledHook("other")
	ended := func(i int, d *webhook.Delivery) {
		if i%2 == 1 {
			d.NextAttemptAt, d.EndedAt = time.Time{}, start()
		}
	}
	s.addDeliveries(h, []int64{1, 2, 3, 4, 5}, ended)
	s.addDeliveries(other, []int64{9})
	for query, want := range map[webhook.Query][]int64{
		{}:                    {5, 4, 3, 2, 1},
		{Limit: 2}:            {5, 4},
		{Before: 4, Limit: 2}: {3, 2},
		{Owed: true}:          {5, 3, 1},
	} {
		query.HookID = h.ID
		got := []int64{}
		for _, d := range readHooks(s, func(r webhook.Reader) ([]webhook.Delivery, error) { return r.Deliveries(s.ctx(), query) }) {
			got = append(got, d.Position)
		}
		s.same(fmt.Sprintf("%+v", query), got, want)
	}
	s.same("owed", readHooks(s, func(r webhook.Reader) (int, error) { return r.CountOwed(s.ctx(), h.ID) }), 3)
	s.hooks(func(tx webhook.Tx) error { return tx.DeleteWebHook(s.ctx(), h.ID) })
	s.same("after their hook was deleted", len(s.deliveries(h)), 0)
	s.same("of the other", len(s.deliveries(other)), 1)
}

func userAdvanced(s *suite) {
	h := s.enabledHook("app")
	want := s.addDeliveries(h, []int64{1, 2, 1, 1}, waiting, func(i int, d *webhook.Delivery) {
		if i == 0 {
			d.EndedAt = start()
		}
	})
	now := start().Add(time.Hour)
	advance := func(now time.Time) {
		s.hooks(func(tx webhook.Tx) error { return tx.AdvanceUser(s.ctx(), h.ID, 1, now) })
	}
	advance(now)
	want[2].NextAttemptAt = now
	s.same("advanced", s.deliveries(h), want)
	advance(now.Add(time.Hour))
	s.same("again", s.deliveries(h), want)
	s.hooks(func(tx webhook.Tx) error { return tx.AdvanceUser(s.ctx(), h.ID, 3, now) })
	s.same("nobody", s.deliveries(h), want)
}

func (s *suite) claim(h webhook.Hook, limit int, now, till time.Time) (claimed []webhook.Delivery) {
	s.Helper()
	s.hooks(func(tx webhook.Tx) (err error) {
		claimed, err = tx.ClaimDeliveries(s.ctx(), h.ID, limit, now, till)
		return err
	})
	slices.SortFunc(claimed, func(a, b webhook.Delivery) int { return int(a.Position - b.Position) })
	return claimed
}

func deliveriesClaimed(s *suite) {
	h, other := s.enabledHook("app"), s.enabledHook("other")
	want := s.addDeliveries(h, []int64{1, 2, 3, 4}, dueInTurn)
	others := s.addDeliveries(other, []int64{1})
	now, till := start().Add(2*time.Minute), start().Add(time.Hour)
	s.same("before anything is due", s.claim(h, 10, start().Add(-instant), till), []webhook.Delivery{})
	for i := range 3 {
		want[i].NextAttemptAt = till
	}
	s.same("the first two", s.claim(h, 2, now, till), want[:2])
	s.same("the third", s.claim(h, 2, now, till), want[2:3])
	s.same("stored", s.deliveries(h), want)
	s.same("of the other", s.deliveries(other), others)
}

func hooksDue(s *suite) {
	due, later, disabled := s.enabledHook("due"), s.enabledHook("later"), s.createHook(s.fullHook())
	s.enabledHook("none")
	s.addDeliveries(due, []int64{1})
	s.addDeliveries(disabled, []int64{1})
	s.addDeliveries(later, []int64{1}, func(_ int, d *webhook.Delivery) { d.NextAttemptAt = start().Add(instant) })
	at := func(now time.Time) []webhook.Hook {
		return readHooks(s, func(r webhook.Reader) ([]webhook.Hook, error) { return r.DueWebHooks(s.ctx(), now) })
	}
	s.same("before", at(start().Add(-instant)), []webhook.Hook{})
	s.same("due", at(start()), []webhook.Hook{due})
	s.same("both", at(start().Add(instant)), []webhook.Hook{due, later})
}

func attemptStored(s *suite) {
	h := s.enabledHook("app")
	want := s.addDeliveries(h, []int64{1, 2})
	d := want[0]
	d.Attempts, d.TryingSince, d.LastAttemptAt, d.LastAnswer = 4, start().Add(1*time.Second), start().Add(2*time.Second), "500"
	d.NextAttemptAt = start().Add(3 * time.Second)
	other := d
	other.LastAnswer, other.UserID, other.Type, other.CreatedAt = "another", 9, event.Removed, start().Add(time.Hour)
	store := func(d webhook.Delivery, till time.Time) func(webhook.Tx) error {
		return func(tx webhook.Tx) error { return tx.StoreAttempt(s.ctx(), d, till) }
	}
	s.hookRefused(signup.ErrNotFound, store(other, start().Add(instant)))
	s.same("not claimed until then", s.deliveries(h), want)
	s.hooks(store(d, start()))
	want[0] = d
	s.same("stored", s.deliveries(h), want)
	d.NextAttemptAt, d.EndedAt = time.Time{}, start().Add(4*time.Second)
	s.hooks(store(d, want[0].NextAttemptAt))
	want[0] = d
	s.same("ended", s.deliveries(h), want)
}

func deliveriesRetried(s *suite) {
	h, other := s.enabledHook("app"), s.enabledHook("other")
	change := func(i int, d *webhook.Delivery) {
		d.TryingSince, d.NextAttemptAt = start(), []time.Time{start().Add(time.Hour), {}, {}}[i]
		if i == 2 {
			d.EndedAt = start()
		}
	}
	want, others := s.addDeliveries(h, []int64{1, 1, 2}, change), s.addDeliveries(other, []int64{1, 1, 2}, change)
	s.hooks(func(tx webhook.Tx) error { return tx.RetryDeliveries(s.ctx(), h.ID, start().Add(time.Minute)) })
	want[0].NextAttemptAt, want[0].TryingSince = start().Add(time.Minute), time.Time{}
	s.same("retried", s.deliveries(h), want)
	s.same("of the other", s.deliveries(other), others)
}

func deliveriesDropped(s *suite) {
	h, other := s.enabledHook("app"), s.enabledHook("other")
	want, others := s.addDeliveries(h, []int64{1, 2, 3}), s.addDeliveries(other, []int64{1, 2, 3})
	s.hooks(func(tx webhook.Tx) error { return tx.DropDeliveries(s.ctx(), h.ID, 2) })
	s.same("left", s.deliveries(h), want[:1])
	s.same("of the other", s.deliveries(other), others)
}

func oldDeliveries(s *suite) {
	h := s.enabledHook("app")
	ages := []time.Duration{0, 2 * time.Second, time.Hour, instant}
	all := s.addDeliveries(h, []int64{1, 2, 3, 4, 5}, waiting, func(i int, d *webhook.Delivery) {
		if i < len(ages) {
			d.EndedAt = start().Add(-ages[i])
		}
	})
	remove := func(limit int) (n int) {
		s.hooks(func(tx webhook.Tx) (err error) {
			n, err = tx.DeleteOldDeliveries(s.ctx(), start(), limit)
			return err
		})
		return n
	}
	s.same("the oldest", remove(2), 2)
	s.same("left", s.deliveries(h), []webhook.Delivery{all[0], all[3], all[4]})
	s.same("the others", remove(2), 1)
	s.same("none", remove(2), 0)
	s.same("left", s.deliveries(h), []webhook.Delivery{all[0], all[4]})
}

func positionSince(s *suite) {
	for _, age := range []time.Duration{2 * time.Hour, time.Hour, time.Minute} {
		s.addEvents(signup.AuditEvent{At: start().Add(-age), Actor: signup.ActorCLI, Type: event.Active})
	}
	since := func(age time.Duration) int64 {
		return readHooks(s, func(r webhook.Reader) (int64, error) { return r.PositionSince(s.ctx(), start().Add(-age)) })
	}
	s.same("without positions", since(time.Hour), int64(0))
	s.numberEvents(10)
	s.same("an hour", since(time.Hour), int64(2))
	s.same("a day", since(24*time.Hour), int64(1))
	s.same("now", since(0), int64(0))
}

func claimRace(s *suite) {
	h := s.enabledHook("app")
	users := make([]int64, many)
	s.addDeliveries(h, users)
	var got atomic.Int64
	errs := race(many, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			w := tx.(webhook.Tx)
			if _, err := w.HoldWebHook(s.ctx(), h.ID); err != nil {
				return err
			}
			claimed, err := w.ClaimDeliveries(s.ctx(), h.ID, 2, start(), start().Add(time.Hour))
			got.Add(int64(len(claimed)))
			return err
		})
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
	s.same("claimed", got.Load(), int64(many))
}
