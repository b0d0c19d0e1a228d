package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestRateLimit asks more often than one client may.
func TestRateLimit(t *testing.T) {
	s := newServer(t)
	s.environ = []string{cheapPasswords}
	s.start("--dev", "--trusted-proxies", "127.0.0.1")
	for _, path := range []string{"/api/v1/sign-up/request", "/api/v1/sign-up/confirm", "/api/v1/sign-up/resend"} {
		for i := range 10 {
			if resp := s.post(path, "192.0.2.1", `{}`); resp.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("%s, request %d: status %d", path, i+1, resp.StatusCode)
			}
		}
		resp := s.post(path, "192.0.2.1", `{}`)
		wait, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		if resp.StatusCode != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 6 {
			t.Fatalf("%s, request 11: status %d, Retry-After %q", path, resp.StatusCode, resp.Header.Get("Retry-After"))
		}
		if resp := s.post(path, "192.0.2.2", `{}`); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("%s from another client: status %d", path, resp.StatusCode)
		}
	}
}

// The passwords tried with one token are limited for all clients together; those
// of another token are not touched by it.
func TestPasswordsAreLimited(t *testing.T) {
	s := openSite(t, sqliteMake, "--trusted-proxies", "127.0.0.1", "--rate-limit", "1000/s")
	ada, eve := s.newToken("ada"), s.newToken("eve")
	try := func(plain, typed string, client int) reply {
		body := s.json(map[string]string{"token": plain, "password": typed})
		return s.send("POST", "/api/v1/sign-up/confirm", "application/json", body, "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", client))
	}
	for i := range passwordLimit().N {
		s.wantStatus(try(ada, "Wrong-password-1", i+1), http.StatusBadRequest)
	}
	r := try(ada, "Passw0rd!ada", 100)
	s.wantStatus(r, http.StatusTooManyRequests)
	if wait, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	s.wantStatus(try(eve, "Passw0rd!eve", 100), http.StatusOK)
	s.wantStatus(s.post("/api/v1/sign-up/confirm", token(ada)), http.StatusOK) // a token alone is not a guess
}

// Where the option asks for it, a token alone does not say whose sign-up it is.
func TestConfirmNeedsProof(t *testing.T) {
	s := openSite(t, sqliteMake, "--confirm-needs-proof")
	ada := s.newToken("ada")
	body := person("eve")
	body["email"] = "ada@example.org"
	s.wantStatus(s.post("/api/v1/sign-up/request", body), http.StatusCreated)
	s.wantStatus(s.post("/api/v1/sign-up/confirm", token(ada)), http.StatusBadRequest)
	s.wantStatus(s.post("/api/v1/sign-up/confirm", map[string]string{"token": ada, "password": "Passw0rd!ada"}), http.StatusOK)
}

// Commands tell what else an address is used for, and guess nobody by it.
func TestCommandsTellOfSharedAddresses(t *testing.T) {
	s := openSite(t, sqliteMake)
	s.signUp("ada")
	body := person("eve")
	body["email"] = "ada@example.org"
	s.wantStatus(s.post("/api/v1/sign-up/request", body), http.StatusCreated)
	for _, command := range [][]string{{"user", "show", "ada"}, {"user", "list"}} {
		if out := s.Run(command...); !strings.Contains(out, "another sign-up has this address") {
			t.Errorf("%v:\n%s", command, out)
		}
	}
	for _, command := range [][]string{{"user", "verify", "ada"}, {"user", "show", "ada@example.org"}} {
		if code, _, stderr := s.CLI(command...); code != exitRefused || !strings.Contains(stderr, "email address") {
			t.Errorf("%v: exit code %d\n%s", command, code, stderr)
		}
	}
	s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo("ada"))), http.StatusOK)
	holder, loser := s.user("ada"), s.user("eve")
	if holder.VerifiedAt == nil {
		holder, loser = loser, holder
	}
	if loser.AddressHeldBy == nil || *loser.AddressHeldBy != holder.ID || loser.AddressShared {
		t.Errorf("%+v beside %+v", loser, holder)
	}
	if out := s.Run("user", "show", loser.Username); !strings.Contains(out, fmt.Sprintf("user %d has confirmed this address", holder.ID)) {
		t.Errorf("user show:\n%s", out)
	}
}

// Servers on one PostgreSQL count a client's requests together.
func TestRateLimitIsShared(t *testing.T) {
	first, second := newServer(t), newServer(t)
	first.Database = postgresMake.where(t)
	second.Database = first.Database
	for _, s := range []*server{first, second} {
		s.environ = []string{cheapPasswords}
		s.start("--dev", "--trusted-proxies", "127.0.0.1")
	}
	ask := func(s *server, client string) int {
		return s.post("/api/v1/sign-up/confirm", client, `{}`).StatusCode
	}
	answers := tally(together(20, func(i int) int { return ask([]*server{first, second}[i%2], "192.0.2.1") }))
	if answers[http.StatusUnprocessableEntity] != 10 || answers[http.StatusTooManyRequests] != 10 {
		t.Errorf("answers %v, want 10 of each", answers)
	}
	for _, s := range []*server{first, second} {
		if status := ask(s, "192.0.2.2"); status != http.StatusUnprocessableEntity {
			t.Errorf("another client: status %d", status)
		}
	}
}

// TestMailBombing asks for links to one address from a hundred addresses, over
// a restart (B07).
func TestMailBombing(t *testing.T) {
	s := newServer(t)
	s.environ = []string{cheapPasswords}
	s.start("--dev", "--trusted-proxies", "127.0.0.1")
	if status := s.SignUp("ada"); status != http.StatusCreated {
		t.Fatalf("sign-up: status %d", status)
	}
	s.Inbox("ada@example.org", 1)
	answers := map[string]int{}
	bomb := func(from, to int) {
		for i := from; i < to; i++ {
			resp := s.post("/api/v1/sign-up/resend", fmt.Sprintf("198.51.100.%d", i), `{"email":"ada@example.org"}`)
			answers[strconv.Itoa(resp.StatusCode)]++
		}
	}
	bomb(0, 50)
	s.Inbox("ada@example.org", 2)
	s.Stop()
	s.start("--dev", "--trusted-proxies", "127.0.0.1")
	bomb(50, 100)
	if len(answers) != 1 || answers["202"] != 100 {
		t.Errorf("answers by status: %v, want 202 alone", answers)
	}
	if status := s.SignUp("probe"); status != http.StatusCreated {
		t.Fatalf("sign-up: status %d", status)
	}
	s.Inbox("probe@example.org", 1) // whatever was owed before is delivered by now
	if n := len(s.Inbox("ada@example.org", 0)); n != 0 {
		t.Errorf("%d more mails after the restart, want none", n)
	}
}
