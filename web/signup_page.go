package web

import (
	"net/http"

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
		s.page(w, r, http.StatusOK, "sign-up", view{SignUp: s.signUpView(r, settings, nil)})
	}
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
