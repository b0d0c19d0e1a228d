package postgres_test

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// A counter is a proxy between a store and its server. It counts round trips: how
// often the store sends something after a response.
type counter struct {
	trips    atomic.Int64
	answered atomic.Bool
}

func newCounter(t *testing.T, at string) (*counter, string) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	host := u.Query().Get("host")
	if host == "" {
		t.Skip("the counter needs a server on a Unix socket")
	}
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c := &counter{}
	c.answered.Store(true)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", filepath.Join(host, ".s.PGSQL.5432"))
			if err != nil {
				_ = client.Close()
				continue
			}
			go pass(server, client, func() {
				if c.answered.Swap(false) {
					c.trips.Add(1)
				}
			})
			go pass(client, server, func() { c.answered.Store(true) })
		}
	}()
	return c, with(t, at, "host", dir)
}

// pass copies data from one connection to the other until either closes.
func pass(to, from net.Conn, seen func()) {
	defer func() { _ = to.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			seen()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, from)
			return
		}
	}
}

// A confirmation takes two round trips: one spends the token and reads the user,
// the other stores the result and commits.
func TestAConfirmationIsTwoRoundTrips(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "exec"} {
		c, at := newCounter(t, with(t, pgtest.New(t), "default_query_exec_mode", mode))
		s := open(t, with(t, at, "pool_max_conns", "1"), postgres.Options{})
		for i := range 3 {
			u := withLink(t, s, i, fmt.Sprintf("p%d@example.org", i))
			before := c.trips.Load()
			if err := confirm(t, s, u); err != nil {
				t.Fatal(err)
			}
			got := c.trips.Load() - before
			if i > 0 && got != 2 { // the first one also prepares the statements
				t.Errorf("%s: %d round trips, want 2", mode, got)
			}
		}
	}
}

// Confirming through the Service is one round trip more: a read that refuses
// links that do not work.
func TestServiceConfirmsInThreeRoundTrips(t *testing.T) {
	t.Parallel()
	c, at := newCounter(t, pgtest.New(t))
	s := open(t, with(t, at, "pool_max_conns", "1"), postgres.Options{})
	svc, err := signup.New(s, signup.Options{
		Letters: silent{},
		Links: signup.Links{
			Confirm: func(token signup.Token) string { return token.Reveal() },
			Login:   func() string { return "" },
			Review:  func(signup.User) string { return "" },
		},
		Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		name := fmt.Sprintf("p%d", i)
		r := signup.Registration{Name: name, Username: name, Email: name + "@example.org", Password: "Correct-Horse-9", WantsTicket: true}
		if _, err := svc.SignUp(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		u, err := svc.FindUser(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := svc.As(signup.ActorCLI).CreateToken(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		before := c.trips.Load()
		if _, err := svc.Confirm(t.Context(), token.Reveal()); err != nil {
			t.Fatal(err)
		}
		if got := c.trips.Load() - before; i > 0 && got != 3 {
			t.Errorf("%d round trips, want 3", got)
		}
	}
}

type silent struct{}

func (silent) Write(signup.Message) (signup.Text, error) { return signup.Text{}, nil }

// An update whose writes can all be delayed takes two round trips, because the
// transaction's ID must be known before it commits. A view takes one per call.
func TestOtherRoundTrips(t *testing.T) {
	t.Parallel()
	c, at := newCounter(t, pgtest.New(t))
	s := open(t, with(t, at, "pool_max_conns", "1"), postgres.Options{})
	ctx := t.Context()
	for name, want := range map[string]struct {
		trips int64
		do    func() error
	}{
		"nothing": {2, func() error { return s.Update(ctx, func(signup.Tx) error { return nil }) }},
		"event": {2, func() error {
			return s.Update(ctx, func(tx signup.Tx) error {
				return tx.AddAudit(ctx, signup.AuditEvent{At: now(), Type: "x"})
			})
		}},
		"view": {2, func() error { // the second one ends the transaction
			return s.View(ctx, func(r signup.Reader) error {
				_, err := r.Settings(ctx)
				return err
			})
		}},
		"peek": {1, func() error {
			return s.Peek(ctx, func(r signup.Reader) error {
				_, err := r.Settings(ctx)
				return err
			})
		}},
	} {
		for i := range 2 {
			before := c.trips.Load()
			if err := want.do(); err != nil {
				t.Fatal(err)
			}
			if got := c.trips.Load() - before; i > 0 && got != want.trips {
				t.Errorf("%s: %d round trips, want %d", name, got, want.trips)
			}
		}
	}
}
