package postgres_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) signup.Store { return open(t, pgtest.New(t), postgres.Options{}) })
}

func TestWebHooks(t *testing.T) {
	storetest.RunWebHooks(t, func(t *testing.T) signup.Store { return open(t, pgtest.New(t), postgres.Options{}) })
}

// As behind PgBouncer in transaction mode, which does not support prepared
// statements.
func TestStoreWithoutPreparedStatements(t *testing.T) {
	if testing.Short() {
		t.Skip("repeats the whole suite")
	}
	unprepared := func(t *testing.T) signup.Store {
		return open(t, with(t, pgtest.New(t), "default_query_exec_mode", "exec"), postgres.Options{})
	}
	storetest.Run(t, unprepared)
	storetest.RunWebHooks(t, unprepared)
}

func open(t testing.TB, url string, o postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func migrated(t testing.TB) *postgres.Store {
	t.Helper()
	return open(t, pgtest.New(t), postgres.Options{})
}

// with returns the URL with one more parameter.
func with(t testing.TB, at, name, value string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // as libpq reads it
	return u.String()
}
