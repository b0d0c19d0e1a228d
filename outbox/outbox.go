// Package outbox does what follows a commit: it sends the mails that are owed
// and cleans up. It runs on River (https://riverqueue.com), whose jobs lie in
// the same database as the facts and are inserted in the same transaction. A
// job carries the id of its mail and nothing else.
//
// Sending is at-least-once: when the process dies between the server's last
// answer and its record, the letter goes out again, under the same Message-ID.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/signup-go/signup"
)

const (
	mailQueue  = "mail"
	choreQueue = "chore"
)

// Options tune an Outbox. The zero value is right for production.
type Options struct {
	Log *slog.Logger // nil: nothing is logged

	// Concurrency is how many letters are on their way at a time; 0 means 8, as
	// many as package smtp opens connections.
	Concurrency int

	// SendTimeout bounds one attempt to send; 0 means 60 s. A job that died
	// with its process is taken up again RescueAfter (0 means 75 s) after it
	// started, give or take 30 s.
	SendTimeout time.Duration
	RescueAfter time.Duration

	// NoticeEvery is how often to look for users who came to wait for approval;
	// 0 means every second.
	NoticeEvery time.Duration

	// Clean, if set, is run with every clean-up: it removes a bounded number of
	// rows that are of no more use.
	Clean func(ctx context.Context, limit int) error

	// Backoff gives the wait after a number of failed attempts; nil means
	// Backoff of this package.
	Backoff func(attempts int) time.Duration
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Concurrency == 0 {
		o.Concurrency = 8
	}
	if o.SendTimeout == 0 {
		o.SendTimeout = time.Minute
	}
	if o.RescueAfter == 0 {
		o.RescueAfter = 75 * time.Second
	}
	if o.NoticeEvery == 0 {
		o.NoticeEvery = time.Second
	}
	if o.Backoff == nil {
		o.Backoff = Backoff
	}
	return o
}

// An Outbox is the queue of one process. TTx is the driver's transaction.
type Outbox[TTx any] struct {
	driver riverdriver.Driver[TTx]
	client *river.Client[TTx]
	mailer *mailer
	chores *chores

	notifier *notifier
}

// New makes an Outbox over a River driver. It can enqueue at once; it works
// jobs only after Start.
func New[TTx any](driver riverdriver.Driver[TTx], o Options) (*Outbox[TTx], error) {
	o = o.withDefaults()
	b := &Outbox[TTx]{driver: driver, mailer: &mailer{o: o}, chores: &chores{log: o.Log, time: cleanTime, clean: o.Clean}}
	b.notifier = &notifier{log: o.Log, every: o.NoticeEvery}
	b.chores.enqueue = b.enqueueAgain
	workers := river.NewWorkers()
	river.AddWorker(workers, b.mailer)
	river.AddWorker(workers, &cleanWorker{chores: b.chores})
	river.AddWorker(workers, &sweepWorker{chores: b.chores})
	river.AddWorker(workers, &remindWorker{chores: b.chores})
	river.AddWorker(workers, &againWorker{chores: b.chores})
	client, err := river.NewClient(driver, &river.Config{
		Logger:               quiet(o.Log),
		Workers:              workers,
		FetchCooldown:        20 * time.Millisecond,
		JobTimeout:           o.SendTimeout,
		RescueStuckJobsAfter: o.RescueAfter,
		// Finished jobs are of no use: the table of mails is the record.
		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: time.Hour,
		PeriodicJobs:                periodic(),
		// Rebuilding indexes every night takes an owner's rights, and these
		// tables stay small.
		ReindexerIndexNames: []string{},
		Queues: map[string]river.QueueConfig{
			mailQueue:  {MaxWorkers: o.Concurrency},
			choreQueue: {MaxWorkers: 2},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the queue: %w", err)
	}
	b.client = client
	return b, nil
}

// Migrate brings the queue's own tables up to date. Each step is a transaction:
// of two programs at it at the same moment one fails, and goes on from where
// the other has come to.
func (b *Outbox[TTx]) Migrate(ctx context.Context) error {
	m, err := b.migrator()
	if err != nil {
		return err
	}
	for {
		before, err := m.ExistingVersions(ctx)
		if err != nil {
			return fmt.Errorf("read the queue's version: %w", err)
		}
		if _, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil); err == nil {
			return nil
		}
		if after, errAfter := m.ExistingVersions(ctx); errAfter != nil || len(after) <= len(before) {
			return fmt.Errorf("migrate the queue: %w", err)
		}
	}
}

// Migrated reports whether there is nothing for Migrate to do. It reads alone.
func (b *Outbox[TTx]) Migrated(ctx context.Context) (bool, error) {
	m, err := b.migrator()
	if err != nil {
		return false, err
	}
	state, err := m.Validate(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("read the queue's version: %w", err)
	}
	return state.OK, nil
}

func (b *Outbox[TTx]) migrator() (*rivermigrate.Migrator[TTx], error) {
	m, err := rivermigrate.New(b.driver, &rivermigrate.Config{Logger: quiet(b.mailer.o.Log)})
	if err != nil {
		return nil, fmt.Errorf("migrate the queue: %w", err)
	}
	return m, nil
}

// Enqueue sees to it, in tx, that the mail is sent after the commit. A store
// calls it for every mail that comes to be owed.
func (b *Outbox[TTx]) Enqueue(ctx context.Context, tx TTx, mailID string) error {
	job, err := b.client.InsertTx(ctx, tx, mailArgs{MailID: mailID}, nil)
	if err != nil || !job.UniqueSkippedAsDuplicate {
		return err
	}
	_, err = b.client.InsertTx(ctx, tx, againArgs{mailID}, &river.InsertOpts{ScheduledAt: time.Now().Add(againAfter)})
	return err
}

// enqueueBite is how many jobs are inserted in one transaction at most.
const enqueueBite = 100

func (b *Outbox[TTx]) enqueueAgain(ctx context.Context, mailIDs ...string) error {
	for some := range slices.Chunk(mailIDs, enqueueBite) {
		jobs := make([]river.InsertManyParams, len(some))
		for i, id := range some {
			jobs[i].Args = mailArgs{MailID: id}
		}
		if _, err := b.client.InsertMany(ctx, jobs); err != nil {
			return err
		}
	}
	return nil
}

// Start works the queue until Stop. The sender may be nil when svc has no
// letters: then no mail comes as far as that. If it has a method
// "Turn() time.Duration", that is asked before each letter: 0 takes a turn, more
// is how long to wait before asking again. If it has a method
// "Deliver(context.Context, signup.Letter) (answer string, err error)", that is
// called in place of Send, and the answer is kept with the attempt.
func (b *Outbox[TTx]) Start(ctx context.Context, svc *signup.Service, sender Sender) error {
	b.mailer.svc, b.mailer.sender, b.chores.svc = svc, sender, svc
	if err := b.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	b.notifier.start(ctx, svc)
	return nil
}

// Stop takes no new jobs and waits for those under way. When ctx ends first
// they are cancelled; what they were to do stays owed.
func (b *Outbox[TTx]) Stop(ctx context.Context) error {
	b.notifier.stop()
	err := b.client.Stop(ctx)
	if err == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	cancelCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return b.client.StopAndCancel(cancelCtx)
}

// live are the states of a job that will still run: one per mail at a time.
var live = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}
