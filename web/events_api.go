package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

const (
	maxEventWait = 60 * time.Second // proxies often end an answer that takes longer
	answerGrace  = 30 * time.Second // for the client to take the answer
)

func (s *server) routeEvents(api huma.API) {
	gone := reason{code: refusal.CursorUnknown}
	register(api, s.waits(s.forAdmins(huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: apiPath + "/events",
		Summary: "List what happened to users, oldest first, or wait for it", Tags: []string{"Events"},
		Description: "The answer is complete up to its cursor: pass that as `after` to read on, and `wait` to wait until there is more.",
	})), s.listEvents, gone)
	register(api, s.waits(s.forAdmins(huma.Operation{
		OperationID: "stream-events", Method: http.MethodGet, Path: apiPath + "/events/stream",
		Summary: "Follow what happens to users by server-sent events", Tags: []string{"Events"},
		Description: "The same events as list-events, one by one as they happen.",
	})), s.streamEvents, gone)
	describeStream(api)
}

// An Event is something that happened to a user, as applications are told.
type Event struct {
	ID     int64      `json:"id" doc:"the event's id in the audit trail; not in the order of the list"`
	Cursor string     `json:"cursor" doc:"pass as after to read on behind this event"`
	Type   event.Type `json:"type"`
	Time   time.Time  `json:"time"`
	Actor  string     `json:"actor" doc:"who did it: person, system, cli, user:ID or key:NAME"`
	UserID int64      `json:"user_id"`
	User   *User      `json:"user,omitempty" doc:"the user as of now, which may be later than the event; left out when the user was removed since"`

	at event.Cursor
}

// TransformSchema describes the types of events in the API's document. It is no
// closed list: later versions may have more, and clients must pass over them.
func (Event) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	lines := []string{"what happened. Later versions may have more types; ignore those that you do not know.", ""}
	for _, e := range event.All() {
		if e.Public {
			lines = append(lines, fmt.Sprintf("* `%s`: %s", e.Type, e.Doc))
		}
	}
	schema.Properties["type"].Description = strings.Join(lines, "\n")
	return schema
}

// Events is a page of the list of events.
type Events struct {
	Events []Event `json:"events"`
	Next   string  `json:"next" doc:"pass as after to read on; it is given when there are no events, too"`
}

// An eventPage is what was read: events, and up to where.
type eventPage struct {
	events []Event
	at     event.Cursor
	err    error
}

// selected returns the part of a page that a query asks for. Its end is never
// before the place after which the query asks.
func (p eventPage) selected(q event.Query) eventPage {
	part := eventPage{at: p.at, err: p.err}
	if part.at.Position < q.After.Position {
		part.at = q.After
	}
	for _, e := range p.events {
		if e.at.Position <= q.After.Position || !slices.Contains(q.Types, e.Type) {
			continue
		}
		part.events = append(part.events, e)
		if len(part.events) == q.Limit {
			part.at = e.at
			break
		}
	}
	return part
}

type eventsInput struct {
	After string               `query:"after" maxLength:"40" doc:"return what comes after this place in the list: next of the page before, or cursor of an event. Without it, the list begins with the first event; latest stands for the place after the last one"`
	Types []eventTypeParameter `query:"types" doc:"only these types, separated by commas, or given several times; all unless given"`
	Limit int                  `query:"limit" minimum:"1" maximum:"200" default:"100" doc:"maximum number of results"`
	Wait  string               `query:"wait" maxLength:"10" doc:"how long to wait for an event if there is none, such as 30s; at most 60s"`
}

func eventQuery(after string, names []eventTypeParameter, limit int) (event.Query, *Problem) {
	cursor, ok := event.ParseCursor(after)
	if !ok {
		return event.Query{}, invalidQuery("after", "must be a cursor that this server gave, or latest")
	}
	types := each(names, func(t eventTypeParameter) event.Type { return event.Type(t) })
	if len(types) == 0 {
		types = event.Public()
	}
	return event.Query{After: cursor, Types: types, Limit: limit}, nil
}

func invalidQuery(name, message string) *Problem {
	return invalidBody(FieldProblem{"query." + name, message, string(refusal.Invalid)})
}

func eventWait(text string) (time.Duration, *Problem) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 || wait > maxEventWait {
		return 0, invalidQuery("wait", "must be a duration of at most 60s, such as 30s")
	}
	return wait, nil
}

func (s *server) listEvents(ctx context.Context, in *eventsInput) (*output[Events], error) {
	q, problem := eventQuery(in.After, in.Types, in.Limit)
	if problem != nil {
		return nil, problem
	}
	wait, problem := eventWait(in.Wait)
	if problem != nil {
		return nil, problem
	}
	page := s.readEvents(ctx, q)
	if len(page.events) == 0 && page.err == nil && wait > 0 {
		page = s.awaitEvents(ctx, q, page.at, wait)
	}
	return answer(ctx, s, Events{append([]Event{}, page.events...), page.at.String()}, page.err)
}

// readEvents reads a page from the database.
func (s *server) readEvents(ctx context.Context, q event.Query) eventPage {
	events, next, err := ReadEvents(ctx, s.Service, q)
	return eventPage{events, next, err}
}

// ReadEvents reads a page of events, and where to read on.
func ReadEvents(ctx context.Context, svc *signup.Service, q event.Query) ([]Event, event.Cursor, error) {
	reads := svc.As(signup.ActorSystem)
	p, err := reads.Events(ctx, q)
	if err != nil || len(p.Events) == 0 {
		return nil, p.Next, err
	}
	uses, err := reads.AddressUses(ctx, slices.Collect(maps.Values(p.Users))...)
	return each(p.Events, func(e signup.AuditEvent) Event { return eventJSON(e, p.Users, uses) }), p.Next, err
}

func eventJSON(e signup.AuditEvent, users map[int64]signup.User, uses map[string]signup.AddressUse) Event {
	at := event.Cursor{Position: e.Position, At: e.At}
	shown := Event{
		ID: e.ID, Cursor: at.String(), Type: e.Type, Time: e.At, Actor: string(e.Actor), UserID: e.UserID, at: at,
	}
	if u, ok := users[e.UserID]; ok {
		user := UserJSON(u, uses[u.EmailKey])
		shown.User = &user
	}
	return shown
}

// awaitEvents waits until there are events after a cursor, or until it has waited
// long enough, the server stops or the API key no longer works.
func (s *server) awaitEvents(ctx context.Context, q event.Query, after event.Cursor, long time.Duration) (page eventPage) {
	_ = callerOf(ctx).control.SetWriteDeadline(time.Now().Add(long + answerGrace)) // a server without deadlines needs none
	enough, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	for known := false; !known; {
		q.After = after
		if page, known = s.feed.wait(enough, s.Done, q); !known {
			page = s.readEvents(ctx, q)
			known = len(page.events) > 0 || page.err != nil || enough.Err() != nil
			after = page.at
		}
	}
	return page.unlessRevoked(ctx, s)
}

// unlessRevoked returns the page if the caller's API key still works.
func (p eventPage) unlessRevoked(ctx context.Context, s *server) eventPage {
	if p.err == nil {
		_, p.err = s.Service.Authenticate(ctx, callerOf(ctx).key, scope.Read)
	}
	return p
}

// A caller is the other end of a request that waits.
type caller struct {
	key     string
	control *http.ResponseController
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// waits makes an operation one that can wait, and whose lists can be sent in both ways
// that are common.
func (s *server) waits(op huma.Operation) huma.Operation {
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		_, w := humago.Unwrap(ctx)
		ctx = huma.WithValue(ctx, callerKey{}, caller{bearer(ctx.Header("Authorization")), http.NewResponseController(w)})
		next(listContext{ctx})
	})
	return op
}

// A listContext reads types=a&types=b as types=a,b. huma knows one way or the other,
// and of several parameters reads the first.
type listContext struct{ humaContext }

func (c listContext) Query(name string) string {
	if name != "types" {
		return c.humaContext.Query(name)
	}
	url := c.URL()
	return strings.Join(url.Query()[name], ",")
}

func (c listContext) Unwrap() huma.Context { return c.humaContext }
