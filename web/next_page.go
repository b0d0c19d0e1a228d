package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/signup-go/signup"
)

const nextPath = signUpPath + "/next"

// nextLifetime is how long a browser remembers what it signed up with.
const nextLifetime = time.Hour

// A nextStep is what a browser keeps of a sign-up, for the page that says what
// comes next. Anybody can make one: it is shown, and nothing follows from it.
type nextStep struct {
	Email        string `json:"email"` // as typed
	Verification bool   `json:"verification"`
	Approval     bool   `json:"approval"`
}

func (n nextStep) encode() string {
	b, err := json.Marshal(n)
	if err != nil {
		panic(err) // strings and booleans always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// maxCookie is more than encode ever makes, in bytes.
const maxCookie = 2048

// decodeNext takes exactly what encode makes.
func decodeNext(text string) (n nextStep, ok bool) {
	if len(text) > maxCookie {
		return nextStep{}, false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &n) != nil || n.encode() != text {
		return nextStep{}, false
	}
	email, refusal := signup.ParseEmail(n.Email)
	return n, refusal == nil && email.Typed == n.Email
}

// nextCookie is for this host alone: __Host- makes browsers see to it, but
// only for the path "/".
func (s *server) nextCookie(n nextStep) *http.Cookie {
	if email, refusal := signup.ParseEmail(n.Email); refusal == nil {
		n.Email = email.Typed
	}
	c := &http.Cookie{
		Name: s.nextCookieName(), Value: n.encode(), Path: s.base + nextPath, MaxAge: int(nextLifetime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.BaseURL.Scheme == "https",
	}
	if c.Secure && s.base == "" {
		c.Path = "/"
	}
	return c
}

func (s *server) nextCookieName() string {
	const name = "signup-next"
	switch {
	case s.BaseURL.Scheme != "https":
		return name
	case s.base == "":
		return "__Host-" + name
	default:
		return "__Secure-" + name
	}
}

// nextPage says what comes after a sign-up. A browser that remembers none gets
// a page that fits all.
func (s *server) nextPage(w http.ResponseWriter, r *http.Request) {
	settings, err := s.Service.Settings(r.Context())
	if err != nil {
		s.failPage(w, s.problemOf(r.Context(), err))
		return
	}
	v := view{Lifetime: spanOf(time.Duration(settings.TokenLifetime))}
	if cookie, err := r.Cookie(s.nextCookieName()); err == nil {
		if next, ok := decodeNext(cookie.Value); ok {
			v.Next = &next
		}
	}
	s.show(w, http.StatusOK, "next", v)
}

// A span is a length of time in one unit, rounded down.
type span struct {
	N    int64
	Unit string // "day", "hour" or "minute"
}

func spanOf(d time.Duration) span {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return span{int64(d / day), "day"}
	case d >= 2*time.Hour || d == time.Hour:
		return span{int64(d / time.Hour), "hour"}
	default:
		return span{int64(d / time.Minute), "minute"}
	}
}
