package main

import (
	"fmt"
	"net/http"
	"strconv"
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
