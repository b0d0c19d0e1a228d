package web

import (
	"bytes"
	"errors"
	"html/template"
	"mime"
	"net/http"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// A linkPage is the page that the link opens, cut where the token stands:
// scanners ask for it more often than people do.
type linkPage [][]byte

const tokenMark = "the-token-goes-here"

func (p *pages) newLinkPage(language string) linkPage {
	return bytes.Split(p.render(language, "verify", view{Token: tokenMark, Here: verifyPath}), []byte(tokenMark))
}

// with is the page for a token.
func (p linkPage) with(token string) []byte {
	return bytes.Join(p, []byte(template.HTMLEscapeString(token)))
}

const verifyPath = "/verify-email"

// askToVerify shows a button. It reads nothing of the token and changes nothing,
// because mail scanners open links. A browser that signed up also sees under
// which name it will confirm.
func (s *server) askToVerify(w http.ResponseWriter, r *http.Request) {
	token := tokenIn(r)
	if token == "" {
		s.page(w, r, http.StatusBadRequest, "unknown", view{Incomplete: true})
		return
	}
	status, err := s.signUpStatusOf(r)
	switch {
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	case status.Unconfirmed():
		s.page(w, r, http.StatusOK, "verify", view{Token: token, Person: &person{Name: status.Name, Username: status.Username}})
	default:
		lang := s.choose(w, r)
		s.write(w, lang, http.StatusOK, "verify", s.pages.link(lang).with(token))
	}
}

// form lets a form through that came from our own page, or from a program. A
// person who was sent to it by another site is told so.
func (s *server) form(h http.HandlerFunc) http.HandlerFunc {
	return s.ours(func(w http.ResponseWriter, r *http.Request) {
		if problem := readForm(w, r); problem != nil {
			s.fail(w, r, problem)
			return
		}
		h(w, r)
	})
}

// ours keeps other sites' pages from sending anything.
func (s *server) ours(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.guard.Check(r); err != nil {
			s.fail(w, r, newProblem(http.StatusForbidden, codeCrossSite, "This form was sent from another site"))
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

// verifyEmail spends the token for the sign-up that the form proves to be the
// reader's. Without a proof in the form that is the sign-up of this browser, and
// without one of those the page asks.
func (s *server) verifyEmail(w http.ResponseWriter, r *http.Request) {
	if problem := checkForm(r.PostForm); problem != nil {
		s.fail(w, r, problem)
		return
	}
	token := wholeToken(r.PostForm.Get("token"))
	switch {
	case r.PostForm.Has(newPasswordField):
		s.verifyWithNewPassword(w, r, token)
	case r.PostForm.Has("password"):
		s.verifyWithPassword(w, r, token)
	case r.PostForm.Has("mine"):
		s.verifyOwn(w, r, token)
	case r.PostForm.Has("ask"):
		s.askWho(w, r, http.StatusOK, token, nil)
	default:
		s.verifyByTicket(w, r, token)
	}
}

func (s *server) verifyByTicket(w http.ResponseWriter, r *http.Request, token string) {
	ticket := s.ticketOf(r)
	if ticket != "" {
		c, err := s.Service.ConfirmAs(r.Context(), token, signup.Claimant{Ticket: ticket})
		if !refusal.Is(err, refusal.TicketUnknown) {
			s.verified(w, r, token, c, err)
			return
		}
	}
	s.askWho(w, r, http.StatusOK, token, nil)
}

// verified answers a confirmation that was tried.
func (s *server) verified(w http.ResponseWriter, r *http.Request, token string, c signup.Confirmation, err error) {
	if err != nil {
		s.notVerified(w, r, s.problemOf(r.Context(), err), token)
		return
	}
	s.page(w, r, http.StatusOK, "confirmed", view{Token: token, Pending: c.AdminApprovalRequired})
}

func (s *server) notVerified(w http.ResponseWriter, r *http.Request, p *Problem, token string) {
	switch refusal.Code(p.Code) {
	case refusal.AlreadyConfirmed:
		s.page(w, r, http.StatusOK, "already", view{Token: token})
	case refusal.TokenExpired:
		s.page(w, r, http.StatusGone, "expired", view{Token: token})
	case refusal.TokenUnknown, refusal.UserNotFound:
		s.page(w, r, http.StatusBadRequest, "unknown", view{Here: "/resend", Incomplete: token == ""})
	case refusal.VerificationDisabled:
		s.page(w, r, p.Status, "disabled", view{Token: token})
	case refusal.Busy:
		w.Header().Set("Retry-After", p.headers.Get("Retry-After"))
		s.page(w, r, p.Status, "verify", view{Token: token, Problem: s.phrase(w, r, "verify.busy")})
	default:
		s.failPage(w, r, p)
	}
}

// resendForToken answers alike for every token.
func (s *server) resendForToken(w http.ResponseWriter, r *http.Request) {
	err := s.Service.ResendForToken(r.Context(), r.PostForm.Get("token"))
	s.resent(w, r, err)
}

func (s *server) askToResend(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, http.StatusOK, "resend", view{})
}

// resendForAddress answers alike for every address that is one.
func (s *server) resendForAddress(w http.ResponseWriter, r *http.Request) {
	err := s.Service.Resend(r.Context(), r.PostForm.Get("email"))
	if refusal.Is(err, refusal.Invalid) {
		s.page(w, r, http.StatusUnprocessableEntity, "resend", view{Problem: s.phrase(w, r, "wrong.email")})
		return
	}
	s.resent(w, r, err)
}

func (s *server) resent(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	s.page(w, r, http.StatusOK, "resent", view{})
}
