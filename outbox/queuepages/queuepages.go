// Package queuepages has River's web pages about the queue of package outbox
// (https://github.com/riverqueue/riverui). It is a package of its own, so that
// programs without these pages need not contain them.
package queuepages

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"riverqueue.com/riverui"

	"github.com/signup-go/signup/outbox"
)

// New returns the pages for URLs that begin with the prefix, such as
// "/admin/queue". They can cancel jobs and pause queues, so restrict access to
// them. After the first request, the numbers on them are updated every few seconds
// until ctx ends.
func New[TTx any](ctx context.Context, box *outbox.Outbox[TTx], log *slog.Logger, prefix string) (http.Handler, error) {
	log = outbox.Quiet(log)
	pages, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(box.Client(), nil), Logger: log, Prefix: prefix,
	})
	if err != nil {
		return nil, fmt.Errorf("the queue's pages: %w", err)
	}
	start := sync.OnceValue(func() error { return pages.Start(ctx) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := start(); err != nil {
			log.ErrorContext(r.Context(), "the queue's pages are no longer updated", "error", err)
		}
		pages.ServeHTTP(w, r)
	}), nil
}
