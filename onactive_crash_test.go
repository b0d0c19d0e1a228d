package signup_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/sqlite"
)

// hostVariable names the database of a host process.
const hostVariable = "SIGNUP_TEST_HOST"

// openAt opens a store that other processes use, too.
func openAt(t testing.TB, where string) signup.Store {
	t.Helper()
	var store interface {
		signup.Store
		Close() error
	}
	var err error
	if path, ok := strings.CutPrefix(where, "sqlite:"); ok {
		store, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	} else {
		store, err = postgres.Open(t.Context(), where, postgres.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// A host is killed at random moments, again and again: a user is active if and
// only if the host's row is there.
func TestOnActiveSurvivesKills(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("SIGNUP_TEST_KILLS"))
	if err != nil {
		kills = 10
	}
	for name, where := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "signup.db") },
		"postgres": func() string { return pgtest.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			where := where()
			store := openAt(t, where)
			if err := store.(interface{ Migrate(context.Context) error }).Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			h := host{t, store}
			h.exec("CREATE TABLE members (user_id bigint NOT NULL, username text NOT NULL UNIQUE)")
			w := newWorld(t, store)
			w.set("signup_require_admin_approval", "false")
			for range kills {
				killHost(t, where)
				if n := h.count(halves); n != 0 {
					t.Fatalf("%d users are active without the host's row, or the other way round", n)
				}
			}
			if n := h.count("SELECT count(*) FROM members"); n < kills {
				t.Errorf("%d members prove nothing", n)
			}
		})
	}
}

// halves counts what must never be seen. It is one statement, which sees one
// moment: PostgreSQL may finish a transaction after its client was killed.
const halves = `SELECT
	(SELECT count(*) FROM users AS u WHERE u.status = 'active' AND NOT EXISTS (SELECT 1 FROM members AS m WHERE m.user_id = u.id)) +
	(SELECT count(*) FROM members AS m WHERE NOT EXISTS (SELECT 1 FROM users AS u WHERE u.id = m.user_id AND u.status = 'active'))`

// killHost starts a host process and kills it a moment after its first member.
func killHost(t *testing.T, where string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostProcess$", "-test.v")
	cmd.Env = append(os.Environ(), hostVariable+"="+where)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]byte, 4096)
	for text := ""; err == nil && !strings.Contains(text, "first member"); {
		var n int
		n, err = out.Read(seen)
		text += string(seen[:n])
	}
	if err != nil {
		t.Fatalf("the host stopped by itself: %v", err)
	}
	time.Sleep(rand.N(100 * time.Millisecond)) // the moment is to be random
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// TestHostProcess is the host that TestOnActiveSurvivesKills kills. In other
// processes it does nothing.
func TestHostProcess(t *testing.T) {
	where := os.Getenv(hostVariable)
	if where == "" {
		return
	}
	w := newWorld(t, openAt(t, where), func(o *signup.Options) { o.OnActive = join })
	var first sync.Once
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for t.Context().Err() == nil {
				name := "p" + strconv.FormatUint(rand.Uint64(), 36)
				_, err := w.SignUp(w.ctx, at(name, name+"@example.org"))
				var token signup.Token
				var u signup.User
				if err == nil {
					u, err = w.FindUser(w.ctx, name)
				}
				if err == nil {
					token, _, err = w.As("test").CreateToken(w.ctx, u.ID)
				}
				if err == nil {
					_, err = w.Confirm(w.ctx, token.Reveal())
				}
				if err != nil && refusal.Of(err) == nil && !errors.Is(err, signup.ErrBusy) {
					t.Error(err)
					return
				}
				first.Do(func() { fmt.Println("first member") })
			}
		})
	}
	wg.Wait()
}
