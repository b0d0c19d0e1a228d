package dispatch_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/webhook"
)

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
	var now, most atomic.Int64
	hanging := w.receiver(func(_ http.ResponseWriter, req *http.Request, _ string) {
		most.Store(max(most.Load(), now.Add(1)))
		<-req.Context().Done()
		now.Add(-1)
	})
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
	w.eventually("a connection refused", func() bool { return strings.Contains(w.failed("b-gone", 1).LastAnswer, "connection refused") })
	want(t, "what a hanging receiver answers", w.failed("a-hanging", 1).LastAnswer, "no answer within 5s")
	if n := most.Load(); n < 8 || n > 12 { // the receiver may notice late that a request has ended
		t.Errorf("%d requests at a time to a receiver that hangs", n)
	}
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
	began := time.Now()
	w.SignUp("ada")
	want(t, "answer", w.failed("app", 1).LastAnswer, "400 Bad Request")
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it was read for %v", took)
	}
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
	w.eventually("bob's failure", func() bool { list := w.deliveries("app"); return len(list) == 2 && list[1].Attempts == 1 })
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
}

// A replay never leaves anything out, wherever the hook is.
func TestReplayLeavesNothingOut(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := w.receiver(nil)
	w.add("app", r)
	_, err := w.hooks.Disable(t.Context(), "test", "app")
	w.must(err)
	w.SignUp("ada")
	w.Clock.Advance(time.Hour)
	_, err = w.hooks.Replay(t.Context(), "test", "app", w.Clock.Now()) // before there is any event
	w.must(err)
	w.SignUp("bob")
	_, err = w.hooks.Replay(t.Context(), "test", "app", w.Clock.Now()) // the hook is not even at ada's
	w.must(err)
	_, err = w.hooks.Enable(t.Context(), "test", "app")
	w.must(err)
	got := r.wait(2)
	slices.Sort(got)
	want(t, "told", got, "[user.signed_up 1 user.signed_up 2]")
}
