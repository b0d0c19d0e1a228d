package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/signup-go/signup"
)

// A ticker owes mails that should not wait for a scheduled job: notices about
// users who have started to wait for approval, and requested links. It is not a
// job of the queue, because a query costs less than a job. Every instance runs
// it, and the database decides which one finds something.
type ticker struct {
	log    *slog.Logger
	every  time.Duration
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// A look is a task that a ticker repeats.
type look struct {
	do      func(context.Context) (int, error)
	every   time.Duration // 0: every time
	failed  string        // log message if it fails
	failing bool          // it failed last time, and the log says so
	last    time.Time
}

func looksFor(svc *signup.Service) []look {
	return []look{
		{do: svc.Post().OweNotices, failed: "could not notify administrators of users waiting for approval; trying again"},
		{do: svc.Post().OweRequestedLinks, failed: "could not queue requested links; trying again"},
	}
}

func (t *ticker) start(ctx context.Context, looks []look) {
	ctx, t.cancel = context.WithCancel(context.WithoutCancel(ctx))
	t.done.Go(func() {
		tick := time.NewTicker(t.every)
		defer tick.Stop()
		for {
			for i := range looks {
				t.look(ctx, &looks[i])
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// look runs the task once. The log reports an outage once, not every second.
func (t *ticker) look(ctx context.Context, l *look) {
	if time.Since(l.last) < l.every {
		return
	}
	l.last = time.Now()
	_, err := l.do(ctx)
	if err != nil && !l.failing && ctx.Err() == nil {
		t.log.ErrorContext(ctx, l.failed, "error", err)
	}
	l.failing = err != nil
}

// stop ends the ticker. Unfinished work is done after the next start.
func (t *ticker) stop() {
	if t.cancel != nil {
		t.cancel()
		t.done.Wait()
	}
}
