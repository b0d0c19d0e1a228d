package web

import (
	"net/http"
	"time"

	"github.com/signup-go/signup"
)

const (
	nextPath    = signUpPath + "/next"
	statusPath  = "/status"
	addressPath = statusPath + "/address"
)

// followEvery is how often the page looks whether something changed, while
// something is about to.
const followEvery = 5 * time.Second

// A standingView is where a sign-up stands, for the page.
type standingView struct {
	signup.Standing
	Lapsed bool
	Wait   time.Duration // until another link can be asked for
}

// The states that the page tells apart.

func (v *standingView) Active() bool   { return v.Status == signup.StatusActive }
func (v *standingView) Pending() bool  { return v.Status == signup.StatusPendingApproval }
func (v *standingView) Rejected() bool { return v.Status == signup.StatusRejected }
func (v *standingView) Failed() bool   { return v.Mail == signup.MailFailed }
func (v *standingView) Sent() bool     { return v.Mail == signup.MailSent }
func (v *standingView) Approval() bool { return v.ApprovalRequired }

// State changes when the page has something new to say.
func (v *standingView) State() string { return string(v.Status) + " " + string(v.Mail) }

// Seconds are those of Wait, rounded up.
func (v *standingView) Seconds() int { return int((v.Wait + time.Second - 1) / time.Second) }

// Follow is how often to look for something new, in seconds, 0 for not at all.
func (v *standingView) Follow() int {
	if v.Lapsed || v.Active() || v.Rejected() {
		return 0
	}
	return int(followEvery.Seconds())
}

func (s *server) routeStatusPages(mux *http.ServeMux) {
	mux.HandleFunc("GET "+nextPath, s.statusPage)
	mux.HandleFunc("GET "+statusPath, s.statusPage)
	mux.HandleFunc("POST "+statusPath+"/resend", s.form(s.resendByTicket))
	mux.HandleFunc("GET "+addressPath, s.askToCorrect)
	mux.HandleFunc("POST "+addressPath, s.form(s.correctByTicket))
}

// ticketOf is the ticket that a browser shows, "" for none.
func (s *server) ticketOf(r *http.Request) string {
	c, err := r.Cookie(s.cookieName(ticketCookie))
	if err != nil {
		return ""
	}
	return c.Value
}

// standingOf is where the sign-up of this browser stands, nil where it never
// made one.
func (s *server) standingOf(r *http.Request) (*standingView, error) {
	ticket := s.ticketOf(r)
	if _, ok := signup.ParseToken(ticket); !ok {
		return nil, nil //nolint:nilnil // there is none, and that is no fault
	}
	standing, err := s.Service.Standing(r.Context(), ticket)
	switch {
	case signup.IsCode(err, signup.CodeTicketUnknown):
		return &standingView{Lapsed: true}, nil
	case err != nil:
		return nil, err
	}
	wait := max(standing.ResendAt.Sub(s.Now()), 0)
	return &standingView{Standing: standing, Wait: wait}, nil
}

// statusPage says where the sign-up of this browser stands. A browser that made
// none gets a page that fits all.
func (s *server) statusPage(w http.ResponseWriter, r *http.Request) {
	s.showStatus(w, r, http.StatusOK, r.Pattern == "GET "+nextPath, r.URL.Query().Has("again"))
}

func (s *server) showStatus(w http.ResponseWriter, r *http.Request, status int, fresh, again bool) {
	settings, err := s.Service.Settings(r.Context())
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	standing, err := s.standingOf(r)
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	s.page(w, r, status, "status", view{
		Lifetime: time.Duration(settings.TokenLifetime), Standing: standing, Fresh: fresh, Again: again,
	})
}

// resendByTicket asks for another link. Too early, the page says when.
func (s *server) resendByTicket(w http.ResponseWriter, r *http.Request) {
	err := s.Service.ResendByTicket(r.Context(), s.ticketOf(r))
	if err == nil {
		http.Redirect(w, r, s.base+statusPath+"?again", http.StatusSeeOther)
		return
	}
	p := s.problemOf(r.Context(), err)
	switch signup.Code(p.Code) {
	case signup.CodeTicketUnknown, signup.CodeTooSoon, signup.CodeConflict:
		s.showStatus(w, r, p.Status, false, false)
	default:
		s.failPage(w, r, p)
	}
}

// askToCorrect asks for another address, as long as that can be.
func (s *server) askToCorrect(w http.ResponseWriter, r *http.Request) {
	standing, err := s.standingOf(r)
	switch {
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	case standing == nil || standing.Lapsed:
		http.Redirect(w, r, s.base+statusPath, http.StatusSeeOther)
	default:
		s.page(w, r, http.StatusOK, "correct", view{
			Standing: standing, NotNow: standing.Status != signup.StatusUnconfirmed,
		})
	}
}

func (s *server) correctByTicket(w http.ResponseWriter, r *http.Request) {
	typed := r.PostForm.Get("email")
	err := s.Service.CorrectByTicket(r.Context(), s.ticketOf(r), typed)
	if err == nil {
		http.Redirect(w, r, s.base+statusPath, http.StatusSeeOther)
		return
	}
	p := s.problemOf(r.Context(), err)
	v := view{Typed: typed}
	if v.Standing, err = s.standingOf(r); err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	switch signup.Code(p.Code) {
	case signup.CodeTicketUnknown:
		http.Redirect(w, r, s.base+statusPath, http.StatusSeeOther)
		return
	case signup.CodeInvalid:
		v.Problem = s.phrase(w, r, "wrong.email")
	case signup.CodeEmailTaken:
		v.Problem = s.phrase(w, r, "wrong.email_taken")
	case signup.CodeUsernameTaken:
		v.Problem = s.phrase(w, r, "wrong.username_taken")
	case signup.CodeConflict, signup.CodeTooManyCorrections:
		v.NotNow, v.TooOften = true, p.Code == string(signup.CodeTooManyCorrections)
	default:
		s.failPage(w, r, p)
		return
	}
	s.page(w, r, p.Status, "correct", v)
}
