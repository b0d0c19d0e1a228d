package signup_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup/sqlite/sqlitetest"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/refusal"
)

// A world is a Service on a real store, with a clock that tests control, a writer
// that records the links, and a fast password hasher.
type world struct {
	*signup.Service
	t     testing.TB
	ctx   context.Context
	store signup.Store
	clock *clock
	post  *post
}

// databases are the stores that every test in this package runs on.
var databases = map[string]func(t testing.TB) signup.Store{
	"sqlite": openSQLite,
	"postgres": func(t testing.TB) signup.Store {
		store, err := postgres.Open(t.Context(), pgtest.New(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	},
}

func openSQLite(t testing.TB) signup.Store { return sqlitetest.New(t) }

// onEach runs a test on every database.
func onEach(t *testing.T, test func(t *testing.T, w *world)) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) { test(t, newWorld(t, open(t))) })
	}
}

// cheapHasher returns a hasher with very low cost parameters.
func cheapHasher() *password.Hasher {
	return password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 1000)
}

func newWorld(t testing.TB, store signup.Store, change ...func(*signup.Options)) *world {
	w := &world{t: t, ctx: t.Context(), store: store, clock: newClock(), post: &post{}}
	o := signup.Options{
		Letters: w.post,
		Links: signup.Links{
			Confirm: func(token signup.Token) string { return token.Reveal() },
			Login:   func() string { return "login" },
			Review:  func(u signup.User) string { return "review " + u.Username },
		},
		Hasher: cheapHasher(),
		Now:    w.clock.Now,
	}
	for _, f := range change {
		f(&o)
	}
	svc, err := signup.New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	w.Service = svc
	return w
}

// A clock stands still until it is advanced.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A post writes letters that consist of their link.
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

// deliver sends all mails owed and returns their messages.
func (w *world) deliver() []signup.Message {
	w.t.Helper()
	w.post.letters = nil
	_, err := w.Post().OweRequestedLinks(w.ctx)
	w.must(err)
	_, err = w.Post().OweNotices(w.ctx)
	w.must(err)
	ids, err := w.Post().OwedMails(w.ctx, 0)
	w.must(err)
	for i := len(ids) - 1; i >= 0; i-- {
		var early *signup.NotDueError
		if _, err := w.Post().Compose(w.ctx, ids[i]); errors.Is(err, signup.ErrNotOwed) || errors.As(err, &early) {
			continue
		} else {
			w.must(err)
		}
		w.must(w.Post().MailSent(w.ctx, ids[i], "accepted"))
	}
	return w.post.letters
}

// token delivers all mails and returns the token of the last confirmation to the
// address.
func (w *world) token(address string) string {
	w.t.Helper()
	var token string
	for _, m := range w.deliver() {
		if m.Kind == signup.MailConfirmation && m.Recipient.Email == address {
			token = m.Link
		}
	}
	if token == "" {
		w.t.Fatalf("no confirmation was sent to %s", address)
	}
	return token
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused fails unless err is a refusal with this code.
func (w *world) refused(err error, code refusal.Code) {
	w.t.Helper()
	if !refusal.Is(err, code) {
		w.t.Fatalf("got %v, want a refusal with code %s", err, code)
	}
}

func (w *world) set(name, value string) {
	w.t.Helper()
	_, err := w.As("test").ChangeSettings(w.ctx, map[string]string{name: value})
	w.must(err)
}

func person(name string) signup.Registration {
	return signup.Registration{
		Name: "Person " + name, Username: name, Email: name + "@example.org", Password: "Passw0rd!" + name,
	}
}

func personAt(name, address string) signup.Registration {
	r := person(name)
	r.Email = address
	return r
}

func (w *world) signUp(name string) signup.Receipt {
	w.t.Helper()
	receipt, err := w.SignUp(w.ctx, person(name))
	w.must(err)
	return receipt
}

func (w *world) admin(name string) signup.User {
	w.t.Helper()
	u, err := w.As(signup.ActorCLI).CreateAdmin(w.ctx, person(name))
	w.must(err)
	return u
}

func (w *world) user(name string) signup.User {
	w.t.Helper()
	u, err := w.FindUser(w.ctx, name)
	w.must(err)
	return u
}

func (w *world) status(name string, want signup.Status) {
	w.t.Helper()
	if got := w.user(name).Status(); got != want {
		w.t.Fatalf("%s is %s, want %s", name, got, want)
	}
}

func kinds(letters []signup.Message) map[signup.MailKind]int {
	out := map[signup.MailKind]int{}
	for _, m := range letters {
		out[m.Kind]++
	}
	return out
}
