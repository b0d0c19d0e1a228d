package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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
