package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/signup-go/signup/password"
)

// around puts what every request goes through around a handler.
func (s *server) around(h http.Handler) http.Handler {
	return s.identify(s.harden(s.accessLog(s.recoverPanic(h))))
}

type requestIDKey struct{}

// requestID is the id of the request that ctx belongs to.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

func idAttr(ctx context.Context) slog.Attr { return slog.String("request_id", requestID(ctx)) }

// saneID matches the ids that a proxy may give a request: nothing that could be
// a token or break a log.
var saneID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,40}$`)

// identify gives every request an id, in its context and in the answer, and says
// for which client its passwords are hashed. Only a trusted proxy can choose the id: anybody else could make their requests look in
// the log like somebody else's.
func (s *server) identify(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if s.TrustsPeer == nil || !s.TrustsPeer(r) || !saneID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(r.Context(), requestIDKey{}, id)
		h.ServeHTTP(w, r.WithContext(password.WithClient(ctx, s.Client(r))))
	})
}

// harden sets the headers that are right for nearly every answer.
func (s *server) harden(h http.Handler) http.Handler {
	https := s.BaseURL.Scheme == "https"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		if https {
			header.Set("Strict-Transport-Security", "max-age=31536000") // a year
		}
		h.ServeHTTP(w, r)
	})
}

// accessLog writes one line for each request: the route, never the query, so
// that no token gets into a log.
func (s *server) accessLog(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		seen := &statusWriter{ResponseWriter: w}
		defer func() {
			s.Log.LogAttrs(r.Context(), levelOf(r), "request",
				slog.String("method", cut(r.Method, 16)), slog.String("route", routeOf(r)),
				slog.Int("status", seen.statusCode()), slog.Float64("duration_ms", milliseconds(s.Now().Sub(start))), idAttr(r.Context()))
		}()
		h.ServeHTTP(seen, r)
	})
}

// milliseconds are exact to a thousandth.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// levelOf keeps what machines ask for all day out of the usual log.
func levelOf(r *http.Request) slog.Level {
	switch r.Pattern {
	case patternHealth, patternReady, patternAsset, patternDocsAsset:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// secretLike matches what could be a token in a mangled link.
var secretLike = regexp.MustCompile(`[A-Za-z0-9_-]{32,}`)

// routeOf is the pattern that took the request. Where none did it is the path,
// without anything that could be a secret.
func routeOf(r *http.Request) string {
	if r.Pattern != "" {
		return r.Pattern[strings.IndexByte(r.Pattern, ' ')+1:] // without the method
	}
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return secretLike.ReplaceAllString(cut(path, 100), "[…]")
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// A statusWriter remembers the status. http.ResponseController sees through it.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) statusCode() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// recoverPanic turns a panic into a 500 and one line of log. huma panics when
// it cannot write to a client that went away: that is no fault.
func (s *server) recoverPanic(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) || r.Context().Err() != nil {
				panic(http.ErrAbortHandler)
			}
			s.Log.ErrorContext(r.Context(), "panic", idAttr(r.Context()),
				slog.String("error", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
			if seen, ok := w.(*statusWriter); ok && seen.status != 0 {
				panic(http.ErrAbortHandler) // too late for another answer
			}
			writeProblem(w, internal())
		}()
		h.ServeHTTP(w, r)
	})
}
