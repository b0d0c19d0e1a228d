package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/web"
)

// ticketed signs Ada up over the API and returns the ticket.
func (w *world) ticketed(changes ...any) string {
	w.t.Helper()
	var receipt web.SignUpReceipt
	w.json(requestPath+"?ticket=true", ada(changes...)).wants(w.t, 201).decode(w.t, &receipt)
	if receipt.Ticket == "" || receipt.Message == "" {
		w.t.Fatalf("receipt %+v", receipt)
	}
	return receipt.Ticket
}

func (w *world) ask(ticket string) web.SignUpStatus {
	w.t.Helper()
	var st web.SignUpStatus
	w.get("/api/v1/sign-up/status", "Authorization", "Bearer "+ticket).wants(w.t, 200).decode(w.t, &st)
	return st
}

func TestStatusOfSignUp(t *testing.T) {
	w := start(t)
	w.require(true, true)
	ticket := w.ticketed()
	st := w.ask(ticket)
	if st.Status != "unconfirmed" || st.EmailVerified || !st.Approval || st.Mail == nil || *st.Mail != "owed" || st.Username != "ada" ||
		st.ResendAt == nil || !st.ResendAt.After(w.clock.Now()) {
		t.Errorf("after the sign-up: %+v", st)
	}
	token := w.token("ada@example.org")
	w.clock.advance(time.Minute)
	if st = w.ask(ticket); st.Mail == nil || *st.Mail != "sent" {
		t.Errorf("with the mail sent: %+v", st)
	}
	w.json(confirmPath, tokenBody(token)).wants(t, 200)
	if st = w.ask(ticket); st.Status != "pending_approval" || !st.EmailVerified || st.Mail != nil || st.ResendAt != nil {
		t.Errorf("confirmed: %+v", st)
	}
	w.asAdmin("PUT", "/users/1/reject", `{"reason": "Not now", "note": "a rival"}`).wants(t, 200)
	if st = w.ask(ticket); st.Status != "rejected" || st.RejectionReason == nil || *st.RejectionReason != "Not now" {
		t.Errorf("rejected: %+v", st)
	}
	w.asAdmin("PUT", "/users/1/reconsider", "").wants(t, 200)
	w.asAdmin("PUT", "/users/1/approve", "").wants(t, 200)
	if st = w.ask(ticket); st.Status != "active" || st.RejectionReason != nil {
		t.Errorf("approved: %+v", st)
	}
}

// A ticket confirms the sign-up it was given for, whichever link was mailed.
func TestTicketOfTheAPIConfirms(t *testing.T) {
	w := start(t)
	w.require(true, false)
	mine := w.ticketed("username", "mine")
	token := w.signUp("theirs", "ada@example.org")
	w.json(confirmPath, `{"token": "`+token+`", "ticket": "`+mine+`"}`).wants(t, 200)
	if st := w.ask(mine); st.Status != "active" || st.Username != "mine" {
		t.Errorf("%+v", st)
	}
}

// The answer to a client that asks for no ticket is that of the contract.
func TestNoTicketUnlessAskedFor(t *testing.T) {
	w := start(t)
	w.require(true, false)
	const contract = `{"message":"Sign-up received. Check your email and open the link in it to confirm your address.","email_verification_required":true,"admin_approval_required":null}`
	for i, query := range []string{"", "?ticket=false"} {
		got := w.json(requestPath+query, ada("username", strings.Repeat("a", i+1))).wants(t, 201)
		if strings.TrimSpace(got.body) != contract {
			t.Errorf("%q: %s", query, got.body)
		}
	}
	w.json(requestPath+"?ticket=perhaps", ada("username", "no")).wantsProblem(t, 422, "invalid", "query.ticket")
}

func TestTicketsThatTellNothing(t *testing.T) {
	w := start(t)
	ticket := w.ticketed()
	for name, header := range map[string][]string{
		"none":       nil,
		"empty":      {"Authorization", ""},
		"no ticket":  {"Authorization", "Bearer nonsense"},
		"another":    {"Authorization", "Bearer " + strings.Repeat("A", len(ticket))},
		"not bearer": {"Authorization", "Basic " + ticket},
		"a key":      {"Authorization", "Bearer " + w.admin()},
	} {
		t.Run(name, func(t *testing.T) {
			w.get("/api/v1/sign-up/status", header...).wantsProblem(t, 404, "ticket_unknown")
		})
	}
	w.get("/api/v1/users", "Authorization", "Bearer "+ticket).wantsProblem(t, 401, "unauthorized")
	w.clock.advance(31 * 24 * time.Hour)
	w.get("/api/v1/sign-up/status", "Authorization", "Bearer "+ticket).wantsProblem(t, 404, "ticket_unknown")
}

// Clients that show the detail alone tell what is wrong.
func TestDetailStartsWithTheFirstError(t *testing.T) {
	w := start(t)
	for body, want := range map[string]string{
		ada("password", "analytical1"):            "password must have an upper-case letter and a special character",
		ada("password", "Analytical 1"):           "password must have a special character",
		ada("password", "short", "username", "?"): "username must have",
		`{}`:                            "name is required (and 3 more)",
		`[]`:                            "body must be an object",
		ada("Email", "eve@example.org"): "Email is not a field of this form",
	} {
		p := w.json(requestPath, body)
		var problem web.Problem
		p.wants(t, 422).decode(t, &problem)
		if !strings.HasPrefix(problem.Detail, want) {
			t.Errorf("%q does not start with %q", problem.Detail, want)
		}
	}
	var problem web.Problem
	w.asAdmin("GET", "/users?limit=0", "").wants(t, 422).decode(t, &problem)
	if problem.Detail != "limit must be at least 1" {
		t.Errorf("%q", problem.Detail)
	}
}
