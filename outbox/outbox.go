// Package outbox does what follows a commit: it sends the mails that are owed,
// and cleans up. It runs on River (https://riverqueue.com), whose jobs are in the
// same database and are inserted in the same transaction as the mails. A job
// contains the ID of its mail and nothing else.
//
// Delivery is at-least-once: if the process dies between the server's last reply
// and the record of it, the letter is sent again with the same Message-ID.
package outbox

import (
	"cmp"
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

// The names of all queues and kinds of jobs begin with "signup_", because a
// program may run its own jobs on the same River.
const (
	mailQueue  = "signup_mail"
	choreQueue = "signup_chore"
)

// Options configure an Outbox. The zero value is suitable for production.
type Options struct {
	Log *slog.Logger // nil: nothing is logged

	// Schema is the schema of River's tables in PostgreSQL; Migrate creates it. Empty
	// means DefaultSchema. It must not be that of another program's River: its jobs
	// would be discarded as unknown. With SQLite it must be empty, because a file has
	// one River.
	Schema string

	// Concurrency is the maximum number of letters being sent at a time. 0 means
	// 8, the number of connections that package smtp opens.
	Concurrency int

	// SendTimeout limits one attempt to send; 0 means 60 s. A job that died with
	// its process is restarted RescueAfter (0 means 75 s) after it started, plus
	// or minus 30 s.
	SendTimeout time.Duration
	RescueAfter time.Duration

	// NoticeEvery is the interval at which to look for users who have started to
	// wait for approval and for requested links; 0 means one second.
	NoticeEvery time.Duration

	// Clean, if set, is called with every clean-up. It should delete at most
	// limit expired rows.
	Clean func(ctx context.Context, limit int) error

	// Backoff returns the wait after the given number of failed attempts; nil
	// means the function Backoff.
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

// An Outbox is the queue in one process. TTx is the transaction type of the River
// driver.
type Outbox[TTx any] struct {
	driver riverdriver.Driver[TTx]
	client *river.Client[TTx]
	schema string // of River's tables; "" for SQLite, or the first one of the search_path
	shared bool   // the client is another program's
	mailer *mailer
	chores *chores

	ticker *ticker
}

// New makes an Outbox with a River driver. It can enqueue immediately, but works
// on jobs only after Start.
func New[TTx any](driver riverdriver.Driver[TTx], o Options) (*Outbox[TTx], error) {
	if driver.DatabaseName() == riverdriver.DatabaseNamePostgres {
		o.Schema = cmp.Or(o.Schema, DefaultSchema)
	} else if o.Schema != "" {
		return nil, errors.New("set up the queue: only PostgreSQL has schemas")
	}
	p := NewParts(o)
	o = p.mailer.o
	config := &river.Config{
		Logger:               Quiet(o.Log),
		Schema:               o.Schema,
		FetchCooldown:        20 * time.Millisecond,
		JobTimeout:           o.SendTimeout,
		RescueStuckJobsAfter: o.RescueAfter,
		// Finished jobs are not needed, because the mails table has the history.
		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: time.Hour,
		// Nightly reindexing needs the rights of an owner, and these tables stay
		// small.
		ReindexerIndexNames: []string{},
	}
	p.AddTo(config)
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, fmt.Errorf("set up the queue: %w", err)
	}
	b := Share(client, p)
	b.shared = false
	return b, nil
}

// Migrate brings the queue's tables up to date. If those in the schema are
// another program's, it changes nothing and returns ErrForeign. The store must
// have been migrated before.
//
// Each step is a transaction. If two programs migrate concurrently, a step of one
// fails, and it continues after the steps of the other.
func (b *Outbox[TTx]) Migrate(ctx context.Context) error {
	if done, err := b.Migrated(ctx); done || err != nil {
		return err
	}
	if err := b.claim(ctx); err != nil {
		return wrap("migrate the queue", err)
	}
	if err := b.migrate(ctx); err != nil {
		return err
	}
	return wrap("migrate the queue", b.letIn(ctx))
}

func (b *Outbox[TTx]) migrate(ctx context.Context) error {
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

// Migrated reports whether Migrate has nothing to do. It only reads.
func (b *Outbox[TTx]) Migrated(ctx context.Context) (bool, error) {
	if b.shared {
		return true, nil
	}
	if claimed, err := b.isClaimed(ctx, b.driver.GetExecutor()); err != nil || !claimed {
		return false, wrap("find the queue's tables", err)
	}
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
	m, err := rivermigrate.New(b.driver, &rivermigrate.Config{Logger: Quiet(b.mailer.o.Log), Schema: b.schema})
	if err != nil {
		return nil, fmt.Errorf("migrate the queue: %w", err)
	}
	return m, nil
}

// Enqueue ensures, inside tx, that the mail is sent after the commit. A store
// calls it for every mail owed.
func (b *Outbox[TTx]) Enqueue(ctx context.Context, tx TTx, mailID string) error {
	job, err := b.client.InsertTx(ctx, tx, mailArgs{MailID: mailID}, nil)
	if err != nil || !job.UniqueSkippedAsDuplicate {
		return err
	}
	_, err = b.client.InsertTx(ctx, tx, againArgs{mailID}, &river.InsertOpts{ScheduledAt: time.Now().Add(againAfter)})
	return err
}

// Client returns the River client, for programs that look into the queue.
func (b *Outbox[TTx]) Client() *river.Client[TTx] { return b.client }

// enqueueBatch is the maximum number of jobs inserted in one transaction.
const enqueueBatch = 100

func (b *Outbox[TTx]) enqueueAgain(ctx context.Context, mailIDs ...string) error {
	for some := range slices.Chunk(mailIDs, enqueueBatch) {
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

// Start works on the queue until Stop is called. The sender may be nil if svc has
// no letters, because then no letter is ever sent.
//
// The sender may have two optional methods. "Turn() time.Duration" is called
// before each letter: 0 means send now, more means ask again after that time.
// "Deliver(context.Context, signup.Letter) (answer string, err error)" is called
// instead of Send, and the answer is stored with the attempt.
func (b *Outbox[TTx]) Start(ctx context.Context, svc *signup.Service, sender Sender) error {
	b.mailer.svc, b.mailer.sender, b.chores.svc = svc, sender, svc
	a, err := b.newAdopter(ctx)
	if err == nil && a != nil {
		_, err = a.adopt(ctx) // before the first sweep, which knows only the present names
	}
	if err == nil && !b.shared {
		err = b.refuseSharing(ctx)
	}
	if err == nil && !b.shared {
		err = b.client.Start(context.WithoutCancel(ctx))
	}
	if err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	looks := looksFor(svc)
	if a != nil {
		looks = append(looks, look{do: a.adopt, every: adoptEvery, failed: "could not take over the jobs of an earlier version; trying again"})
	}
	b.ticker.start(ctx, looks)
	return nil
}

// Stop takes no new jobs and waits for running ones. If ctx ends first, they are
// cancelled, and their mails stay owed.
func (b *Outbox[TTx]) Stop(ctx context.Context) error {
	b.ticker.stop()
	if b.shared {
		return nil
	}
	err := b.client.Stop(ctx)
	if err == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	cancelCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return b.client.StopAndCancel(cancelCtx)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// live are the states of a job that will still run. A mail has at most one such
// job.
var live = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}
