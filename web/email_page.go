package web

import (
	"net/http"

	"github.com/signup-go/signup/refusal"
)

const confirmEmailPath = "/confirm-email"

// askToConfirmEmail shows a button. It reads nothing of the token and changes
// nothing, because mail scanners open links.
func (s *server) askToConfirmEmail(w http.ResponseWriter, r *http.Request) {
	token := tokenIn(r)
	if token == "" {
		s.page(w, r, http.StatusBadRequest, "confirm-email", view{Here: confirmEmailPath, Incomplete: true})
		return
	}
	s.page(w, r, http.StatusOK, "confirm-email", view{Here: confirmEmailPath, Token: token})
}

// confirmEmail gives the token's user the new address.
func (s *server) confirmEmail(w http.ResponseWriter, r *http.Request) {
	if problem := checkForm(r.PostForm); problem != nil {
		s.fail(w, r, problem)
		return
	}
	token := wholeToken(r.PostForm.Get("token"))
	err := s.Service.ConfirmEmail(r.Context(), token)
	switch {
	case err == nil:
		s.page(w, r, http.StatusOK, "confirm-email", view{Here: confirmEmailPath, Done: true})
	case refusal.Is(err, refusal.TokenUnknown), refusal.Is(err, refusal.TokenExpired):
		s.page(w, r, http.StatusBadRequest, "confirm-email", view{Here: confirmEmailPath, Incomplete: token == "", Old: true})
	case refusal.Is(err, refusal.EmailTaken):
		s.page(w, r, http.StatusConflict, "confirm-email", view{Here: confirmEmailPath, Old: true, Problem: s.phrase(w, r, "wrong.email_taken")})
	default:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	}
}
