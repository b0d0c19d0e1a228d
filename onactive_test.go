package signup_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/sqlite"
)

// A host is an application with a table of its own in the same database.
type host struct {
	t     testing.TB
	store signup.Store
}

// exec runs a statement of the host outside any update.
func (h host) exec(query string) {
	h.t.Helper()
	var err error
	switch s := h.store.(type) {
	case *postgres.Store:
		_, err = s.Pool().Exec(h.t.Context(), query)
	case *sqlite.Store:
		_, err = s.Writer().ExecContext(h.t.Context(), query)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h host) count(query string) (n int) {
	h.t.Helper()
	var err error
	switch s := h.store.(type) {
	case *postgres.Store:
		err = s.Pool().QueryRow(h.t.Context(), query).Scan(&n)
	case *sqlite.Store:
		err = s.Writer().QueryRowContext(h.t.Context(), query).Scan(&n)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// wantsMembers checks whom the host has.
func (h host) wantsMembers(usernames ...string) {
	h.t.Helper()
	for _, name := range usernames {
		if n := h.count("SELECT count(*) FROM members WHERE username = '" + name + "'"); n != 1 {
			h.t.Errorf("the host has %s %d times", name, n)
		}
	}
	if n := h.count("SELECT count(*) FROM members"); n != len(usernames) {
		h.t.Errorf("the host has %d members, want %v", n, usernames)
	}
}

// join is an OnActive that stores the user in the host's table. A taken username
// is a refusal. It checks that the host sees the user as active.
func join(ctx context.Context, tx signup.Tx, u signup.User) error {
	const see, add = "SELECT status FROM users WHERE id = $1", "INSERT INTO members (user_id, username) VALUES ($1, $2)"
	var status string
	seen, added := error(nil), error(nil)
	if pg, err := postgres.SQL(ctx, tx); err == nil {
		seen = pg.QueryRow(ctx, see, u.ID).Scan(&status)
		_, added = pg.Exec(ctx, add, u.ID, u.Username)
	} else {
		lite, err := sqlite.SQL(tx)
		if err != nil {
			return err
		}
		seen = lite.QueryRowContext(ctx, see, u.ID).Scan(&status)
		_, added = lite.ExecContext(ctx, add, u.ID, u.Username)
	}
	if seen != nil || status != "active" {
		return fmt.Errorf("the host sees the status %q, %w", status, errors.Join(seen, added))
	}
	if isTaken(added) {
		return &refusal.Error{Code: refusal.UsernameTaken, Field: "username", Message: "Username is already in use"}
	}
	return added
}

// isTaken reports whether a unique index of the host refused the row.
func isTaken(err error) bool {
	var pg *pgconn.PgError
	var lite interface{ Code() int }
	return errors.As(err, &pg) && pg.Code == "23505" || errors.As(err, &lite) && lite.Code() == 2067 // SQLITE_CONSTRAINT_UNIQUE
}

// onEachHost runs a test with a host on every database.
func onEachHost(t *testing.T, hook func(context.Context, signup.Tx, signup.User) error, test func(t *testing.T, w *world, h host)) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			h := host{t, store}
			h.exec("CREATE TABLE members (user_id bigint NOT NULL, username text NOT NULL UNIQUE)")
			test(t, newWorld(t, store, func(o *signup.Options) { o.OnActive = hook }), h)
		})
	}
}

// Whichever way somebody becomes active, the host's row is there, once.
func TestOnActive(t *testing.T) {
	admin := func(w *world) signup.Admin { return w.As("test") }
	ways := map[string]func(w *world){
		"confirmed": func(w *world) {
			w.set("signup_require_admin_approval", "false")
			w.signUp("ada")
			_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
			w.must(err)
		},
		"approved": func(w *world) {
			w.signUp("ada")
			_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
			w.must(err)
			for range 2 {
				_, err = admin(w).Approve(w.ctx, w.user("ada").ID)
				w.must(err)
			}
		},
		"verified by hand": func(w *world) {
			w.set("signup_require_admin_approval", "false")
			w.signUp("ada")
			_, err := admin(w).VerifyEmail(w.ctx, w.user("ada").ID)
			w.must(err)
		},
		"nothing required": func(w *world) {
			w.set("signup_require_admin_approval", "false")
			w.set("signup_require_email_verification", "false")
			w.signUp("ada")
			// Verifying the address later makes nobody active again.
			_, err := admin(w).VerifyEmail(w.ctx, w.user("ada").ID)
			w.must(err)
		},
		"reconsidered and approved": func(w *world) {
			id := w.rejected("ada")
			_, err := admin(w).Reconsider(w.ctx, id)
			w.must(err)
			_, err = admin(w).Approve(w.ctx, id)
			w.must(err)
		},
		"imported": func(w *world) {
			_, err := admin(w).Import(w.ctx, []signup.Registration{imported("ada")}, false)
			w.must(err)
		},
		"made an administrator": func(w *world) {
			_, err := admin(w).CreateAdmin(w.ctx, at("ada", "ada@example.org"))
			w.must(err)
		},
		"all who wait let in": func(w *world) {
			w.signUp("ada")
			_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
			w.must(err)
			_, err = admin(w).ApproveWaiting(w.ctx)
			w.must(err)
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			onEachHost(t, join, func(t *testing.T, w *world, h host) {
				w.signUpAt("bob", "bob@example.org")
				way(w)
				w.status("ada", signup.StatusActive)
				h.wantsMembers("ada")
			})
		})
	}
}

// A refusal of the host is returned as it is, and nothing has happened: the link
// works once the reason is gone.
func TestOnActiveRefuses(t *testing.T) {
	onEachHost(t, join, func(t *testing.T, w *world, h host) {
		w.set("signup_require_admin_approval", "false")
		h.exec("INSERT INTO members (user_id, username) VALUES (0, 'ada'), (0, 'bob')")
		w.signUp("ada")
		token := w.token("ada@example.org")
		for range 2 {
			_, err := w.Confirm(w.ctx, token)
			if got := refusal.Of(err); len(got) != 1 || got[0].Code != refusal.UsernameTaken || got[0].Field != "username" {
				t.Fatalf("refused with %v", err)
			}
			w.status("ada", signup.StatusUnconfirmed)
		}
		refused, err := w.As("test").Import(w.ctx, []signup.Registration{imported("bob"), imported("carl")}, false)
		w.must(err)
		if !refusal.Is(refused[0], refusal.UsernameTaken) || refused[1] != nil {
			t.Errorf("imported: %v", refused)
		}
		h.exec("DELETE FROM members WHERE user_id = 0")
		_, err = w.Confirm(w.ctx, token)
		w.must(err)
		h.wantsMembers("ada", "carl")
	})
}

// A fault of the host leaves nothing behind.
func TestOnActiveFails(t *testing.T) {
	fault := errors.New("the host is broken")
	broken := func(ctx context.Context, tx signup.Tx, u signup.User) error {
		return errors.Join(join(ctx, tx, u), fault)
	}
	onEachHost(t, broken, func(t *testing.T, w *world, h host) {
		w.set("signup_require_admin_approval", "false")
		w.signUp("ada")
		if _, err := w.Confirm(w.ctx, w.token("ada@example.org")); !errors.Is(err, fault) || refusal.Of(err) != nil {
			t.Errorf("%v, want the fault", err)
		}
		w.status("ada", signup.StatusUnconfirmed)
		h.wantsMembers()
	})
}

// Of any number of concurrent confirmations and approvals of one person one lets
// them in.
func TestOnActiveRaces(t *testing.T) {
	var joined atomic.Int64
	count := func(ctx context.Context, tx signup.Tx, u signup.User) error {
		joined.Add(1)
		return join(ctx, tx, u)
	}
	onEachHost(t, count, func(t *testing.T, w *world, h host) {
		for round := range 5 {
			name := fmt.Sprint("p", round)
			w.signUp(name)
			id := w.user(name).ID
			token := w.token(name + "@example.org")
			var wg sync.WaitGroup
			for i := range 12 {
				wg.Go(func() {
					if i%2 == 0 {
						_, _ = w.Confirm(w.ctx, token)
					}
					_, _ = w.As("test").Approve(w.ctx, id)
				})
			}
			wg.Wait()
			w.status(name, signup.StatusActive)
		}
		h.wantsMembers("p0", "p1", "p2", "p3", "p4")
	})
	if joined.Load() < 10 {
		t.Errorf("%d calls", joined.Load())
	}
}

// Where the transaction is not the store's, SQL says so.
func TestSQLOfAnotherStore(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			_, pg := postgres.SQL(w.ctx, tx)
			_, lite := sqlite.SQL(tx)
			if (pg == nil) == (lite == nil) {
				t.Errorf("both or neither: %v, %v", pg, lite)
			}
			return nil
		}))
	})
}
