package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

const loginPath = "/login"

// sessionCookieName is for this host alone where there is TLS: browsers take
// __Host- only with Secure and for the path "/", whatever the base URL's path.
func (s *server) sessionCookieName() string {
	if s.BaseURL.Scheme == "https" {
		return "__Host-signup-session"
	}
	return "signup-session"
}

// browserCookie lets an administrator sign in from a browser that did before,
// whatever strangers do at the account meanwhile. It lets nobody in by itself.
func (s *server) browserCookie(proof string) *http.Cookie {
	const longest = 400 * 24 * time.Hour // of what browsers keep
	cookie := s.sessionCookie(proof)
	cookie.Name = strings.Replace(cookie.Name, "session", "browser", 1)
	cookie.MaxAge = int(longest.Seconds())
	return cookie
}

// sessionCookie holds a token until the browser is closed; the server ends the
// session earlier.
func (s *server) sessionCookie(token string) *http.Cookie {
	return &http.Cookie{
		Name: s.sessionCookieName(), Value: token, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.BaseURL.Scheme == "https",
	}
}

func (s *server) sessionToken(r *http.Request) string {
	cookie, err := r.Cookie(s.sessionCookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// sendToSignIn leads a browser to the sign-in, and remembers the page that was
// asked for. Other clients get a refusal.
func (s *server) sendToSignIn(w http.ResponseWriter, r *http.Request) {
	if !wantsPage(r) {
		s.fail(w, r, newProblem(http.StatusUnauthorized, string(refusal.Unauthorized), "Sign in first"))
		return
	}
	query := url.Values{}
	if r.Method == http.MethodGet {
		query.Set("next", strings.TrimPrefix(r.URL.RequestURI(), s.base))
	}
	target := s.base + loginPath
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// A signInView is the form, empty or refused.
type signInView struct {
	Login   string
	Next    string
	Problem string
}

func (s *server) askToSignIn(w http.ResponseWriter, r *http.Request) {
	next := safeNext(r.URL.Query().Get("next"))
	if _, _, err := s.Service.Session(r.Context(), s.sessionToken(r)); err == nil {
		http.Redirect(w, r, s.base+next, http.StatusSeeOther)
		return
	}
	s.showSignIn(w, r, http.StatusOK, signInView{Next: next})
}

func (s *server) showSignIn(w http.ResponseWriter, r *http.Request, status int, form signInView) {
	v := s.adminRequest(w, r, "")
	if form.Problem != "" {
		form.Problem = v.Say(form.Problem)
	}
	v.show(status, "login", "", v.Say("login.title"), form)
}

// safeNext takes only addresses of pages for administrators.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.ContainsAny(next, "\\\n\r\t") ||
		path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") {
		return waitingPath
	}
	if u.Path != "/settings" && u.Path != adminPath && !strings.HasPrefix(u.Path, adminPath+"/") {
		return waitingPath
	}
	return u.RequestURI()
}

// signIn starts a session. It always makes a new token, and ends the session
// that the browser had before.
func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	form := signInView{Login: r.PostForm.Get("login"), Next: safeNext(r.PostForm.Get("next"))}
	if !s.mayTryAccount(w, r, form.Login) {
		return
	}
	token, session, err := s.Service.SignIn(r.Context(), form.Login, r.PostForm.Get("password"), r.UserAgent())
	switch {
	case refusal.Is(err, refusal.Unauthorized):
		form.Problem = "login.refused"
		s.showSignIn(w, r, http.StatusUnauthorized, form)
		return
	case refusal.Is(err, refusal.Busy):
		form.Problem = "login.busy"
		w.Header().Set("Retry-After", "2")
		s.showSignIn(w, r, http.StatusServiceUnavailable, form)
		return
	case err != nil:
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	s.endFormer(r, session)
	http.SetCookie(w, s.sessionCookie(token.Reveal()))
	if proof, err := s.Service.BrowserProof(r.Context(), session.UserID); err == nil {
		http.SetCookie(w, s.browserCookie(proof))
	}
	http.Redirect(w, r, s.base+form.Next, http.StatusSeeOther)
}

// mayTryAccount limits the attempts at one account, by all clients together. A
// browser from which somebody signed in to it before has a limit of its own. The name
// is hashed; see hashOfLogin.
func (s *server) mayTryAccount(w http.ResponseWriter, r *http.Request, login string) bool {
	if s.Limiter == nil {
		return true
	}
	account := hashOfLogin(login)
	cookie, err := r.Cookie(s.browserCookie("").Name)
	if err != nil {
		return s.allow(w, r, "account", account)
	}
	known, err := s.Service.KnownBrowser(r.Context(), login, cookie.Value)
	if err != nil {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return false
	}
	if known {
		account += " from a browser of its own"
	}
	return s.allow(w, r, "account", account)
}

func (s *server) endFormer(r *http.Request, now signup.Session) {
	former, _, err := s.Service.Session(r.Context(), s.sessionToken(r))
	if err == nil && former.ID != now.ID {
		err = s.Service.As(signup.ActorUser(former.UserID)).EndSession(r.Context(), former.UserID, former.ID)
	}
	if err != nil && !refusal.Is(err, refusal.Unauthorized) {
		s.Log.WarnContext(r.Context(), "the browser's former session was not ended", idAttr(r.Context()), slog.Any("error", err))
	}
}

// signOut ends the session. Without one there is nothing to do.
func (s *server) signOut(w http.ResponseWriter, r *http.Request) {
	session, user, err := s.Service.Session(r.Context(), s.sessionToken(r))
	if err == nil {
		err = s.Service.As(signup.ActorUser(user.ID)).EndSession(r.Context(), user.ID, session.ID)
	}
	if err != nil && !refusal.Is(err, refusal.Unauthorized) {
		s.failPage(w, r, s.problemOf(r.Context(), err))
		return
	}
	gone := s.sessionCookie("")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	http.Redirect(w, r, s.base+loginPath, http.StatusSeeOther)
}

// A sessionRow is one line of the list of sessions.
type sessionRow struct {
	signup.Session
	Current bool
}

// account shows the administrator's own sessions.
func (v *adminRequest) account() {
	rows, err := v.sessionsOf(v.user.ID)
	if err != nil {
		v.failed(err)
		return
	}
	v.show(http.StatusOK, "account", "account", v.Say("account.title"), rows)
}

func (v *adminRequest) sessionsOf(userID int64) ([]sessionRow, error) {
	sessions, err := v.asAdmin().Sessions(v.r.Context(), userID)
	rows := make([]sessionRow, len(sessions))
	for i, session := range sessions {
		rows[i] = sessionRow{session, session.ID == v.session.ID}
	}
	return rows, err
}

// changeAccount switches the administrator's notices, or ends sessions.
func (v *adminRequest) changeAccount() {
	if notices := v.r.PostForm.Get("notices"); notices != "" {
		_, err := v.asAdmin().SetNotices(v.r.Context(), v.user.ID, notices == "on")
		v.ended(err)
		return
	}
	v.endSession()
}

// endSession ends one of the administrator's own sessions, or all others.
func (v *adminRequest) endSession() {
	id := v.r.PostForm.Get("session")
	if id != "others" {
		v.ended(v.asAdmin().EndSession(v.r.Context(), v.user.ID, id))
		return
	}
	sessions, err := v.asAdmin().Sessions(v.r.Context(), v.user.ID)
	for _, session := range sessions {
		if err == nil && session.ID != v.session.ID {
			err = v.asAdmin().EndSession(v.r.Context(), v.user.ID, session.ID)
		}
	}
	v.ended(err)
}

func (v *adminRequest) ended(err error) {
	if err != nil {
		v.failed(err)
		return
	}
	v.redirect(adminPath+"/account", nil)
}

func userPath(id int64) string { return usersPath + "/" + strconv.FormatInt(id, 10) }
