package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

var token = regexp.MustCompile(`token=([A-Za-z0-9_-]{43})`)

// A person signs up under the application's path, gets the mail and confirms, and
// is let in only after an administrator has approved the sign-up.
func TestSignUpConfirmApprove(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: server.Listener.Addr().String(), Path: "/account"}
	box := smtptest.New(t)
	mail, err := smtp.ParseURL(box.URL())
	if err != nil {
		t.Fatal(err)
	}
	mail.From = signup.Address{Email: "noreply@app.example"}
	boss := signup.Registration{Name: "Boss", Username: "boss", Email: "boss@app.example", Password: "Engine-1843"}
	a, err := start(t.Context(), filepath.Join(t.TempDir(), "app.db"), base, mail, boss)
	if err != nil {
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

	root := "http://" + base.Host
	want(t, http.StatusOK)(http.Get(root + "/account/sign-up"))
	want(t, http.StatusCreated)(http.Post(root+"/account/api/v1/sign-up/request", "application/json",
		strings.NewReader(`{"name":"Ada","username":"ada","email":"ada@example.org","password":"Engine-1843"}`)))
	want(t, http.StatusForbidden)(http.Get(root + "/?who=ada"))
	found := token.FindStringSubmatch(box.WaitForTo(t, "ada@example.org").Plain())
	want(t, http.StatusOK)(http.Post(root+"/account/api/v1/sign-up/confirm", "application/json", strings.NewReader(`{"token":"`+found[1]+`"}`)))
	want(t, http.StatusForbidden)(http.Get(root + "/?who=ada"))
	review := box.WaitForTo(t, "boss@app.example").Links()[0]
	if !strings.HasPrefix(review, root+"/account/admin/users/") {
		t.Fatalf("the administrator is sent to %s", review)
	}
	jar, _ := cookiejar.New(nil)
	admin := &http.Client{Jar: jar}
	want(t, http.StatusOK)(admin.PostForm(root+"/account/login", url.Values{"login": {"boss"}, "password": {"Engine-1843"}}))
	want(t, http.StatusOK)(admin.PostForm(review, url.Values{"action": {"approve"}}))
	want(t, http.StatusOK)(http.Get(root + "/?who=ada"))
}

// want fails unless the response has the status.
func want(t *testing.T, status int) func(*http.Response, error) {
	return func(resp *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != status {
			t.Fatalf("%s, want %d: %s, %v", resp.Status, status, body, err)
		}
	}
}
