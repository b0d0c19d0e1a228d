package web

import (
	"net/http"
	"regexp"

	"github.com/signup-go/signup"
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

// disown removes a sign-up that somebody else made with the address.
func (s *server) disown(w http.ResponseWriter, r *http.Request) {
	err := s.Service.Disown(r.Context(), r.PostForm.Get("token"))
	if err == nil {
		s.page(w, r, http.StatusOK, "disowned", view{Done: true})
		return
	}
	p := s.problemOf(r.Context(), err)
	switch signup.Code(p.Code) {
	case signup.CodeTokenUnknown, signup.CodeAlreadyConfirmed, signup.CodeUserNotFound:
		s.page(w, r, http.StatusBadRequest, "disowned", view{})
	default:
		s.failPage(w, r, p)
	}
}

// tokenIn is the token that a page was opened with, "" where it is none.
func tokenIn(r *http.Request) string {
	token := r.URL.Query().Get("token")
	if len(token) > maxTokenLength || !tokenPattern.MatchString(token) {
		return ""
	}
	return token
}

// tokenPattern is what a token is made of: it means the same wherever in a
// page it stands.
var tokenPattern = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
