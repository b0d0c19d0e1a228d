package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/bench/fill/crowd"
	"github.com/signup-go/signup/postgres/pgtest"
)

// The generated database works: its valid tokens can be spent, and it has users
// in every status.
func TestFill(t *testing.T) {
	for name, database := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "a.db"), "postgres": pgtest.NewEmpty(t),
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "tokens")
			c := crowd.Crowd{Users: 300, Tokens: 100, Expired: 50, Now: time.Now().UTC()}
			if err := run(t.Context(), database, c, out); err != nil {
				t.Fatal(err)
			}
			checkFilled(t, database, tokensIn(t, out))
		})
	}
}

func tokensIn(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b))
}

func checkFilled(t *testing.T, database string, tokens []string) {
	t.Helper()
	s, err := open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	svc, err := signup.New(s.(signup.Store), signup.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(tokens) != 100 {
		t.Errorf("%d tokens", len(tokens))
	}
	for _, token := range tokens {
		if _, err := svc.Confirm(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	for _, status := range signup.Statuses() {
		if _, n, err := svc.As(signup.ActorCLI).Users(t.Context(), signup.UserQuery{Status: status}); err != nil || n == 0 {
			t.Errorf("%d users are %s, %v", n, status, err)
		}
	}
	if n, err := svc.Post().DeleteExpired(t.Context()); err != nil || n != 50 {
		t.Errorf("%d expired tokens, %v", n, err)
	}
}
