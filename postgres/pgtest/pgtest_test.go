package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup/postgres/pgtest"
)

func count(t *testing.T, url, query string) (n int) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	if err := c.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNew(t *testing.T) {
	const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	first, second, empty := pgtest.New(t), pgtest.New(t), pgtest.NewEmpty(t)
	if first == second {
		t.Error("both have the same database")
	}
	if n := count(t, first, tables); n < 8 {
		t.Errorf("%d tables", n)
	}
	if n := count(t, empty, tables); n != 0 {
		t.Errorf("%d tables in an empty database", n)
	}
	if n := count(t, second, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d users", n)
	}
}
