package web

import (
	"net/http"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

const (
	resetPath       = "/reset-password"
	newPasswordPath = "/reset-password/new"
)

func (s *server) routeAccountPages(mux *http.ServeMux) {
	mux.HandleFunc("GET "+resetPath, s.askToReset)
	mux.HandleFunc("POST "+resetPath, s.form(s.requestReset))
	mux.HandleFunc("GET "+confirmEmailPath, s.askToConfirmEmail)
	mux.HandleFunc("POST "+confirmEmailPath, s.form(s.confirmEmail))
	mux.HandleFunc("POST "+newPasswordPath, s.form(s.resetPassword))
}

// askToReset asks for the address of an account or, if the page was opened by a
// link, for a new password. It reads nothing of the token and changes nothing.
func (s *server) askToReset(w http.ResponseWriter, r *http.Request) {
	token := tokenIn(r)
	switch {
	case token != "":
		s.askNewPassword(w, r, http.StatusOK, token, "", nil)
	case r.URL.Query().Has("token"):
		s.page(w, r, http.StatusBadRequest, "reset", view{Here: resetPath, Incomplete: true})
	default:
		s.page(w, r, http.StatusOK, "reset", view{Here: resetPath})
	}
}

// askNewPassword asks for a new password. problem is with the page as a whole,
// refusals with what was typed.
func (s *server) askNewPassword(w http.ResponseWriter, r *http.Request, status int, token, problem string, refusals []*refusal.Error) {
	settings, err := s.Service.Settings(r.Context())
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	v := newIdentifyView(signup.User{}, settings)
	if status == http.StatusUnprocessableEntity {
		v.refuse(refusals, refusals == nil)
	}
	s.page(w, r, status, "new-password", view{Here: resetPath, Token: token, Problem: problem, Identify: v})
}

// requestReset answers alike for every address that is one.
func (s *server) requestReset(w http.ResponseWriter, r *http.Request) {
	err := s.Service.RequestPasswordReset(r.Context(), r.PostForm.Get("email"))
	switch {
	case refusal.Is(err, refusal.Invalid):
		s.page(w, r, http.StatusUnprocessableEntity, "reset", view{Here: resetPath, Problem: s.phrase(w, r, "wrong.email")})
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	default:
		s.page(w, r, http.StatusOK, "reset-sent", view{Here: resetPath})
	}
}

func (s *server) resetPassword(w http.ResponseWriter, r *http.Request) {
	if problem := checkForm(r.PostForm); problem != nil {
		s.fail(w, r, problem)
		return
	}
	token, password := wholeToken(r.PostForm.Get("token")), r.PostForm.Get(newPasswordField)
	if token != "" && password == "" {
		s.askNewPassword(w, r, http.StatusUnprocessableEntity, token, "", nil)
		return
	}
	err := s.Service.ResetPassword(r.Context(), token, password)
	switch {
	case err == nil:
		s.page(w, r, http.StatusOK, "reset-done", view{Here: resetPath})
	case refusal.Is(err, refusal.TokenUnknown), refusal.Is(err, refusal.TokenExpired):
		s.page(w, r, http.StatusBadRequest, "reset", view{Here: resetPath, Incomplete: token == "", Old: true})
	case refusal.Is(err, refusal.Invalid):
		s.askNewPassword(w, r, http.StatusUnprocessableEntity, token, "", refusal.Of(err))
	case refusal.Is(err, refusal.Busy):
		p := s.problemOf(r.Context(), err)
		w.Header().Set("Retry-After", p.headers.Get("Retry-After"))
		s.askNewPassword(w, r, p.Status, token, s.phrase(w, r, "verify.busy"), nil)
	default:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	}
}
