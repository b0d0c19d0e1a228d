package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

const (
	verifyPath = "/verify-email"
	someToken  = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" // of nobody
)

func tokenForm(token string) url.Values { return url.Values{"token": {token}} }

// proof is the form of the page that asks whose sign-up a link confirms, for the
// token's own sign-up with the password of ada.
func proof(token string) url.Values {
	return url.Values{"token": {token}, "username": {""}, "password": {"Analytical-1"}}
}

// Case B01: looking at the link never spends it.
func TestLookingNeverSpends(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	link := verifyPath + "?token=" + token
	for _, method := range []string{"HEAD", "GET", "GET", "GET", "GET", "GET", "OPTIONS"} {
		a := w.do(w.request(method, link, "", "User-Agent", "Go-http-client/1.1"))
		if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusNoContent {
			t.Errorf("%s: %d", method, a.StatusCode)
		}
		if len(a.Cookies()) > 0 {
			t.Errorf("%s sets a cookie", method)
		}
	}
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Fatalf("status %s after looks", got)
	}
	w.form(verifyPath, proof(token)).wants(t, 200, "Email address confirmed", "administrator")
	if got := w.status("ada@example.org"); got != signup.StatusPendingApproval {
		t.Errorf("status %s after the button", got)
	}
}

func TestLinkPageIsTheSameForEveryToken(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	good := w.get(verifyPath+"?token="+token).wants(t, 200, `method="post"`, `value="`+token+`"`)
	other := strings.Repeat("A", len(token))
	unknown := w.get(verifyPath+"?token="+other).wants(t, 200)
	if strings.ReplaceAll(good.body, token, other) != unknown.body {
		t.Error("an unknown token gets another page")
	}
	w.get(verifyPath+"?token=nonsense").wants(t, 400, "<h1>This link is not complete</h1>")
	// A browser that signed up sees as whom, whatever the token.
	b := w.browser("username", "eve", "name", "Eve <b>Moneypenny</b>", "email", "eve@example.org")
	good = b.get(verifyPath+"?token="+token).wants(t, 200, "You are signing up as:", "<bdi>Eve &lt;b&gt;Moneypenny&lt;/b&gt;</bdi>", "<bdi>eve</bdi>")
	good.hasNot(t, "ada", "Ada")
	unknown = b.get(verifyPath+"?token="+other).wants(t, 200)
	if strings.ReplaceAll(good.body, token, other) != unknown.body {
		t.Error("with a ticket an unknown token gets another page")
	}
	// One that lapsed, or is confirmed, is not signing up.
	plain := w.get(verifyPath + "?token=" + token)
	b.form(verifyPath, tokenForm(w.token("eve@example.org"))).wants(t, 200, "Email address confirmed")
	for _, cookie := range []string{b.cookie, ticketCookie + "=" + strings.Repeat("A", 43), ticketCookie + "=x"} {
		if a := w.get(verifyPath+"?token="+token, "Cookie", cookie); a.body != plain.body {
			t.Errorf("%s makes another page: %s", cookie, a.body)
		}
	}
}

// What was copied along with a link is left out, and a link that was cut short
// is told from one that does not work any more.
func TestLinkWithJunk(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	for _, junk := range []string{".", ")", ">", ",", "%0A", "%20", "%22"} {
		w.get(verifyPath+"?token="+token+junk).wants(t, 200, `name="token" value="`+token+`"`)
		w.get(disownPath+"?token="+token+junk).wants(t, 200, `name="token" value="`+token+`"`)
	}
	w.form(verifyPath, proof(token+">")).wants(t, 200, "Email address confirmed")
}

func TestLinkCutShort(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	for _, a := range []answer{w.get(verifyPath + "?token=" + token[:40]), w.form(verifyPath, proof(token[:40]))} {
		a.wants(t, 400, "<h1>This link is not complete</h1>", `action="/resend"`)
	}
	w.form(verifyPath, tokenForm(strings.Repeat("A", 43))).wants(t, 400, "<h1>This link does not work</h1>", "too old").hasNot(t, "not complete", "copied")
}

// What cannot be a token is no reason to show a button that cannot work.
func TestLinkWithoutAToken(t *testing.T) {
	w := start(t)
	w.must(w.store.Close()) // nothing is looked up
	for _, path := range []string{verifyPath, disownPath} {
		for _, query := range []string{"", "?token=", "?token=%3Cscript%3E%22", "?token=" + strings.Repeat("A", 300), "?token=%ff", "?token=%zz", "?lang=en"} {
			a := w.get(path + query)
			a.hasNot(t, "<script", `name="token"`)
			switch path {
			case verifyPath:
				a.wants(t, 400, "<h1>This link is not complete</h1>", "copy the whole link", `action="/resend"`, `action="/verify-email" class="languages"`)
			case disownPath:
				a.wants(t, 400, "There is nothing to remove", "the link is not complete")
			}
		}
	}
}

func TestSlashAtTheEnd(t *testing.T) {
	for _, base := range []string{"", "/auth"} {
		w := start(t, func(s *setup) { s.web.BaseURL = s.web.BaseURL.JoinPath(base) })
		for _, path := range []string{signUpPath, verifyPath, disownPath, statusPath, nextPath, "/resend", "/login", "/admin/users", "/docs"} {
			for _, asked := range []string{path, base + path} {
				a := w.get(asked+"/?token=abc&lang=de").wants(t, 308)
				if got, want := a.Header.Get("Location"), base+path+"?token=abc&lang=de"; got != want {
					t.Errorf("%s/ leads to %q, want %q", asked, got, want)
				}
			}
		}
		if got := w.get(signUpPath + "/").Header.Get("Location"); got != base+signUpPath {
			t.Errorf("%q", got)
		}
		for _, path := range []string{"/nothing/", "//sign-up/", "//evil.example/sign-up/", "/sign-up//", requestPath + "/", "/static/page.css/", "/admin/users/7/"} {
			if a := w.get(path); a.StatusCode == http.StatusPermanentRedirect {
				t.Errorf("%s leads to %q", path, a.Header.Get("Location"))
			}
		}
	}
}

// Case B30, and what keeps a page from being framed or from loading anything.
func TestPageHeaders(t *testing.T) {
	w := start(t)
	a := w.get(verifyPath + "?token=" + someToken)
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"Cache-Control":           "no-store",
		"X-Content-Type-Options":  "nosniff",
		"Content-Type":            "text/html; charset=utf-8",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	a.wants(t, 200, `<html lang="en" dir="ltr">`)
	for _, attribute := range []string{`src="http`, `href="http`, `src="//`, `href="//`, "<script", "style=", "onload"} {
		if strings.Contains(a.body, attribute) {
			t.Errorf("the link page has %s", attribute)
		}
	}
}

// Case B03: the second click is no error.
func TestSecondClick(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	w.form(verifyPath, proof(token)).wants(t, 200, "Email address confirmed")
	w.form(verifyPath, proof(token)).wants(t, 200, "Already confirmed")
	w.form(verifyPath, tokenForm(token)).wants(t, 200, "Already confirmed", `href="https://app.example/login"`)
	w.clock.advance(time.Hour)
	w.form(verifyPath, tokenForm(token)).wants(t, 200, "Already confirmed")
	u, err := w.FindUser(t.Context(), "ada")
	w.must(err)
	_, err = w.As(signup.ActorCLI).Approve(t.Context(), u.ID)
	w.must(err)
	w.form(verifyPath, tokenForm(token)).wants(t, 200, "Already confirmed")
	w.must(w.store.Update(t.Context(), func(tx signup.Tx) error { return tx.DeleteUser(t.Context(), u.ID) }))
	w.form(verifyPath, tokenForm(token)).wants(t, 400, "does not work")
}

func TestConfirmedWithoutApproval(t *testing.T) {
	w := start(t)
	w.require(true, false)
	w.form(verifyPath, proof(w.signUp("ada", "ada@example.org"))).
		wants(t, 200, "Your account is ready", `href="https://app.example/login"`, `aria-live="polite"`)
}

// Case B06: an expired link has a way out.
func TestExpiredLink(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	w.clock.advance(24*time.Hour + time.Second)
	a := w.form(verifyPath, tokenForm(token)).wants(t, 410, "has expired", `action="/verify-email/resend"`, token)
	if strings.Contains(a.body, "ada@example.org") {
		t.Error("the page shows the address")
	}
	sent := w.form(verifyPath+"/resend", tokenForm(token)).wants(t, 200, "If a sign-up is waiting")
	if other := w.form(verifyPath+"/resend", tokenForm("nonsense")); other.body != sent.body {
		t.Error("another token gets another answer")
	}
	w.form(verifyPath, proof(w.token("ada@example.org"))).wants(t, 200, "Email address confirmed")
}

func TestUnknownLinkOffersANewOne(t *testing.T) {
	w := start(t)
	w.signUp("ada", "ada@example.org")
	w.form(verifyPath, tokenForm("nonsense")).wants(t, 400, "is not complete", `action="/resend"`)
	w.form(verifyPath, url.Values{}).wants(t, 400, "is not complete")
	known := w.form("/resend", url.Values{"email": {"ada@example.org"}}).wants(t, 200, "Check your email")
	unknown := w.form("/resend", url.Values{"email": {"bob+x@example.org"}}).wants(t, 200)
	if known.body != unknown.body {
		t.Error("the answer tells who has signed up")
	}
	w.form("/resend", url.Values{"email": {"<b>nonsense"}}).wants(t, 422, `aria-invalid="true"`)
	w.get("/resend").wants(t, 200, "Get a new link")
	w.require(false, false)
	w.form(verifyPath, tokenForm("nonsense")).wants(t, 412, "Nothing to confirm")
}

func TestPagesWithoutMail(t *testing.T) {
	w := start(t, noMail)
	w.form("/resend", url.Values{"email": {"a@b.co"}}).wants(t, 503, "Email is not set up")
}

// Case B41: a form from another site is refused, one from nowhere is not.
func TestFormsFromOtherSites(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	for name, headers := range map[string][]string{
		"fetch metadata":   {"Sec-Fetch-Site", "cross-site"},
		"same site":        {"Sec-Fetch-Site", "same-site"},
		"origin":           {"Origin", "https://evil.example"},
		"null origin":      {"Origin", "null"},
		"origin and page":  {"Origin", "https://evil.example", "Accept", "text/html"},
		"another port":     {"Origin", "https://app.example:8443"},
		"without security": {"Origin", "http://app.example"},
	} {
		for _, path := range []string{verifyPath, verifyPath + "/resend", "/resend"} {
			if a := w.form(path, tokenForm(token), headers...); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: %d", name, path, a.StatusCode)
			}
		}
	}
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Fatalf("status %s", got)
	}
	w.form(verifyPath, proof(token), "Origin", "https://app.example").wants(t, 200, "Email address confirmed")
	for _, site := range []string{"same-origin", "none"} {
		w.form(verifyPath, tokenForm(token), "Sec-Fetch-Site", site).wants(t, 200, "Already confirmed")
	}
}

func TestNoCORS(t *testing.T) {
	w := start(t)
	preflight := w.do(w.request("OPTIONS", requestPath, "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"))
	preflight.wants(t, 204)
	for _, a := range []answer{preflight, w.json(requestPath, ada(), "Origin", "https://evil.example"), w.get("/dev/inbox.json", "Origin", "https://evil.example")} {
		for name := range a.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s is set", name)
			}
		}
	}
}

func TestFormsOfOtherTypesAndSizes(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	w.json(verifyPath, tokenBody(token)).wantsProblem(t, 415, "unsupported_media_type")
	w.form(verifyPath, tokenForm(strings.Repeat("a", 64<<10))).wantsProblem(t, 413, "body_too_large")
	w.do(w.request("POST", verifyPath, "token=%zz", "Content-Type", "application/x-www-form-urlencoded")).wantsProblem(t, 400, "malformed_body")
	// A token in the address is none in the form.
	w.form(verifyPath+"?token="+token, url.Values{}).wants(t, 400)
	if got := w.status("ada@example.org"); got != signup.StatusUnconfirmed {
		t.Errorf("status %s", got)
	}
}

// Case B39: the Host header makes no URL.
func TestHostHasNoInfluence(t *testing.T) {
	w := start(t)
	paths := []string{"/", verifyPath + "?token=" + someToken, "/docs", "/openapi.json", "/api/v1/public/server_settings"}
	for _, path := range paths {
		r := w.request("GET", path, "", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher", "Forwarded", "host=evil.example")
		r.Host = "evil.example"
		a := w.do(r)
		if a.StatusCode != http.StatusOK || strings.Contains(a.body, "evil") || strings.Contains(headerText(a), "evil") {
			t.Errorf("%s: %d, and evil is in it", path, a.StatusCode)
		}
		if plain := w.get(path); plain.body != a.body {
			t.Errorf("%s: the Host header makes another page", path)
		}
	}
}

func headerText(a answer) string {
	var b strings.Builder
	_ = a.Header.Write(&b)
	return b.String()
}

func TestBasePath(t *testing.T) {
	for _, base := range []string{"/auth", "/api", "/a/b/"} {
		w := start(t, func(s *setup) { s.web.BaseURL = s.web.BaseURL.JoinPath(base) })
		prefix := strings.TrimRight(base, "/")
		token := w.signUp("ada", "ada@example.org")
		for _, path := range []string{"", prefix} {
			w.get(path+verifyPath+"?token="+token).wants(t, 200, `action="`+prefix+`/verify-email"`)
			w.get(path+"/").wants(t, 200, `href="`+prefix+`/docs"`)
			w.get(path+"/healthz").wants(t, 200)
			w.json(path+confirmPath, `{"token":"x"}`).wants(t, 400)
			w.get(path+"/nothing").wantsProblem(t, 404, "not_found")
			w.get(path+confirmPath).wantsProblem(t, 405, "method_not_allowed")
		}
		w.get(prefix).wants(t, 200)
		w.get(prefix+"x"+verifyPath).wantsProblem(t, 404, "not_found")
		w.get("/openapi.json").wants(t, 200, `"url":"`+prefix+`/"`)
		w.form(prefix+verifyPath, proof(token)).wants(t, 200, "Email address confirmed")
	}
}

func TestHomeDocsAndAssets(t *testing.T) {
	w := start(t)
	w.get("/").wants(t, 200, "Ourapp", "/docs", "/dev/inbox")
	docs := w.get("/docs").wants(t, 200, `data-document="/openapi.json"`)
	csp := docs.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %s", csp)
	}
	for _, page := range []answer{docs, w.get("/")} {
		for _, part := range strings.Split(page.body, `"/static/`)[1:] {
			path, _, _ := strings.Cut(part, `"`)
			a := w.get("/static/"+path).wants(t, 200)
			if a.Header.Get("Cache-Control") == "no-store" {
				t.Errorf("%s is not kept", path)
			}
			w.get("/static/"+path, "If-None-Match", a.Header.Get("ETag")).wants(t, 304)
			w.get("/static/"+path, "Accept-Encoding", "identity").wants(t, 200)
		}
	}
	w.get("/static/NOTICE").wants(t, 404)
	w.get("/static/docs/nothing.js").wantsProblem(t, 404, "not_found")
	start(t, func(s *setup) { s.web.Inbox = nil }).get("/dev/inbox").wants(t, 404)
}
