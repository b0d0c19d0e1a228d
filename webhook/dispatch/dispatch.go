// Package dispatch sends web hooks; see package webhook.
//
//	hooks := webhook.New(store, svc, webhook.Options{})
//	dispatcher := dispatch.New(hooks, dispatch.Options{Data: data})
//	dispatcher.Start(ctx)
//	defer dispatcher.Stop(ctx)
//
// Any number of processes may run one on the same database. A receiver that is
// slow or dead holds up only its own hook.
package dispatch

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/webhook"
)

const (
	lookEvery  = 250 * time.Millisecond
	idleEvery  = time.Second // while no hook is enabled
	cleanEvery = time.Hour

	storeTimeout = 10 * time.Second // to store what came of an attempt
)

// Options configure a Dispatcher. Only Data is required.
type Options struct {
	// Data returns what the member "data" of a request's body shows of an event.
	// The error of Data is a fault: the event is sent later.
	Data func(ctx context.Context, e signup.AuditEvent) (any, error)

	Log         *slog.Logger  // nil: nothing is logged
	Concurrency int           // maximum number of requests to a hook at a time; 0 means 8
	Timeout     time.Duration // of a request; 0 means 15 s, which must be less than webhook.Lease
}

// A Dispatcher sends what is due until it is stopped.
type Dispatcher struct {
	hooks  *webhook.Hooks
	o      Options
	client *http.Client

	stopping context.Context // ends when nothing more is to be claimed
	stop     context.CancelFunc
	sending  context.Context // ends requests
	abort    context.CancelFunc
	loop     sync.WaitGroup
	workers  sync.WaitGroup

	mu      sync.Mutex
	busy    map[int64]int // number of requests under way by hook
	failing bool          // the last look failed, and the log says so
}

// New makes a Dispatcher. It sends nothing before Start, except by Test.
func New(hooks *webhook.Hooks, o Options) *Dispatcher {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Concurrency == 0 {
		o.Concurrency = 8
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	d := &Dispatcher{hooks: hooks, o: o, busy: map[int64]int{}}
	d.client = newClient(hooks.Allows, o.Concurrency)
	return d
}

// Start sends what is due until Stop is called.
func (d *Dispatcher) Start(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	d.stopping, d.stop = context.WithCancel(ctx)
	d.sending, d.abort = context.WithCancel(ctx)
	d.loop.Go(d.run)
}

// Stop sends nothing more and waits for requests under way. If ctx ends first,
// they are cancelled and sent again after webhook.Lease.
func (d *Dispatcher) Stop(ctx context.Context) {
	if d.stop == nil {
		return
	}
	d.stop()
	d.loop.Wait()
	end := context.AfterFunc(ctx, d.abort)
	d.workers.Wait()
	end()
	d.abort()
	d.client.CloseIdleConnections()
}

func (d *Dispatcher) run() {
	var cleaned time.Time
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-d.stopping.Done():
			return
		}
		if time.Since(cleaned) >= cleanEvery {
			cleaned = time.Now()
			d.clean()
		}
		timer.Reset(d.look())
	}
}

func (d *Dispatcher) clean() {
	if _, err := d.hooks.DeleteOld(d.stopping); err != nil && d.stopping.Err() == nil {
		d.o.Log.Error("could not delete old deliveries of web hooks; trying again in an hour", "error", err)
	}
}

// look starts what is due and returns when to look again.
func (d *Dispatcher) look() time.Duration {
	work, err := d.hooks.Collect(d.stopping)
	for i := 0; i < len(work.Due) && err == nil; i++ {
		err = d.begin(work.Due[i].ID)
	}
	if err != nil && !d.failing && d.stopping.Err() == nil {
		d.o.Log.Error("could not look for events for web hooks; trying again", "error", err)
	}
	d.failing = err != nil
	switch {
	case err != nil || work.Idle:
		return idleEvery
	case work.More:
		return 0
	default:
		return lookEvery
	}
}

// begin sends deliveries of a hook, as many as may be under way.
func (d *Dispatcher) begin(id int64) error {
	free := d.o.Concurrency - d.count(id, 0)
	if free <= 0 {
		return nil
	}
	hook, claimed, err := d.hooks.Claim(d.stopping, id, free)
	for _, delivery := range claimed {
		d.count(id, 1)
		d.workers.Go(func() {
			defer d.count(id, -1)
			d.deliver(hook, delivery)
		})
	}
	return err
}

// count changes the number of requests under way to a hook, and returns it.
func (d *Dispatcher) count(id int64, change int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy[id] += change
	n := d.busy[id]
	if n == 0 {
		delete(d.busy, id)
	}
	return n
}

// deliver sends a delivery, and others of the same hook while there are any.
func (d *Dispatcher) deliver(hook webhook.Hook, delivery webhook.Delivery) {
	for {
		answer, err := d.send(hook, delivery)
		var next []webhook.Delivery
		if err == nil {
			hook, next, err = d.finish(delivery, answer)
		}
		if err != nil {
			if d.sending.Err() == nil {
				d.o.Log.Error("a delivery to a web hook was cut short; it is sent again", "name", hook.Name, "error", err)
			}
			return
		}
		if len(next) == 0 {
			return
		}
		delivery = next[0]
	}
}

func (d *Dispatcher) finish(delivery webhook.Delivery, answer webhook.Answer) (webhook.Hook, []webhook.Delivery, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.sending), storeTimeout)
	defer cancel()
	more := 1
	if d.stopping.Err() != nil {
		more = 0
	}
	return d.hooks.Finish(ctx, delivery, answer, more)
}
