package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/web"
)

// followEvery is how often events --follow asks the database.
const followEvery = 500 * time.Millisecond

type eventsCmd struct {
	After  string   `placeholder:"CURSOR" help:"Only what comes after this place in the list: next of an earlier answer, or latest."`
	Types  []string `placeholder:"TYPE,..." help:"Only events of these types."`
	Limit  int      `placeholder:"N" help:"Maximum number of results (default 100; none with --follow)."`
	Follow bool     `short:"f" help:"Print events as they happen, until interrupted. Without --after, from now on."`
}

// Help lists the types that there are.
func (eventsCmd) Help() string {
	var b strings.Builder
	_, _ = b.WriteString(`The same list as GET /api/v1/events. With --json, --follow prints one event a line.

Examples:

    signup events --types user.active --json
    signup events --follow
    signup events --follow --limit 1 --types user.active

The types of events:
`)
	for _, e := range event.All() {
		if e.Public {
			_, _ = fmt.Fprintf(&b, "\n    %-24s%s", e.Type, e.Doc)
		}
	}
	return b.String()
}

// Run lists or follows the events.
func (c eventsCmd) Run(ctx context.Context, s *session) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	return s.with(ctx, func(svc *signup.Service) error {
		if c.Follow {
			return s.followEvents(ctx, svc, q, c.Limit)
		}
		events, next, err := web.ReadEvents(ctx, svc, q)
		if err != nil {
			return err
		}
		page := web.Events{Events: append([]web.Event{}, events...), Next: next.String()}
		if err := s.answer(page, func(w io.Writer) { table(w, eventLines(events)) }); err != nil {
			return err
		}
		s.hint("Next: --after %s", next)
		return nil
	})
}

func (c eventsCmd) query() (event.Query, error) {
	after, ok := event.ParseCursor(c.After)
	if !ok {
		return event.Query{}, usagef("--after must be a cursor from an earlier answer, or latest")
	}
	if c.Follow && c.After == "" {
		after = event.Latest()
	}
	if c.Limit < 0 {
		return event.Query{}, usagef("--limit must be at least 1")
	}
	q := event.Query{After: after, Limit: c.Limit}
	for _, name := range c.Types {
		t := event.Type(name)
		if !slices.Contains(event.Public(), t) {
			return event.Query{}, usagef("--types: there are no events of the type %q here", name)
		}
		q.Types = append(q.Types, t)
	}
	return q, nil
}

// followEvents prints events until there were limit of them, or for 0 until ctx
// ends.
func (s *session) followEvents(ctx context.Context, svc *signup.Service, q event.Query, limit int) error {
	ticks := time.NewTicker(followEvery)
	defer ticks.Stop()
	for printed := 0; ; {
		if limit > 0 {
			q.Limit = limit - printed
		}
		events, next, err := web.ReadEvents(ctx, svc, q)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.printEvents(events); err != nil {
			return err
		}
		q.After = next
		if printed += len(events); limit > 0 && printed == limit {
			return nil
		}
		if len(events) > 0 {
			continue // there may be more
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *session) printEvents(events []web.Event) error {
	var b strings.Builder
	for _, e := range events {
		if s.json {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			_, _ = b.Write(append(line, '\n'))
			continue
		}
		cells := eventLine(e)
		_, _ = fmt.Fprintf(&b, "%s  %-24s  %s  %s\n", cells[0], cells[1], printable(cells[2]), printable(cells[3]))
	}
	_, err := io.WriteString(s.stdout, b.String())
	return err
}

func eventLines(events []web.Event) [][]string {
	rows := [][]string{{"AT", "WHAT", "USER", "WHO"}}
	for _, e := range events {
		rows = append(rows, eventLine(e))
	}
	return rows
}

// eventLine is an event for people.
func eventLine(e web.Event) []string {
	user := strconv.FormatInt(e.UserID, 10)
	if e.User != nil {
		user += " " + e.User.Username
	}
	return []string{moment(e.Time), string(e.Type), user, e.Actor}
}
