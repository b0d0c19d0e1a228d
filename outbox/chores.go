package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/signup-go/signup"
)

const (
	cleanEvery = time.Hour
	sweepEvery = 10 * time.Minute

	remindEvery = 10 * time.Minute
)

// chores are the jobs that come round by the clock, on one elected instance.
type chores struct {
	log     *slog.Logger
	svc     *signup.Service
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

// choreOpts lets at most one job of a kind wait or run.
var choreOpts = river.InsertOpts{Queue: choreQueue, UniqueOpts: river.UniqueOpts{ByState: live}, MaxAttempts: 3}

type cleanArgs struct{}

func (cleanArgs) Kind() string                 { return "clean" }
func (cleanArgs) InsertOpts() river.InsertOpts { return choreOpts }

// cleanWorker removes what has expired and lapsed.
type cleanWorker struct {
	river.WorkerDefaults[cleanArgs]
	*chores
}

// Timeout lets a large backlog take its time; it goes in short transactions.
func (*cleanWorker) Timeout(*river.Job[cleanArgs]) time.Duration { return time.Minute }

func (w *cleanWorker) Work(ctx context.Context, _ *river.Job[cleanArgs]) error {
	for _, chore := range []struct {
		done string
		do   func(context.Context) (int, error)
	}{
		{"expired tokens deleted", w.svc.DeleteExpired},
		{"expired sessions deleted", w.svc.DeleteExpiredSessions},
		{"lapsed sign-ups deleted", w.svc.DeleteLapsed},
		{"ended mails deleted", w.svc.DeleteEndedMails},
	} {
		count, err := chore.do(ctx)
		w.report(ctx, chore.done, count, err)
		if err != nil {
			return errTryAgain
		}
	}
	if w.clean != nil {
		return w.clean(ctx, cleanBite)
	}
	return nil
}

// cleanBite is how many rows Options.Clean removes at most.
const cleanBite = 10_000

func (c *chores) report(ctx context.Context, what string, count int, err error) {
	if count > 0 {
		c.log.InfoContext(ctx, what, "count", count)
	}
	if err != nil {
		c.log.ErrorContext(ctx, "clean-up cut short; it goes on next time", "error", err)
	}
}

type sweepArgs struct{}

func (sweepArgs) Kind() string                 { return "sweep" }
func (sweepArgs) InsertOpts() river.InsertOpts { return choreOpts }

// sweepWorker gives a job back to any mail that is owed and lost its own, as
// after a restore of part of the database. Mails that have one are left alone.
type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	*chores
}

func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	ids, err := w.svc.OwedMails(ctx, sweepEvery)
	if err != nil {
		return err
	}
	return w.enqueue(ctx, ids...)
}
