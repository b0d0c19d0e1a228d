package outbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/signup-go/signup"
)

const (
	cleanEvery = time.Hour
	cleanTime  = 10 * time.Second // for each kind of expired rows, per run
	sweepEvery = 10 * time.Minute
)

// chores are the periodic jobs. They run on one elected instance.
type chores struct {
	log     *slog.Logger
	svc     *signup.Service
	time    time.Duration                              // cleanTime
	clean   func(ctx context.Context, limit int) error // may be nil
	enqueue func(ctx context.Context, mailIDs ...string) error
}

func periodic() []*river.PeriodicJob {
	every := func(d time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d),
			func() (river.JobArgs, *river.InsertOpts) { return args, nil },
			&river.PeriodicJobOpts{RunOnStart: true})
	}
	return []*river.PeriodicJob{every(cleanEvery, cleanArgs{}), every(sweepEvery, sweepArgs{}), every(remindEvery, remindArgs{})}
}

// choreOpts allows at most one job of a kind to wait or run.
var choreOpts = river.InsertOpts{Queue: choreQueue, UniqueOpts: river.UniqueOpts{ByState: live}, MaxAttempts: 3}

type cleanArgs struct{}

func (cleanArgs) Kind() string                 { return "signup_clean" }
func (cleanArgs) InsertOpts() river.InsertOpts { return choreOpts }

// cleanWorker deletes rows that have expired and sign-ups that have lapsed.
type cleanWorker struct {
	river.WorkerDefaults[cleanArgs]
	*chores
}

// Timeout is longer than all time limits in Work together.
func (*cleanWorker) Timeout(*river.Job[cleanArgs]) time.Duration { return time.Minute }

// Work is run again immediately while there is more to do, so that a large
// backlog of one kind does not delay the others.
func (w *cleanWorker) Work(ctx context.Context, _ *river.Job[cleanArgs]) error {
	unfinished := false
	for _, chore := range []struct {
		done string
		do   func(context.Context) (int, error)
	}{
		{"expired tokens deleted", w.svc.Post().DeleteExpired},
		{"expired sessions deleted", w.svc.Post().DeleteExpiredSessions},
		{"lapsed sign-ups deleted", w.svc.Post().DeleteLapsed},
		{"ended mails deleted", w.svc.Post().DeleteEndedMails},
	} {
		limited, end := context.WithTimeout(ctx, w.time)
		count, err := chore.do(limited)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			unfinished, err = true, nil
		}
		end()
		w.report(ctx, chore.done, count, err)
		if err != nil {
			return errTryAgain
		}
	}
	if w.clean != nil {
		if err := w.clean(ctx, cleanBatch); err != nil {
			return err
		}
	}
	if unfinished {
		return river.JobSnooze(0)
	}
	return nil
}

// cleanBatch is the maximum number of rows that Options.Clean deletes per run.
const cleanBatch = 10_000

func (c *chores) report(ctx context.Context, what string, count int, err error) {
	if count > 0 {
		c.log.InfoContext(ctx, what, "count", count)
	}
	if err != nil {
		c.log.ErrorContext(ctx, "clean-up cut short; it continues next time", "error", err)
	}
}

type sweepArgs struct{}

func (sweepArgs) Kind() string                 { return "signup_sweep" }
func (sweepArgs) InsertOpts() river.InsertOpts { return choreOpts }

// sweepWorker enqueues any mail that is owed but has lost its job, for example
// after a partial restore of the database. It does not touch mails that have a
// job.
type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	*chores
}

func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	ids, err := w.svc.Post().OwedMails(ctx, sweepEvery)
	if err != nil {
		return err
	}
	return w.enqueue(ctx, ids...)
}
