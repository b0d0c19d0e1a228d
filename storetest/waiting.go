package storetest

import (
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func waitingTests() []test {
	return []test{
		{"Waiting reports users who wait unnoticed", waitingUnnoticed},
		{"Waiting reports link requests", waitingLinkRequests},
		{"TakeUnnoticed takes each waiting user once, lowest id first", takeUnnoticed},
		{"concurrent TakeUnnoticed return each user once", takeUnnoticedRace},
		{"TakeUnnoticed makes a user that was read before stale", takeMakesStale},
		{"CountNoticed counts the users noticed after a time, at most limit", countNoticed},
	}
}

func (s *suite) waiting() signup.Waiting {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.Waiting, error) { return r.Waiting(s.ctx()) })
}

func (s *suite) takeUnnoticed(limit int, now time.Time) []signup.User {
	s.Helper()
	return write(s, func(tx signup.Tx) ([]signup.User, error) { return tx.TakeUnnoticed(s.ctx(), limit, now) })
}

func noticed(u *signup.User) { u.NoticedAt = start() }

// waitingUnnoticed creates a user for each combination of the facts.
func waitingUnnoticed(s *suite) {
	s.same("at first", s.waiting(), signup.Waiting{})
	for bits := range allFacts {
		u := s.createUser(setFacts(bits))
		waits := u.Status() == signup.StatusPendingApproval
		s.same("a user who is "+string(u.Status()), s.waiting(), signup.Waiting{Unnoticed: waits})
		got := s.takeUnnoticed(10, start())
		s.same("taken", slices.Equal(userIDs(got), []int64{u.ID}), waits)
		s.same("afterwards", s.waiting(), signup.Waiting{})
	}
	s.createUser(verified, noticed)
	s.same("a noticed user", s.waiting(), signup.Waiting{})
}

func waitingLinkRequests(s *suite) {
	s.addLinkRequests(linkRequests(2)...)
	s.same("two", s.waiting(), signup.Waiting{LinkRequests: true})
	s.takeLinkRequests(1)
	s.same("one", s.waiting(), signup.Waiting{LinkRequests: true})
	s.takeLinkRequests(1)
	s.same("none", s.waiting(), signup.Waiting{})
}

func takeUnnoticed(s *suite) {
	others := []signup.User{
		s.createUser(), s.createUser(active), s.createUser(verified, rejected), s.createUser(verified, noticed),
	}
	a, b, c := s.createUser(verified), s.createUser(verified, admin), s.createUser(verified)
	now := start().Add(time.Hour)
	s.same("none asked for", len(s.takeUnnoticed(0, now)), 0)
	for _, want := range [][]signup.User{{a, b}, {c}, {}} {
		for i := range want {
			want[i].NoticedAt, want[i].Version = now, want[i].Version+1
		}
		got := s.takeUnnoticed(2, now)
		s.same("taken", append([]signup.User{}, got...), want)
		for _, u := range want {
			s.same("stored", s.user(u.ID), u)
		}
	}
	for _, u := range others {
		s.same("another", s.user(u.ID), u)
	}
}

func takeUnnoticedRace(s *suite) {
	users := make([]signup.User, 30)
	for i := range users {
		users[i] = s.person()
		verified(&users[i])
	}
	s.createUsers(users)
	taken := make([][]int64, 10)
	for _, err := range race(len(taken), func(i int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			got, err := tx.TakeUnnoticed(s.ctx(), 7, start())
			taken[i] = userIDs(got)
			return err
		})
	}) {
		if err != nil {
			s.Fatal(err)
		}
	}
	got := append(slices.Concat(taken...), userIDs(s.takeUnnoticed(100, start()))...)
	slices.Sort(got)
	s.same("taken", got, userIDs(users))
}

func takeMakesStale(s *suite) {
	u := s.createUser(verified)
	s.takeUnnoticed(1, start())
	s.refused(signup.ErrStale, func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), u) })
	other := s.createUser(verified)
	s.update(func(tx signup.Tx) error {
		if _, err := tx.User(s.ctx(), other.ID); err != nil {
			return err
		}
		if _, err := tx.TakeUnnoticed(s.ctx(), 1, start()); err != nil {
			return err
		}
		now, err := tx.User(s.ctx(), other.ID)
		s.same("NoticedAt in the update", now.NoticedAt, start())
		return err
	})
}

func countNoticed(s *suite) {
	for i := range 4 {
		s.createUser(func(u *signup.User) { u.NoticedAt = start().Add(time.Duration(i) * instant) })
	}
	s.createUser(active, noticed)
	s.createUser()
	count := func(since time.Time, limit int) int {
		s.Helper()
		return read(s, func(r signup.Reader) (int, error) { return r.CountNoticed(s.ctx(), since, limit) })
	}
	s.same("all", count(start().Add(-instant), 10), 5)
	s.same("after", count(start().Add(instant), 10), 2)
	s.same("after the last", count(start().Add(3*instant), 10), 0)
	s.same("at most", count(start().Add(-instant), 3), 3)
	s.same("none asked for", count(start().Add(-instant), 0), 0)
}
