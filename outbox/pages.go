package outbox

import (
	"context"
	"fmt"
	"net/http"

	"riverqueue.com/riverui"
)

// Pages are River's own pages about the queue (https://github.com/riverqueue/riverui),
// for addresses that begin with the prefix, such as "/admin/queue". They let
// jobs be cancelled and queues be paused: let nobody see them who may not. What
// they show is renewed until ctx ends.
func (b *Outbox[TTx]) Pages(ctx context.Context, prefix string) (http.Handler, error) {
	pages, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(b.client, nil), Logger: quiet(b.mailer.o.Log), Prefix: prefix,
	})
	if err != nil {
		return nil, fmt.Errorf("the queue's pages: %w", err)
	}
	if err := pages.Start(ctx); err != nil {
		return nil, fmt.Errorf("the queue's pages: %w", err)
	}
	return pages, nil
}
