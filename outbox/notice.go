package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/signup-go/signup"
)

type remindArgs struct{}

func (remindArgs) Kind() string                 { return "remind" }
func (remindArgs) InsertOpts() river.InsertOpts { return choreOpts }

// remindWorker owes reminders before sign-ups lapse.
type remindWorker struct {
	river.WorkerDefaults[remindArgs]
	*chores
}

func (w *remindWorker) Work(ctx context.Context, _ *river.Job[remindArgs]) error {
	n, err := w.svc.OweReminders(ctx)
	if n > 0 {
		w.log.InfoContext(ctx, "reminders owed", "count", n)
	}
	if err != nil {
		w.log.ErrorContext(ctx, "reminders cut short; they go on next time", "error", err)
		return errTryAgain
	}
	return nil
}

// A notifier owes, again and again, the notices of those who came to wait for
// approval. It is no job of the queue: looking costs less than a job would.
// Every instance looks; the database decides who finds.
type notifier struct {
	log    *slog.Logger
	every  time.Duration
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (n *notifier) start(ctx context.Context, svc *signup.Service) {
	ctx, n.cancel = context.WithCancel(context.WithoutCancel(ctx))
	n.done.Go(func() {
		tick := time.NewTicker(n.every)
		defer tick.Stop()
		for failing := false; ; {
			failing = n.look(ctx, svc, failing)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// look reports whether it failed. Of an outage it speaks once.
func (n *notifier) look(ctx context.Context, svc *signup.Service, failing bool) bool {
	_, err := svc.OweNotices(ctx)
	if err != nil && !failing && ctx.Err() == nil {
		n.log.ErrorContext(ctx, "administrators not told of who waits; it goes on as soon as it can", "error", err)
	}
	return err != nil
}

// stop ends it; what it had not come to stays to be done.
func (n *notifier) stop() {
	if n.cancel != nil {
		n.cancel()
		n.done.Wait()
	}
}
