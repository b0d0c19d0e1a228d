package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// againAfter is longer than a job takes from its last action to its end.
const againAfter = 3 * time.Second

type againArgs struct {
	MailID string `json:"mail_id"`
}

func (againArgs) Kind() string                 { return "signup_again" }
func (againArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: choreQueue} }

// againWorker enqueues a mail that was owed again while its last job still
// existed. That job either continues with the mail, or had already recorded the
// outcome and was about to end.
type againWorker struct {
	river.WorkerDefaults[againArgs]
	*chores
}

func (w *againWorker) Work(ctx context.Context, job *river.Job[againArgs]) error {
	return w.enqueue(ctx, job.Args.MailID)
}
