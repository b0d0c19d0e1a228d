package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
)

func eventTests() []test {
	return []test{
		{"NumberEvents assigns the next positions in order of id, at most limit", eventsNumbered},
		{"EventsAfter reads every field back", listedEvent},
		{"EventEnd returns the last event with a position, and whether there are others", eventEnd},
		{"EventsAfter selects by position and type, at most limit", eventsAfter},
		{"a reader of positions misses no event, whatever order transactions commit in", followRace},
		{"UsersByID returns those who exist, in order of id", usersByID},
	}
}

func (s *suite) numberEvents(limit int) int {
	s.Helper()
	return write(s, func(tx signup.Tx) (int, error) { return tx.NumberEvents(s.ctx(), limit) })
}

func (s *suite) eventsAfter(after int64, limit int, types ...event.Type) []signup.AuditEvent {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.AuditEvent, error) { return r.EventsAfter(s.ctx(), after, types, limit) })
}

func (s *suite) eventEnd() event.End {
	s.Helper()
	return read(s, func(r signup.Reader) (event.End, error) { return r.EventEnd(s.ctx()) })
}

// addNumbered adds n events, the types of which are numbers from 0 on.
func (s *suite) addNumbered(n int) {
	s.Helper()
	for i := range n {
		s.addEvents(signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: numbered(i)})
	}
}

func positions(events []signup.AuditEvent) []int64 {
	list := []int64{}
	for _, e := range events {
		list = append(list, e.Position)
	}
	return list
}

func eventsNumbered(s *suite) {
	s.same("of none", s.numberEvents(10), 0)
	s.addNumbered(5)
	all := s.events(signup.AuditQuery{})
	s.same("before", positions(all), []int64{0, 0, 0, 0, 0})
	s.same("none asked for", s.numberEvents(0), 0)
	s.same("numbered", s.numberEvents(2), 2)
	s.same("a part", positions(s.events(signup.AuditQuery{})), []int64{0, 0, 0, 2, 1})
	s.same("the others", s.numberEvents(10), 3)
	s.same("again", s.numberEvents(10), 0)
	slices.Reverse(all)
	for i := range all {
		all[i].Position = int64(i + 1)
	}
	s.same("events", s.eventsAfter(0, 10), all)
	slices.Reverse(all)
	s.same("trail", s.events(signup.AuditQuery{}), all)
}

func listedEvent(s *suite) {
	want := filled[signup.AuditEvent](s)
	s.addEvents(want)
	s.numberEvents(1)
	got := s.eventsAfter(0, 10)
	want.ID, want.Position = s.events(signup.AuditQuery{})[0].ID, 1
	s.same("event", got, []signup.AuditEvent{want})
}

func eventEnd(s *suite) {
	s.same("of none", s.eventEnd(), event.End{})
	at := func(i int) signup.AuditEvent {
		return signup.AuditEvent{At: start().Add(time.Duration(i) * instant), Actor: signup.ActorCLI, Type: numbered(i)}
	}
	s.addEvents(at(1), at(2), at(3))
	s.same("without positions", s.eventEnd(), event.End{Unnumbered: true})
	s.numberEvents(2)
	s.same("with two", s.eventEnd(), event.End{Position: 2, At: at(2).At, Unnumbered: true})
	s.numberEvents(2)
	s.same("with all", s.eventEnd(), event.End{Position: 3, At: at(3).At})
}

// eventsAfter tries every combination of the arguments.
func eventsAfter(s *suite) {
	s.addNumbered(3)
	s.addNumbered(4)
	s.numberEvents(6)
	all := s.eventsAfter(0, 100)
	s.same("with a position", positions(all), []int64{1, 2, 3, 4, 5, 6})
	for _, after := range []int64{0, 1, 4, 6, 100} {
		for _, types := range [][]event.Type{nil, {}, {"1"}, {"2", "1"}, {"0", "2", "9"}, {"9"}} {
			for _, limit := range []int{0, 1, 2, 100} {
				want := []signup.AuditEvent{}
				for _, e := range all {
					if e.Position > after && (len(types) == 0 || slices.Contains(types, e.Type)) && len(want) < limit {
						want = append(want, e)
					}
				}
				s.same(fmt.Sprint(after, types, limit), s.eventsAfter(after, limit, types...), want)
			}
		}
	}
}

// followRace follows the list while many transactions add events and others
// assign positions.
func followRace(s *suite) {
	const writers, each = 8, 12
	var running atomic.Int32
	running.Store(writers)
	var seen []signup.AuditEvent
	errs := race(writers+3, func(i int) error {
		switch {
		case i < writers:
			defer running.Add(-1)
			return s.addMany(each)
		case i == writers:
			return s.follow(&running, &seen)
		default:
			return s.numberWhile(&running)
		}
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
	s.same("events read", len(seen), writers*each)
	s.same("events", seen, s.eventsAfter(0, 1000))
}

// follow reads all events in order of position until the others have ended.
func (s *suite) follow(running *atomic.Int32, seen *[]signup.AuditEvent) error {
	after := int64(0)
	for last := false; !last; {
		last = running.Load() == 0
		err := s.store.Update(s.ctx(), func(tx signup.Tx) error { return second(tx.NumberEvents(s.ctx(), 1000)) })
		if err != nil {
			return err
		}
		err = s.store.View(s.ctx(), func(r signup.Reader) error {
			found, err := r.EventsAfter(s.ctx(), after, nil, 1000)
			if len(found) > 0 {
				after = found[len(found)-1].Position
			}
			*seen = append(*seen, found...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addMany adds events, each in an update that goes on after it.
func (s *suite) addMany(n int) error {
	for i := range n {
		err := s.store.Update(s.ctx(), func(tx signup.Tx) error {
			e := signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: numbered(i)}
			if err := tx.AddAudit(s.ctx(), e); err != nil {
				return err
			}
			_, err := tx.CountEvents(s.ctx(), e.Type, start(), start().Add(instant))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) numberWhile(running *atomic.Int32) error {
	for running.Load() > 0 {
		err := s.store.Update(s.ctx(), func(tx signup.Tx) error { return second(tx.NumberEvents(s.ctx(), 3)) })
		if err != nil {
			return err
		}
	}
	return nil
}

func usersByID(s *suite) {
	full := s.createUser()
	for range 2 {
		s.fill(&full)
		full.ID, full.Version = s.createUser(func(u *signup.User) { *u = full }).ID, 1
		s.same("every field", s.byID(full.ID), []signup.User{full})
	}
	a, b, c := s.createUser(), s.createUser(), s.createUser()
	s.same("nobody", s.byID(), []signup.User{})
	s.same("two", s.byID(c.ID, a.ID), []signup.User{a, c})
	s.same("some who do not exist", s.byID(0, b.ID, nobody, b.ID), []signup.User{b})
}

func (s *suite) byID(ids ...int64) []signup.User {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.User, error) { return r.UsersByID(s.ctx(), ids) })
}
