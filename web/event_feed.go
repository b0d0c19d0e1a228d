package web

import (
	"context"
	"sync"
	"time"

	"github.com/signup-go/signup/event"
)

// feedEvery is how often the database is asked for new events while anybody waits
// for them, and so how much later an event is passed on at most.
const feedEvery = 200 * time.Millisecond

// A feed passes new events on to the requests that wait for them. While there are
// any, one goroutine asks the database, however many they are; none of them holds
// a connection to it.
type feed struct {
	read func(context.Context, event.Query) eventPage

	mu    sync.Mutex
	watch *watch // nil while nobody waits
}

// A watch lasts as long as there is always somebody who waits.
type watch struct {
	waiting int
	last    *news
	stop    context.CancelFunc
}

// News is what one look at the database found. After an error nothing follows.
type news struct {
	eventPage

	next *news
	done chan struct{} // closed once there is a next
}

// join adds one who waits for what is after a cursor. It returns nil if the watch is
// past the cursor: then there is something to read.
func (f *feed) join(at event.Cursor) (*watch, *news) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch == nil {
		ctx, stop := context.WithCancel(context.Background())
		f.watch = &watch{last: &news{eventPage{at: at}, nil, make(chan struct{})}, stop: stop}
		go f.ask(ctx, f.watch)
	}
	if f.watch.last.at.Position > at.Position {
		return nil, nil
	}
	f.watch.waiting++
	return f.watch, f.watch.last
}

// leave ends the watch when nobody is left.
func (f *feed) leave(w *watch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.waiting--; w.waiting == 0 {
		f.end(w)
	}
}

func (f *feed) end(w *watch) {
	w.stop()
	if f.watch == w {
		f.watch = nil
	}
}

// ask asks the database until the watch ends.
func (f *feed) ask(ctx context.Context, w *watch) {
	ticks := time.NewTicker(feedEvery)
	defer ticks.Stop()
	for at := w.last.at; ; {
		found := f.read(ctx, event.Query{After: at})
		if ctx.Err() != nil {
			return
		}
		if found.err != nil || found.at.Position > at.Position {
			f.publish(w, &news{found, nil, make(chan struct{})})
			at = found.at
		}
		if len(found.events) > 0 {
			continue // there may be more
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

func (f *feed) publish(w *watch, found *news) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := w.last
	before.next, w.last = found, found
	close(before.done)
	if found.err != nil {
		f.end(w)
	}
}

// wait returns the next events that a query selects, or an empty page when enough or
// done ends. ok is false if there is something to read in the database first.
func (f *feed) wait(enough context.Context, done <-chan struct{}, q event.Query) (page eventPage, ok bool) {
	w, n := f.join(q.After)
	if w == nil {
		return eventPage{}, false
	}
	defer f.leave(w)
	page.at = q.After
	for len(page.events) == 0 && page.err == nil {
		select {
		case <-n.done:
			n = n.next
			page = n.selected(q)
		case <-enough.Done():
			return page, true
		case <-done:
			return page, true
		}
	}
	return page, true
}
