package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/signup-go/signup"
)

// A host is a program that the pages are mounted in, with sessions of its own.
type host struct{ sessions map[string]signup.Actor }

func (h *host) admin(r *http.Request) (signup.Actor, bool) {
	cookie, err := r.Cookie("host-session")
	if err != nil {
		return "", false
	}
	by, ok := h.sessions[cookie.Value]
	return by, ok
}

func mounted(h *host) func(*setup) {
	return func(s *setup) {
		s.web.Admin = h.admin
		s.web.TestMail = func(context.Context, string) error { return nil }
	}
}

const hostCookie = "host-session=s3cret"

func TestHostsAdministrators(t *testing.T) {
	h := &host{map[string]signup.Actor{"s3cret": "host:ada"}}
	w := start(t, mounted(h))
	w.require(false, true)
	w.json(requestPath, ada()).wants(t, 201)

	page := w.get("/admin/waiting", "Cookie", hostCookie).wants(t, 200, "ada@example.org", "/admin/settings", "admin.js")
	for _, left := range []string{"/logout", "/admin/account"} {
		if strings.Contains(page.body, left) {
			t.Errorf("the page has %s, which makes no sense in the host's session", left)
		}
	}
	for _, path := range []string{"/admin/users", "/admin/users/1", "/admin/mail", "/admin/settings", "/admin/audit", "/admin/statistics", "/admin/keys"} {
		w.get(path, "Cookie", hostCookie).wants(t, 200)
	}
	w.form("/admin/users/1", url.Values{"action": {"approve"}}, "Cookie", hostCookie).wants(t, 303)
	if got := w.find("ada"); got.Status() != signup.StatusActive || got.ApprovedBy != "host:ada" {
		t.Errorf("%s, approved by %q", got.Status(), got.ApprovedBy)
	}
	w.get("/admin/users/1", "Cookie", hostCookie).wants(t, 200, "host:ada")

	delete(h.sessions, "s3cret")
	w.wantsHostsLogin(w.get("/admin/waiting", "Cookie", hostCookie, "Accept", "text/html"))
}

// wantsHostsLogin fails unless an answer leads to the sign-in of the host.
func (w *world) wantsHostsLogin(a answer) {
	w.t.Helper()
	if a.wants(w.t, http.StatusSeeOther); a.Header.Get("Location") != "https://app.example/login" {
		w.t.Errorf("leads to %q", a.Header.Get("Location"))
	}
}

// Nobody else gets in: no stranger, no session of our own, no actor without a name.
func TestOnlyTheHostsAdministrators(t *testing.T) {
	h := &host{map[string]signup.Actor{"nameless": ""}}
	w := start(t, mounted(h))
	w.require(false, true)
	w.json(requestPath, ada()).wants(t, 201)
	for _, cookie := range []string{"", "host-session=x", "host-session=nameless", "__Host-signup-session=AAAA"} {
		w.wantsHostsLogin(w.get("/admin/users/1", "Cookie", cookie, "Accept", "text/html"))
		w.get("/admin/events", "Cookie", cookie).wants(t, http.StatusUnauthorized)
		w.form("/admin/users/1", url.Values{"action": {"approve"}}, "Cookie", cookie).wants(t, http.StatusUnauthorized)
	}
	for _, path := range []string{"/login", "/admin/account"} {
		w.get(path).wants(t, http.StatusNotFound)
	}
	w.form("/logout", nil).wants(t, http.StatusNotFound)
	if got := w.find("ada").Status(); got != signup.StatusPendingApproval {
		t.Errorf("status %s", got)
	}
}

// A browser sends the host's cookie along with forms of other sites.
func TestHostsSessionIsNotForged(t *testing.T) {
	w := start(t, mounted(&host{map[string]signup.Actor{"s3cret": "host:ada"}}))
	w.require(false, true)
	w.json(requestPath, ada()).wants(t, 201)
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		w.form("/admin/users/1", url.Values{"action": {"approve"}}, "Cookie", hostCookie, header, value).wants(t, http.StatusForbidden)
	}
	if got := w.find("ada").Status(); got != signup.StatusPendingApproval {
		t.Errorf("status %s", got)
	}
	w.form("/admin/users/1", url.Values{"action": {"approve"}}, "Cookie", hostCookie, "Sec-Fetch-Site", "same-origin").wants(t, 303)
}

// A layout of the host's own is a few lines: what our pages use is there without it.
func TestHostsLayout(t *testing.T) {
	layout := `<!doctype html><html lang="{{lang}}"><title>{{template "title" .}}</title><nav>The host</nav><main id="main">{{template "main" .}}</main></html>`
	w := start(t, func(s *setup) { s.web.Pages = fstest.MapFS{"layout.html": {Data: []byte(layout)}} })
	for _, path := range []string{"/sign-up", "/status", "/resend", "/verify-email?token=" + strings.Repeat("A", 43)} {
		page := w.get(path, "Accept", "text/html").wants(t, 200, "<nav>The host</nav>", `<main id="main">`)
		if strings.Contains(page.body, "pico") {
			t.Errorf("%s has our layout, too", path)
		}
	}
}
