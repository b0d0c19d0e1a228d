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
	cleanTime  = 10 * time.Second // for each kind of leftovers, in one run
	sweepEvery = 10 * time.Minute

	remindEvery = 10 * time.Minute
)

// chores are the jobs that come round by the clock, on one elected instance.
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

// Timeout is more than all the times in Work together.
func (*cleanWorker) Timeout(*river.Job[cleanArgs]) time.Duration { return time.Minute }

// Work runs again right after while there is more to do, so that a large backlog
// of one kind keeps none of the others from going.
func (w *cleanWorker) Work(ctx context.Context, _ *river.Job[cleanArgs]) error {
	unfinished := false
	for _, chore := range []struct {
		done string
		do   func(context.Context) (int, error)
	}{
		{"expired tokens deleted", w.svc.DeleteExpired},
		{"expired sessions deleted", w.svc.DeleteExpiredSessions},
		{"lapsed sign-ups deleted", w.svc.DeleteLapsed},
		{"ended mails deleted", w.svc.DeleteEndedMails},
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
		if err := w.clean(ctx, cleanBite); err != nil {
			return err
		}
	}
	if unfinished {
		return river.JobSnooze(0)
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
