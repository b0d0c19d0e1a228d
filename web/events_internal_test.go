package web

import (
	"testing"

	"github.com/signup-go/signup/event"
)

// A client can be ahead of the news, having read the database a moment later. Its
// cursor must not go back: it would get the same events twice.
func TestNewsDoNotMoveACursorBack(t *testing.T) {
	news := eventPage{events: []Event{{Type: event.Active, at: event.Cursor{Position: 7}}}, at: event.Cursor{Position: 8}}
	ahead := event.Query{After: event.Cursor{Position: 9}, Types: event.Public()}
	if page := news.selected(ahead); len(page.events) != 0 || page.at.Position != 9 {
		t.Errorf("%d events up to %d", len(page.events), page.at.Position)
	}
	behind := event.Query{After: event.Cursor{Position: 6}, Types: event.Public()}
	if page := news.selected(behind); len(page.events) != 1 || page.at.Position != 8 {
		t.Errorf("%d events up to %d", len(page.events), page.at.Position)
	}
}

// What a limit cuts off comes with the next page: both events of an approval are
// news at the same moment.
func TestALimitOfNewsSkipsNothing(t *testing.T) {
	news := eventPage{at: event.Cursor{Position: 9}}
	for _, what := range []event.Type{event.Approved, event.Active} {
		news.events = append(news.events, Event{Type: what, at: event.Cursor{Position: int64(7 + len(news.events))}})
	}
	q := event.Query{Types: event.Public(), Limit: 1}
	for _, want := range []event.Type{event.Approved, event.Active} {
		page := news.selected(q)
		if len(page.events) != 1 || page.events[0].Type != want {
			t.Errorf("%+v, want %s", page.events, want)
		}
		q.After = page.at
	}
	if page := news.selected(q); len(page.events) != 0 || page.at != news.at {
		t.Errorf("%d events up to %d", len(page.events), page.at.Position)
	}
}
