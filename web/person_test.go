package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

const (
	statusPath  = "/status"
	addressPath = "/status/address"
	disownPath  = "/verify-email/not-me"
)

// A browser keeps the ticket that a sign-up gave it.
type browser struct {
	*world
	cookie string
}

func (w *world) browser(changes ...string) browser {
	w.t.Helper()
	return browser{w, cookieOf(w.t, w.form(signUpPath, adaForm(changes...)).wants(w.t, 303)).String()}
}

func (b browser) get(path string) answer { return b.world.get(path, "Cookie", b.cookie) }

func (b browser) form(path string, values url.Values) answer {
	return b.world.form(path, values, "Cookie", b.cookie)
}

func TestTicketCookie(t *testing.T) {
	w := start(t)
	c := cookieOf(t, w.form(signUpPath, adaForm("email", " Ada+x@example.org ")))
	if c.Name != ticketCookie || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly ||
		c.SameSite != http.SameSiteLaxMode || c.MaxAge != 30*24*3600 || len(c.Value) != 43 {
		t.Errorf("cookie %s", c)
	}
	first := w.get(nextPath, "Cookie", c.String()).wants(t, 200, "Ada&#43;x@example.org", "<h1>Check your inbox</h1>")
	if w.get(nextPath, "Cookie", c.String()).body != first.body {
		t.Error("a reload changes the page")
	}
	plain := start(t, func(s *setup) { s.web.BaseURL = &url.URL{Scheme: "http", Host: "localhost:8080"} })
	if c := cookieOf(t, plain.form(signUpPath, adaForm())); c.Secure || c.Name != "signup-ticket" {
		t.Errorf("cookie %s", c)
	}
	// It lets nobody in, and whoever has none of it sees nothing of anybody.
	w.get("/api/v1/users", "Cookie", c.String()).wants(t, 401)
	neutral := w.get(nextPath).wants(t, 200, "<h1>Check your inbox</h1>", `action="/resend"`, `type="email"`, `href="/sign-up"`)
	for _, value := range []string{"", "x", "!!", c.Value + "A", c.Value[1:], strings.Repeat("A", 3000)} {
		if a := w.get(nextPath, "Cookie", ticketCookie+"="+value).wants(t, 200); a.body != neutral.body {
			t.Errorf("%q is taken: %s", value, a.body)
		}
	}
	w.get(nextPath, "Cookie", ticketCookie+"="+strings.Repeat("A", 43)).wants(t, 200, "has expired").hasNot(t, "example.org")
	if a := w.get(nextPath, "Cookie", "signup-ticket="+c.Value); a.body != neutral.body {
		t.Error("a cookie without the prefix is taken")
	}
	w.get(statusPath).wants(t, 200, "recognise this browser")
}

func TestStatusPageFollows(t *testing.T) {
	w := start(t)
	b := w.browser()
	b.get(statusPath).wants(t, 200, "An email is on its way to", `<noscript><meta http-equiv="refresh" content="5"></noscript>`, "sent again in 1:00")
	token := w.token("ada@example.org")
	w.clock.advance(time.Minute)
	b.get(statusPath).wants(t, 200, "We have sent an email to", `action="/status/resend"`).hasNot(t, "sent again in")
	w.form(verifyPath, proof(token)).wants(t, 200)
	b.get(statusPath).wants(t, 200, "<h1>Sign-up received</h1>", "address is confirmed").hasNot(t, "/status/address")
	id := w.find("ada").ID
	_, err := w.As(signup.ActorCLI).Reject(t.Context(), id, "<b>Too</b> early", "private")
	w.must(err)
	b.get(statusPath).wants(t, 200, "was not accepted", "&lt;b&gt;Too&lt;/b&gt; early").hasNot(t, "private", "http-equiv")
	_, err = w.As(signup.ActorCLI).Reconsider(t.Context(), id)
	w.must(err)
	_, err = w.As(signup.ActorCLI).Approve(t.Context(), id)
	w.must(err)
	b.get(statusPath).wants(t, 200, "Your account is ready", `href="https://app.example/login"`)
}

func TestStatusPageResends(t *testing.T) {
	w := start(t)
	b := w.browser()
	w.token("ada@example.org")
	b.form(statusPath+"/resend", nil).wants(t, 429, "sent again in 1:00")
	if n := w.confirmationsOwed("ada"); n != 0 {
		t.Errorf("%d owed", n)
	}
	w.clock.advance(time.Minute)
	to := b.form(statusPath+"/resend", nil).wants(t, 303).Header.Get("Location")
	b.get(to).wants(t, 200, "a new link is on its way", "sent again in 1:00")
	if n := w.confirmationsOwed("ada"); n != 1 {
		t.Errorf("%d owed", n)
	}
	w.form(statusPath+"/resend", nil).wants(t, 404, "recognise this browser")
}

// Case B13: only the browser that signed up corrects the address.
func TestCorrectTheAddress(t *testing.T) {
	w := start(t)
	b := w.browser("email", "typo@example.org")
	old := w.token("typo@example.org")
	b.get(addressPath).wants(t, 200, "typo@example.org", `action="/status/address"`)
	b.form(addressPath, url.Values{"email": {`"><b>`}}).wants(t, 422, "Please enter an email address", `value="&#34;&gt;&lt;b&gt;"`, "autofocus")
	b.form(addressPath, url.Values{"email": {"ada@example.org"}}).wants(t, 303)
	b.get(statusPath).wants(t, 200, "ada@example.org").hasNot(t, "typo")
	w.form(verifyPath, tokenForm(old)).wants(t, 400, "does not work")
	for _, nobody := range []browser{{w, ""}, {w, ticketCookie + "=" + strings.Repeat("A", 43)}} {
		nobody.form(addressPath, url.Values{"email": {"evil@example.org"}}).wants(t, 303)
		nobody.get(addressPath).wants(t, 303)
	}
	w.form(verifyPath, proof(w.token("ada@example.org"))).wants(t, 200, "Email address confirmed")
	b.get(addressPath).wants(t, 200, "can only be corrected before").hasNot(t, "<input type=\"email\"")
	b.form(addressPath, url.Values{"email": {"late@example.org"}}).wants(t, 409, "can only be corrected before")
	if got := w.find("ada").Email; got != "ada@example.org" {
		t.Errorf("address %s", got)
	}
}

func TestCorrectTooOften(t *testing.T) {
	w := start(t)
	b := w.browser()
	for i := range 5 {
		b.form(addressPath, url.Values{"email": {fmt.Sprintf("ada%d@example.org", i)}}).wants(t, 303)
	}
	b.form(addressPath, url.Values{"email": {"ada@example.org"}}).wants(t, 409, "corrected too often")
}

// Whoever signs up with a taken address gets the pages of a free one.
func TestPagesConcealTakenAddress(t *testing.T) {
	w := start(t)
	w.browser()
	w.form(verifyPath, proof(w.token("ada@example.org"))).wants(t, 200)
	free := w.browser("username", "free", "email", "bob@example.org")
	taken := w.browser("username", "tekn", "email", "ada@example.org")
	same := func(path string) {
		t.Helper()
		a, b := free.get(path), taken.get(path)
		if strings.ReplaceAll(a.body, "bob@", "ada@") != b.body || a.StatusCode != b.StatusCode {
			t.Errorf("%s: %s\n%s", path, a.body, b.body)
		}
	}
	for range 2 {
		for _, path := range []string{nextPath, statusPath, addressPath} {
			same(path)
		}
		w.token("bob@example.org")
		same(statusPath)
		w.clock.advance(time.Minute)
		same(statusPath)
		for _, b := range []browser{free, taken} {
			b.form(statusPath+"/resend", nil).wants(t, 303)
		}
	}
}

func TestLapsedSignUpSaysSo(t *testing.T) {
	w := start(t)
	b := w.browser()
	w.token("ada@example.org")
	w.clock.advance(8 * 24 * time.Hour)
	_, err := w.Post().DeleteLapsed(t.Context())
	w.must(err)
	b.get(statusPath).wants(t, 200, "has expired", `href="/sign-up"`).hasNot(t, "ada@")
}

// Case B12: "this was not me" asks once more, and then removes the sign-up.
func TestThisWasNotMe(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	w.get(verifyPath+"?token="+token).wants(t, 200, `action="/verify-email/not-me"`)
	for _, method := range []string{"GET", "HEAD", "GET", "OPTIONS"} {
		w.do(w.request(method, disownPath+"?token="+token, ""))
	}
	w.get(disownPath+"?token="+token).wants(t, 200, `name="token" value="`+token+`"`, `class="grave"`)
	w.form(disownPath, tokenForm(token), "Sec-Fetch-Site", "cross-site").wants(t, 403)
	w.find("ada")
	w.form(disownPath, tokenForm(token)).wants(t, 200, "The sign-up is removed")
	if n := w.userCount(); n != 0 {
		t.Errorf("%d users", n)
	}
	w.form(disownPath, tokenForm(token)).wants(t, 400, "nothing to remove")
	w.form(verifyPath, tokenForm(token)).wants(t, 400, "does not work")
	used := w.signUp("ada", "ada@example.org")
	w.form(verifyPath, proof(used)).wants(t, 200)
	w.form(disownPath, tokenForm(used)).wants(t, 400, "nothing to remove")
	if got := w.status("ada@example.org"); got != signup.StatusPendingApproval {
		t.Errorf("%s", got)
	}
}

func withTerms(s *setup) {
	s.service.TermsVersion, s.web.TermsURL = "2026-01", "https://app.example/terms"
}

func TestTermsOfUse(t *testing.T) {
	w := start(t, withTerms)
	w.get(signUpPath).wants(t, 200, `<input type="checkbox" value="2026-01" id="field-terms" name="terms" required`, `href="https://app.example/terms"`)
	w.form(signUpPath, adaForm()).wants(t, 422, `<a href="#field-terms">Please accept the terms of use.</a>`)
	w.form(signUpPath, adaForm("terms", "2025-01")).wants(t, 422, "Please accept the terms of use.").hasNot(t, "checked")
	w.form(signUpPath, adaForm("terms", "2026-01", "name", "")).wants(t, 422, `value="2026-01" checked`)
	w.form(signUpPath, adaForm("terms", "2026-01")).wants(t, 303)
	w.json(requestPath, ada("username", "bob", "email", "bob@example.org")).wantsProblem(t, 422, "invalid", "body.terms_version")
	w.json(requestPath, ada("username", "bob", "email", "bob@example.org", "terms_version", "2025-01")).wantsProblem(t, 422, "invalid", "body.terms_version")
	w.json(requestPath, ada("username", "bob", "email", "bob@example.org", "terms_version", "2026-01")).wants(t, 201)
	for _, who := range []string{"ada", "bob"} {
		if u := w.find(who); u.TermsVersion != "2026-01" || !u.TermsAt.Equal(w.clock.Now()) {
			t.Errorf("%q %s", u.TermsVersion, u.TermsAt)
		}
		w.asAdmin("GET", fmt.Sprintf("/users/%d", w.id(who)), "").wants(t, 200, `"terms_version":"2026-01"`, `"terms_at":"2026-03-01T12:00:00Z"`)
	}
	w.get("/api/v1/public/server_settings").wants(t, 200, `"terms_url":"https://app.example/terms"`, `"terms_version":"2026-01"`)
	// Where there are no terms, nobody needs to accept any.
	without := start(t)
	without.get(signUpPath).wants(t, 200).hasNot(t, "terms")
	without.json(requestPath, ada("terms_version", "1")).wants(t, 201)
	if u := without.find("ada"); u.TermsVersion != "" || !u.TermsAt.IsZero() {
		t.Errorf("%q %s", u.TermsVersion, u.TermsAt)
	}
	without.asAdmin("GET", "/users", "").wants(t, 200, `"terms_version":null`, `"terms_at":null`)
	without.get("/api/v1/public/server_settings").wants(t, 200, `"terms_url":null`, `"terms_version":null`)
}

func TestPageLanguage(t *testing.T) {
	w := start(t)
	a := w.get(signUpPath, "Accept-Language", "en-GB").wants(t, 200, `<html lang="en" dir="ltr">`)
	if a.Header.Get("Content-Language") != "en" || !strings.Contains(a.Header.Get("Vary"), "Accept-Language") || len(a.Cookies()) != 0 {
		t.Errorf("%v", a.Header)
	}
	if _, err := os.Stat("lang/ar.yaml"); err != nil {
		t.Skip("there is English only")
	}
	w.get(signUpPath, "Accept-Language", "ar-EG,en;q=0.5").wants(t, 200, `<html lang="ar" dir="rtl">`)
	w.get(signUpPath, "Accept-Language", "tlh,xx;q=0.5").wants(t, 200, `<html lang="en" dir="ltr">`)
	chosen := w.get(signUpPath+"?lang=ar", "Accept-Language", "de").wants(t, 200, `<html lang="ar" dir="rtl">`, `<option value="ar" lang="ar" selected>`)
	cookie := cookieOf(t, chosen)
	for _, path := range []string{"/", signUpPath, statusPath, "/resend", verifyPath + "?token=" + someToken, disownPath + "?token=" + someToken} {
		w.get(path, "Accept-Language", "de", "Cookie", cookie.String()).wants(t, 200, `<html lang="ar" dir="rtl">`)
	}
	w.get("/nothing", "Accept", "text/html", "Cookie", cookie.String()).wants(t, 404, `<html lang="ar" dir="rtl">`)
	w.get(signUpPath+"?lang=xx", "Cookie", cookie.String()).wants(t, 200, `<html lang="ar" dir="rtl">`)
	// The page that the link opens is had in another language with its token.
	token := w.signUp("ada", "ada@example.org")
	w.get(verifyPath+"?token="+token+"&lang=ar").wants(t, 200, `<html lang="ar" dir="rtl">`, `name="token" value="`+token+`"`)
	w.form(verifyPath, tokenForm(token), "Accept-Language", "ar").wants(t, 200, `<html lang="ar" dir="rtl">`)
}

func TestSecurityOfPages(t *testing.T) {
	w := start(t)
	for _, path := range []string{"/", signUpPath, nextPath, statusPath, "/resend", verifyPath + "?token=" + someToken, disownPath + "?token=" + someToken, "/nothing"} {
		a := w.get(path, "Accept", "text/html")
		csp := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, part) || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
				t.Errorf("%s: policy %s", path, csp)
			}
		}
		if a.Header.Get("Strict-Transport-Security") == "" || a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	plain := start(t, func(s *setup) { s.web.BaseURL = &url.URL{Scheme: "http", Host: "localhost:8080"} })
	if got := plain.get("/").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS without TLS: %s", got)
	}
}

func TestBrand(t *testing.T) {
	logo := []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`)
	w := start(t, func(s *setup) {
		s.web.Logo, s.web.Accent = logo, "#0a7d4f"
		s.web.ImprintURL, s.web.PrivacyURL = "https://app.example/imprint", "/privacy"
	})
	a := w.get(signUpPath).wants(t, 200, `<img src="/static/logo?v=`, `<link rel="stylesheet" href="/static/accent.css?v=`,
		`<a href="https://app.example/imprint">Legal notice</a>`, `<a href="/privacy">Privacy</a>`)
	for _, name := range []string{"/static/logo?v=", "/static/accent.css?v="} {
		_, rest, _ := strings.Cut(a.body, name)
		version, _, _ := strings.Cut(rest, `"`)
		w.get(name+version).wants(t, 200)
	}
	if got := w.get("/static/logo").Header.Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("logo %s", got)
	}
	base := start(t)
	for name, c := range map[string]web.Config{
		"accent": {Accent: "red"}, "logo": {Logo: []byte("hello")}, "imprint": {ImprintURL: "javascript:alert(1)"},
		"terms without version": {TermsURL: "/terms"},
	} {
		c.Service, c.BaseURL = base.Service, &url.URL{Scheme: "https", Host: "a.example"}
		if _, err := web.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	c := web.Config{Service: start(t, withTerms).Service, BaseURL: &url.URL{Scheme: "https", Host: "a.example"}}
	if _, err := web.New(c); err == nil {
		t.Error("a version without terms is taken")
	}
}

func TestOwnPages(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	pages := fstest.MapFS{}
	w := start(t, func(s *setup) {
		s.web.Pages = pages
		for name, f := range map[string]*fstest.MapFile{
			"closed.html": file(`{{define "title"}}Shut{{end}}{{define "main"}}<h1>Shut, {{say "link.log_in"}}</h1>{{end}}`),
			"own.css":     file("h1 { color: rebeccapurple }"), "door.png": file("\x89PNG\r\n\x1a\n"), ".hidden": file("x"),
		} {
			pages[name] = f
		}
	})
	pages["closed.html"] = file("{{") // half-written; it counts at the next start
	w.set(map[string]string{"signup_enabled": "false"})
	w.get(signUpPath).wants(t, 403, "<h1>Shut, Log in</h1>", "<title>Shut – Ourapp</title>", `href="/static/own.css?v=`)
	w.get("/static/own.css").wants(t, 200, "rebeccapurple")
	w.get("/static/door.png").wants(t, 200)
	w.get("/resend").wants(t, 200, "Get a new link")
	base := start(t)
	for name, c := range map[string]struct{ file, text, complaint string }{
		"unknown page":  {"colsed.html", "x", "colsed.html: is no page"},
		"syntax":        {"closed.html", "{{if}}", "closed.html"},
		"unknown field": {"verify.html", `{{define "main"}}{{.Tokn}}{{end}}`, "verify.html: "},
		"unknown words": {"verify.html", `{{define "main"}}{{say "nothing.here"}}{{end}}`, "nothing.here"},
		"script":        {"own.js", "alert(1)", "own.js: only templates"},
		"unknown style": {"pag.css", "x", "your own is own.css"},
		"anything":      {"notes.txt", "x", "notes.txt: only templates"},
	} {
		_, err := web.New(web.Config{
			Service: base.Service, BaseURL: &url.URL{Scheme: "https", Host: "a.example"},
			Pages: fstest.MapFS{c.file: file(c.text)},
		})
		if err == nil || !strings.Contains(err.Error(), c.complaint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
