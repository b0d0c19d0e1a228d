package web_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/sqlite"
	"github.com/signup-go/signup/sqlite/sqlitetest"
	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
	"github.com/signup-go/signup/webhook/dispatch"
)

// A world is a running server with a real Service and store, a clock that
// tests move, a post room that keeps what was written, and the log.
type world struct {
	*signup.Service
	t   testing.TB
	url string

	handler http.Handler

	clock *clock
	post  *post
	log   *logBuffer
	inbox *web.Inbox
	store *sqlite.Store
	key   string
}

// A setup is what a test may change before the server starts.
type setup struct {
	service signup.Options
	web     web.Config
	store   func(signup.Store) signup.Store
}

func noMail(s *setup) { s.service.Letters = nil }

func withFields(fields field.List) func(*setup) {
	return func(s *setup) { s.service.Fields = fields }
}

func start(t testing.TB, change ...func(*setup)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, post: &post{}, log: &logBuffer{}}
	w.store = sqlitetest.New(t)
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.inbox = web.NewInbox(log)
	s := setup{
		store: func(s signup.Store) signup.Store { return s },
		service: signup.Options{
			Letters: w.post, Links: links, Now: w.clock.Now, Log: log,
			Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 1000),
		},
		web: web.Config{
			BaseURL: &url.URL{Scheme: "https", Host: "app.example"}, AppName: "Ourapp",
			LoginURL: "https://app.example/login", Log: log, Inbox: w.inbox, Now: w.clock.Now,
		},
	}
	for _, f := range change {
		f(&s)
	}
	w.serve(s)
	return w
}

func (w *world) serve(s setup) {
	w.t.Helper()
	var err error
	w.Service, err = signup.New(s.store(w.store), s.service)
	w.must(err)
	s.web.Service = w.Service
	s.web.WebHooks = webhook.New(s.store(w.store), w.Service, webhook.Options{Now: w.clock.Now, Allow: []string{"127.0.0.1"}})
	s.web.TestWebHook = dispatch.New(s.web.WebHooks, dispatch.Options{}).Test
	w.handler, err = web.New(s.web)
	w.must(err)
	server := httptest.NewServer(w.handler)
	w.t.Cleanup(server.Close)
	w.url = server.URL
}

var links = signup.Links{
	Confirm:       func(token signup.Token) string { return token.Reveal() },
	ResetPassword: func(token signup.Token) string { return token.Reveal() },
	ConfirmEmail:  func(token signup.Token) string { return token.Reveal() },
	Login:         func() string { return "https://app.example/login" },
	Review:        func(u signup.User) string { return "https://app.example/review/" + u.Username },
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// set changes settings behind the API.
func (w *world) set(values map[string]string) {
	w.t.Helper()
	_, err := w.As(signup.ActorCLI).ChangeSettings(w.t.Context(), values)
	w.must(err)
}

// require sets what a new user must do.
func (w *world) require(verification, approval bool) {
	w.t.Helper()
	say := map[bool]string{true: "true", false: "false"}
	w.set(map[string]string{
		"signup_require_email_verification": say[verification],
		"signup_require_admin_approval":     say[approval],
	})
}

// token sends all that is owed and returns the token of the last confirmation.
func (w *world) token(address string) string {
	w.t.Helper()
	w.post.reset()
	_, err := w.Post().OweNotices(w.t.Context())
	w.must(err)
	ids, err := w.Post().OwedMails(w.t.Context(), 0)
	w.must(err)
	for _, id := range ids {
		var early *signup.NotDueError
		if _, err := w.Post().Compose(w.t.Context(), id); errors.As(err, &early) {
			continue
		} else if err != nil && !errors.Is(err, signup.ErrNotOwed) {
			w.t.Fatal(err)
		}
		w.must(w.Post().MailSent(w.t.Context(), id, "accepted"))
	}
	token := w.post.tokenTo(address)
	if token == "" {
		w.t.Fatalf("no confirmation was sent to %s", address)
	}
	return token
}

// admin returns the secret of an API key.
func (w *world) admin() string {
	w.t.Helper()
	if w.key == "" {
		key, _, err := w.As(signup.ActorCLI).CreateAPIKey(w.t.Context(), signup.APIKey{Name: "tests", Scopes: "admin"})
		w.must(err)
		w.key = key.Reveal()
	}
	return w.key
}

// An answer is a response that was read to its end.
type answer struct {
	*http.Response
	body string
}

func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	w.must(err)
	body, err := io.ReadAll(resp.Body)
	w.must(err)
	w.must(resp.Body.Close())
	a := answer{resp, string(body)}
	wantsDocumented(w.t, a)
	return a
}

// request makes a request; headers are name, value, name, value...
func (w *world) request(method, path, body string, headers ...string) *http.Request {
	w.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, reader)
	w.must(err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (w *world) get(path string, headers ...string) answer {
	w.t.Helper()
	return w.do(w.request("GET", path, "", headers...))
}

// post sends JSON.
func (w *world) json(path, body string, headers ...string) answer {
	w.t.Helper()
	return w.do(w.request("POST", path, body, append([]string{"Content-Type", "application/json"}, headers...)...))
}

// form sends a form as curl does: without Origin and without Sec-Fetch-Site.
func (w *world) form(path string, values url.Values, headers ...string) answer {
	w.t.Helper()
	return w.do(w.request("POST", path, values.Encode(),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...))
}

// asAdmin sends a request with an API key; body "" is none.
func (w *world) asAdmin(method, path, body string) answer {
	w.t.Helper()
	r := w.request(method, "/api/v1"+path, body, "Authorization", "Bearer "+w.admin())
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return w.do(r)
}

// ada is a registration that passes; changes replace or add members.
func ada(changes ...any) string {
	body := map[string]any{"name": "Ada", "username": "ada", "email": "ada@example.org", "password": "Analytical-1"}
	for i := 0; i < len(changes); i += 2 {
		body[changes[i].(string)] = changes[i+1]
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// signUp registers somebody and returns the token of the confirmation.
func (w *world) signUp(username, email string) string {
	w.t.Helper()
	w.json("/api/v1/sign-up/request", ada("username", username, "email", email)).wants(w.t, 201)
	return w.token(email)
}

// wants fails unless the status is this and the body holds these.
func (a answer) wants(t testing.TB, status int, parts ...string) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d; body %s", a.StatusCode, status, a.body)
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			t.Errorf("%q is missing in %s", part, a.body)
		}
	}
	return a
}

// wantsProblem fails unless the answer is a problem document with this code.
func (a answer) wantsProblem(t testing.TB, status int, code string, locations ...string) web.Problem {
	t.Helper()
	a.wants(t, status)
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("media type %q", got)
	}
	var p web.Problem
	a.decode(t, &p)
	if p.Code != code || p.Status != status || p.Title == "" || p.Detail == "" {
		t.Errorf("problem %+v, want code %s", p, code)
	}
	var got []string
	for _, e := range p.Errors {
		if e.Message == "" || e.Code == "" {
			t.Errorf("field without message or code: %+v", e)
		}
		got = append(got, e.Location)
	}
	if strings.Join(got, " ") != strings.Join(locations, " ") {
		t.Errorf("locations %q, want %q", got, locations)
	}
	return p
}

func (a answer) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A post writes letters that are nothing but their link, and keeps them.
type post struct {
	mu      sync.Mutex
	letters []signup.Message
}

func (p *post) Write(m signup.Message) (signup.Text, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, m)
	return signup.Text{Subject: string(m.Kind), Plain: m.Link}, nil
}

func (p *post) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = nil
}

func (p *post) tokenTo(address string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	token := ""
	for _, m := range p.letters {
		if m.Kind == signup.MailConfirmation && m.Recipient.Email == address {
			token = m.Link
		}
	}
	return token
}

// A logBuffer keeps a log of many goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// status is where the user stands, by e-mail address.
func (w *world) status(address string) signup.Status {
	w.t.Helper()
	u, err := w.FindUser(w.t.Context(), address)
	w.must(err)
	return u.Status()
}

// A faultyStore fails every call once it is broken.
type faultyStore struct {
	signup.Store
	mu        sync.Mutex
	err       error
	updateErr error // of updates alone
}

func (f *faultyStore) failUpdates(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.updateErr = err
}

func (f *faultyStore) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *faultyStore) broken() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *faultyStore) Update(ctx context.Context, fn func(signup.Tx) error) error {
	f.mu.Lock()
	updateErr := f.updateErr
	f.mu.Unlock()
	if err := cmp.Or(f.broken(), updateErr); err != nil {
		return err
	}
	return f.Store.Update(ctx, fn)
}

func (f *faultyStore) Peek(ctx context.Context, fn func(signup.Reader) error) error {
	if err := f.broken(); err != nil {
		return err
	}
	return f.Store.Peek(ctx, fn)
}

func (f *faultyStore) View(ctx context.Context, fn func(signup.Reader) error) error {
	if err := f.broken(); err != nil {
		return err
	}
	return f.Store.View(ctx, fn)
}

func (f *faultyStore) Ping(ctx context.Context) error {
	if err := f.broken(); err != nil {
		return err
	}
	return f.Store.Ping(ctx)
}

// withFaults puts a faultyStore between the Service and its store.
func withFaults(f *faultyStore) func(*setup) {
	return func(s *setup) {
		s.store = func(store signup.Store) signup.Store {
			f.Store = store
			return f
		}
	}
}

// object is a JSON object of strings: name, value, name, value...
func object(t testing.TB, members ...string) string {
	t.Helper()
	m := map[string]string{}
	for i := 0; i < len(members); i += 2 {
		m[members[i]] = members[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
