package web

import (
	"net/http"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// askToDisown asks once more, whatever the token, unless there is none. It reads
// nothing and changes nothing.
func (s *server) askToDisown(w http.ResponseWriter, r *http.Request) {
	token := tokenIn(r)
	if token == "" {
		s.page(w, r, http.StatusBadRequest, "disowned", view{})
		return
	}
	s.page(w, r, http.StatusOK, "disown", view{Token: token})
}

// disown removes the sign-up to which the token belongs, and no other one with
// the address.
func (s *server) disown(w http.ResponseWriter, r *http.Request) {
	err := s.Service.Disown(r.Context(), wholeToken(r.PostForm.Get("token")))
	if err == nil {
		s.page(w, r, http.StatusOK, "disowned", view{Done: true})
		return
	}
	p := s.problemOf(r.Context(), err)
	switch refusal.Code(p.Code) {
	case refusal.TokenUnknown, refusal.AlreadyConfirmed, refusal.UserNotFound:
		s.page(w, r, http.StatusBadRequest, "disowned", view{})
	default:
		s.failPage(w, r, p)
	}
}

// tokenIn returns the token that a page was opened with, "" where that is not a
// whole one.
func tokenIn(r *http.Request) string { return wholeToken(r.URL.Query().Get("token")) }

// wholeToken returns the token in a text that was copied out of a link, without
// what came along, such as a full stop; "" where it is not a whole one. It has
// only letters, digits, "-" and "_", so it is safe anywhere in a page.
func wholeToken(text string) string {
	token, ok := signup.ParseToken(text)
	if !ok {
		return ""
	}
	return token.Reveal()
}
