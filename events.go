package signup

import (
	"cmp"
	"context"
	"slices"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

const (
	eventsPage   = 100  // Admin.Events without a limit
	numberAtOnce = 1000 // events that get positions in one transaction
)

// An EventPage is a page of the list of events that applications are told.
type EventPage struct {
	Events []AuditEvent   // oldest first
	Users  map[int64]User // the users concerned as they are now, by ID, without those who were removed
	Next   event.Cursor   // where to read on
}

// Events returns a page of the list of events that applications are told, oldest
// first. Next may be past the last event of the page: everything up to it has
// been read, whatever transactions commit later. It does not wait; call it again
// with Next to hear of new events.
//
// It refuses with refusal.CursorUnknown when q.After is not a place in this list,
// because the database was replaced by another one or by an older backup.
func (a Admin) Events(ctx context.Context, q event.Query) (EventPage, error) {
	end, err := a.s.eventEnd(ctx)
	if err != nil {
		return EventPage{}, err
	}
	if q.After == event.Latest() || q.After.Position == end.Position && (end.Position == 0 || q.After.At.Equal(end.At)) {
		return EventPage{Next: event.Cursor{Position: end.Position, At: end.At}}, nil
	}
	var p EventPage
	err = a.s.store.View(ctx, func(r Reader) (err error) {
		p, err = eventsAfter(ctx, r, q)
		return err
	})
	if refusal.Is(err, refusal.CursorUnknown) {
		return EventPage{Next: q.After}, a.s.checkCursor(ctx, q.After)
	}
	return p, err
}

// checkCursor checks a cursor again where updates go: the View may have been of a
// replica that has not come so far yet.
func (s *Service) checkCursor(ctx context.Context, c event.Cursor) error {
	return s.store.Update(ctx, func(tx Tx) error { return checkCursor(ctx, tx, c) })
}

// eventEnd returns the end of the list, after it has put events there that are
// not in it yet. They get their positions here and not when they are recorded:
// that would have to happen in the order of the commits, so that no two
// transactions with events could commit at the same time.
func (s *Service) eventEnd(ctx context.Context) (event.End, error) {
	read := func() (event.End, error) {
		return peek(ctx, s, func(r Reader) (event.End, error) { return r.EventEnd(ctx) })
	}
	end, err := read()
	if err != nil || !end.Unnumbered {
		return end, err
	}
	for n := numberAtOnce; n == numberAtOnce; {
		if err := s.store.Update(ctx, func(tx Tx) (err error) {
			n, err = tx.NumberEvents(ctx, numberAtOnce)
			return err
		}); err != nil {
			return event.End{}, err
		}
	}
	return read()
}

// eventsAfter reads a page in one snapshot. Only what is in the snapshot counts
// as read: a later one may come from another replica of the database, which lags
// behind.
func eventsAfter(ctx context.Context, r Reader, q event.Query) (EventPage, error) {
	end, err := r.EventEnd(ctx)
	if err != nil {
		return EventPage{}, err
	}
	if err := checkCursor(ctx, r, q.After); err != nil {
		return EventPage{}, err
	}
	types, limit := q.Types, cmp.Or(q.Limit, eventsPage)
	if len(types) == 0 {
		types = event.Public()
	}
	p := EventPage{Next: event.Cursor{Position: end.Position, At: end.At}}
	if p.Events, err = r.EventsAfter(ctx, q.After.Position, types, limit); err != nil {
		return EventPage{}, err
	}
	if n := len(p.Events); n == limit && n > 0 {
		p.Next = event.Cursor{Position: p.Events[n-1].Position, At: p.Events[n-1].At}
	}
	p.Users, err = usersOf(ctx, r, p.Events)
	return p, err
}

// checkCursor refuses a cursor if its event is not at its place.
func checkCursor(ctx context.Context, r Reader, c event.Cursor) error {
	if c.Position == 0 {
		return nil
	}
	at, err := r.EventsAfter(ctx, c.Position-1, nil, 1)
	if err == nil && (len(at) == 0 || at[0].Position != c.Position || !at[0].At.Equal(c.At)) {
		err = refusal.New(refusal.CursorUnknown, "The cursor is not from this list of events; list all users and read on from the latest event")
	}
	return err
}

// usersOf returns the users that the events are about.
func usersOf(ctx context.Context, r Reader, events []AuditEvent) (map[int64]User, error) {
	var ids []int64
	for _, e := range events {
		ids = append(ids, e.UserID)
	}
	slices.Sort(ids)
	found, err := r.UsersByID(ctx, slices.Compact(ids))
	users := make(map[int64]User, len(found))
	for _, u := range found {
		users[u.ID] = u
	}
	return users, err
}
