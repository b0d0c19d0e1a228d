package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/web"
)

// Two people sign up with one address: the link of each confirms that sign-up
// alone, and after that the other links say that nothing is left to do.
func TestALinkConfirmsItsOwnSignUp(t *testing.T) {
	w := start(t)
	first := w.signUp("ada", "ada@example.org")
	second := w.signUp("eve", "Ada@EXAMPLE.org")
	w.json(confirmPath, tokenBody(second)).wants(t, 200)
	if ada, eve := w.find("ada"), w.find("eve"); ada.Status() != signup.StatusUnconfirmed || eve.Status() != signup.StatusPendingApproval {
		t.Fatalf("ada is %s, eve is %s", ada.Status(), eve.Status())
	}
	w.json(confirmPath, tokenBody(first)).wantsProblem(t, 400, "already_confirmed")
	w.json(confirmPath, tokenBody(second)).wantsProblem(t, 400, "already_confirmed")
}

// The password or the ticket proves whose sign-up is confirmed.
func TestConfirmWithProof(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	other := w.signUp("eve", "ada@example.org")
	with := func(token string, members ...string) answer {
		return w.json(confirmPath, object(t, append([]string{"token", token}, members...)...))
	}
	with(token, "password", "Difference-2").wantsProblem(t, 400, "wrong_password")
	with(token, "password", "").wantsProblem(t, 422, "invalid", "body.password")
	with(token, "ticket", "").wantsProblem(t, 422, "invalid", "body.ticket")
	with(token, "secret", "x").wantsProblem(t, 422, "invalid", "body.secret")
	with(token, "ticket", "nonsense").wantsProblem(t, 404, "ticket_unknown")
	w.json(confirmPath, fmt.Sprintf(`{"token":%q,"password":5}`, token)).wantsProblem(t, 422, "invalid", "body.password")
	w.json(confirmPath, fmt.Sprintf(`{"token":%q,"ticket":null}`, token)).wantsProblem(t, 422, "invalid", "body.ticket")

	receipt, err := w.SignUp(t.Context(), signup.Registration{
		Name: "Joan", Username: "joan", Email: "ada@example.org", Password: "Analytical-1", WantsTicket: true,
	})
	w.must(err)
	with(other, "ticket", receipt.Ticket.Reveal()).wants(t, 200)
	if joan := w.find("joan"); joan.VerifiedAt.IsZero() {
		t.Errorf("joan is %s", joan.Status())
	}
	w.clock.advance(time.Minute)
	next := w.signUp("bob", "bob@example.org")
	with(next, "password", "Analytical-1").wants(t, 200)
}

// With ConfirmNeedsProof a token alone is refused, but only while several
// sign-ups have its address.
func TestConfirmNeedsProof(t *testing.T) {
	w := start(t, func(s *setup) { s.service.ConfirmNeedsProof = true })
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	token := w.signUp("bob", "bob@example.org")
	w.signUp("eve", "bob@example.org")
	w.json(confirmPath, tokenBody(token)).wantsProblem(t, 400, "password_required")
	w.json(confirmPath, object(t, "token", token, "password", "Analytical-1")).wants(t, 200)
}

// passwordsOnly is a limiter that allows no password, and remembers whose it was.
type passwordsOnly struct{ clients []string }

func (p *passwordsOnly) Allow(_ context.Context, thing, client string) (bool, time.Duration, error) {
	if thing != "password" {
		return true, 0, nil
	}
	p.clients = append(p.clients, client)
	return false, time.Minute, nil
}

func TestPasswordsAreLimitedByToken(t *testing.T) {
	limiter := &passwordsOnly{}
	w := start(t, func(s *setup) { s.web.Limiter = limiter })
	token := w.signUp("ada", "ada@example.org")
	a := w.json(confirmPath, object(t, "token", token, "password", "Analytical-1"))
	a.wantsProblem(t, http.StatusTooManyRequests, "too_many_requests")
	if a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
	parsed, _ := signup.ParseToken(token)
	if len(limiter.clients) != 1 || limiter.clients[0] != parsed.Hash() {
		t.Errorf("counted %v", limiter.clients)
	}
	w.json(confirmPath, tokenBody(token)).wants(t, 200)
}

// Administrators are told what else the address of a sign-up is used for; no
// public answer tells it.
func TestAdministratorsSeeSharedAddresses(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	read := func(username string) (u web.UserDetail) {
		t.Helper()
		w.asAdmin("GET", fmt.Sprintf("/users/%d", w.id(username)), "").wants(t, 200).decode(t, &u)
		return u
	}
	w.signUp("ada", "ada@example.org")
	if u := read("ada"); u.AddressHeldBy != nil || u.AddressShared {
		t.Errorf("ada alone: %+v", u.User)
	}
	b.open(userPage(w.find("ada"))).wants(t, 200).hasNot(t, "this address")
	w.signUp("bob", "ada@example.org")
	if u := read("ada"); u.AddressHeldBy != nil || !u.AddressShared {
		t.Errorf("ada beside bob: %+v", u.User)
	}
	b.open(userPage(w.find("ada"))).wants(t, 200, "1 other sign-up has this address")
	w.json(requestPath, ada("username", "eve")).wants(t, 201)
	b.open("/admin/waiting?status=unconfirmed").wants(t, 200, "2 other sign-ups have this address")
	w.asAdmin("PUT", fmt.Sprintf("/users/%d/verify", w.id("ada")), "").wantsProblem(t, 409, "conflict")

	w.clock.advance(time.Hour)
	w.must(w.Resend(t.Context(), "ada@example.org"))
	_, err := w.Post().OweRequestedLinks(t.Context())
	w.must(err)
	w.json(confirmPath, tokenBody(w.token("ada@example.org"))).wants(t, 200)
	var list web.Users
	w.asAdmin("GET", "/users", "").wants(t, 200).decode(t, &list)
	var holder int64
	held := 0
	for _, u := range list.Users {
		if u.VerifiedAt != nil && u.Role == "member" {
			holder = u.ID
		}
		if u.AddressHeldBy != nil {
			held++
		}
	}
	for _, u := range list.Users {
		if u.AddressHeldBy != nil && (*u.AddressHeldBy != holder || u.Status != "unconfirmed") {
			t.Errorf("%+v", u)
		}
	}
	if held != 2 {
		t.Errorf("%d users are told to have an address that somebody else holds, want 2", held)
	}
	b.open("/admin/users").wants(t, 200, "Somebody else has confirmed this address")
}

// An address that several have and nobody holds names nobody.
func TestASharedAddressNamesNobody(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.signUp("ada", "ada@example.org")
	w.signUp("bob", "ada@example.org")
	b.open("/admin/audit?user=ada@example.org").wants(t, http.StatusConflict, "Several users have this address")
	b.open("/settings?username=ada@example.org").wants(t, http.StatusSeeOther)
	if _, err := w.FindUser(t.Context(), "ada@example.org"); !errors.As(err, new(*refusal.Error)) {
		t.Errorf("found: %v", err)
	}
}
