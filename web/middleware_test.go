package web_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/web"
)

func TestFaultsAreLoggedOnceAndShownNowhere(t *testing.T) {
	f := &faultyStore{}
	w := start(t, withFaults(f), behindProxy)
	key := w.admin()
	f.fail(errors.New("disk on fire at /secret/path"))
	for i, a := range []answer{
		w.json(requestPath, ada(), "X-Request-Id", "req-0"),
		w.json(confirmPath, tokenBody(strings.Repeat("A", 43)), "X-Request-Id", "req-1"),
		w.json(resendPath, `{"email":"a@b.co"}`, "X-Request-Id", "req-2"),
		w.get("/api/v1/users", "Authorization", "Bearer "+key, "X-Request-Id", "req-3"),
		w.get("/api/v1/public/server_settings", "X-Request-Id", "req-4"),
	} {
		if p := a.wantsProblem(t, 500, "internal"); p.Detail != "Internal Server Error" || strings.Contains(a.body, "fire") {
			t.Errorf("answer %s", a.body)
		}
		id := fmt.Sprintf("req-%d", i)
		if n := countLines(w.log, "disk on fire", id, `"ERROR"`); n != 1 {
			t.Errorf("%s: %d log lines", id, n)
		}
	}
	w.form(verifyPath, tokenForm(strings.Repeat("A", 43))).wants(t, 500, "Something went wrong")
	w.get("/healthz").wants(t, 200)
	w.get("/readyz").wantsProblem(t, 503, "not_ready")
	f.fail(nil)
	w.get("/readyz").wants(t, 200)
}

// countLines counts the lines of the log that hold all parts.
func countLines(log *logBuffer, parts ...string) int {
	n := 0
	for line := range strings.Lines(log.String()) {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			n++
		}
	}
	return n
}

func TestBusy(t *testing.T) {
	f := &faultyStore{}
	w := start(t, withFaults(f))
	f.fail(fmt.Errorf("update: %w", signup.ErrBusy))
	a := w.json(requestPath, ada())
	a.wantsProblem(t, 503, "busy")
	page := w.form(verifyPath, tokenForm(strings.Repeat("A", 43))).wants(t, 503, "try again", strings.Repeat("A", 43))
	if a.Header.Get("Retry-After") == "" || page.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if countLines(w.log, `"ERROR"`) != 0 || countLines(w.log, `"WARN"`, "busy") != 2 {
		t.Errorf("log %s", w.log)
	}
}

func TestClientThatLeftIsNoError(t *testing.T) {
	w := start(t)
	log, svc := w.log, w.Service
	h, err := web.New(web.Config{Service: svc, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Log: slog.New(slog.NewJSONHandler(w.log, nil))})
	w.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "POST", confirmPath, strings.NewReader(tokenBody(strings.Repeat("A", 43))))
	r.Header.Set("Content-Type", "application/json")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if countLines(log, `"ERROR"`) != 0 || countLines(log, `"status":499`) != 1 {
		t.Errorf("log %s", log)
	}
}

func TestPanicIsA500(t *testing.T) {
	f := &panicStore{}
	w := start(t, func(s *setup) {
		s.store = func(store signup.Store) signup.Store { f.Store = store; return f }
	}, behindProxy)
	w.get("/api/v1/public/server_settings", "X-Request-Id", "boom").wantsProblem(t, 500, "internal")
	if n := countLines(w.log, "no such luck", "boom", `"ERROR"`); n != 1 {
		t.Errorf("%d log lines", n)
	}
}

type panicStore struct{ signup.Store }

func (panicStore) Peek(context.Context, func(signup.Reader) error) error { panic("no such luck") }

// behindProxy takes the tests for a proxy that is trusted.
func behindProxy(s *setup) {
	s.web.TrustsPeer = web.TrustedPeer([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
}

func TestRequestID(t *testing.T) {
	w := start(t, behindProxy)
	if got := w.get("/healthz", "X-Request-Id", "abc-123.X_y:z").Header.Get("X-Request-Id"); got != "abc-123.X_y:z" {
		t.Errorf("id %q", got)
	}
	seen := map[string]bool{}
	for _, id := range []string{"", "a b", "a\"b", strings.Repeat("a", 41), "ä"} {
		got := w.get("/healthz", "X-Request-Id", id).Header.Get("X-Request-Id")
		if got == id || len(got) < 16 || seen[got] {
			t.Errorf("id %q for %q", got, id)
		}
		seen[got] = true
	}
	// Anybody else gets an id of our own, whatever they say.
	for _, trusted := range [][]netip.Prefix{nil, {netip.MustParsePrefix("10.0.0.0/8")}} {
		w := start(t, func(s *setup) { s.web.TrustsPeer = web.TrustedPeer(trusted) })
		got := w.get("/healthz", "X-Request-Id", "abc", "X-Forwarded-For", "10.0.0.1").Header.Get("X-Request-Id")
		if got == "abc" || len(got) < 16 {
			t.Errorf("id %q", got)
		}
	}
	if got := start(t).get("/healthz", "X-Request-Id", "abc").Header.Get("X-Request-Id"); got == "abc" {
		t.Error("without a proxy an id is taken")
	}
}

func TestUnroutedRequests(t *testing.T) {
	w := start(t)
	for _, path := range []string{"/nothing", "/api/v1/nothing", "/api/v1", "/verify-email/x", "/%00", "/docs/x"} {
		w.get(path).wantsProblem(t, 404, "not_found")
	}
	for path, allow := range map[string]string{requestPath: "POST, OPTIONS", "/api/v1/users": "GET, HEAD, OPTIONS", verifyPath: "GET, HEAD, POST, OPTIONS"} {
		a := w.do(w.request("DELETE", path, ""))
		a.wantsProblem(t, 405, "method_not_allowed")
		if got := a.Header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow %q, want %q", path, got, allow)
		}
	}
	w.get("/nothing", "Accept", "text/html").wants(t, 404, "<h1>There is nothing here</h1>")
	w.get("/api/v1/nothing", "Accept", "text/html").wantsProblem(t, 404, "not_found")
	if a := w.get("//evil.example/..", "Accept", "text/html"); a.StatusCode < 400 && strings.Contains(a.Header.Get("Location"), "//") {
		t.Errorf("redirects to %s", a.Header.Get("Location"))
	}
}

// Case B30: the whole way of a token, and the log at its most talkative.
func TestNoTokenInLogs(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	w.must(w.inbox.Send(t.Context(), signup.Letter{
		MailID: "m", To: signup.Address{Email: "ada@example.org"},
		Text: signup.Text{Subject: "confirm", Plain: "https://app.example/verify-email?token=" + token},
	}))
	for _, path := range []string{
		verifyPath + "?token=" + token, verifyPath + "%3Ftoken=" + token, verifyPath + "/" + token, "/" + token,
		verifyPath + "//?token=" + token, "/dev/inbox", "/dev/inbox.json?token=" + token, "/api/v1/sign-up/confirm?token=" + token,
		"/api/v1/users/" + token, "/static/" + token,
	} {
		w.get(path)
		w.do(w.request("DELETE", path, ""))
	}
	w.get("/healthz", "X-Request-Id", token)
	w.form(verifyPath+"?token="+token, tokenForm("x"+token))
	w.json(confirmPath, `{"token":"`+token)
	w.json(confirmPath, `{"`+token+`":"x"}`)
	w.json(confirmPath, tokenBody(token)).wants(t, 200)
	w.json(confirmPath, tokenBody(token)).wants(t, 400)
	w.form(verifyPath, tokenForm(token)).wants(t, 200)
	if log := w.log.String(); strings.Contains(log, token) || strings.Contains(log, "Analytical-1") {
		t.Error("a secret is in the log")
	}
	if countLines(w.log, `"route":"/verify-email"`, `"method":"POST"`, `"status":200`, `"duration_ms":0,`, `"request_id"`) != 1 {
		t.Errorf("no line for the page in %s", w.log)
	}
}

// The log says in milliseconds how long a request took.
func TestRequestDuration(t *testing.T) {
	for took, want := range map[time.Duration]string{
		412432 * time.Nanosecond: `"duration_ms":0.412,`, 1500 * time.Microsecond: `"duration_ms":1.5,`, 3 * time.Second: `"duration_ms":3000,`,
	} {
		var w *world
		w = start(t, func(s *setup) { s.web.Limiter = slow(func() { w.clock.advance(took) }) })
		w.json(resendPath, `{"email":"ada@example.org"}`).wants(t, 202)
		if countLines(w.log, `"msg":"request"`, want) != 1 {
			t.Errorf("%s: %s", took, w.log)
		}
	}
}

// A slow limiter takes its time, and lets everybody through.
type slow func()

func (f slow) Allow(context.Context, string, string) (bool, time.Duration, error) {
	f()
	return true, 0, nil
}

// Case B26: large and many bodies are refused while others are served.
func TestHugeBodies(t *testing.T) {
	w := start(t, func(s *setup) {
		s.service.Hasher = password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 1, 1)
	})
	w.json(requestPath, ada("password", strings.Repeat("aA1!", 1000))).wantsProblem(t, 422, "invalid", "body.password")
	w.json(requestPath, ada("password", strings.Repeat("a", 5<<20))).wantsProblem(t, 413, "body_too_large")
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			a := w.json(requestPath, ada("username", fmt.Sprintf("u%d", i), "email", fmt.Sprintf("u%d@example.org", i)))
			if a.StatusCode != http.StatusCreated && (a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "") {
				t.Errorf("%d: %s", a.StatusCode, a.body)
			}
			w.get("/healthz").wants(t, 200)
		})
	}
	all.Wait()
}

// Case B04, through the front: one of many confirms wins.
func TestConcurrentConfirms(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 50 {
		all.Go(func() {
			a := w.json(confirmPath, tokenBody(token))
			mu.Lock()
			defer mu.Unlock()
			statuses[a.StatusCode]++
		})
	}
	all.Wait()
	if statuses[200] != 1 || statuses[400] != 49 {
		t.Errorf("statuses %v", statuses)
	}
}

func TestNewRefusesBadConfigurations(t *testing.T) {
	w := start(t)
	good := web.Config{Service: w.Service, BaseURL: &url.URL{Scheme: "https", Host: "a.example"}}
	if _, err := web.New(good); err != nil {
		t.Errorf("the least configuration: %v", err)
	}
	for name, change := range map[string]func(*web.Config){
		"no service":   func(c *web.Config) { c.Service = nil },
		"no base URL":  func(c *web.Config) { c.BaseURL = nil },
		"relative URL": func(c *web.Config) { c.BaseURL = &url.URL{Path: "/x"} },
		"other scheme": func(c *web.Config) { c.BaseURL = &url.URL{Scheme: "ftp", Host: "a"} },
		"login script": func(c *web.Config) { c.LoginURL = "javascript:alert(1)" },
	} {
		c := good
		change(&c)
		if _, err := web.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
