package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pagePolicy lets a page load our style sheets, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

// docsPolicy lets the API's page run our copy of its script, and try the API.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages are the templates, each with the layout around it.
type pages map[string]*template.Template

// A view is what a page shows.
type view struct {
	Title      string
	Token      string   // in forms that need it
	Problem    string   // what is wrong with what was typed, or ""
	Pending    bool     // whether an administrator must approve next
	Letters    []caught // of the inbox
	HasInbox   bool
	Gallery    *galleryView
	HasGallery bool

	SignUp   *signUpView
	NoMail   bool      // whether sign-up is closed for want of mail
	Next     *nextStep // nil where it is not known
	Lifetime span      // of a link
}

func parsePages(s *server) (pages, error) {
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		return nil, err
	}
	layout, err := template.New("layout.html").Funcs(s.pageFuncs()).ParseFS(pageFiles, "pages/layout.html")
	if err != nil {
		return nil, fmt.Errorf("web: layout: %w", err)
	}
	out := pages{}
	for _, f := range files {
		if f.Name() == "layout.html" {
			continue
		}
		t, err := template.Must(layout.Clone()).ParseFS(pageFiles, "pages/"+f.Name())
		if err != nil {
			return nil, fmt.Errorf("web: page: %w", err)
		}
		out[strings.TrimSuffix(f.Name(), ".html")] = t
	}
	return out, nil
}

// pageFuncs are what the templates know of the server. Addresses begin with
// the path of the base URL and name no host.
func (s *server) pageFuncs() template.FuncMap {
	return template.FuncMap{
		"app":   func() string { return s.AppName },
		"login": func() string { return s.LoginURL },
		"path":  func(p string) string { return s.base + p },
		"asset": func(name string) (string, error) {
			u, err := s.assets.url(name)
			return s.base + u, err
		},
		// Without TLS a browser tells where a form comes from by its Origin
		// header alone, and under "no-referrer" that is "null".
		"plain": func() bool { return s.BaseURL.Scheme == "http" },
	}
}

// render makes the text of a page.
func (p pages) render(name string, v view) []byte {
	var b bytes.Buffer
	if err := p[name].Execute(&b, v); err != nil {
		panic(fmt.Errorf("page %s: %w", name, err)) // the templates take every view
	}
	return b.Bytes()
}

// show writes a page.
func (s *server) show(w http.ResponseWriter, status int, name string, v view) {
	s.write(w, status, name, s.pages.render(name, v))
}

func (s *server) write(w http.ResponseWriter, status int, name string, parts ...[]byte) {
	header := w.Header()
	if !strings.HasPrefix(header.Get("Content-Security-Policy"), pagePolicy) && name != "docs" {
		header.Set("Content-Security-Policy", pagePolicy)
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", "en")
	w.WriteHeader(status)
	for _, part := range parts {
		_, _ = w.Write(part) // fails when the client goes away
	}
}

func (s *server) routePages(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /docs", s.docs)
	mux.HandleFunc("GET /verify-email", s.askToVerify)
	mux.HandleFunc("POST /verify-email", s.form(s.verifyEmail))
	mux.HandleFunc("POST /verify-email/resend", s.form(s.resendForToken))
	mux.HandleFunc("GET /resend", s.askToResend)
	mux.HandleFunc("POST /resend", s.form(s.resendForAddress))
	s.routeSignUpPages(mux)
}

func (s *server) home(w http.ResponseWriter, _ *http.Request) {
	s.show(w, http.StatusOK, "home", view{Title: s.AppName, HasInbox: s.Inbox != nil})
}

func (s *server) docs(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", docsPolicy)
	s.show(w, http.StatusOK, "docs", view{Title: "API"})
}

// fail answers with a page where a person is likely to look at it, else with
// the problem document.
func (s *server) fail(w http.ResponseWriter, r *http.Request, p *Problem) {
	if !wantsPage(r) {
		writeProblem(w, p)
		return
	}
	s.failPage(w, p)
}

func (s *server) failPage(w http.ResponseWriter, p *Problem) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	s.show(w, p.Status, "problem", view{Title: p.Title, Problem: p.Detail})
}

// wantsPage reports whether the request comes from somebody who reads HTML and
// is not asking the API.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.Contains(r.URL.Path, apiPath+"/")
}
