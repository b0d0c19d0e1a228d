package web_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/web"
)

// A follower reads server-sent events.
type follower struct {
	t     *testing.T
	lines *bufio.Scanner
	id    string // of the last one
	close func()
}

// follow opens a stream; headers are name, value, name, value...
func (w *world) follow(query string, headers ...string) *follower {
	w.t.Helper()
	headers = append([]string{"Authorization", "Bearer " + w.admin()}, headers...)
	resp, err := http.DefaultClient.Do(w.request("GET", "/api/v1/events/stream?"+query, "", headers...))
	w.must(err)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("status %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	f := &follower{w.t.(*testing.T), bufio.NewScanner(resp.Body), "", func() { _ = resp.Body.Close() }}
	w.t.Cleanup(f.close)
	return f
}

// next reads the next message, which has no event when only the cursor moves on.
func (f *follower) next() (e web.Event) {
	f.t.Helper()
	for f.lines.Scan() {
		line := f.lines.Text()
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			f.id = id
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				f.t.Fatal(err)
			}
		}
		if line == "" {
			return e
		}
	}
	f.t.Fatal("the stream ended", f.lines.Err())
	return e
}

// wants reads messages up to the next event, which must have this type.
func (f *follower) wants(want event.Type) web.Event {
	f.t.Helper()
	e := f.next()
	for e.Type == "" {
		e = f.next()
	}
	if e.Type != want || e.Cursor != f.id {
		f.t.Errorf("event %+v with id %s, want %s", e, f.id, want)
	}
	return e
}

// wantsEnd fails if another event comes.
func (f *follower) wantsEnd() {
	f.t.Helper()
	for f.lines.Scan() {
		if strings.HasPrefix(f.lines.Text(), "data:") {
			f.t.Errorf("after the end came %s", f.lines.Text())
		}
	}
}

func TestEventStream(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	f := w.follow("types=user.signed_up,user.verified,user.active")
	f.wants(event.SignedUp)
	w.json(confirmPath, tokenBody(token)).wants(t, 200)
	f.wants(event.Verified)
	asked := time.Now()
	w.decide("ada", "approve", "").wants(t, 200)
	if e := f.wants(event.Active); e.User == nil || e.User.Username != "ada" {
		t.Errorf("event %+v", e)
	}
	if took := time.Since(asked); took > time.Second {
		t.Errorf("the event took %s", took)
	}
}

// A client that connects again goes on behind the last event that arrived, and
// misses nothing that happened meanwhile.
func TestEventStreamGoesOn(t *testing.T) {
	w := start(t)
	f := w.follow("after=latest&types=user.signed_up")
	f.next()
	w.signUp("ada", "ada@example.org")
	f.wants(event.SignedUp)
	f.close()
	w.signUp("bob", "bob@example.org")
	f = w.follow("after=latest&types=user.signed_up", "Last-Event-ID", f.id)
	if e := f.wants(event.SignedUp); e.User.Username != "bob" {
		t.Errorf("event %+v", e)
	}
}

// A client that begins at the start gets all there is, however much.
func TestEventStreamOfALongTrail(t *testing.T) {
	w := start(t)
	f := w.follow("types=user.lapsed&after=latest")
	f.next()
	w.must(w.store.Update(t.Context(), func(tx signup.Tx) error {
		for i := range 450 {
			e := signup.AuditEvent{At: w.clock.Now(), Actor: signup.ActorSystem, Type: event.Lapsed, UserID: int64(1000 + i)}
			if err := tx.AddAudit(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, f := range []*follower{f, w.follow("types=user.lapsed")} { // one who waited, and one who comes later
		for i := range 450 {
			if e := f.wants(event.Lapsed); e.UserID != int64(1000+i) {
				t.Fatalf("event %d is about user %d", i, e.UserID)
			}
		}
	}
}
