// Package pgtest provides PostgreSQL databases for tests.
//
// SIGNUP_TEST_POSTGRES is the URL of a server to use, with a role that may create
// databases. If it is not set, each test program starts a cluster of the newest
// installed PostgreSQL, which stops with the program. If PostgreSQL is not
// installed, the test is skipped or, with CI=true, fails.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup/postgres"
)

// New returns the URL of a new database with all tables of package postgres, all
// empty. It is dropped when the test ends, even if it still has connections.
func New(t testing.TB) string {
	t.Helper()
	s := server(t)
	if s.template != "" {
		return s.create(t, "TEMPLATE "+s.template)
	}
	db := NewEmpty(t)
	if err := migrate(db); err != nil {
		t.Fatal(err)
	}
	return db
}

// NewEmpty is like New, but the database has no tables.
func NewEmpty(t testing.TB) string {
	t.Helper()
	return server(t).create(t, "TEMPLATE template0 ENCODING 'UTF8'")
}

// A host is a server and a role that may create databases.
type host struct {
	url      string
	template string    // a database to copy; "" for none
	life     io.Closer // of a cluster, which stops when this is closed
}

// theHost is shared by all tests of a program, because starting a cluster is
// slow.
var theHost = sync.OnceValues(func() (host, error) {
	if given := os.Getenv("SIGNUP_TEST_POSTGRES"); given != "" {
		return host{url: given}, nil // without a template, so as to leave nothing behind there
	}
	url, life, err := start()
	if err != nil {
		return host{}, err
	}
	h := host{url, "signup_template", life}
	if err := execute(h.url, "CREATE DATABASE "+h.template); err != nil {
		return host{}, err
	}
	return h, migrate(withDatabase(h.url, h.template))
})

func server(t testing.TB) host {
	t.Helper()
	h, err := theHost()
	switch {
	case err == nil:
	case errors.Is(err, errMissing) && os.Getenv("CI") != "true":
		t.Skipf("%s needs PostgreSQL: %v", t.Name(), err)
	default:
		t.Fatalf("%s needs PostgreSQL: %v", t.Name(), err)
	}
	return h
}

func (h host) create(t testing.TB, like string) string {
	t.Helper()
	name := "signup_test_" + strings.ToLower(rand.Text())
	if err := execute(h.url, "CREATE DATABASE "+name+" "+like); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(h.url, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop a test database: %v", err)
		}
	})
	return withDatabase(h.url, name)
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // connecting will report what is wrong with it
	}
	u.Path = "/" + name
	return u.String()
}

const timeout = time.Minute // the machine may be busy

func execute(url, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

func migrate(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	s, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(s.Migrate(ctx), s.Close()); err != nil {
		return fmt.Errorf("migrate a test database: %w", err)
	}
	return nil
}
