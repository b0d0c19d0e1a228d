package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

func databaseName(t testing.TB, at string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// as returns the URL with another role.
func as(t testing.TB, at, role, password string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, password)
	return u.String()
}

// outsider returns a connection of another program to the same database.
func outsider(t testing.TB, at string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func run(t testing.TB, c *pgx.Conn, statement string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func wantBusy(t testing.TB, err error, cause string) {
	t.Helper()
	if !errors.Is(err, signup.ErrBusy) || !strings.Contains(err.Error(), cause) {
		t.Errorf("%v, want ErrBusy and %q", err, cause)
	}
}

const killOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`

// All connections are killed repeatedly. Every update that returned nil is stored
// once, and none that returned ErrBusy is stored.
func TestKilledConnectionsLoseNothing(t *testing.T) {
	t.Parallel()
	at := pgtest.New(t)
	s, killer := open(t, at, postgres.Options{}), outsider(t, at)
	const n = 400
	errs := make([]error, n)
	next := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range next {
				_, errs[i] = signUp(t.Context(), s, i)
			}
		})
	}
	for i := range n {
		if i%20 == 10 {
			run(t, killer, killOthers)
		}
		next <- i
	}
	close(next)
	wg.Wait()
	for i, err := range errs {
		stored := count(t, s, "SELECT count(*) FROM users WHERE name = $1", person(i).Name)
		switch {
		case err == nil && stored != 1, errors.Is(err, signup.ErrBusy) && stored != 0:
			t.Errorf("person %d is stored %d times, but the update returned %v", i, stored, err)
		case err != nil && !errors.Is(err, signup.ErrBusy):
			t.Error(err)
		}
	}
}

func TestReadOnlyIsErrBusyAndPasses(t *testing.T) {
	t.Parallel()
	at := pgtest.New(t)
	name := databaseName(t, at)
	admin := outsider(t, at)
	run(t, admin, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
	s := open(t, at, postgres.Options{})
	_, err := signUp(t.Context(), s, 1)
	wantBusy(t, err, "read-only")
	if n := count(t, s, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d users", n)
	}
	run(t, admin, "SET default_transaction_read_only = off; ALTER DATABASE "+name+" RESET default_transaction_read_only")
	_, err = signUp(t.Context(), s, 1) // possibly on an earlier connection
	if err != nil {
		wantBusy(t, err, "read-only")
		mustSignUp(t, s, 1)
	}
}

func TestAStatementThatTakesTooLongIsErrBusy(t *testing.T) {
	t.Parallel()
	at := pgtest.New(t)
	locker := outsider(t, at)
	s := open(t, with(t, at, "statement_timeout", "500"), postgres.Options{})
	mustSignUp(t, s, 0)
	run(t, locker, "BEGIN; LOCK TABLE users")
	_, err := signUp(t.Context(), s, 1)
	wantBusy(t, err, "longer than the server allows")
	run(t, locker, "ROLLBACK")
	mustSignUp(t, s, 1)
}

func TestALockedRowIsErrBusy(t *testing.T) {
	t.Parallel()
	at := pgtest.New(t)
	locker := outsider(t, at)
	s := open(t, at, postgres.Options{BusyTimeout: 500 * time.Millisecond})
	u := mustSignUp(t, s, 0)
	hold := func(ctx context.Context) error {
		return s.Update(ctx, func(tx signup.Tx) error {
			_, err := tx.User(ctx, u.ID)
			return err
		})
	}
	run(t, locker, "BEGIN; SELECT 1 FROM users FOR UPDATE")
	wantBusy(t, hold(t.Context()), "another transaction holds the row")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := hold(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, signup.ErrBusy) {
		t.Errorf("%v, want the context's error", err)
	}
	run(t, locker, "ROLLBACK")
	err := hold(t.Context())
	for deadline := time.Now().Add(30 * time.Second); errors.Is(err, signup.ErrBusy) && time.Now().Before(deadline); {
		err = hold(t.Context()) // a busy machine may need longer than BusyTimeout
	}
	if err != nil {
		t.Error(err)
	}
}

func TestWaitingForAConnectionIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, with(t, pgtest.New(t), "pool_max_conns", "1"), postgres.Options{BusyTimeout: 500 * time.Millisecond})
	err := s.Update(t.Context(), func(signup.Tx) error {
		_, err := signUp(t.Context(), s, 1)
		return err
	})
	wantBusy(t, err, "came free in time")
	mustSignUp(t, s, 1)
}

func TestAnUnreachableServerIsErrBusy(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), "postgres://u@/db?host="+url.QueryEscape(t.TempDir()), postgres.Options{BusyTimeout: 500 * time.Millisecond})
	wantBusy(t, err, "out of reach")
}

func TestAWrongPasswordIsNotErrBusy(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), as(t, pgtest.New(t), "nobody-has-this-name", "s3cret"), postgres.Options{})
	if err == nil || errors.Is(err, signup.ErrBusy) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("Open: %v", err)
	}
}
