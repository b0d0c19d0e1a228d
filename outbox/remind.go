package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

const remindEvery = 10 * time.Minute

type remindArgs struct{}

func (remindArgs) Kind() string                 { return "signup_remind" }
func (remindArgs) InsertOpts() river.InsertOpts { return choreOpts }

// remindWorker owes reminders before sign-ups lapse.
type remindWorker struct {
	river.WorkerDefaults[remindArgs]
	*chores
}

func (w *remindWorker) Work(ctx context.Context, _ *river.Job[remindArgs]) error {
	n, err := w.svc.Post().OweReminders(ctx)
	if n > 0 {
		w.log.InfoContext(ctx, "reminders owed", "count", n)
	}
	if err != nil {
		w.log.ErrorContext(ctx, "reminders cut short; they continue next time", "error", err)
		return errTryAgain
	}
	return nil
}
