package web

import (
	"net/http"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

const (
	nextPath    = signUpPath + "/next"
	statusPath  = "/status"
	addressPath = statusPath + "/address"
)

// followEvery is how often the page looks whether something changed, while
// something is about to.
const followEvery = 5 * time.Second

// A statusView is the status of a sign-up as the pages show it.
type statusView struct {
	signup.SignUpStatus
	Lapsed bool
	Wait   time.Duration // until another link can be asked for
}

// The states that the page tells apart.

func (v *statusView) Active() bool   { return v.Status == signup.StatusActive }
func (v *statusView) Disabled() bool { return v.Status == signup.StatusDisabled }
func (v *statusView) Pending() bool  { return v.Status == signup.StatusPendingApproval }
func (v *statusView) Rejected() bool { return v.Status == signup.StatusRejected }
func (v *statusView) Failed() bool   { return v.Mail == delivery.Failed }
func (v *statusView) Sent() bool     { return v.Mail == delivery.Sent }
func (v *statusView) Approval() bool { return v.ApprovalRequired }

// Unconfirmed reports whether there is a sign-up that a link can confirm.
func (v *statusView) Unconfirmed() bool {
	return v != nil && v.Status == signup.StatusUnconfirmed
}

// State changes when the page has something new to say.
func (v *statusView) State() string { return string(v.Status) + " " + string(v.Mail) }

// Seconds are those of Wait, rounded up.
func (v *statusView) Seconds() int { return int((v.Wait + time.Second - 1) / time.Second) }

// Follow is how often to look for something new, in seconds, 0 for not at all.
func (v *statusView) Follow() int {
	if v.Lapsed || v.Active() || v.Disabled() || v.Rejected() {
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

// ticketOf returns the ticket that a browser sends, "" for none. A second cookie
// of that name was not set by us: which of the two is ours cannot be told, so
// neither is taken.
func (s *server) ticketOf(r *http.Request) string {
	cookies := r.CookiesNamed(s.cookieName(ticketCookie))
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}

// signUpStatusOf returns the status of this browser's sign-up, nil where it
// never made one.
func (s *server) signUpStatusOf(r *http.Request) (*statusView, error) {
	ticket := s.ticketOf(r)
	if _, ok := signup.ParseToken(ticket); !ok {
		return nil, nil //nolint:nilnil // there is none, and that is no fault
	}
	status, err := s.Service.SignUpStatus(r.Context(), ticket)
	switch {
	case refusal.Is(err, refusal.TicketUnknown):
		return &statusView{Lapsed: true}, nil
	case err != nil:
		return nil, err
	}
	wait := max(status.ResendAt.Sub(s.Now()), 0)
	return &statusView{SignUpStatus: status, Wait: wait}, nil
}

// statusPage shows the status of this browser's sign-up. A browser without one
// gets a page that fits everybody.
func (s *server) statusPage(w http.ResponseWriter, r *http.Request) {
	s.showStatus(w, r, http.StatusOK, r.Pattern == "GET "+nextPath, r.URL.Query().Has("again"))
}

func (s *server) showStatus(w http.ResponseWriter, r *http.Request, status int, fresh, again bool) {
	settings, err := s.Service.Settings(r.Context())
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	signUp, err := s.signUpStatusOf(r)
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	s.page(w, r, status, "status", view{
		Lifetime: time.Duration(settings.TokenLifetime), Status: signUp, Fresh: fresh, Again: again,
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
	switch refusal.Code(p.Code) {
	case refusal.TicketUnknown, refusal.TooSoon, refusal.Conflict:
		s.showStatus(w, r, p.Status, false, false)
	default:
		s.failPage(w, r, p)
	}
}

// askToCorrect asks for another address, as long as that can be.
func (s *server) askToCorrect(w http.ResponseWriter, r *http.Request) {
	signUp, err := s.signUpStatusOf(r)
	switch {
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
	case signUp == nil || signUp.Lapsed:
		http.Redirect(w, r, s.base+statusPath, http.StatusSeeOther)
	default:
		s.page(w, r, http.StatusOK, "correct", view{
			Status: signUp, NotNow: signUp.Status != signup.StatusUnconfirmed,
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
	if v.Status, err = s.signUpStatusOf(r); err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	switch refusal.Code(p.Code) {
	case refusal.TicketUnknown:
		http.Redirect(w, r, s.base+statusPath, http.StatusSeeOther)
		return
	case refusal.Invalid:
		v.Problem = s.phrase(w, r, "wrong.email")
	case refusal.EmailTaken:
		v.Problem = s.phrase(w, r, "wrong.email_taken")
	case refusal.Conflict, refusal.TooManyCorrections:
		v.NotNow, v.TooOften = true, p.Code == string(refusal.TooManyCorrections)
	default:
		s.failPage(w, r, p)
		return
	}
	s.page(w, r, p.Status, "correct", v)
}
