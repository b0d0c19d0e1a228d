package web

import (
	"cmp"
	"net/http"
	"sync"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

const signUpPath = "/sign-up"

func (s *server) routeSignUpPages(mux *http.ServeMux) {
	mux.HandleFunc("GET "+signUpPath, s.askToSignUp)
	mux.HandleFunc("POST "+signUpPath, s.form(s.signUpByForm))
}

// askToSignUp shows the empty form.
func (s *server) askToSignUp(w http.ResponseWriter, r *http.Request) {
	settings, err := s.Service.Settings(r.Context())
	switch {
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	case !settings.SignUpEnabled:
		s.page(w, r, statusOf(refusal.SignUpDisabled), "closed", view{})
	default:
		s.writeEmptyForm(w, r, settings)
	}
}

// An emptyForm is everything that the empty form depends on.
type emptyForm struct {
	language     string // of the page
	chosen       string // language; "" for none
	browser      string // its Accept-Language
	verification bool
	policy       password.Policy
	length       int
}

// Browsers send few different headers, but anybody can send any.
const (
	maxEmptyForms = 100
	maxBrowser    = 200 // bytes of a header that is worth keeping
)

// writeEmptyForm renders each form once, which takes longer than all else.
func (s *server) writeEmptyForm(w http.ResponseWriter, r *http.Request, settings signup.Settings) {
	key := emptyForm{
		s.choose(w, r), cmp.Or(s.chosenNow(r), s.remembered(r)), r.Header.Get("Accept-Language"),
		settings.RequireEmailVerification, settings.PasswordType, settings.PasswordLength,
	}
	s.emptyForms.mu.Lock()
	page := s.emptyForms.pages[key]
	s.emptyForms.mu.Unlock()
	if page == nil {
		page = s.pages.render(key.language, "sign-up", view{SignUp: s.signUpView(r, settings, nil), Here: signUpPath})
		s.emptyForms.keep(key, page)
	}
	s.write(w, key.language, http.StatusOK, "sign-up", page)
}

// emptyForms are the forms that were rendered last.
type emptyForms struct {
	mu    sync.Mutex
	pages map[emptyForm][]byte
}

func (f *emptyForms) keep(key emptyForm, page []byte) {
	if len(key.browser) > maxBrowser {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pages == nil || len(f.pages) == maxEmptyForms {
		f.pages = map[emptyForm][]byte{}
	}
	f.pages[key] = page
}

// signUpByForm signs a person up and leads to a page that can be reloaded.
func (s *server) signUpByForm(w http.ResponseWriter, r *http.Request) {
	registration, problem := s.registrationOf(r.PostForm)
	if problem != nil {
		s.fail(w, r, problem)
		return
	}
	if registration.PreferredLanguage == "" {
		registration.PreferredLanguage = s.languageOf(r)
	}
	// With its ticket a browser corrects the sign-up that it made before.
	registration.WantsTicket, registration.Ticket = true, s.ticketOf(r)
	receipt, err := s.Service.SignUp(r.Context(), registration)
	if err != nil {
		s.notSignedUp(w, r, err)
		return
	}
	http.SetCookie(w, s.cookie(ticketCookie, receipt.Ticket.Reveal(), receipt.TicketLifetime))
	http.Redirect(w, r, s.base+nextPath, http.StatusSeeOther)
}

// notSignedUp shows the form again where that can help.
func (s *server) notSignedUp(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r.Context(), err)
	switch refusal.Code(p.Code) {
	case refusal.SignUpDisabled:
		s.page(w, r, p.Status, "closed", view{})
	case refusal.MailNotConfigured:
		s.page(w, r, p.Status, "closed", view{NoMail: true})
	case refusal.Invalid, refusal.UsernameTaken, refusal.EmailTaken, refusal.Busy:
		s.askAgain(w, r, p, refusal.Of(err))
	default:
		s.failPage(w, r, p)
	}
}

func (s *server) askAgain(w http.ResponseWriter, r *http.Request, p *Problem, refusals []*refusal.Error) {
	settings, err := s.Service.Settings(r.Context())
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	v := s.signUpView(r, settings, r.PostForm)
	if p.Code == string(refusal.Busy) {
		v.Busy = true
		w.Header().Set("Retry-After", p.headers.Get("Retry-After"))
	} else {
		v.blame(refusals, r.PostForm)
	}
	s.page(w, r, p.Status, "sign-up", view{SignUp: v})
}
