package web

import (
	"bytes"
	"errors"
	"html/template"
	"mime"
	"net/http"

	"github.com/signup-go/signup"
)

// verifyView is what the link opens.
func verifyView(token string) view { return view{Title: "Confirm your e-mail address", Token: token} }

// A linkPage is the page that the link opens, but for the token: scanners ask
// for it more often than people do.
type linkPage struct{ before, after []byte }

func (p pages) linkPage() linkPage {
	const token = "the-token-goes-here"
	before, after, _ := bytes.Cut(p.render("verify", verifyView(token)), []byte(token))
	return linkPage{before, after}
}

// askToVerify shows a button, whatever the token. It reads nothing and changes
// nothing: mail scanners open links.
func (s *server) askToVerify(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	if len(token) > maxTokenLength {
		token = ""
	}
	escaped := template.HTMLEscapeString(token)
	s.write(w, http.StatusOK, "verify", s.link.before, []byte(escaped), s.link.after)
}

// form lets a form through that came from our own page, or from a program. A
// person who was sent to it by another site is told so.
func (s *server) form(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.guard.Check(r); err != nil {
			s.fail(w, r, newProblem(http.StatusForbidden, codeCrossSite, "This form was sent from another site"))
			return
		}
		if problem := readForm(w, r); problem != nil {
			s.fail(w, r, problem)
			return
		}
		h(w, r)
	}
}

func readForm(w http.ResponseWriter, r *http.Request) *Problem {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return newProblem(http.StatusUnsupportedMediaType, codeMediaType, "The form must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err = r.ParseForm()
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, "The form is too long")
	}
	if err != nil {
		return malformed("The form is malformed")
	}
	return nil
}

// verifyEmail spends the token and says what comes next.
func (s *server) verifyEmail(w http.ResponseWriter, r *http.Request) {
	token := r.PostForm.Get("token")
	c, err := s.Service.Confirm(r.Context(), token)
	if err == nil {
		s.show(w, http.StatusOK, "confirmed", view{Title: "E-mail address confirmed", Pending: c.AdminApprovalRequired})
		return
	}
	s.notVerified(w, s.problemOf(r.Context(), err), token)
}

func (s *server) notVerified(w http.ResponseWriter, p *Problem, token string) {
	switch signup.Code(p.Code) {
	case signup.CodeAlreadyConfirmed:
		s.show(w, http.StatusOK, "already", view{Title: "Already confirmed"})
	case signup.CodeTokenExpired:
		s.show(w, http.StatusGone, "expired", view{Title: "This link has expired", Token: token})
	case signup.CodeTokenUnknown, signup.CodeUserNotFound:
		s.show(w, http.StatusBadRequest, "unknown", view{Title: "This link is no longer valid"})
	case signup.CodeVerificationDisabled:
		s.show(w, p.Status, "disabled", view{Title: "Nothing to confirm"})
	case signup.CodeBusy:
		w.Header().Set("Retry-After", p.headers.Get("Retry-After"))
		v := verifyView(token)
		v.Problem = "We are very busy. Please try again in a moment."
		s.show(w, p.Status, "verify", v)
	default:
		s.failPage(w, p)
	}
}

// resendForToken answers alike for every token.
func (s *server) resendForToken(w http.ResponseWriter, r *http.Request) {
	err := s.Service.ResendForToken(r.Context(), r.PostForm.Get("token"))
	s.resent(w, r, err)
}

func (s *server) askToResend(w http.ResponseWriter, _ *http.Request) {
	s.show(w, http.StatusOK, "resend", view{Title: "Get a new link"})
}

// resendForAddress answers alike for every address that is one.
func (s *server) resendForAddress(w http.ResponseWriter, r *http.Request) {
	err := s.Service.Resend(r.Context(), r.PostForm.Get("email"))
	if signup.IsCode(err, signup.CodeInvalid) {
		s.show(w, http.StatusUnprocessableEntity, "resend", view{
			Title: "Get a new link", Problem: "Please enter an e-mail address such as name@example.org.",
		})
		return
	}
	s.resent(w, r, err)
}

func (s *server) resent(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		s.failPage(w, s.problemOf(r.Context(), err))
		return
	}
	s.show(w, http.StatusOK, "resent", view{Title: "Check your e-mail"})
}
