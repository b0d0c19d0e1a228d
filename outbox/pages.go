package outbox

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"riverqueue.com/riverui"
)

// Pages are River's own pages about the queue (https://github.com/riverqueue/riverui),
// for addresses that begin with the prefix, such as "/admin/queue". They let
// jobs be cancelled and queues be paused: let nobody see them who may not. From
// the first visit on, what they show is counted anew every few seconds, until
// ctx ends.
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
			b.mailer.o.Log.ErrorContext(r.Context(), "the queue's pages show what was at the first visit", "error", err)
		}
		pages.ServeHTTP(w, r)
	}), nil
}
