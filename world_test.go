package signup_test

import (
	"context"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/signuptest"
	"github.com/signup-go/signup/sqlite/sqlitetest"
)

// A world is a Service on a real store, with a clock that tests control and a mailbox
// that they read.
type world struct {
	*signup.Service
	t     testing.TB
	ctx   context.Context
	store signup.Store
	clock *signuptest.Clock
	test  *signuptest.Service
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
	t.Helper()
	hasher := func(o *signup.Options) { o.Hasher = cheapHasher() }
	s := signuptest.On(t, store, append([]func(*signup.Options){hasher}, change...)...)
	return &world{Service: s.Service, t: t, ctx: t.Context(), store: store, clock: s.Clock, test: s}
}

// deliver sends all mails owed and returns their messages.
func (w *world) deliver() []signup.Message {
	w.t.Helper()
	w.test.Letters()
	return w.test.Deliver()
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
