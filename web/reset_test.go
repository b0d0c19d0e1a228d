package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

const (
	confirmEmailPath = "/confirm-email"
	resetPath        = "/reset-password"
	newPasswordPath  = "/reset-password/new"
	resetCall        = "/api/v1/password-reset"
	resetConfirm     = "/api/v1/password-reset/confirm"
)

// resetToken returns the token of the last letter to reset a password.
func (w *world) resetToken(address string) string {
	w.t.Helper()
	return w.letterTo(address, signup.MailPasswordReset)
}

// letterTo sends what is owed and returns the link in the last letter of a kind to
// an address; "" if there is none.
func (w *world) letterTo(address string, kind signup.MailKind) (link string) {
	w.t.Helper()
	w.post.reset()
	_, err := w.Post().OweRequestedLinks(w.t.Context())
	w.must(err)
	ids, err := w.Post().OwedMails(w.t.Context(), 0)
	w.must(err)
	for _, id := range ids {
		if _, err := w.Post().Compose(w.t.Context(), id); err == nil {
			w.must(w.Post().MailSent(w.t.Context(), id, "accepted"))
		}
	}
	for _, m := range w.post.letters {
		if m.Kind == kind && m.Recipient.Email == address {
			link = m.Link
		}
	}
	return link
}

// confirmed makes somebody active by a link, without approval.
func (w *world) confirmed(username, email string) {
	w.t.Helper()
	w.require(true, false)
	w.json(confirmPath, tokenBody(w.signUp(username, email))).wants(w.t, 200)
	w.clock.advance(2 * time.Minute)
}

// Somebody who forgot the password follows the pages from the log-in to a new
// one. Only sending the form changes something.
func TestResetPages(t *testing.T) {
	w := start(t)
	w.confirmed("ada", "ada@example.org")
	w.get("/login").wants(t, 200, `href="/reset-password"`, "Forgot your password?")
	w.get("/").wants(t, 200, `href="/reset-password"`)
	w.get(resetPath).wants(t, 200, "Choose a new password", `name="email"`)
	w.form(resetPath, url.Values{"email": {"nonsense"}}).wants(t, 422, `id="email-problem"`)
	known := w.form(resetPath, url.Values{"email": {"ada@example.org"}}).wants(t, 200, "Check your email", "If there is an account")
	if unknown := w.form(resetPath, url.Values{"email": {"nobody@example.org"}}); unknown.body != known.body {
		t.Error("the page tells who has an account")
	}
	if nobody := w.resetToken("nobody@example.org"); nobody != "" {
		t.Error("an address without an account got a link")
	}
	w.form(resetPath, url.Values{"email": {"ada@example.org"}}).wants(t, 200)
	w.clock.advance(2 * time.Minute)
	token := w.resetToken("ada@example.org")
	link := resetPath + "?token=" + token
	for range 3 {
		w.get(link).wants(t, 200, `value="`+token+`"`, `autocomplete="new-password"`)
		w.do(w.request(http.MethodHead, link, "")).wants(t, 200)
	}
	if other := w.get(resetPath + "?token=" + someToken); strings.ReplaceAll(other.body, someToken, token) != w.get(link).body {
		t.Error("the page that the link opens tells whether the link works")
	}
	choose := func(password string) answer {
		return w.form(newPasswordPath, url.Values{"token": {token}, "new_password": {password}})
	}
	choose("").wants(t, 422, token, `aria-invalid="true"`)
	choose("geheim").wants(t, 422, token, "at least 8 characters").hasNot(t, "geheim")
	choose("Geheim-neu-1").wants(t, 200, "Your password is changed", "https://app.example/login").hasNot(t, token)
	w.asAdmin("POST", checkPath, `{"login":"ada","password":"Geheim-neu-1"}`).wants(t, 200)
	w.asAdmin("POST", checkPath, `{"login":"ada","password":"Analytical-1"}`).wantsProblem(t, 400, "wrong_password")
	choose("Geheim-neu-2").wants(t, 400, "This link does not work", "used already", `name="email"`)
	if log := w.log.String(); strings.Contains(strings.ToLower(log), "geheim") || strings.Contains(log, token) {
		t.Error("a password or token is in the log")
	}
}

func TestResetPageRefusals(t *testing.T) {
	w := start(t)
	w.confirmed("ada", "ada@example.org")
	w.get(resetPath+"?token=broken").wants(t, 400, "This link is not complete", `name="email"`)
	w.form(newPasswordPath, url.Values{"token": {"broken"}, "new_password": {"Geheim-neu-1"}}).wants(t, 400, "This link is not complete")
	w.form(newPasswordPath, url.Values{"token": {someToken}, "new_password": {"Geheim-neu-1"}}).wants(t, 400, "This link does not work")
	w.form(newPasswordPath, url.Values{"token": {someToken}, "new_password": {"a", "b"}}).wants(t, 400)
	w.form(resetPath, url.Values{"email": {"ada@example.org"}}).wants(t, 200)
	token := w.resetToken("ada@example.org")
	w.clock.advance(time.Hour)
	w.form(newPasswordPath, url.Values{"token": {token}, "new_password": {"Geheim-neu-1"}}).wants(t, 400, "This link does not work", "too old")
	w.do(w.request("POST", resetPath, "email=ada%40example.org", "Content-Type", "application/x-www-form-urlencoded",
		"Origin", "https://evil.example", "Accept", "text/html")).wants(t, 403)
}

func TestResetByTheAPI(t *testing.T) {
	w := start(t)
	w.confirmed("ada", "ada@example.org")
	known := w.json(resetCall, `{"email":"ada@example.org"}`).wants(t, 202, "a link is on its way")
	if unknown := w.json(resetCall, `{"email":"nobody@example.org"}`); unknown.body != known.body {
		t.Error("the answer tells who has an account")
	}
	w.json(resetCall, `{"email":"nonsense"}`).wantsProblem(t, 422, "invalid", "body.email")
	w.json(resetCall, `{"email":"a@example.org","more":1}`).wantsProblem(t, 422, "invalid", "body.more")
	token := w.resetToken("ada@example.org")
	confirm := func(token, password string) answer {
		return w.json(resetConfirm, fmt.Sprintf(`{"token":%q,"password":%q}`, token, password))
	}
	confirm("", "Geheim-neu-1").wantsProblem(t, 422, "invalid", "body.token")
	confirm(someToken, "Geheim-neu-1").wantsProblem(t, 400, "token_unknown")
	confirm(token, "geheim").wantsProblem(t, 422, "invalid", "body.password")
	confirm(token, "Geheim-neu-1").wants(t, 200, "The password is changed").hasNot(t, "Geheim")
	confirm(token, "Geheim-neu-2").wantsProblem(t, 400, "token_unknown")
	w.json(resetCall, `{"email":"ada@example.org"}`).wants(t, 202)
	w.clock.advance(2 * time.Minute)
	token = w.resetToken("ada@example.org")
	w.clock.advance(time.Hour)
	confirm(token, "Geheim-neu-2").wantsProblem(t, 400, "token_expired")
	w.asAdmin("POST", checkPath, `{"login":"ada","password":"Geheim-neu-1"}`).wants(t, 200)
	events := w.asAdmin("GET", "/events?types=user.password_reset", "").wants(t, 200, `"username":"ada"`)
	if n := strings.Count(events.body, `"cursor"`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestResetWithoutMail(t *testing.T) {
	w := start(t, noMail)
	w.json(resetCall, `{"email":"ada@example.org"}`).wantsProblem(t, 503, "mail_not_configured")
	w.form(resetPath, url.Values{"email": {"ada@example.org"}}).wants(t, 503, "Email is not set up")
}

// Requests and attempts are limited per client.
func TestResetsAreLimitedPerClient(t *testing.T) {
	w := start(t, func(s *setup) { s.web.Limiter = counting{}; s.web.Client = func(*http.Request) string { return "" } })
	for _, send := range []func() answer{
		func() answer { return w.form(resetPath, url.Values{"email": {"ada@example.org"}}) },
		func() answer { return w.form(newPasswordPath, url.Values{"token": {someToken}, "new_password": {"x"}}) },
	} {
		for i := range 3 {
			if limited := send().StatusCode == http.StatusTooManyRequests; limited != (i == 2) {
				t.Errorf("attempt %d is refused: %t", i+1, limited)
			}
		}
	}
}

// Somebody in gets another address by the link that was mailed there.
func TestConfirmEmailPage(t *testing.T) {
	w := start(t)
	w.confirmed("ada", "ada@example.org")
	u, err := w.FindUser(t.Context(), "ada")
	w.must(err)
	ask := func(email string) answer {
		return w.asAdmin("POST", fmt.Sprintf("/users/%d/email", u.ID), fmt.Sprintf(`{"email":%q}`, email))
	}
	ask("nonsense").wantsProblem(t, 422, "invalid", "body.email")
	ask("ada@new.example.org").wants(t, 200, `"email":"ada@example.org","new_email":"ada@new.example.org"`)
	token := w.letterTo("ada@new.example.org", signup.MailNewEmail)
	link := confirmEmailPath + "?token=" + token
	for range 3 {
		w.get(link).wants(t, 200, "Confirm your new email address", `value="`+token+`"`)
		w.do(w.request(http.MethodHead, link, "")).wants(t, 200)
	}
	if other := w.get(confirmEmailPath + "?token=" + someToken); strings.ReplaceAll(other.body, someToken, token) != w.get(link).body {
		t.Error("the page that the link opens tells whether the link works")
	}
	press := func(token string) answer { return w.form(confirmEmailPath, url.Values{"token": {token}}) }
	press(token).wants(t, 200, "Your email address is changed", "https://app.example/login").hasNot(t, token)
	w.asAdmin("GET", fmt.Sprintf("/users/%d", u.ID), "").wants(t, 200, `"email":"ada@new.example.org","new_email":null`)
	w.asAdmin("GET", fmt.Sprintf("/users/%d/export", u.ID), "").wants(t, 200, `"old_email":"ada@example.org"`)
	press(token).wants(t, 400, "This link does not work", "used already")
	press("broken").wants(t, 400, "This link is not complete")
	w.get(confirmEmailPath+"?token=broken").wants(t, 400, "This link is not complete")
	if to := w.letterTo("ada@example.org", signup.MailEmailChanged); to != "" {
		t.Errorf("the letter to the old address has a link: %s", to)
	}
	events := w.asAdmin("GET", "/events?types=user.email_changed", "").wants(t, 200, `"email":"ada@new.example.org"`)
	if n := strings.Count(events.body, `"cursor"`); n != 1 {
		t.Errorf("%d events", n)
	}

	w.confirmed("bob", "bob@example.org")
	ask("bob@example.org").wantsProblem(t, 409, "email_taken", "body.email")
	ask("wanted@example.org").wants(t, 200)
	late := w.letterTo("wanted@example.org", signup.MailNewEmail)
	w.confirmed("eve", "wanted@example.org")
	press(late).wants(t, 409, "There is already an account for this email address")
	w.asAdmin("GET", fmt.Sprintf("/users/%d", u.ID), "").wants(t, 200, `"email":"ada@new.example.org"`)
}
