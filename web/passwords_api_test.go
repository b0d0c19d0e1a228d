package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

const checkPath = "/check-password"

func TestCheckPassword(t *testing.T) {
	w := start(t)
	w.require(true, false)
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	check := func(login, password string) answer {
		return w.asAdmin("POST", checkPath, fmt.Sprintf(`{"login":%q,"password":%q}`, login, password))
	}
	check("ada@example.org", "Analytical-1").wants(t, 200, `"username":"ada"`, `"status":"active"`).hasNot(t, "argon2")
	first := check("ada", "geheim-wrong-1").wants(t, 400)
	first.wantsProblem(t, 400, "wrong_password")
	if second := check("nobody", "geheim-wrong-1"); second.body != first.body {
		t.Errorf("a login that exists is told from one that does not: %s and %s", first.body, second.body)
	}
	w.asAdmin("POST", checkPath, `{"login":"ada"}`).wantsProblem(t, 422, "invalid", "body.password")
	w.json("/api/v1"+checkPath, `{"login":"ada","password":"Analytical-1"}`).wantsProblem(t, 401, "unauthorized")
	if strings.Contains(w.log.String(), "geheim") {
		t.Error("a password is in the log")
	}
}

// An application with a page of its own for a new password sets it by the API.
func TestSetPasswordByTheAPI(t *testing.T) {
	w := start(t)
	w.require(true, false)
	token := w.signUp("ada", "ada@example.org")
	u, err := w.FindUser(t.Context(), "ada")
	w.must(err)
	path := fmt.Sprintf("/users/%d/password", u.ID)
	set := func(password string) answer { return w.asAdmin("POST", path, fmt.Sprintf(`{"password":%q}`, password)) }
	set("Geheim-neu-1").wantsProblem(t, 409, "conflict") // nobody has confirmed the address
	w.json(confirmPath, tokenBody(token)).wants(t, 200)
	set("geheim").wantsProblem(t, 422, "invalid", "body.password")
	w.asAdmin("POST", path, `{"password":1}`).wantsProblem(t, 422, "invalid", "body.password")
	w.asAdmin("POST", path, `{}`).wantsProblem(t, 422, "invalid", "body.password")
	set("Geheim-neu-1").wants(t, 200, `"username":"ada"`, `"status":"active"`).hasNot(t, "argon2", "Geheim")
	w.asAdmin("POST", checkPath, `{"login":"ada","password":"Geheim-neu-1"}`).wants(t, 200)
	w.asAdmin("POST", checkPath, `{"login":"ada","password":"Analytical-1"}`).wantsProblem(t, 400, "wrong_password")
	w.asAdmin("POST", "/users/99/password", `{"password":"Geheim-neu-1"}`).wantsProblem(t, 404, "user_not_found")
	if strings.Contains(strings.ToLower(w.log.String()), "geheim") {
		t.Error("a password is in the log")
	}
}

// counting allows each client of each thing twice.
type counting map[string]int

func (c counting) Allow(_ context.Context, thing, client string) (bool, time.Duration, error) {
	c[thing+" "+client]++
	return c[thing+" "+client] <= 2, time.Minute, nil
}

// Attempts are limited per login, however it is spelled, and per client.
func TestCheckPasswordIsLimited(t *testing.T) {
	w := start(t, func(s *setup) { s.web.Limiter = counting{}; s.web.Client = func(*http.Request) string { return "" } })
	check := func(login, client string) answer {
		return w.asAdmin("POST", checkPath, fmt.Sprintf(`{"login":%q,"password":"x","client":%q}`, login, client))
	}
	check("ada", "203.0.113.1").wants(t, 400)
	check(" ADA ", "203.0.113.2").wants(t, 400)
	if a := check("Ada", "203.0.113.3"); a.wantsProblem(t, 429, "too_many_requests").Status != 429 || a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
	check("bob", "203.0.113.9").wants(t, 400)
	check("eve", "203.0.113.9").wants(t, 400)
	check("mel", "203.0.113.9").wantsProblem(t, 429, "too_many_requests")
}

// A key for checking passwords does nothing else.
func TestKeyForPasswords(t *testing.T) {
	w := start(t)
	secret, _, err := w.As(signup.ActorCLI).CreateAPIKey(t.Context(), signup.APIKey{Name: "app", Scopes: "check-password"})
	w.must(err)
	key := "Bearer " + secret.Reveal()
	body := `{"login":"ada","password":"x"}`
	w.do(w.request("POST", "/api/v1"+checkPath, body, "Authorization", key, "Content-Type", "application/json")).wantsProblem(t, 400, "wrong_password")
	w.do(w.request("GET", "/api/v1/users", "", "Authorization", key)).wantsProblem(t, 403, "insufficient_scope")
	w.do(w.request("POST", "/api/v1/users/1/password", body, "Authorization", key)).wantsProblem(t, 403, "insufficient_scope")
}
