package web

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/internal/words"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pagePolicy lets a page load our style sheets, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

// helpedPolicy lets a page run our scripts too, and ask us how things stand.
const helpedPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; form-action 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

// docsPolicy lets the API's page run our copy of its script, and try the API.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// policyOf is the policy of a page by its name.
func policyOf(name string) string {
	switch name {
	case "docs":
		return docsPolicy
	case "identify", "new-password", "sign-up", "status":
		return helpedPolicy
	default:
		return pagePolicy
	}
}

// pages are the templates, each with the layout around it. What they say is
// bound to a language. A page is parsed when it is first asked for in one.
type pages struct {
	catalogue *words.Catalogue
	languages []languageName // of the catalogue, by name
	app       string
	source    func(name string) ([]byte, error)
	layout    *template.Template // never executed, so that it can be cloned

	mu     sync.Mutex
	parsed map[pageKey]*template.Template
	funcs  map[string]template.FuncMap // by language
	links  map[string]linkPage         // by language
}

// A pageKey is a page in a language of the catalogue.
type pageKey struct{ language, name string }

// A view is what a page shows.
type view struct {
	Title      string   // of pages for developers; the others have their own
	Token      string   // in forms that need it
	Problem    string   // what is wrong with what was typed, or ""
	Pending    bool     // whether an administrator must approve next
	Letters    []caught // of the inbox
	HasInbox   bool
	Gallery    *galleryView
	HasGallery bool

	Here string // where the page can be had in another language; "" for nowhere

	SignUp   *signUpView
	NoMail   bool          // whether sign-up is closed for want of mail
	Lifetime time.Duration // of a link
	Fault    *faultView

	Status   *statusView // of this browser's sign-up; nil for none
	Fresh    bool        // whether the page comes after the form
	Again    bool        // whether a link was just asked for
	Typed    string      // an address that needs another look
	NotNow   bool        // whether the address cannot be corrected,
	TooOften bool        // and whether that is because it was so often
	Done     bool        // whether the sign-up was removed

	Old        bool          // whether a link to reset a password has been used or expired
	Incomplete bool          // whether the link is no whole one
	Person     *person       // whose sign-up a link is to confirm; nil where the page does not say
	Identify   *identifyView // what the page asks for to find out
}

// pageWords are the sentences of the pages.
var pageWords = sync.OnceValues(func() (*words.Catalogue, error) { return words.Read(catalogueFiles) })

func (s *server) newPages() (*pages, error) {
	catalogue, err := pageWords()
	if err != nil {
		return nil, fmt.Errorf("web: words: %w", err)
	}
	p := &pages{
		catalogue: catalogue, app: s.AppName, source: s.source,
		parsed: map[pageKey]*template.Template{}, funcs: map[string]template.FuncMap{}, links: map[string]linkPage{},
	}
	for _, tag := range catalogue.Tags() {
		p.languages = append(p.languages, nameOfLanguage(tag.String()))
	}
	slices.SortFunc(p.languages, func(a, b languageName) int { return cmp.Compare(a.Tag, b.Tag) })
	funcs := s.pageFuncs()
	maps.Copy(funcs, p.translator(identity.DefaultLanguage).funcs())
	// Ours first, in any case, because the pages use what it defines: a layout of
	// the operator's own may then be a few lines.
	p.layout, err = template.New(layoutFile).Funcs(funcs).ParseFS(pageFiles, "pages/"+layoutFile)
	if err != nil {
		return nil, fmt.Errorf("web: layout: %w", err)
	}
	source, err := s.source(layoutFile)
	if err == nil {
		_, err = p.layout.Parse(string(source))
	}
	if err != nil {
		return nil, fmt.Errorf("web: page: %w", err)
	}
	return p, nil
}

const layoutFile = "layout.html"

func (p *pages) translator(tag string) translator {
	w := p.catalogue.In(tag)
	w.Data = map[string]any{"App": p.app}
	return translator{*w, &sync.Map{}}
}

// link is the page that a link opens, in a language of the catalogue.
func (p *pages) link(language string) linkPage {
	p.mu.Lock()
	link := p.links[language]
	p.mu.Unlock()
	if link == nil {
		link = p.newLinkPage(language)
		p.mu.Lock()
		p.links[language] = link
		p.mu.Unlock()
	}
	return link
}

// page returns a page in a language of the catalogue.
func (p *pages) page(language, name string) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := pageKey{language, name}
	if t := p.parsed[key]; t != nil {
		return t, nil
	}
	if p.funcs[language] == nil {
		p.funcs[language] = p.translator(language).funcs()
	}
	file := name + ".html"
	source, err := p.source(file)
	if err != nil {
		return nil, fmt.Errorf("web: page: %w", err)
	}
	t := template.Must(p.layout.Clone()).Funcs(p.funcs[language])
	if _, err = t.New(file).Parse(string(source)); err != nil {
		return nil, fmt.Errorf("web: page: %w", err)
	}
	p.parsed[key] = t
	return t, nil
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
		"options": languageOptions,
		// Without TLS a browser tells where a form comes from by its Origin
		// header alone, and under "no-referrer" that is "null".
		"plain":    func() bool { return s.BaseURL.Scheme == "http" },
		"switcher": s.switcher,
		"styles":   s.styles,
		"logo":     s.logo,
		"imprint":  func() string { return s.ImprintURL },
		"privacy":  func() string { return s.PrivacyURL },
		"terms":    func() string { return s.TermsURL },
	}
}

// switcher is how a page is had in another language, nil where it is not.
func (s *server) switcher(page any) *switcher {
	v, ok := page.(view)
	if !ok || v.Here == "" || len(s.pages.languages) < 2 {
		return nil
	}
	return &switcher{v.Here, v.Token, s.pages.languages}
}

// render makes the text of a page.
func (p *pages) render(language, name string, v view) []byte {
	var b bytes.Buffer
	t, err := p.page(language, name)
	if err == nil {
		err = t.Execute(&b, v)
	}
	if err != nil {
		panic(fmt.Errorf("page %s: %w", name, err)) // the templates take every view
	}
	return b.Bytes()
}

// page writes a page in the language of the request.
func (s *server) page(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	if v.Here == "" {
		v.Here = switchable(r.Pattern)
	}
	lang := s.choose(w, r)
	s.write(w, lang, status, name, s.pages.render(lang, name, v))
}

// show writes a page for developers, which is in English.
func (s *server) show(w http.ResponseWriter, status int, name string, v view) {
	s.write(w, identity.DefaultLanguage, status, name, s.pages.render(identity.DefaultLanguage, name, v))
}

func (s *server) write(w http.ResponseWriter, lang string, status int, name string, parts ...[]byte) {
	header := w.Header()
	if !strings.HasPrefix(header.Get("Content-Security-Policy"), pagePolicy) {
		header.Set("Content-Security-Policy", policyOf(name))
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", lang)
	header.Add("Vary", "Accept-Language, Cookie")
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
	mux.HandleFunc("GET /verify-email/not-me", s.askToDisown)
	mux.HandleFunc("POST /verify-email/not-me", s.form(s.disown))
	mux.HandleFunc("GET /resend", s.askToResend)
	mux.HandleFunc("POST /resend", s.form(s.resendForAddress))
	s.routeSignUpPages(mux)
	s.routeStatusPages(mux)
	s.routeAccountPages(mux)
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, http.StatusOK, "home", view{Title: s.AppName, HasInbox: s.Inbox != nil})
}

func (s *server) docs(w http.ResponseWriter, _ *http.Request) {
	s.show(w, http.StatusOK, "docs", view{Title: "API"})
}

// fail answers with a page where a person is likely to look at it, else with
// the problem document.
func (s *server) fail(w http.ResponseWriter, r *http.Request, p *Problem) {
	if !wantsPage(r) {
		writeProblem(w, p)
		return
	}
	s.failPage(w, r, p)
}

func (s *server) failPage(w http.ResponseWriter, r *http.Request, p *Problem) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	s.page(w, r, p.Status, "problem", view{Fault: faultOf(p, requestID(r.Context()))})
}

// wantsPage reports whether the request comes from somebody who reads HTML and
// is not asking the API.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.Contains(r.URL.Path, apiPath+"/")
}
