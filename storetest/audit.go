package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
)

func auditTests() []test {
	return []test{
		{"every field is read back", eventComesBack},
		{"empty and awkward details are read back", eventDetails},
		{"an event may be about a user who does not exist", eventOfNobody},
		{"Audit returns pages, newest first, also for one user", auditPages},
		{"Audit selects by type, actor, user and time", auditFilters},
		{"CountEvents counts from since (inclusive) to till (exclusive)", eventsCounted},
	}
}

func (s *suite) events(q signup.AuditQuery) []signup.AuditEvent {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.AuditEvent, error) { return r.Audit(s.ctx(), q) })
}

func (s *suite) addEvents(events ...signup.AuditEvent) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		for _, e := range events {
			if err := tx.AddAudit(s.ctx(), e); err != nil {
				return err
			}
		}
		return nil
	})
}

// lastEvent returns the latest event. It replaces the ID, which the store
// assigned, by id.
func (s *suite) lastEvent(id int64) signup.AuditEvent {
	s.Helper()
	events := s.events(signup.AuditQuery{Limit: 1})
	if len(events) != 1 || events[0].ID <= 0 {
		s.Fatalf("the latest event: %v", events)
	}
	events[0].ID = id
	return events[0]
}

func eventComesBack(s *suite) {
	for range len(awkward()) {
		want := filled[signup.AuditEvent](s)
		s.addEvents(want)
		want.Position = 0
		s.same("event", s.lastEvent(want.ID), want)
	}
}

func eventDetails(s *suite) {
	texts := map[string]string{}
	for _, text := range awkward() {
		texts[text] = text
	}
	for _, detail := range []map[string]string{nil, {}, texts} {
		want := signup.AuditEvent{At: start(), Actor: "key:ci 🧵", Type: event.SettingsChanged, Detail: detail}
		s.addEvents(want)
		if diff := cmp.Diff(want, s.lastEvent(0), cmpopts.EquateEmpty()); diff != "" {
			s.Errorf("event (-want +got):\n%s", diff)
		}
	}
}

func eventOfNobody(s *suite) {
	want := signup.AuditEvent{At: start(), Actor: signup.ActorSystem, Type: event.Lapsed, UserID: nobody, Detail: map[string]string{}}
	s.addEvents(want)
	got := s.lastEvent(0)
	got.Detail = want.Detail
	s.same("event", got, want)
}

func auditPages(s *suite) {
	var all []signup.AuditEvent
	for i := range 103 {
		all = append(all, signup.AuditEvent{
			At: start().Add(-time.Duration(i) * time.Hour), Actor: signup.ActorCLI, Type: numbered(i), UserID: int64(1 + i%2),
		})
	}
	s.addEvents(all...)
	first := s.events(signup.AuditQuery{})
	s.same("without a limit", len(first), 100)
	s.same("newest", first[0].Type, numbered(102))
	descending := slices.IsSortedFunc(first, func(a, b signup.AuditEvent) int { return int(b.ID - a.ID) })
	s.same("newest first", descending, true)
	s.same("next page", len(s.events(signup.AuditQuery{Before: first[99].ID})), 3)
	s.same("of one user", len(s.events(signup.AuditQuery{UserID: 1})), 52)
	s.same("a page of one user", types(s.events(signup.AuditQuery{UserID: 1, Before: first[0].ID, Limit: 2})),
		[]event.Type{numbered(100), numbered(98)})
	s.same("with a higher limit", len(s.events(signup.AuditQuery{Limit: 1000})), 103)
}

func numbered(i int) event.Type { return event.Type(fmt.Sprint(i)) }

func types(events []signup.AuditEvent) []event.Type {
	out := []event.Type{}
	for _, e := range events {
		out = append(out, e.Type)
	}
	return out
}

// auditFilters tries every combination of the filters.
func auditFilters(s *suite) {
	after := func(n int) time.Time { return start().Add(time.Duration(n) * instant) }
	var all []signup.AuditEvent
	for i := range 16 {
		all = append(all, signup.AuditEvent{
			At: after(i / 2), Actor: []signup.Actor{"user:1", "user:2"}[i%2],
			Type: []event.Type{"x", "y"}[i/2%2], UserID: int64(7 + i/4%2),
		})
	}
	s.addEvents(all...)
	ids := s.events(signup.AuditQuery{})
	slices.Reverse(ids)
	for i := range all {
		all[i].ID = ids[i].ID
	}
	for _, event := range []event.Type{"", "x", "y", "z"} {
		for _, actor := range []signup.Actor{"", "user:1", "user:3"} {
			for _, user := range []int64{0, 7, 9} {
				for _, since := range []time.Time{{}, after(3)} {
					for _, till := range []time.Time{{}, after(5)} {
						for _, before := range []int64{0, all[9].ID} {
							q := signup.AuditQuery{UserID: user, Type: event, Actor: actor, Since: since, Till: till, Before: before}
							s.same(fmt.Sprintf("%+v", q), eventIDs(s.events(q)), eventIDs(matchingEvents(all, q)))
						}
					}
				}
			}
		}
	}
	s.same("a page", eventIDs(s.events(signup.AuditQuery{Type: "x", Limit: 2})), []int64{all[13].ID, all[12].ID})
}

func eventIDs(events []signup.AuditEvent) []int64 {
	ids := []int64{}
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

// matchingEvents implements AuditQuery in Go.
func matchingEvents(all []signup.AuditEvent, q signup.AuditQuery) (found []signup.AuditEvent) {
	for _, e := range slices.Backward(all) {
		if (q.UserID == 0 || e.UserID == q.UserID) && (q.Type == "" || e.Type == q.Type) && (q.Actor == "" || e.Actor == q.Actor) &&
			!e.At.Before(q.Since) && (q.Till.IsZero() || e.At.Before(q.Till)) && (q.Before == 0 || e.ID < q.Before) {
			found = append(found, e)
		}
	}
	return found
}

func eventsCounted(s *suite) {
	at := func(t time.Time, event event.Type) signup.AuditEvent {
		return signup.AuditEvent{At: t, Actor: signup.ActorCLI, Type: event}
	}
	end := start().Add(time.Hour)
	s.addEvents(at(start(), "a"), at(start(), "b"), at(start().Add(-instant), "a"), at(end.Add(-instant), "a"), at(end, "a"))
	count := func(event event.Type, since, till time.Time) int {
		s.Helper()
		return read(s, func(r signup.Reader) (int, error) { return r.CountEvents(s.ctx(), event, since, till) })
	}
	s.same("count", count("a", start(), end), 2)
	s.same("count from an instant before", count("a", start().Add(-instant), end), 3)
	s.same("count until an instant after", count("a", start(), end.Add(instant)), 3)
	s.same("of none", count("c", start(), end), 0)
}
