package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

// A browser keeps cookies.
type browser struct {
	*http.Client
	t    *testing.T
	root string
}

// wants posts a form, or gets the page if there is none, and returns the page.
func (b browser) wants(status int, path string, form url.Values) string {
	b.t.Helper()
	var resp *http.Response
	var err error
	if form == nil {
		resp, err = b.Get(b.root + path)
	} else {
		resp, err = b.PostForm(b.root+path, form)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		b.t.Fatalf("%s: %s, want %d: %s, %v", path, resp.Status, status, body, err)
	}
	return string(body)
}

func signUpForm(username, email string) url.Values {
	return url.Values{"name": {username}, "username": {username}, "email": {email}, "password": {"Engine-1843"}}
}

var link = regexp.MustCompile(`token=([A-Za-z0-9_-]{43})`)

func TestOldAndNewUsers(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	mails := smtptest.New(t)
	mail, err := smtp.ParseURL(mails.URL())
	if err != nil {
		t.Fatal(err)
	}
	mail.From = signup.Address{Email: "noreply@app.example"}
	a := &app{
		base: &url.URL{Scheme: "http", Host: server.Listener.Addr().String()}, mail: mail,
		admin: signup.Registration{Name: "Boss", Username: "boss", Email: "boss@app.example", Password: "Engine-1843"},
	}
	if err := a.start(t.Context(), pgtest.NewEmpty(t)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	server.Config.Handler = a.handler()
	server.Start()
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	b := browser{&http.Client{Jar: jar}, t, a.base.String()}

	// Somebody who was there before sign-up logs in with the old hash.
	hash, err := bcrypt.GenerateFromPassword([]byte("old-password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	a.exec(t, "INSERT INTO users (login, email, password) VALUES ('olga', 'olga@example.org', $1)", string(hash))
	b.wants(403, "/log-in", url.Values{"login": {"olga"}, "password": {"wrong"}})
	if page := b.wants(200, "/log-in", url.Values{"login": {"Olga"}, "password": {"old-password"}}); page != "Hello olga\n" {
		t.Errorf("the page says %q", page)
	}

	// The name of an old user is refused; the old user's address gets a note, no link.
	b.wants(409, signUpPath+"/sign-up", signUpForm("OLGA", "mallory@example.org"))
	b.wants(200, signUpPath+"/sign-up", signUpForm("mallory", "olga@example.org"))

	// A new person signs up, confirms, is approved, and logs in.
	b.wants(200, signUpPath+"/sign-up", signUpForm("ada", "ada@example.org"))
	letter := mails.WaitForTo(t, "ada@example.org").Plain()
	b.wants(200, signUpPath+"/verify-email", url.Values{"token": {link.FindStringSubmatch(letter)[1]}})
	ada := url.Values{"login": {"ada"}, "password": {"Engine-1843"}}
	b.wants(403, "/log-in", ada)

	// The administrator is told, signs in and approves, which the application's
	// table can refuse.
	review, ok := strings.CutPrefix(mails.WaitForTo(t, "boss@app.example").Links()[0], b.root)
	if !ok {
		t.Fatalf("the administrator is sent to %s", review)
	}
	approve := url.Values{"action": {"approve"}}
	b.wants(200, signUpPath+"/login", url.Values{"login": {"boss"}, "password": {"Engine-1843"}})
	a.exec(t, "INSERT INTO users (login, email, password) VALUES ('ADA', 'other@example.org', '')")
	b.wants(409, review, approve)
	a.exec(t, "DELETE FROM users WHERE login = 'ADA'")
	b.wants(403, "/log-in", ada)
	b.wants(200, review, approve)
	if page := b.wants(200, "/log-in", ada); page != "Hello ada\n" {
		t.Errorf("the page says %q", page)
	}
	if letter := mails.WaitForTo(t, "olga@example.org").Plain(); strings.Contains(letter, "token=") {
		t.Error("a stranger's sign-up brought a link to an address that has an account")
	}
}

// exec runs a statement on the application's own tables.
func (a *app) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := a.db.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}
