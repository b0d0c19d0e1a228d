package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

func withGallery(s *setup) {
	s.web.Gallery = &web.Gallery{
		Languages: []string{"ar", "en"},
		Letter: func(kind signup.MailKind, language string) (signup.Text, error) {
			if kind == "approved" && language == "ar" {
				return signup.Text{}, errors.New("no ink")
			}
			return signup.Text{
				Subject: "A <letter> of " + string(kind), Plain: "in " + language,
				HTML:   `<html><head></head><body lang="` + language + `"><img src="cid:logo@x"></body></html>`,
				Inline: &signup.Image{ID: "logo@x", Type: "image/png", Data: []byte("png")},
			}, nil
		},
	}
}

func TestGallery(t *testing.T) {
	w := start(t, withGallery)
	page := w.get("/dev/letters").wants(t, 200, "A &lt;letter&gt; of confirmation", "A &lt;letter&gt; of approved", "in en",
		`src="/dev/letters/approved/en"`, `href="?lang=ar"`, `href="?kind=confirmation"`, "العربية")
	if strings.Contains(page.body, "in ar") || !strings.Contains(page.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("policy %q\n%s", page.Header.Get("Content-Security-Policy"), page.body)
	}
	w.get("/dev/letters?kind=confirmation").wants(t, 200, "in ar", "in en")
	w.get("/dev/inbox").wants(t, 200, `href="/dev/letters"`)
	letter := w.get("/dev/letters/confirmation/ar").wants(t, 200, `<base target="_top">`, `lang="ar"`, `src="data:image/png;base64,cG5n"`)
	if csp := letter.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox ") || strings.Contains(csp, "allow-scripts") {
		t.Errorf("policy %s", csp)
	}
	for _, path := range []string{"/dev/letters/poem/en", "/dev/letters/confirmation/xx", "/dev/letters?kind=poem", "/dev/letters?lang=xx"} {
		w.get(path).wantsProblem(t, 404, "not_found")
	}
	w.get("/dev/letters/approved/ar").wantsProblem(t, 500, "internal")
	if countLines(w.log, "request failed", "no ink") != 1 {
		t.Errorf("log %s", w.log)
	}
}

func TestGalleryIsForThisMachineOnly(t *testing.T) {
	w := start(t, withGallery)
	s := setup{web: web.Config{Service: w.Service, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}}}
	withGallery(&s)
	h, err := web.New(s.web)
	w.must(err)
	for peer, status := range map[string]int{"127.0.0.1:5000": 200, "192.0.2.1:5000": 404} {
		for _, path := range []string{"/dev/letters", "/dev/letters/confirmation/en"} {
			r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
			r.RemoteAddr = peer
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			if rec.Code != status {
				t.Errorf("%s from %s: status %d", path, peer, rec.Code)
			}
		}
	}
	start(t).get("/dev/letters").wantsProblem(t, 404, "not_found")
}

// The inbox shows the image of a caught letter.
func TestInboxShowsTheLogo(t *testing.T) {
	w := start(t)
	l := letter("ada@example.org", "")
	l.HTML = `<html><head></head><body><img src="cid:logo@x"></body></html>`
	l.Inline = &signup.Image{ID: "logo@x", Type: "image/png", Data: []byte("png")}
	w.must(w.inbox.Send(t.Context(), l))
	w.get("/dev/inbox/1/html").wants(t, 200, `src="data:image/png;base64,cG5n"`)
}
