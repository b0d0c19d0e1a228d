package web

import (
	"context"
	"net/http"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// newPasswordField is the field of a new password on the page that asks whose
// sign-up a link confirms.
const newPasswordField = "new_password"

// A person is whom a page names.
type person struct {
	Name, Username string
	MadeAt         time.Time // when the sign-up was made; zero where the page does not say
}

func personOf(u signup.User) *person {
	return &person{Name: u.Name, Username: u.Username, MadeAt: u.CreatedAt}
}

// An identifyView asks for a proof that a sign-up is the reader's. A link proves
// only that somebody reads the mailbox: anybody can sign up with its address.
type identifyView struct {
	Asks     bool   // for the password; else a press is enough
	Username string // as typed, at first that of the link's own sign-up
	Own      string // the username of the link's own sign-up; "" if that is gone
	Problem  string // with username and password, "" for none

	New    *control // the field of a new password
	Strict bool     // whether a password needs more than its length
}

func newIdentifyView(u signup.User, settings signup.Settings) *identifyView {
	return &identifyView{
		Asks: settings.ConfirmAsksPassword || u.ID == 0, Username: u.Username, Own: u.Username,
		// No MaxLength: a browser cuts what is pasted, unseen.
		New:    &control{Name: newPasswordField, Kind: "password", HasHelp: true, Required: true, MinLength: settings.PasswordLength},
		Strict: settings.PasswordType != password.LengthOnly,
	}
}

// Wrong reports whether something that was typed needs another look.
func (v *identifyView) Wrong() bool { return v.Problem != "" || v.New.Problem != nil }

// refuse puts what is wrong with a new password beside it.
func (v *identifyView) refuse(refusals []*refusal.Error, missing bool) {
	p := &fieldProblem{Name: v.New.Name, ID: v.New.ID(), Code: string(refusal.Invalid), Missing: missing}
	for _, e := range refusals {
		p.Rules = append(p.Rules, e.Rules...)
	}
	v.New.Problem, v.New.Focus = p, true
}

// askWho names the token's own sign-up and asks whether it is the reader's. If
// that is gone, it asks which sign-up is. It changes nothing.
func (s *server) askWho(w http.ResponseWriter, r *http.Request, status int, token string, change func(*identifyView)) {
	u, err := s.Service.SignUpOfToken(r.Context(), token)
	if err != nil {
		s.notVerified(w, r, s.problemOf(r.Context(), err), token)
		return
	}
	settings, err := s.Service.Settings(r.Context())
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	v := newIdentifyView(u, settings)
	if change != nil {
		v.Asks = true
		change(v)
	}
	s.page(w, r, status, "identify", view{Token: token, Person: personOf(u), Identify: v})
}

// verifyOwn confirms the token's own sign-up, by the reader's word, where the
// settings do not ask for more.
func (s *server) verifyOwn(w http.ResponseWriter, r *http.Request, token string) {
	settings, err := s.Service.Settings(r.Context())
	switch {
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	case settings.ConfirmAsksPassword:
		s.askWho(w, r, http.StatusOK, token, nil)
		return
	}
	c, err := s.Service.Confirm(r.Context(), token)
	if refusal.Is(err, refusal.PasswordRequired) {
		s.askWho(w, r, http.StatusOK, token, func(*identifyView) {})
		return
	}
	s.verified(w, r, token, c, err)
}

// verifyWithPassword confirms the sign-up of a username and password.
func (s *server) verifyWithPassword(w http.ResponseWriter, r *http.Request, token string) {
	claimant := signup.Claimant{Username: r.PostForm.Get("username"), Password: r.PostForm.Get("password")}
	again := func(status int, problem string) {
		s.askWho(w, r, status, token, func(v *identifyView) { v.Username, v.Problem = claimant.Username, problem })
	}
	if claimant.Password == "" {
		again(http.StatusUnprocessableEntity, s.phrase(w, r, "wrong.required", "Field", s.phrase(w, r, "field.password")))
		return
	}
	if wait, ok := s.mayTryPassword(r.Context(), token); !ok {
		w.Header().Set("Retry-After", inSeconds(wait))
		again(http.StatusTooManyRequests, s.phrase(w, r, "wrong.too_many_passwords", "Clock", clock(wait)))
		return
	}
	c, err := s.Service.ConfirmAs(r.Context(), token, claimant)
	switch {
	case refusal.Is(err, refusal.WrongPassword):
		again(http.StatusUnprocessableEntity, s.phrase(w, r, "wrong.login"))
	case refusal.Is(err, refusal.Busy):
		p := s.problemOf(r.Context(), err)
		w.Header().Set("Retry-After", p.headers.Get("Retry-After"))
		again(p.Status, s.phrase(w, r, "verify.busy"))
	default:
		s.verified(w, r, token, c, err)
	}
}

// mayTryPassword limits the passwords that are tried with one link, whoever
// tries them. A new password can be chosen all the same, so that nobody can lock
// the reader of the mailbox out.
func (s *server) mayTryPassword(ctx context.Context, token string) (wait time.Duration, ok bool) {
	t, isToken := signup.ParseToken(token)
	if !isToken {
		return 0, true // it is refused at no cost
	}
	ok, wait = s.count(ctx, passwordLimit, t.Hash())
	return wait, ok
}

// verifyWithNewPassword confirms the token's own sign-up with a password that
// takes the place of the old one.
func (s *server) verifyWithNewPassword(w http.ResponseWriter, r *http.Request, token string) {
	password := r.PostForm.Get(newPasswordField)
	if password == "" {
		s.askWho(w, r, http.StatusUnprocessableEntity, token, func(v *identifyView) { v.refuse(nil, true) })
		return
	}
	c, err := s.Service.ConfirmAs(r.Context(), token, signup.Claimant{NewPassword: password})
	switch {
	case refusal.Is(err, refusal.Invalid):
		s.askWho(w, r, http.StatusUnprocessableEntity, token, func(v *identifyView) { v.refuse(refusal.Of(err), false) })
	case refusal.Is(err, refusal.Busy):
		p := s.problemOf(r.Context(), err)
		w.Header().Set("Retry-After", p.headers.Get("Retry-After"))
		s.askWho(w, r, p.Status, token, func(v *identifyView) { v.Problem = s.phrase(w, r, "verify.busy") })
	default:
		s.verified(w, r, token, c, err)
	}
}
