package outbox

import (
	"maps"

	"github.com/riverqueue/river"
)

// Parts are the workers, queues and periodic jobs of an Outbox. A program that has
// a River client anyway can let that do the Outbox's work:
//
//	parts := outbox.NewParts(outbox.Options{})
//	parts.AddTo(config) // the program's own *river.Config
//	client, err := river.NewClient(driver, config)
//	box := outbox.Share(client, parts)
//	store.SetEnqueue(box.Enqueue)
//	err = box.Start(ctx, svc, sender)
//	err = client.Start(ctx)
//
// Their kinds and queues all begin with "signup_". A job that died with its
// process is restarted after the client's RescueStuckJobsAfter, by default an
// hour: a few minutes suit mails better.
type Parts struct {
	mailer *mailer
	chores *chores
}

// NewParts makes the parts. Of the options, Schema and RescueAfter are the
// client's.
func NewParts(o Options) *Parts {
	o = o.withDefaults()
	return &Parts{
		mailer: &mailer{o: o},
		chores: &chores{log: o.Log, time: cleanTime, clean: o.Clean},
	}
}

// AddTo adds the parts to the configuration of a client.
func (p *Parts) AddTo(c *river.Config) {
	if c.Workers == nil {
		c.Workers = river.NewWorkers()
	}
	river.AddWorker(c.Workers, p.mailer)
	river.AddWorker(c.Workers, &cleanWorker{chores: p.chores})
	river.AddWorker(c.Workers, &sweepWorker{chores: p.chores})
	river.AddWorker(c.Workers, &remindWorker{chores: p.chores})
	river.AddWorker(c.Workers, &againWorker{chores: p.chores})
	c.PeriodicJobs = append(c.PeriodicJobs, periodic()...)
	queues := map[string]river.QueueConfig{
		mailQueue:  {MaxWorkers: p.mailer.o.Concurrency},
		choreQueue: {MaxWorkers: 2},
	}
	maps.Copy(queues, c.Queues)
	c.Queues = queues
}

// Share returns an Outbox that works on the program's River client, whose
// configuration has the parts. Call the Outbox's Start before the client's, and
// its Stop before the client's. The program migrates River's tables, so Migrate
// does nothing.
func Share[TTx any](client *river.Client[TTx], p *Parts) *Outbox[TTx] {
	b := &Outbox[TTx]{
		driver: client.Driver(), client: client, schema: client.Schema(), shared: true, mailer: p.mailer, chores: p.chores,
		ticker: &ticker{log: p.mailer.o.Log, every: p.mailer.o.NoticeEvery},
	}
	p.chores.enqueue = b.enqueueAgain
	return b
}
