package web_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/password"
)

const adminPassword = "Difference-1"

// administrator makes one who can sign in.
func (w *world) administrator(username string) signup.User {
	w.t.Helper()
	u, err := w.As(signup.ActorCLI).CreateAdmin(w.t.Context(), signup.Registration{
		Name: strings.ToUpper(username[:1]) + username[1:], Username: username, Email: username + "@example.org", Password: adminPassword,
	})
	w.must(err)
	return u
}

func (w *world) tryToSignIn(login, password string, headers ...string) answer {
	w.t.Helper()
	return w.form("/login", url.Values{"login": {login}, "password": {password}}, append([]string{"Accept", "text/html"}, headers...)...)
}

// A console is a browser that is signed in.
type console struct {
	*world
	cookie string
}

func (w *world) signIn(login string) console {
	w.t.Helper()
	a := w.tryToSignIn(login, adminPassword).wants(w.t, http.StatusSeeOther)
	c := sessionCookie(w.t, a)
	return console{w, c.Name + "=" + c.Value}
}

func sessionCookie(t testing.TB, a answer) *http.Cookie {
	t.Helper()
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, "signup-session") {
			return c
		}
	}
	t.Fatal("no session cookie")
	return nil
}

func (b console) open(path string) answer {
	b.t.Helper()
	return b.get(path, "Cookie", b.cookie, "Accept", "text/html")
}

func (b console) send(path string, values url.Values, headers ...string) answer {
	b.t.Helper()
	return b.form(path, values, append([]string{"Cookie", b.cookie, "Accept", "text/html"}, headers...)...)
}

// follow sends a form and returns the page that it leads to.
func (b console) follow(path string, values url.Values) answer {
	b.t.Helper()
	return b.open(b.send(path, values).wants(b.t, http.StatusSeeOther).Header.Get("Location"))
}

// isIn reports whether the browser still gets the pages.
func (b console) isIn() bool {
	b.t.Helper()
	switch a := b.open("/admin/waiting"); a.StatusCode {
	case http.StatusOK:
		return true
	case http.StatusSeeOther:
		return false
	default:
		b.t.Fatalf("status %d", a.StatusCode)
		return false
	}
}

// pending signs somebody up and confirms the address.
func (w *world) pending(username string, more ...any) signup.User {
	w.t.Helper()
	email := username + "@example.org"
	w.json("/api/v1/sign-up/request", ada(append([]any{"username", username, "email", email}, more...)...)).wants(w.t, 201)
	_, err := w.Confirm(w.t.Context(), w.token(email))
	w.must(err)
	u, err := w.FindUser(w.t.Context(), username)
	w.must(err)
	return u
}

func id(u signup.User) string { return strconv.FormatInt(u.ID, 10) }

func TestSessionCookieIsForThisHostAlone(t *testing.T) {
	for _, base := range []string{"", "/accounts"} {
		w := start(t, func(s *setup) { s.web.BaseURL.Path = base })
		w.administrator("grace")
		a := w.tryToSignIn("grace", adminPassword).wants(t, http.StatusSeeOther)
		if got := a.Header.Get("Location"); got != base+"/admin/waiting" {
			t.Errorf("leads to %q", got)
		}
		c := sessionCookie(t, a)
		if c.Name != "__Host-signup-session" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
			c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("cookie %+v", c)
		}
		if len(c.Value) != 43 {
			t.Errorf("a token of %d characters", len(c.Value))
		}
	}
}

func TestSessionCookieWithoutTLS(t *testing.T) {
	w := start(t, func(s *setup) { s.web.BaseURL.Scheme, s.web.BaseURL.Host = "http", "localhost:8080" })
	w.administrator("grace")
	c := sessionCookie(t, w.tryToSignIn("grace@EXAMPLE.org", adminPassword).wants(t, http.StatusSeeOther))
	if c.Name != "signup-session" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", c)
	}
}

// Unknown, wrong, no administrator, not active: one answer, one trace.
func TestSignInRefusesAllAlike(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.pending("ada")
	var first string
	for _, try := range [][2]string{
		{"nobody", adminPassword}, {"grace", "wrong"}, {"ada", "Analytical-1"}, {"not a name", "x"}, {"grace", strings.Repeat("x", 1025)}, {"", ""},
	} {
		a := w.tryToSignIn(try[0], try[1]).wants(t, http.StatusUnauthorized)
		if len(a.Cookies()) > 0 {
			t.Errorf("%s got a cookie", try[0])
		}
		page := strings.ReplaceAll(a.body, `value="`+try[0]+`"`, `value=""`)
		if first == "" {
			first = page
		}
		if page != first {
			t.Errorf("%q gets another page:\n%s", try[0], page)
		}
	}
	events, err := w.As(signup.ActorCLI).Audit(t.Context(), signup.AuditQuery{Type: "session.refused"})
	w.must(err)
	if len(events) != 6 {
		t.Errorf("%d events of refused sign-ins, want 6", len(events))
	}
	if strings.Contains(w.log.String(), "wrong") {
		t.Error("a password is in the log")
	}
}

func TestSessionFixation(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	planted := strings.Repeat("A", 43)
	a := w.tryToSignIn("grace", adminPassword, "Cookie", "__Host-signup-session="+planted).wants(t, http.StatusSeeOther)
	if sessionCookie(t, a).Value == planted {
		t.Error("the planted token became the session's")
	}
	if (console{w, "__Host-signup-session=" + planted}).isIn() {
		t.Error("the planted token works")
	}
	old := w.signIn("grace")
	again := w.tryToSignIn("grace", adminPassword, "Cookie", old.cookie).wants(t, http.StatusSeeOther)
	if old.isIn() {
		t.Error("the session from before the sign-in still works")
	}
	if now := (console{w, "__Host-signup-session=" + sessionCookie(t, again).Value}); !now.isIn() {
		t.Error("the new session does not work")
	}
}

func TestSessionLifetimes(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	idle, used := w.signIn("grace"), w.signIn("grace")
	w.clock.advance(2*time.Hour - time.Millisecond)
	if !used.isIn() {
		t.Fatal("out before two hours without use")
	}
	w.clock.advance(time.Millisecond)
	if idle.isIn() {
		t.Error("in after two hours without use")
	}
	for range 83 { // to an hour before seven days, never idle
		w.clock.advance(2*time.Hour - time.Minute)
		if !used.isIn() {
			break
		}
	}
	if age := w.clock.Now().Sub(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)); age > 7*24*time.Hour || age < 6*24*time.Hour {
		t.Fatalf("the clock is %s on", age)
	}
	if !used.isIn() {
		t.Fatal("out before seven days")
	}
	for range 2 {
		w.clock.advance(2*time.Hour - time.Minute)
		used.isIn()
	}
	w.clock.advance(time.Hour)
	if used.isIn() {
		t.Error("in after seven days, used all the time")
	}
	n, err := w.Post().DeleteExpiredSessions(t.Context())
	w.must(err)
	if n != 2 {
		t.Errorf("%d expired sessions removed, want 2", n)
	}
}

// A page that is left open asks for news; that is no use.
func TestLiveNewsKeepNoSessionAlive(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.clock.advance(time.Hour)
	stream := b.news()
	stream.next()
	stream.close()
	w.clock.advance(time.Hour)
	if b.isIn() {
		t.Error("the news kept the session alive")
	}
}

func TestDemotedAdministratorIsOutAtOnce(t *testing.T) {
	w := start(t)
	grace := w.administrator("grace")
	b := w.signIn("grace")
	setRole := func(role signup.Role) {
		w.must(w.store.Update(t.Context(), func(tx signup.Tx) error {
			u, err := tx.User(t.Context(), grace.ID)
			u.Role = role
			return errors.Join(err, tx.UpdateUser(t.Context(), u))
		}))
	}
	setRole(signup.RoleMember)
	ada := w.pending("ada")
	b.send("/admin/waiting", url.Values{"action": {"approve"}, "ids": {id(ada)}}).wants(t, http.StatusSeeOther)
	if got := w.status("ada"); got != signup.StatusPendingApproval {
		t.Errorf("ada is %s", got)
	}
	if b.isIn() {
		t.Error("still in")
	}
	setRole(signup.RoleAdmin)
	if b.isIn() {
		t.Error("the old session came back with the role")
	}
}

func TestCrossSiteFormsAreRefused(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	ada := w.pending("ada")
	for path, values := range map[string]url.Values{
		"/admin/waiting":          {"action": {"approve"}, "ids": {id(ada)}},
		"/admin/users/" + id(ada): {"action": {"approve"}},
		"/admin/settings":         {"signup_enabled": {"false"}},
		"/admin/account":          {"session": {"others"}},
		"/admin/mail":             {},
		"/logout":                 {},
		"/login":                  {"login": {"grace"}, "password": {adminPassword}},
	} {
		b.send(path, values, "Sec-Fetch-Site", "cross-site").wants(t, http.StatusForbidden)
		b.send(path, values, "Origin", "https://evil.example").wants(t, http.StatusForbidden)
	}
	if got := w.status("ada"); got != signup.StatusPendingApproval {
		t.Errorf("ada is %s", got)
	}
	if !b.isIn() {
		t.Error("signed out by another site")
	}
	b.send("/admin/waiting", url.Values{"action": {"approve"}, "ids": {id(ada)}}, "Sec-Fetch-Site", "same-origin").wants(t, http.StatusSeeOther)
	if got := w.status("ada"); got != signup.StatusActive {
		t.Errorf("ada is %s after our own form", got)
	}
}

func TestSignOut(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b, other := w.signIn("grace"), w.signIn("grace")
	a := b.send("/logout", nil).wants(t, http.StatusSeeOther)
	if c := sessionCookie(t, a); c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("the cookie stays: %+v", c)
	}
	if b.isIn() || !other.isIn() {
		t.Error("not that session, and that alone, ended")
	}
	other.send("/logout", nil).wants(t, http.StatusSeeOther)
	other.send("/logout", nil).wants(t, http.StatusSeeOther)
}

func TestAccountEndsSessions(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.administrator("joan")
	mine, second, third, joans := w.signIn("grace"), w.signIn("grace"), w.signIn("grace"), w.signIn("joan")
	page := mine.open("/admin/account").wants(t, 200, "This one", "Go-http-client")
	ids := regexp.MustCompile(`name="session" value="([0-9a-f-]{36})"`).FindAllStringSubmatch(page.body, -1)
	if len(ids) != 3 {
		t.Fatalf("%d sessions are listed, want 3", len(ids))
	}
	joans.send("/admin/account", url.Values{"session": {ids[0][1]}}).wants(t, http.StatusSeeOther)
	if !third.isIn() {
		t.Error("an administrator ended another's session from the own account")
	}
	mine.send("/admin/account", url.Values{"session": {ids[0][1]}}).wants(t, http.StatusSeeOther) // the newest first
	if third.isIn() || !second.isIn() {
		t.Error("not the session that was named ended")
	}
	mine.send("/admin/account", url.Values{"session": {"others"}}).wants(t, http.StatusSeeOther)
	if second.isIn() || !mine.isIn() || !joans.isIn() {
		t.Error("not all others, and nobody else's, ended")
	}
}

// Nobody is led away from our own pages by a link to the sign-in.
func TestSignInLeadsBack(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	asked := w.get("/admin/users?search=a%26b", "Accept", "text/html").wants(t, http.StatusSeeOther).Header.Get("Location")
	if asked != "/login?next=%2Fadmin%2Fusers%3Fsearch%3Da%2526b" {
		t.Errorf("asks to sign in at %s", asked)
	}
	for next, want := range map[string]string{
		"/admin/users?search=a%26b":   "/admin/users?search=a%26b",
		"/settings?tab=users":         "/settings?tab=users",
		"":                            "/admin/waiting",
		"https://evil.example/admin/": "/admin/waiting",
		"//evil.example/admin/":       "/admin/waiting",
		"/\\evil.example/admin/":      "/admin/waiting",
		"/admin/../verify-email":      "/admin/waiting",
		"/admin/%2e%2e/docs":          "/admin/waiting",
		"/docs":                       "/admin/waiting",
		"/adminevil":                  "/admin/waiting",
		"javascript:alert(1)":         "/admin/waiting",
	} {
		a := w.form("/login", url.Values{"login": {"grace"}, "password": {adminPassword}, "next": {next}}).wants(t, http.StatusSeeOther)
		if got := a.Header.Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestNobodyGetsInWithoutASession(t *testing.T) {
	w := start(t)
	w.pending("ada")
	for _, path := range []string{
		"", "/waiting", "/users", "/users/1", "/account", "/settings", "/audit", "/audit.csv", "/audit.json", "/statistics", "/mail", "/events",
	} {
		w.get("/admin"+path, "Accept", "text/html").wants(t, http.StatusSeeOther)
		w.get("/admin"+path).wantsProblem(t, http.StatusUnauthorized, "unauthorized")
		w.get("/admin"+path, "Cookie", "__Host-signup-session=rubbish").wantsProblem(t, http.StatusUnauthorized, "unauthorized")
	}
}

// B12: no link in a mail signs anybody in.
func TestConfirmationStartsNoSession(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	a := w.form("/verify-email", url.Values{"token": {token}}).wants(t, 200)
	if len(a.Cookies()) > 0 {
		t.Errorf("cookies %v", a.Cookies())
	}
}

func TestOutdatedHashIsMadeAnewAtSignIn(t *testing.T) {
	w := start(t)
	grace := w.administrator("grace")
	strong := password.NewHasher(password.Params{Memory: 128, Time: 1, Threads: 1}, 0, 0)
	svc, err := signup.New(w.store, signup.Options{Hasher: strong, Now: w.clock.Now})
	w.must(err)
	_, _, err = svc.SignIn(t.Context(), "grace", adminPassword, "")
	w.must(err)
	u, err := w.User(t.Context(), grace.ID)
	w.must(err)
	if !strings.Contains(string(u.PasswordHash), "m=128,") {
		t.Errorf("the hash is as before: %s", string(u.PasswordHash))
	}
	_, _, err = svc.SignIn(t.Context(), "grace", adminPassword, "")
	w.must(err)
}

// B15: what people type is text, wherever an administrator meets it.
func TestHostileNamesAreInert(t *testing.T) {
	fields := field.List{{Name: "why", Type: field.String, Label: map[string]string{"en": "Why"}}}
	w := start(t, withFields(fields))
	w.administrator("grace")
	b := w.signIn("grace")
	hostile := `<script>alert("x")</script>`
	ada := w.pending("ada", "name", hostile, "why", `"><img src=x onerror=alert(1)>`)
	w.must2(w.As(signup.ActorCLI).Reject(t.Context(), w.pending("eve", "name", hostile).ID, hostile, "</dd>"+hostile))
	eve, err := w.FindUser(t.Context(), "eve")
	w.must(err)
	for _, path := range []string{
		"/admin/waiting", "/admin/waiting?status=rejected", "/admin/users", "/admin/users/" + id(ada), "/admin/users/" + id(eve),
		"/admin/audit", "/admin/mail", "/admin/keys", "/admin/waiting?search=" + url.QueryEscape(hostile), "/admin/users?search=" + url.QueryEscape(hostile),
		"/admin/audit?actor=" + url.QueryEscape(hostile), "/login?next=" + url.QueryEscape(`/admin/"`+hostile),
		"/admin/waiting?r=" + url.QueryEscape("approve."+hostile+".1"), "/admin/waiting?r=" + url.QueryEscape(hostile+".done.1"),
	} {
		a := b.open(path)
		if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s: markup from a person", path)
		}
		if csp := a.Header.Get("Content-Security-Policy"); a.StatusCode == http.StatusOK &&
			(strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || a.Header.Get("Cache-Control") != "no-store") {
			t.Errorf("%s: headers %v", path, a.Header)
		}
	}
}

func (w *world) must2(_ signup.User, err error) {
	w.t.Helper()
	w.must(err)
}

// Two administrators decide on the same people: one wins, the other is told.
func TestTheSlowerAdministratorIsTold(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.administrator("joan")
	grace, joan := w.signIn("grace"), w.signIn("joan")
	ada, eve := w.pending("ada"), w.pending("eve")
	grace.follow("/admin/waiting", url.Values{"action": {"approve"}, "ids": {id(ada)}}).wants(t, 200, "Approved:", ">ada<")
	joan.follow("/admin/waiting", url.Values{"action": {"approve"}, "ids": {id(ada), id(eve)}}).
		wants(t, 200, "ada is “Active” already, by grace", "Approved:", ">eve<")
	joan.follow("/admin/waiting", url.Values{"action": {"reject"}, "ids": {id(ada)}}).wants(t, 200, "ada is “Active” already, by grace")
	u, err := w.User(t.Context(), ada.ID)
	w.must(err)
	if u.ApprovedBy.UserID() == 0 || w.status("eve") != signup.StatusActive {
		t.Errorf("ada approved by %s, eve %s", u.ApprovedBy, w.status("eve"))
	}
	mails, err := w.As(signup.ActorCLI).Mails(t.Context(), signup.MailQuery{UserID: ada.ID, Kind: signup.MailApproved})
	w.must(err)
	if len(mails) != 1 {
		t.Errorf("%d mails of one approval", len(mails))
	}
}

func TestRejectAskReasonAndUndo(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	ada, eve := w.pending("ada"), w.pending("eve")
	b.send("/admin/waiting", url.Values{"action": {"ask-reject"}, "ids": {id(ada), id(eve)}}).
		wants(t, 200, "Reject 2 people", "ada@example.org", "eve@example.org")
	if w.status("ada") != signup.StatusPendingApproval {
		t.Fatal("rejected before the reason was asked")
	}
	b.send("/admin/waiting", url.Values{"action": {"reject"}, "ids": {id(ada)}, "reason": {strings.Repeat("x", 2001)}, "note": {"kept"}}).
		wants(t, 422, "at most 2,000", "kept")
	b.follow("/admin/waiting", url.Values{"action": {"reject"}, "ids": {id(ada), id(eve)}, "reason": {"Members\r\nonly"}, "note": {"third time"}}).
		wants(t, 200, "Rejected:", ">ada<", ">eve<")
	u, err := w.User(t.Context(), ada.ID)
	w.must(err)
	if u.RejectionReason != "Members\nonly" || u.RejectionNote != "third time" {
		t.Errorf("reason %q, note %q", u.RejectionReason, u.RejectionNote)
	}
	w.clock.advance(29 * 24 * time.Hour)
	b = w.signIn("grace")
	b.open("/admin/waiting?status=rejected").wants(t, 200, "Undo the rejection of ada", "Rejected by grace")
	b.follow("/admin/waiting", url.Values{"one": {"undo " + id(ada)}, "status": {"rejected"}}).wants(t, 200, "Rejection undone")
	if w.status("ada") != signup.StatusPendingApproval {
		t.Errorf("ada is %s", w.status("ada"))
	}
	w.clock.advance(24 * time.Hour)
	b = w.signIn("grace")
	page := b.open("/admin/waiting?status=rejected").wants(t, 200, ">eve<")
	if strings.Contains(page.body, "Undo the rejection of eve") {
		t.Error("an old rejection can be undone")
	}
	b.follow("/admin/waiting", url.Values{"one": {"undo " + id(eve)}, "status": {"rejected"}}).wants(t, 200, "eve is too old to be undone")
	if w.status("eve") != signup.StatusRejected {
		t.Errorf("eve is %s", w.status("eve"))
	}
}

func TestUnconfirmedAreHelped(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.signUp("ada", "ada@example.org")
	ada, err := w.FindUser(t.Context(), "ada")
	w.must(err)
	b.open("/admin/waiting?status=unconfirmed").wants(t, 200, "Address not confirmed", "Confirmation: sent", "Send the link again: ada")
	for range 3 { // an administrator may ask at once; the mail waits for the limits
		w.clock.advance(15 * time.Minute)
		b.follow("/admin/waiting", url.Values{"one": {"resend " + id(ada)}, "status": {"unconfirmed"}}).wants(t, 200, "A new link is on its way to", ">ada<")
		w.token("ada@example.org")
	}
	page := "/admin/users/" + id(ada)
	b.send(page, url.Values{"action": {"correct"}, "email": {"no address"}}).wants(t, 422, "no address", "Please enter an email address")
	b.send(page, url.Values{"action": {"correct"}, "email": {"grace@example.org"}}).wants(t, 422, "grace@example.org", "There is already an account for this email address")
	b.follow(page, url.Values{"action": {"correct"}, "email": {"countess@example.org"}}).wants(t, 200, "Address corrected", "countess@example.org")
	w.token("countess@example.org")
	b.follow("/admin/waiting", url.Values{"action": {"approve"}, "ids": {id(ada)}}).wants(t, 200, "ada has not confirmed")
	b.follow(page, url.Values{"action": {"verify"}}).wants(t, 200, "Address confirmed by hand")
	if w.status("ada") != signup.StatusPendingApproval {
		t.Errorf("ada is %s", w.status("ada"))
	}
	b.follow("/admin/waiting", url.Values{"action": {"resend"}, "ids": {id(ada)}, "status": {"unconfirmed"}}).wants(t, 200, "ada is “Waiting for approval” already")
}

func TestNothingChosenAndNobodyThere(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	b.follow("/admin/waiting", url.Values{"action": {"approve"}}).wants(t, 200, "Select somebody first")
	ada := w.pending("ada")
	_, list, _ := strings.Cut(b.open("/admin/waiting").body, "data-keys")
	if first := regexp.MustCompile(`<button [^>]*>`).FindString(list); !strings.Contains(first, `value="none"`) {
		t.Errorf("Enter on a box presses %s", first)
	}
	b.follow("/admin/waiting", url.Values{"action": {"none"}, "ids": {id(ada)}}).wants(t, 200, ">ada<")
	if w.status("ada") != signup.StatusPendingApproval {
		t.Error("Enter on a box decided")
	}
	b.follow("/admin/waiting", url.Values{"action": {"approve"}, "ids": {"99"}}).wants(t, 200, "user 99 (no longer there) is no longer there")
	b.send("/admin/waiting", url.Values{"action": {"explode"}, "ids": {"1"}}).wants(t, 422)
	b.open("/admin/users/99").wants(t, 404)
	b.open("/admin/users/x").wants(t, 404)
}

func TestSimilarNamesAreHinted(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.pending("gr4ce", "name", "Grасe") // with Cyrillic а and с
	w.pending("supp0rt", "name", "Help desk")
	w.pending("lovelace", "name", "Ada")
	w.pending("love_1ace", "name", "Byron")
	page := b.open("/admin/waiting").wants(t, 200,
		"Looks like the administrator grace", "Looks like the word “support”", "Looks like lovelace, who is on this page too")
	if n := strings.Count(page.body, "Looks like"); n != 4 {
		t.Errorf("%d hints, want 4", n)
	}
}

func TestQueuePages(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	for i := range 27 {
		w.pending("person" + strconv.Itoa(i))
	}
	first := b.open("/admin/waiting").wants(t, 200, "<title>(27) Waiting", "27 people are waiting", ">person0<", ">person24<")
	if strings.Contains(first.body, ">person25<") {
		t.Error("the 26th is on the first page")
	}
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(first.body)
	if next == nil {
		t.Fatal("no next page")
	}
	second := b.open(strings.ReplaceAll(next[1], "&amp;", "&")).wants(t, 200, ">person25<", ">person26<", "First page")
	if strings.Contains(second.body, `rel="next"`) || strings.Contains(second.body, ">person24<") {
		t.Error("the second page is not the last, or repeats somebody")
	}
	b.open("/admin/waiting?search=PERSON17").wants(t, 200, ">person17<")
	b.open("/admin/users?search=PERSON17&status=active").wants(t, 200, "Nobody matches")
	b.open("/admin/users?role=admin").wants(t, 200, ">grace<")
}

func TestNoticeLeadsToTheUser(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	ada := w.pending("ada")
	const link = "/settings?tab=users&username=ada"
	asked := w.get(link, "Accept", "text/html").wants(t, http.StatusSeeOther).Header.Get("Location")
	next, err := url.Parse(asked)
	w.must(err)
	a := w.form("/login", url.Values{"login": {"grace"}, "password": {adminPassword}, "next": {next.Query().Get("next")}})
	if got := a.Header.Get("Location"); got != link {
		t.Fatalf("after the sign-in: %q", got)
	}
	b := console{w, "__Host-signup-session=" + sessionCookie(t, a).Value}
	if got := b.open(link).wants(t, http.StatusSeeOther).Header.Get("Location"); got != "/admin/users/"+id(ada) {
		t.Errorf("leads to %q", got)
	}
	b.open("/settings?username=nobody").wants(t, http.StatusSeeOther)
}

// settingsForm is the form as a browser sends it when nothing was changed.
func (b console) settingsForm() url.Values {
	b.t.Helper()
	settings, err := b.Settings(b.t.Context())
	b.must(err)
	form := url.Values{}
	for name, value := range settings.Values() {
		value = strings.Trim(value, `"`)
		form.Set("was_"+name, value)
		if value != "false" {
			form.Set(name, value)
		}
	}
	return form
}

func TestSettingsPage(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	form := b.settingsForm()
	b.open("/admin/settings").wants(t, 200, `value="24h"`, `value="168h"`, `value="0s"`)
	w.set(map[string]string{"reapply_after": `"1h"`}) // somebody else, meanwhile
	form.Set("token_lifetime", "1h")
	form.Set("password_length_regular_users", "7")
	b.send("/admin/settings", form).wants(t, 422, "this value cannot be used", `value="7"`, `value="1h"`)
	form.Set("password_length_regular_users", "12")
	form.Del("conceal_emails")
	b.follow("/admin/settings", form).wants(t, 200, "Saved.")
	s, err := w.Settings(t.Context())
	w.must(err)
	if s.TokenLifetime.String() != "1h0m0s" || s.PasswordLength != 12 || s.ConcealEmails || s.ReapplyAfter.String() != "1h0m0s" || !s.SignUpEnabled {
		t.Errorf("settings %+v", s)
	}
}

func TestSwitchingOffAsksAboutThoseWhoWait(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.signUp("eve", "eve@example.org")
	w.pending("ada")
	form := b.settingsForm()
	form.Del("signup_require_admin_approval")
	form.Del("signup_require_email_verification")
	b.follow("/admin/settings", form).wants(t, 200, "Saved.", "1 person still waits", "1 person has not confirmed")
	if w.status("ada") != signup.StatusPendingApproval || w.status("eve") != signup.StatusUnconfirmed {
		t.Fatal("decided without being asked")
	}
	b.follow("/admin/settings", url.Values{"action": {"verify-waiting"}}).wants(t, 200, "1 address was confirmed", "2 people still wait")
	page := b.follow("/admin/settings", url.Values{"action": {"approve-waiting"}}).wants(t, 200, "2 people were approved")
	if strings.Contains(page.body, "still wait") {
		t.Error("somebody is left")
	}
	if w.status("ada") != signup.StatusActive || w.status("eve") != signup.StatusActive {
		t.Errorf("ada %s, eve %s", w.status("ada"), w.status("eve"))
	}
	events, err := w.As(signup.ActorCLI).Audit(t.Context(), signup.AuditQuery{Type: "user.approved"})
	w.must(err)
	if len(events) != 2 || events[0].Actor.UserID() == 0 {
		t.Errorf("events %+v", events)
	}
}

func TestAuditPageAndExport(t *testing.T) {
	w := start(t)
	grace := w.administrator("grace")
	b := w.signIn("grace")
	ada := w.pending("ada")
	w.must2(w.As(signup.ActorUser(grace.ID)).Approve(t.Context(), ada.ID))
	w.must(w.store.Update(t.Context(), func(tx signup.Tx) error {
		return tx.AddAudit(t.Context(), signup.AuditEvent{At: w.clock.Now(), Actor: `=HYPERLINK("https://evil.example")`, Type: "x,y"})
	}))
	w.must2(w.As(signup.ActorCLI).SetPassword(t.Context(), ada.ID, "An0ther!one"))
	w.must2(w.As(signup.ActorCLI).SetRole(t.Context(), ada.ID, signup.RoleAdmin))
	b.open("/admin/audit").wants(t, 200, "Signed up", "the person", "x,y", ">New password set</td>", ">Role changed</td>")
	page := b.open("/admin/audit?actor=grace&user=ada").wants(t, 200, `><bdi>grace</bdi></td>`, `>Approved</td>`)
	if strings.Contains(page.body, ">Signed up</td>") {
		t.Error("not filtered")
	}
	b.open("/admin/audit?since=2026-03-02").wants(t, 200, "Nothing matches")
	b.open("/admin/audit?till=2026-02-28").wants(t, 200, "Nothing matches")
	b.open("/admin/audit?since=2026-03-01&till=2026-03-01").wants(t, 200, "Signed up")
	b.open("/admin/audit?user=nobody").wants(t, 200, "Nothing matches")

	for range 600 { // more than one bite
		w.must(w.store.Update(t.Context(), func(tx signup.Tx) error {
			return tx.AddAudit(t.Context(), signup.AuditEvent{At: w.clock.Now(), Actor: signup.ActorCLI, Type: "many"})
		}))
	}
	csv := b.open("/admin/audit.csv").wants(t, 200, "id,at,actor,action,user_id,detail\n", `"'=HYPERLINK(""https://evil.example"")","x,y"`)
	if n := strings.Count(csv.body, ",cli,many,"); n != 600 || csv.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d lines of %s", n, csv.Header.Get("Content-Type"))
	}
	var events []struct{ Actor, Action string }
	b.open("/admin/audit.json?action=many").decode(t, &events)
	if len(events) != 600 || events[0].Actor != "cli" {
		t.Errorf("%d events", len(events))
	}
	b.open("/admin/audit.json?action=none").decode(t, &events)
	if len(events) != 0 {
		t.Errorf("%d events of none", len(events))
	}
}

func TestStatistics(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.pending("ada")
	w.clock.advance(24 * time.Hour)
	w.pending("eve")
	w.pending("joan")
	b := w.signIn("grace")
	page := b.open("/admin/statistics?days=7").wants(t, 200, "<title id=", "from 2026-02-24 to 2026-03-02",
		`<th scope="row">2026-03-02</th><td class="number">2</td><td class="number">2</td><td class="number">0</td>`,
		`<th scope="row">2026-03-01</th><td class="number">1</td>`,
		`<th scope="row">Total</th><td class="number">3</td><td class="number">3</td><td class="number">0</td>`)
	if n := strings.Count(page.body, "<polyline"); n != 3 {
		t.Errorf("%d lines in the chart", n)
	}
	b.open("/admin/statistics?days=100000").wants(t, 200, "30 days")
}

func TestMailPage(t *testing.T) {
	var sentTo string
	fail := error(nil)
	w := start(t, func(s *setup) {
		s.web.TestMail = func(_ context.Context, address string) error { sentTo = address; return fail }
	})
	w.administrator("grace")
	b := w.signIn("grace")
	w.signUp("ada", "ada@example.org")
	b.open("/admin/mail").wants(t, 200, "Confirmation", ">ada<", "accepted", "Send a test email to grace@example.org")
	b.open("/admin/mail?state=failed").wants(t, 200, "No mail.")
	b.send("/admin/mail", nil).wants(t, 200, "The mail server took the test email for grace@example.org.")
	if sentTo != "grace@example.org" {
		t.Errorf("sent to %q", sentTo)
	}
	fail = errors.New("554 <no> thanks")
	b.send("/admin/mail", nil).wants(t, 200, "refused the test email", "554 &lt;no&gt; thanks")
}

func TestMailsAreTriedAgainAndStopped(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.json(requestPath, ada()).wants(t, 201)
	mails, err := w.As(signup.ActorCLI).Mails(t.Context(), signup.MailQuery{Kind: signup.MailConfirmation})
	w.must(err)
	mail, user := mails[0].ID, userPage(w.find("ada"))
	act := func(action, from string) url.Values {
		return url.Values{"action": {action}, "id": {mail}, "user": {from}}
	}
	b.open("/admin/mail").wants(t, 200, "Do not send").hasNot(t, "Try again")
	b.follow("/admin/mail", act("cancel", "")).wants(t, 200, "The mail will not be sent.", "Try again", "cancelled")
	b.follow("/admin/mail", act("cancel", "")).wants(t, 200, "nothing was done")
	b.follow("/admin/mail", act("retry", id(w.find("ada")))).wants(t, 200, "ada@example.org", "The mail goes out again.", "Do not send")
	w.token("ada@example.org")
	b.open(user).wants(t, 200, ">sent<").hasNot(t, "Try again")
	b.follow("/admin/mail", act("retry", "")).wants(t, 200, "nothing was done")
}

func TestRefusedAddressIsShown(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.json(requestPath, ada()).wants(t, 201)
	owed, err := w.Post().OwedMails(t.Context(), 0)
	w.must(err)
	_, err = w.Post().MailFailed(t.Context(), owed[0], signup.Failure{Phase: "rcpt", Answer: "550 nobody here", Permanent: true, NoSuchAddress: true})
	w.must(err)
	b.open(userPage(w.find("ada"))).wants(t, 200, "Address refused by a mail server", "550 nobody here", "Try again")
}

func TestAdministratorsSwitchTheirNotices(t *testing.T) {
	w := start(t)
	grace := w.administrator("grace")
	b := w.signIn("grace")
	b.open("/admin/account").wants(t, 200, "You get a mail when people wait")
	b.follow("/admin/account", url.Values{"notices": {"off"}}).wants(t, 200, "You get no mail when people wait")
	u, err := w.User(t.Context(), grace.ID)
	w.must(err)
	if !u.NoticesOff {
		t.Error("notices are on")
	}
	b.follow("/admin/account", url.Values{"notices": {"on"}}).wants(t, 200, "You get a mail when people wait")
}

func userPage(u signup.User) string { return "/admin/users/" + id(u) }

// A stream is the news as a browser gets them.
type stream struct {
	t     testing.TB
	lines *bufio.Scanner
	close func()
}

func (b console) news() stream {
	b.t.Helper()
	resp, err := http.DefaultClient.Do(b.request("GET", "/admin/events", "", "Cookie", b.cookie, "Accept", "text/event-stream"))
	b.must(err)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		b.t.Fatalf("status %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	return stream{b.t, bufio.NewScanner(resp.Body), func() { _ = resp.Body.Close() }}
}

// next is the next count that arrives.
func (s stream) next() string {
	s.t.Helper()
	for s.lines.Scan() {
		if data, ok := strings.CutPrefix(s.lines.Text(), "data: "); ok {
			return data
		}
	}
	s.t.Fatal("the news ended", s.lines.Err())
	return ""
}

func TestNewsArrive(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	s := w.signIn("grace").news()
	defer s.close()
	if got := s.next(); got != "0" {
		t.Errorf("at first %s wait", got)
	}
	ada := w.pending("ada")
	if got := s.next(); got != "1" {
		t.Errorf("then %s wait", got)
	}
	w.must2(w.As(signup.ActorCLI).Approve(t.Context(), ada.ID))
	if got := s.next(); got != "0" {
		t.Errorf("after the approval %s wait", got)
	}
}

// Every word that a page or its code asks for is there.
func TestWordsOfAdministratorsAreThere(t *testing.T) {
	text, err := os.ReadFile("lang-admin/lang/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`\.(?:T|N|Say|Count) "([a-z_.-]+)"|\bSay\("([a-z_.]+)"\)`)
	files, err := filepath.Glob("pages/admin/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no pages", err)
	}
	found := 0
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(page), -1) {
			found++
			if !inTree(tree, m[1]+m[2]) {
				t.Errorf("%s asks for %q", file, m[1]+m[2])
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d words were looked for", found)
	}
}

func inTree(tree map[string]any, id string) bool {
	head, rest, more := strings.Cut(id, ".")
	if !more {
		return tree[head] != nil
	}
	sub, ok := tree[head].(map[string]any)
	return ok && inTree(sub, rest)
}

// What the page offers to narrow the trail to is what the trail holds.
func TestAuditOffersActionsAsTheyAreKept(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	b := w.signIn("grace")
	w.admin() // makes a key
	b.open("/admin/audit").wants(t, 200, `<option value="api_key.created">API key made`, `<option value="user.signed_up_again">`)
	b.open("/admin/audit?action=api_key.created").wants(t, 200, ">API key made</td>").hasNot(t, ">Signed in</td>")
}

// Everything that package signup lists has words: an event or a kind of mail
// that is new there cannot be forgotten here. That every language has the words
// of English is for the test of the catalogues.
func TestAdministratorsHaveWordsForAllThereIs(t *testing.T) {
	text, err := os.ReadFile("lang-admin/lang/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range event.All() {
		ids = append(ids, "event."+string(e.Type))
	}
	for _, k := range signup.MailKinds() {
		ids = append(ids, "mail_kind."+string(k.Kind))
	}
	for _, s := range signup.Statuses() {
		ids = append(ids, "status."+string(s))
	}
	for _, name := range signup.SettingNames() {
		ids = append(ids, "setting."+name)
	}
	for _, id := range ids {
		if !inTree(tree, id) {
			t.Errorf("there are no words for %s", id)
		}
	}
}
