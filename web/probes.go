package web

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	patternHealth = "GET /healthz"
	patternReady  = "GET /readyz"

	readyTimeout = 2 * time.Second
)

func (s *server) routeProbes(mux *http.ServeMux) {
	mux.HandleFunc(patternHealth, func(w http.ResponseWriter, _ *http.Request) { writeText(w, "ok\n") })
	mux.HandleFunc(patternReady, s.ready)
}

// ready says whether the database answers in time.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := s.Service.Ping(ctx); err != nil {
		if !errors.Is(r.Context().Err(), context.Canceled) {
			s.Log.WarnContext(r.Context(), "not ready", idAttr(r.Context()), "error", err)
		}
		writeProblem(w, newProblem(http.StatusServiceUnavailable, codeNotReady, "The database does not answer"))
		return
	}
	writeText(w, "ready\n")
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text))
}
