package outbox

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"riverqueue.com/riverui"
)

// Pages returns River's web pages about the queue
// (https://github.com/riverqueue/riverui), for URLs that begin with the prefix,
// such as "/admin/queue". They can cancel jobs and pause queues, so restrict
// access to them. After the first request, the numbers on them are updated every
// few seconds until ctx ends.
func (b *Outbox[TTx]) Pages(ctx context.Context, prefix string) (http.Handler, error) {
	pages, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(b.client, nil), Logger: quiet(b.mailer.o.Log), Prefix: prefix,
	})
	if err != nil {
		return nil, fmt.Errorf("the queue's pages: %w", err)
	}
	start := sync.OnceValue(func() error { return pages.Start(ctx) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := start(); err != nil {
			b.mailer.o.Log.ErrorContext(r.Context(), "the queue's pages are no longer updated", "error", err)
		}
		pages.ServeHTTP(w, r)
	}), nil
}
