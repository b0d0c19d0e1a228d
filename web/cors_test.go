package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup/web"
)

const friend = "https://shop.example.org"

func withOrigins(s *setup) { s.web.CORSOrigins = []string{friend, "http://localhost:5173"} }

// preflight asks, as a browser does, whether a script may send a request.
func (w *world) preflight(origin, method, path string) answer {
	w.t.Helper()
	return w.do(w.request("OPTIONS", path, "", "Origin", origin,
		"Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization,content-type"))
}

// wantsCORS fails unless the answer can be read by scripts of the origin, "" for
// none; and never with cookies.
func (a answer) wantsCORS(t testing.TB, origin string) {
	t.Helper()
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("%s %s: allowed is %q, want %q", a.Request.Method, a.Request.URL.Path, got, origin)
	}
	if got := a.Header.Values("Access-Control-Allow-Credentials"); len(got) > 0 {
		t.Errorf("%s %s: credentials %q", a.Request.Method, a.Request.URL.Path, got)
	}
}

var publicCalls = map[string]string{
	"/api/v1/public/server_settings": "GET", "/api/v1/sign-up/status": "GET",
	requestPath: "POST", confirmPath: "POST", resendPath: "POST",
}

func TestCORSIsOff(t *testing.T) {
	w := start(t)
	for path, method := range publicCalls {
		w.preflight(friend, method, path).wantsCORS(t, "")
	}
	w.get("/api/v1/public/server_settings", "Origin", friend).wantsCORS(t, "")
}

func TestCORS(t *testing.T) {
	w := start(t, withOrigins, func(s *setup) { s.web.BaseURL.Path = "/account" })
	for path, method := range publicCalls {
		for _, path := range []string{path, "/account" + path} {
			a := w.preflight(friend, method, path).wants(t, http.StatusNoContent)
			a.wantsCORS(t, friend)
			if a.Header.Get("Access-Control-Allow-Methods") != method || a.Header.Get("Access-Control-Allow-Headers") != "authorization,content-type" ||
				a.Header.Get("Access-Control-Max-Age") == "" || !strings.Contains(a.Header.Get("Vary"), "Origin") {
				t.Errorf("preflight of %s: %v", path, a.Header)
			}
		}
	}
	a := w.get("/api/v1/public/server_settings", "Origin", "http://localhost:5173").wants(t, 200)
	a.wantsCORS(t, "http://localhost:5173")
	if a.Header.Get("Vary") != "Origin" {
		t.Errorf("Vary %q: a cache may give the answer to another origin", a.Header.Get("Vary"))
	}
	w.json(requestPath, ada(), "Origin", friend).wants(t, 201).wantsCORS(t, friend)
}

// Scripts must be able to read what is wrong, and when to try again.
func TestCORSOfRefusals(t *testing.T) {
	w := start(t, withOrigins, func(s *setup) { s.web.Limiter = never{} })
	a := w.json(requestPath, `{}`, "Origin", friend).wants(t, 429)
	a.wantsCORS(t, friend)
	if exposed := a.Header.Get("Access-Control-Expose-Headers"); a.Header.Get("Retry-After") == "" || !strings.Contains(exposed, "Retry-After") {
		t.Errorf("Retry-After %q, exposed %q", a.Header.Get("Retry-After"), exposed)
	}
}

func TestCORSLetsNobodyElseIn(t *testing.T) {
	w := start(t, withOrigins)
	for _, origin := range []string{
		"https://evil.example", "http://shop.example.org", "https://shop.example.org:8443", "https://shop.example.org.evil.example",
		"https://xshop.example.org", "https://a.shop.example.org", "null", "*",
	} {
		w.preflight(origin, "POST", requestPath).wantsCORS(t, "")
		w.get("/api/v1/public/server_settings", "Origin", origin).wants(t, 200).wantsCORS(t, "")
	}
	for path, method := range map[string]string{
		"/api/v1/users": "GET", "/api/v1/users/1/approve": "PUT", "/api/v1/server_settings": "PUT", "/sign-up": "POST", "/admin": "GET", "/openapi.json": "GET",
	} {
		w.preflight(friend, method, path).wantsCORS(t, "")
		w.do(w.request(method, path, "", "Origin", friend)).wantsCORS(t, "")
	}
	w.preflight(friend, "DELETE", requestPath).wantsCORS(t, "")
}

func TestCheckOrigin(t *testing.T) {
	for origin, valid := range map[string]bool{
		"https://app.example.org": true, "http://localhost:5173": true, "http://[::1]:3000": true, "https://xn--bcher-kva.example": true,
		"": false, "*": false, "null": false, "https://*.example.org": false, "https://app.example.org/": false, "https://app.example.org/x": false,
		"app.example.org": false, "https://App.example.org": false, "https://app.example.org:443": false, "http://app.example.org:80": false,
		"https://user@app.example.org": false, "https://app.example.org?x": false, "ftp://app.example.org": false, "https://bücher.example": false,
	} {
		if err := web.CheckOrigin(origin); (err == nil) != valid {
			t.Errorf("%q: %v", origin, err)
		}
	}
	base := &url.URL{Scheme: "https", Host: "app.example"}
	if _, err := web.New(web.Config{Service: start(t).Service, BaseURL: base, CORSOrigins: []string{"*"}}); err == nil {
		t.Error("a pattern is taken for an origin")
	}
}
