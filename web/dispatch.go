package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// dispatch finds the route of a request, with or without the path of the base
// URL in front. The path as it came is tried first, so that a base path which
// is also the start of a route ("/api") is no trap behind a proxy that strips.
func (s *server) dispatch(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			r.Pattern = pattern
			if s.limit(w, r, pattern) {
				mux.ServeHTTP(w, r)
			}
			return
		}
		inner := s.strip(r)
		if _, pattern := mux.Handler(inner); pattern != "" {
			r.Pattern = pattern // for the log
			if s.limit(w, r, pattern) {
				mux.ServeHTTP(w, inner)
			}
			return
		}
		if path := withoutSlash(mux, inner); path != "" {
			s.sendOn(w, r, path)
			return
		}
		s.unrouted(w, r, cmp.Or(allowed(mux, r), allowed(mux, inner)))
	})
}

// strip takes the path of the base URL off, if it is there.
func (s *server) strip(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), s.base)
	if !ok || rest != "" && rest[0] != '/' {
		return r
	}
	path, err := url.PathUnescape(rest)
	if err != nil {
		return r
	}
	inner, u := *r, *r.URL
	u.Path, u.RawPath = path, rest
	if path == "" {
		u.Path, u.RawPath = "/", ""
	}
	inner.URL = &u
	return &inner
}

// withoutSlash is the path of a page that was asked for with a slash at its end,
// else "". It is the path of a route, never what was typed: nobody can be led
// elsewhere with it. To a program that asks the API such a slash stays an error.
func withoutSlash(mux *http.ServeMux, r *http.Request) string {
	path, ok := strings.CutSuffix(r.URL.Path, "/")
	if !ok || strings.HasPrefix(path, apiPath+"/") {
		return ""
	}
	bare, u := *r, *r.URL
	u.Path, u.RawPath = path, ""
	bare.URL = &u
	_, pattern := mux.Handler(&bare)
	if _, route, _ := strings.Cut(pattern, " "); route != path {
		return ""
	}
	return path
}

// sendOn leads to a path of ours, with the same query and method.
func (s *server) sendOn(w http.ResponseWriter, r *http.Request, path string) {
	u := url.URL{Path: path, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, s.base+u.String(), http.StatusPermanentRedirect)
}

// allowed lists the methods that the path of a request does take; "" for none.
func allowed(mux *http.ServeMux, r *http.Request) string {
	probe := probeWriter{header: http.Header{}}
	h, _ := mux.Handler(r)
	h.ServeHTTP(&probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		return ""
	}
	return probe.header.Get("Allow") + ", OPTIONS"
}

// unrouted answers for a path that does not exist, or not with this method.
func (s *server) unrouted(w http.ResponseWriter, r *http.Request, methods string) {
	if methods == "" {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Allow", methods)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.fail(w, r, newProblem(http.StatusMethodNotAllowed, codeMethod, "This address does not take this method"))
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, newProblem(http.StatusNotFound, codeNotFound, "There is nothing at this address"))
}

// A probeWriter takes the status and headers of an answer and drops the rest.
type probeWriter struct {
	header http.Header
	status int
}

func (p *probeWriter) Header() http.Header         { return p.header }
func (p *probeWriter) WriteHeader(status int)      { p.status = status }
func (p *probeWriter) Write(b []byte) (int, error) { return len(b), nil }
