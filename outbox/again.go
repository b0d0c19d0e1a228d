package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// againAfter is more than a job takes from its last act to its end.
const againAfter = 3 * time.Second

type againArgs struct {
	MailID string `json:"mail_id"`
}

func (againArgs) Kind() string                 { return "again" }
func (againArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: choreQueue} }

// againWorker gives a mail its job that came to be owed again while its last
// job was still there: either that job goes on with it, or it had recorded
// already what came of the mail and was only about to end.
type againWorker struct {
	river.WorkerDefaults[againArgs]
	*chores
}

func (w *againWorker) Work(ctx context.Context, job *river.Job[againArgs]) error {
	return w.enqueue(ctx, job.Args.MailID)
}
