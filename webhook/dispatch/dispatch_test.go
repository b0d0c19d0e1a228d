package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/signuptest"
	"github.com/signup-go/signup/webhook"
	"github.com/signup-go/signup/webhook/dispatch"
)

// A world is a Service with web hooks and a dispatcher, the clock of which a test
// moves.
type world struct {
	*signuptest.Service
	t     testing.TB
	hooks *webhook.Hooks
	log   *logBuffer
}

func start(t testing.TB, changes ...func(*webhook.Options)) *world {
	w := &world{Service: signuptest.New(t), t: t, log: &logBuffer{}}
	w.Set(map[string]string{"signup_require_email_verification": "false"})
	o := webhook.Options{Now: w.Clock.Now, Allow: []string{"127.0.0.1"}, Log: w.log.logger()}
	for _, change := range changes {
		change(&o)
	}
	w.hooks = webhook.New(w.Store, w.Service.Service, o)
	d := dispatch.New(w.hooks, dispatch.Options{Log: w.log.logger(), Timeout: 5 * time.Second, Data: func(_ context.Context, e signup.AuditEvent) (any, error) {
		return map[string]int64{"user_id": e.UserID}, nil
	}})
	d.Start(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // end requests to receivers that do not answer
		d.Stop(ctx)
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// add adds a hook that is told of sign-ups and of who became active.
func (w *world) add(name string, r *receiver) {
	w.t.Helper()
	_, err := w.hooks.Add(w.t.Context(), "test", webhook.Hook{Name: name, URL: r.URL, Types: []event.Type{event.SignedUp, event.Active}})
	w.must(err)
}

func (w *world) hook(name string) webhook.Hook {
	w.t.Helper()
	h, err := w.hooks.Get(w.t.Context(), name)
	w.must(err)
	return h
}

// deliveries returns those of a hook, oldest event first.
func (w *world) deliveries(name string) []webhook.Delivery {
	w.t.Helper()
	list, err := w.hooks.Deliveries(w.t.Context(), name, webhook.Query{})
	w.must(err)
	slices.Reverse(list)
	return list
}

// failed waits until the first delivery has failed so many times, or the hook is
// disabled, and returns the delivery.
func (w *world) failed(name string, attempts int) webhook.Delivery {
	w.t.Helper()
	var d webhook.Delivery
	w.eventually(fmt.Sprintf("attempt %d", attempts), func() bool {
		if list := w.deliveries(name); len(list) > 0 {
			d = list[0]
		}
		return d.Attempts >= attempts && d.NextAttemptAt.Sub(d.LastAttemptAt) != webhook.Lease || !w.hook(name).Enabled()
	})
	return d
}

func (w *world) eventually(what string, so func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain for %s\n%s", what, w.log)
		}
	}
}

// A receiver records what it is sent.
type receiver struct {
	*httptest.Server
	w *world

	mu     sync.Mutex
	answer func(http.ResponseWriter, *http.Request, string) // the last argument is "TYPE USER"; nil: 204
	taken  []string                                         // "TYPE USER" of what was answered 204
	ids    []string                                         // of the same
	all    int
}

func (w *world) receiver(answer func(http.ResponseWriter, *http.Request, string)) *receiver {
	r := &receiver{w: w, answer: answer}
	r.Server = httptest.NewServer(r)
	w.t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var m struct {
		Type string
		Data struct {
			UserID int64 `json:"user_id"`
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		r.w.t.Errorf("not JSON: %s", body)
	}
	what := fmt.Sprintf("%s %d", m.Type, m.Data.UserID)
	r.mu.Lock()
	r.all++
	answer := r.answer
	r.mu.Unlock()
	rec := httptest.NewRecorder()
	if answer != nil {
		if answer(rec, req, what); rec.Code != http.StatusOK || rec.Body.Len() > 0 {
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
			return
		}
	}
	r.mu.Lock()
	r.taken, r.ids = append(r.taken, what), append(r.ids, req.Header.Get("webhook-id"))
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) answerWith(answer func(http.ResponseWriter, *http.Request, string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

func (r *receiver) sent() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

// wait waits until the receiver has taken so many, and returns them.
func (r *receiver) wait(n int) []string {
	r.w.t.Helper()
	r.w.eventually(fmt.Sprintf("%d deliveries", n), func() bool { return len(r.got()) >= n })
	return r.got()
}

func status(code int) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(code) }
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// What fails about one user holds up the later events of this user and of nobody
// else, and then all of them arrive in order.
func TestOrderPerUser(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := w.receiver(func(w http.ResponseWriter, _ *http.Request, what string) {
		if what == "user.signed_up 1" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	w.add("app", r)
	w.LetIn("ada")
	w.LetIn("bob")
	want(t, "of bob", r.wait(2), "[user.signed_up 2 user.active 2]")
	want(t, "state of ada's", w.failed("app", 1).State(), webhook.Owed)
	want(t, "state of ada's next", w.deliveries("app")[1].State(), webhook.Waiting)
	r.answerWith(nil)
	_, err := w.hooks.Retry(t.Context(), "test", "app")
	w.must(err)
	want(t, "in the end", r.wait(4), "[user.signed_up 2 user.active 2 user.signed_up 1 user.active 1]")
}

// A receiver that does not answer, and one that is not there, delay nobody else.
func TestDeadReceivers(t *testing.T) {
	t.Parallel()
	w := start(t)
	hanging := w.receiver(func(_ http.ResponseWriter, req *http.Request, _ string) { <-req.Context().Done() })
	gone := w.receiver(nil)
	gone.Close()
	live := w.receiver(nil)
	for name, r := range map[string]*receiver{"a-hanging": hanging, "b-gone": gone, "live": live} {
		w.add(name, r)
	}
	for i := range 20 {
		w.SignUp(fmt.Sprintf("person%d", i))
	}
	w.eventually("a request that hangs", func() bool { return hanging.sent() > 0 })
	began := time.Now()
	w.SignUp("last")
	got := live.wait(21)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the live receiver got its last event after %v", took)
	}
	want(t, "the last", got[len(got)-1], "user.signed_up 21")
	if n := hanging.sent(); n > 8 {
		t.Errorf("%d requests at a time to a receiver that hangs", n)
	}
	w.eventually("a connection refused", func() bool { return strings.Contains(w.failed("b-gone", 1).LastAnswer, "connection refused") })
	want(t, "what a hanging receiver answers", w.failed("a-hanging", 1).LastAnswer, "no answer within 5s")
}

// A delivery is tried for three days with growing waits. Then the hook is
// disabled, with an event and a warning, and goes on where it stopped when it is
// enabled.
func TestThreeDays(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := w.receiver(status(http.StatusInternalServerError))
	w.add("app", r)
	began := w.Clock.Now()
	w.SignUp("ada")
	last := time.Duration(0)
	for attempts := 1; w.hook("app").Enabled(); attempts++ {
		d := w.failed("app", attempts)
		if !w.hook("app").Enabled() {
			break
		}
		wait := d.NextAttemptAt.Sub(d.LastAttemptAt)
		if wait < 4*time.Second || wait > 72*time.Minute || wait < last/2 {
			t.Fatalf("wait of %v after attempt %d, after one of %v", wait, attempts, last)
		}
		last = wait
		if attempts > 8 { // the longest wait: go faster
			wait *= 5
		}
		w.Clock.Advance(wait)
		w.SignUp(fmt.Sprintf("person%d", attempts)) // never tried again before ada's is, or blocked by it
	}
	if took := w.Clock.Now().Sub(began); took < 72*time.Hour || took > 80*time.Hour {
		t.Errorf("disabled after %v", took)
	}
	events, err := w.As("test").Audit(t.Context(), signup.AuditQuery{Type: event.WebHookDisabled})
	w.must(err)
	if len(events) != 1 || events[0].Detail["name"] != "app" || !strings.Contains(events[0].Detail["reason"], "500 Internal Server Error") {
		t.Errorf("the trail has %+v", events)
	}
	if text := w.log.String(); !strings.Contains(text, "a web hook was disabled") {
		t.Errorf("the log has %s", text)
	}
	r.answerWith(nil)
	later := w.SignUp("later")
	_, err = w.hooks.Enable(t.Context(), "test", "app")
	w.must(err)
	got := r.wait(int(later.ID))
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != int(later.ID) {
		t.Errorf("%d of %d sign-ups were told", n, later.ID)
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := w.receiver(status(http.StatusGone))
	w.add("app", r)
	w.SignUp("ada")
	w.eventually("that the hook is disabled", func() bool { return !w.hook("app").Enabled() })
	want(t, "reason", w.hook("app").DisabledWhy, "the receiver answered 410 Gone")
	want(t, "requests", r.sent(), 1)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status         int
		after          string
		least, longest time.Duration
	}{
		{429, "90", 90 * time.Second, 90 * time.Second},
		{503, "600", 10 * time.Minute, 10 * time.Minute},
		{503, "999999", 6 * time.Hour, 6 * time.Hour},
		{503, time.Now().Add(20 * time.Minute).UTC().Format(http.TimeFormat), 18 * time.Minute, 20 * time.Minute},
		{429, "-5", 4 * time.Second, 6 * time.Second},
		{429, "0", 4 * time.Second, 6 * time.Second},
		{500, "600", 4 * time.Second, 6 * time.Second},
	} {
		t.Run(fmt.Sprint(c.status, c.after), func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.add("app", w.receiver(func(rw http.ResponseWriter, _ *http.Request, _ string) {
				rw.Header().Set("Retry-After", c.after)
				rw.WriteHeader(c.status)
			}))
			w.SignUp("ada")
			d := w.failed("app", 1)
			if wait := d.NextAttemptAt.Sub(d.LastAttemptAt); wait < c.least || wait > c.longest {
				t.Errorf("the next attempt is after %v, want %v to %v", wait, c.least, c.longest)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	w := start(t)
	other := w.receiver(nil)
	w.add("app", w.receiver(func(rw http.ResponseWriter, req *http.Request, _ string) {
		http.Redirect(rw, req, other.URL, http.StatusTemporaryRedirect)
	}))
	w.SignUp("ada")
	want(t, "answer", w.failed("app", 1).LastAnswer, "307 Temporary Redirect; redirects are not followed")
	want(t, "requests to where it leads", other.sent(), 0)
}

// An answer is read to a limit, and none of it is kept.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := w.receiver(nil)
	r.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusBadRequest)
		for {
			if _, err := io.WriteString(rw, strings.Repeat("endless", 1000)); err != nil {
				return
			}
		}
	})
	w.add("app", r)
	w.SignUp("ada")
	want(t, "answer", w.failed("app", 1).LastAnswer, "400 Bad Request")
}

// What was delivered 30 days ago is forgotten, what is owed is not.
func TestOldDeliveriesAreDeleted(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := w.receiver(func(rw http.ResponseWriter, _ *http.Request, what string) {
		if what == "user.signed_up 2" {
			rw.WriteHeader(http.StatusInternalServerError)
		}
	})
	w.add("app", r)
	w.SignUp("ada")
	w.SignUp("bob")
	r.wait(1)
	w.eventually("the record of it", func() bool { return w.deliveries("app")[0].State() == webhook.Delivered })
	w.eventually("bob's failure", func() bool { d := w.deliveries("app")[1]; return d.Attempts == 1 })
	w.Clock.Advance(30*24*time.Hour - time.Minute)
	for _, left := range []int{2, 1} {
		_, err := w.hooks.DeleteOld(t.Context())
		w.must(err)
		want(t, "deliveries left", len(w.deliveries("app")), left)
		w.Clock.Advance(2 * time.Minute)
	}
	want(t, "user", w.deliveries("app")[0].UserID, 2)
}

// Events from before the hook are sent by Replay, in order; once more they have
// the same IDs.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.LetIn("ada")
	w.Clock.Advance(time.Hour)
	since := w.Clock.Now()
	w.LetIn("bob")
	w.Clock.Advance(time.Hour)
	r := w.receiver(nil)
	w.add("app", r)
	w.LetIn("eve")
	want(t, "from the beginning", r.wait(2), "[user.signed_up 3 user.active 3]")
	_, err := w.hooks.Replay(t.Context(), "test", "app", since)
	w.must(err)
	got := r.wait(6)
	for _, pair := range [][2]string{{"user.signed_up 2", "user.active 2"}, {"user.signed_up 3", "user.active 3"}} {
		again := got[2:]
		if slices.Index(again, pair[0]) < 0 || slices.Index(again, pair[0]) > slices.Index(again, pair[1]) {
			t.Errorf("replayed %s", again)
		}
	}
	r.mu.Lock()
	ids := slices.Clone(r.ids)
	r.mu.Unlock()
	if i := slices.Index(got[2:], "user.signed_up 3"); ids[2+i] != ids[0] {
		t.Errorf("the ID was %s and is %s", ids[0], ids[2+i])
	}
	w.Clock.Advance(time.Hour)
	_, err = w.hooks.Replay(t.Context(), "test", "app", w.Clock.Now())
	w.must(err)
	w.SignUp("zoe")
	want(t, "after a replay of nothing", r.wait(7)[6:], "[user.signed_up 4]")
}
