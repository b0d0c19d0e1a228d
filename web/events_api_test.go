package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/web"
)

// events reads a page of events.
func (w *world) events(query string) web.Events {
	w.t.Helper()
	var page web.Events
	w.asAdmin("GET", "/events?"+query, "").wants(w.t, 200).decode(w.t, &page)
	return page
}

// latest is the cursor after the last event.
func (w *world) latest() string {
	w.t.Helper()
	return w.events("after=latest").Next
}

func typesOf(page web.Events) (types []event.Type) {
	for _, e := range page.Events {
		types = append(types, e.Type)
	}
	return types
}

func wantsTypes(t *testing.T, page web.Events, want ...event.Type) {
	t.Helper()
	if got := typesOf(page); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestEvents(t *testing.T) {
	w := start(t)
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	w.decide("ada", "approve", "").wants(t, 200)
	page := w.events("")
	wantsTypes(t, page, event.SignedUp, event.Verified, event.Approved, event.Active)
	last := page.Events[3]
	if last.Actor != "key:tests" || last.UserID != w.id("ada") || !last.Time.Equal(w.clock.Now()) || last.Cursor != page.Next {
		t.Errorf("event %+v, next %s", last, page.Next)
	}
	first := page.Events[0] // with the user as of now
	if first.Actor != "person" || first.User == nil || first.User.Status != signup.StatusActive || first.User.Email != "ada@example.org" {
		t.Errorf("event %+v", first)
	}
	body := w.asAdmin("GET", "/events", "").body
	for _, secret := range []string{"password", "hash", "argon2", "token"} {
		if strings.Contains(body, secret) {
			t.Errorf("%s is in %s", secret, body)
		}
	}

	wantsTypes(t, w.events("after="+first.Cursor), event.Verified, event.Approved, event.Active)
	for _, types := range []string{
		"types=user.signed_up,user.active", "types=user.signed_up&types=user.active", "types=user.signed_up,user.signed_up&types=user.active",
	} {
		wantsTypes(t, w.events(types), event.SignedUp, event.Active)
	}
	wantsTypes(t, w.events("after="+page.Next))
	one := w.events("limit=1&types=user.signed_up,user.active")
	wantsTypes(t, one, event.SignedUp)
	wantsTypes(t, w.events("limit=1&types=user.signed_up,user.active&after="+one.Next), event.Active)

	w.require(false, false) // an event for administrators alone
	end := w.events("after=" + page.Next)
	wantsTypes(t, end)
	if end.Next == page.Next || end.Next != w.latest() {
		t.Errorf("next is %s, then %s, and the latest is %s", page.Next, end.Next, w.latest())
	}
}

// An event outlives its user, without anything about the person.
func TestEventsOfARemovedUser(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	id := w.id("ada")
	w.form(disownPath, tokenForm(token)).wants(t, 200)
	page := w.events("")
	wantsTypes(t, page, event.SignedUp, event.Disowned)
	for _, e := range page.Events {
		if e.User != nil || e.UserID != id {
			t.Errorf("event %+v", e)
		}
	}
}

func TestEventsRefuse(t *testing.T) {
	w := start(t)
	w.signUp("ada", "ada@example.org")
	next := w.events("").Next
	for query, location := range map[string]string{
		"after=sEcReT": "query.after", "after=-1": "query.after", "after=1-": "query.after", "after=" + next + "0x!": "query.after",
		"wait=sEcReT": "query.wait", "wait=61s": "query.wait", "wait=-1s": "query.wait", "wait=5": "query.wait",
		"types=sEcReT": "query.types[0]", "types=user.active,session.started": "query.types[1]", "types=user.active&types=": "query.types[1]",
		"limit=0": "query.limit", "limit=201": "query.limit", "aftr=1": "query.aftr",
	} {
		a := w.asAdmin("GET", "/events?"+query, "")
		a.wantsProblem(t, 422, "invalid", location)
		if strings.Contains(a.body, "sEcReT") {
			t.Errorf("the value is in %s", a.body)
		}
	}
	w.get("/api/v1/events").wantsProblem(t, 401, "unauthorized")
	w.get("/api/v1/events/stream").wantsProblem(t, 401, "unauthorized")
}

// A cursor of another database, or of what came after a backup that was restored,
// is refused: what it has read is not what is here.
func TestACursorOfAnotherListIsRefused(t *testing.T) {
	other := start(t)
	other.clock.advance(time.Second)
	other.signUp("ada", "ada@example.org")
	w := start(t)
	w.signUp("ada", "ada@example.org")
	for _, cursor := range []string{other.latest(), event.Cursor{Position: 1000, At: w.clock.Now()}.String()} {
		for _, path := range []string{"/events?after=", "/events?wait=30s&after=", "/events/stream?after="} {
			w.asAdmin("GET", path+cursor, "").wantsProblem(t, 410, "cursor_unknown")
		}
	}
	w.asAdmin("GET", "/events?after="+w.latest(), "").wants(t, 200)
}

// waiting sends requests that wait for events, and returns their answers once all
// of them wait.
func (w *world) waiting(n int, query string) <-chan answer {
	w.t.Helper()
	answers := make(chan answer, n)
	r := w.request("GET", "/api/v1/events?"+query, "", "Authorization", "Bearer "+w.admin())
	for range n {
		go func() { answers <- w.do(r.Clone(w.t.Context())) }()
	}
	return answers
}

// Everyone who waits hears of an event within a second, and of no event of another
// type.
func TestEventsWait(t *testing.T) {
	w := start(t)
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	after := w.latest()
	answers := w.waiting(5, "types=user.active&wait=30s&after="+after)
	quiet := w.waiting(1, "types=user.rejected&wait=1s&after="+after)
	w.signUp("bob", "bob@example.org") // of no interest
	select {
	case a := <-answers:
		t.Fatalf("an answer before the event: %s", a.body)
	case a := <-quiet:
		a.wants(t, 200, `"events":[]`)
		if !strings.Contains(a.body, w.latest()) {
			t.Errorf("the cursor does not move on: %s", a.body)
		}
	}
	asked := time.Now()
	w.decide("ada", "approve", "").wants(t, 200)
	for range 5 {
		(<-answers).wants(t, 200, `"type":"user.active"`, `"status":"active"`)
	}
	if took := time.Since(asked); took > time.Second {
		t.Errorf("the event took %s", took)
	}
}

// A limit holds for what comes while somebody waits, too.
func TestEventsWaitForAPage(t *testing.T) {
	w := start(t)
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	answers := w.waiting(1, "limit=1&wait=30s&after="+w.latest())
	w.decide("ada", "approve", "").wants(t, 200)
	var page web.Events
	(<-answers).wants(t, 200).decode(t, &page)
	wantsTypes(t, page, event.Approved)
	wantsTypes(t, w.events("limit=1&wait=30s&after="+page.Next), event.Active)
}

func TestShutdownEndsWaits(t *testing.T) {
	done := make(chan struct{})
	w := start(t, func(s *setup) { s.web.Done = done })
	answers := w.waiting(3, "wait=60s&after="+w.latest())
	stream := w.follow("after=latest")
	stream.next()
	asked := time.Now()
	close(done)
	for range 3 {
		(<-answers).wants(t, 200, `"events":[]`)
	}
	stream.wantsEnd()
	if took := time.Since(asked); took > time.Second {
		t.Errorf("the end took %s", took)
	}
}

// A key that is revoked while its owner waits gets nothing more.
func TestARevokedKeyHearsNothing(t *testing.T) {
	w := start(t)
	after := w.latest()
	answers := w.waiting(1, "wait=30s&after="+after)
	stream := w.follow("after=latest")
	stream.next()
	w.must(w.As(signup.ActorCLI).RevokeAPIKey(t.Context(), "tests"))
	w.signUp("ada", "ada@example.org")
	(<-answers).wantsProblem(t, 401, "unauthorized")
	stream.wantsEnd()
}

// A request that waits outlasts the server's limit for an answer.
func TestAWaitOutlastsTheWriteTimeout(t *testing.T) {
	w := start(t)
	server := httptest.NewUnstartedServer(w.handler)
	server.Config.WriteTimeout, server.Config.ReadTimeout = 100*time.Millisecond, 100*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	w.url = server.URL
	w.asAdmin("GET", "/events?wait=500ms&after="+w.latest(), "").wants(t, 200, `"events":[]`)
}

// askedStore tells of every read of a store.
type askedStore struct {
	signup.Store
	asked chan struct{}
}

func (s *askedStore) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	s.asked <- struct{}{}
	return s.Store.Peek(ctx, fn)
}

func (s *askedStore) View(ctx context.Context, fn func(signup.Reader) error) error {
	s.asked <- struct{}{}
	return s.Store.View(ctx, fn)
}

// However many wait, the database is asked as often as for one. It has four
// connections here, so nobody who waits holds one.
func TestManyWhoWaitAskTheDatabaseOnce(t *testing.T) {
	store := &askedStore{asked: make(chan struct{}, 10_000)}
	w := start(t, func(s *setup) {
		s.store = func(inner signup.Store) signup.Store {
			store.Store = inner
			return store
		}
	})
	const clients, wait = 100, 2 * time.Second
	after := w.latest()
	for len(store.asked) > 0 {
		<-store.asked
	}
	answers := w.waiting(clients, fmt.Sprintf("wait=%s&after=%s", wait, after))
	for range clients {
		(<-answers).wants(t, 200, `"events":[]`)
	}
	const each = 3 // the key before and after the wait, and what there is
	const polls = int(wait/(200*time.Millisecond)) + 5
	if n := len(store.asked); n > each*clients+polls {
		t.Errorf("%d reads for %d who waited %s", n, clients, wait)
	}
}
