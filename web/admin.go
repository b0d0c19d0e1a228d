package web

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
	"github.com/signup-go/signup/refusal"
)

//go:embed pages/admin/*.html
var adminFiles embed.FS

//go:embed lang-admin/lang/*.yaml
var adminLanguages embed.FS

const (
	adminPath   = "/admin"
	waitingPath = adminPath + "/waiting"
	usersPath   = adminPath + "/users"
)

// adminPages are the pages for administrators. Each is parsed when it is first
// asked for.
type adminPages struct {
	layout *template.Template // never executed, so that it can be cloned

	mu     sync.Mutex
	parsed map[string]*template.Template
}

// adminWords are the sentences of the pages for administrators.
var adminWords = sync.OnceValue(func() *words.Catalogue {
	sub, err := fs.Sub(adminLanguages, "lang-admin")
	if err == nil {
		var catalogue *words.Catalogue
		if catalogue, err = words.Read(sub); err == nil {
			return catalogue
		}
	}
	panic(fmt.Errorf("words for administrators: %w", err)) // they are embedded
})

func newAdminPages(s *server) (*adminPages, error) {
	layout, err := template.New(layoutFile).Funcs(s.pageFuncs()).ParseFS(adminFiles, "pages/admin/"+layoutFile)
	if err != nil {
		return nil, fmt.Errorf("web: layout for administrators: %w", err)
	}
	return &adminPages{layout: layout, parsed: map[string]*template.Template{}}, nil
}

func (p *adminPages) page(name string) *template.Template {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parsed[name] == nil {
		t := template.Must(p.layout.Clone())
		p.parsed[name] = template.Must(t.ParseFS(adminFiles, "pages/admin/"+name+".html"))
	}
	return p.parsed[name]
}

func (s *server) routeAdmin(mux *http.ServeMux) {
	if s.Admin == nil {
		s.routeSessions(mux)
	}
	for path, page := range map[string]func(*adminRequest){
		adminPath + "/{$}":        (*adminRequest).start,
		adminPath:                 (*adminRequest).start,
		waitingPath:               (*adminRequest).waiting,
		usersPath:                 (*adminRequest).users,
		usersPath + "/{id}":       (*adminRequest).userPage,
		adminPath + "/settings":   (*adminRequest).settingsPage,
		adminPath + "/audit":      (*adminRequest).auditPage,
		adminPath + "/audit.csv":  (*adminRequest).auditCSV,
		adminPath + "/audit.json": (*adminRequest).auditJSON,
		adminPath + "/statistics": (*adminRequest).statistics,
		adminPath + "/mail":       (*adminRequest).mailPage,
		"/settings":               (*adminRequest).review,
	} {
		mux.HandleFunc("GET "+path, s.forAdmin(page))
	}
	s.routeAdminKeys(mux)
	// An open page must not keep its session alive.
	mux.HandleFunc("GET "+adminPath+"/events", s.gate(s.Service.PeekSession, (*adminRequest).events))
	for path, act := range map[string]func(*adminRequest){
		waitingPath:             (*adminRequest).decideMany,
		usersPath + "/{id}":     (*adminRequest).decideOne,
		adminPath + "/settings": (*adminRequest).changeSettings,
		adminPath + "/mail":     (*adminRequest).actOnMail,
	} {
		mux.HandleFunc("POST "+path, s.form(s.forAdmin(act)))
	}
}

// routeSessions adds what administrators need who sign in here.
func (s *server) routeSessions(mux *http.ServeMux) {
	mux.HandleFunc("GET "+loginPath, s.askToSignIn)
	mux.HandleFunc("POST "+loginPath, s.form(s.signIn))
	mux.HandleFunc("POST /logout", s.form(s.signOut))
	mux.HandleFunc("GET "+adminPath+"/account", s.forAdmin((*adminRequest).account))
	mux.HandleFunc("POST "+adminPath+"/account", s.form(s.forAdmin((*adminRequest).changeAccount)))
}

// An adminRequest is one request of an administrator who is signed in.
type adminRequest struct {
	*server
	*words.Words
	w       http.ResponseWriter
	r       *http.Request
	actor   signup.Actor // "" before the sign-in
	user    signup.User  // the zero value before the sign-in, and for an administrator of the host
	session signup.Session
	names   map[int64]string // of users that did something
}

// forAdmin lets only active administrators through who are signed in.
func (s *server) forAdmin(page func(*adminRequest)) http.HandlerFunc {
	return s.gate(s.Service.Session, page)
}

func (s *server) gate(
	look func(context.Context, string) (signup.Session, signup.User, error), page func(*adminRequest),
) http.HandlerFunc {
	if s.Admin != nil {
		return s.hostGate(page)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		session, user, err := look(r.Context(), s.sessionToken(r))
		switch {
		case refusal.Is(err, refusal.Unauthorized):
			s.sendToSignIn(w, r)
		case err != nil:
			s.fail(w, r, s.problemOf(r.Context(), err))
		default:
			v := s.adminRequest(w, r, user.Language)
			v.actor, v.user, v.session = signup.ActorUser(user.ID), user, session
			page(v)
		}
	}
}

// hostGate lets only administrators of the host through.
func (s *server) hostGate(page func(*adminRequest)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, ok := s.Admin(r)
		switch {
		case ok && by != "":
			v := s.adminRequest(w, r, "")
			v.actor = by
			page(v)
		case s.LoginURL != "" && wantsPage(r):
			http.Redirect(w, r, s.LoginURL, http.StatusSeeOther)
		default:
			s.fail(w, r, newProblem(http.StatusUnauthorized, string(refusal.Unauthorized), "Sign in first"))
		}
	}
}

// stillIn reports whether the administrator is still signed in.
func (v *adminRequest) stillIn() error {
	if v.Admin == nil {
		_, _, err := v.Service.PeekSession(v.r.Context(), v.sessionToken(v.r))
		return err
	}
	if by, ok := v.Admin(v.r); !ok || by != v.actor {
		return refusal.New(refusal.Unauthorized, "Sign in first")
	}
	return nil
}

// adminRequest makes one in the language of all other pages; where the browser
// asks for none, in the administrator's own ("" for none).
func (s *server) adminRequest(w http.ResponseWriter, r *http.Request, own string) *adminRequest {
	language := s.choose(w, r)
	if own != "" && len(s.wants(r)) == 0 {
		language = own
	}
	return &adminRequest{server: s, Words: adminWords().In(language), w: w, r: r, names: map[int64]string{}}
}

// Switch is how the page is had in another language.
func (v *adminRequest) Switch() *switcher {
	return &switcher{Action: strings.TrimPrefix(v.r.URL.Path, v.base), Languages: v.pages.languages}
}

// People says a sentence of the pages for people.
func (v *adminRequest) People(id string) string {
	return v.said(v.pages.translator(v.Tag.String()).say(id))
}

// by is the administrator as the one who does something.
func (v *adminRequest) by() signup.Actor { return v.actor }

// asAdmin is what the administrator can do.
func (v *adminRequest) asAdmin() signup.Admin { return v.Service.As(v.by()) }

// An adminView is what a page for administrators shows. The templates ask it
// for their words.
type adminView struct {
	*adminRequest
	Title   string
	Section string // of the navigation
	Waiting int    // who wait for approval
	Data    any
}

// Me is the administrator; nobody before the sign-in, and for one of the host.
func (v adminView) Me() signup.User { return v.user }

// SignedIn reports whether there is an administrator.
func (v adminView) SignedIn() bool { return v.actor != "" }

// Live is what the script is told.
func (v adminView) Live() string { return v.base + adminPath + "/events" }

// show writes a page in the layout for administrators.
func (v *adminRequest) show(status int, name, section, title string, data any) {
	view := adminView{adminRequest: v, Title: title, Section: section, Data: data}
	if view.SignedIn() {
		n, err := v.asAdmin().Count(v.r.Context(), signup.UserQuery{Status: signup.StatusPendingApproval})
		if err != nil {
			v.failed(err)
			return
		}
		view.Waiting = n
	}
	var b bytes.Buffer
	if err := v.server.adminPages.page(name).Execute(&b, view); err != nil {
		v.failed(fmt.Errorf("page %s: %w", name, err))
		return
	}
	if v.Err != nil {
		v.Log.ErrorContext(v.r.Context(), "words are missing", idAttr(v.r.Context()), "error", v.Err)
	}
	header := v.w.Header()
	header.Set("Content-Security-Policy", helpedPolicy)
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", v.Tag.String())
	header.Add("Vary", "Accept-Language, Cookie")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // fails when the client goes away
}

func (v *adminRequest) failed(err error) { v.fail(v.w, v.r, v.problemOf(v.r.Context(), err)) }

// redirect leads to a page of ours after a form.
func (v *adminRequest) redirect(path string, query url.Values) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	http.Redirect(v.w, v.r, v.base+path, http.StatusSeeOther)
}

func (v *adminRequest) start() { v.redirect(waitingPath, nil) }

// review is where the notice to administrators leads: to the user it names.
func (v *adminRequest) review() {
	name := v.r.URL.Query().Get("username")
	u, err := v.Service.FindUser(v.r.Context(), name)
	switch {
	case refusal.Is(err, refusal.UserNotFound), refusal.Is(err, refusal.Conflict): // nobody, or several
		v.redirect(usersPath, url.Values{"search": {name}})
	case err != nil:
		v.failed(err)
	default:
		v.redirect(userPath(u.ID), nil)
	}
}

// refusal is the first refusal in err of a field, nil for none.
func refused(err error, field string) *refusal.Error {
	for _, e := range refusal.Of(err) {
		if e.Field == field {
			return e
		}
	}
	return nil
}

// wrongValue says that what was typed into a field cannot be used.
func (v *adminRequest) wrongValue(label string) string {
	return v.said(v.pages.translator(v.Tag.String()).say("wrong.other_value", "Field", label))
}

// wrongAddress says what is wrong with an address.
func (v *adminRequest) wrongAddress(err error) string {
	tr := v.pages.translator(v.Tag.String())
	if refusal.Is(err, refusal.Conflict) {
		return v.wrongValue(v.People("field.email"))
	}
	p := &fieldProblem{Name: "email"}
	if e := refused(err, "email"); e != nil {
		p.Code = string(e.Code)
	}
	return v.said(tr.wrongText(p))
}

// said is a sentence of the pages for people. Every language has all of them.
func (v *adminRequest) said(sentence string, err error) string {
	if err != nil {
		v.Log.ErrorContext(v.r.Context(), "a sentence could not be said", idAttr(v.r.Context()), slog.Any("error", err))
	}
	return sentence
}
