package password

import (
	"context"
	"slices"
	"sync"

	"github.com/signup-go/signup/refusal"
)

type clientKey struct{}

// WithClient says for whom passwords are hashed with the context: a network, for
// example. Clients have turns, so that one with many hashes waiting delays mostly
// itself.
func WithClient(ctx context.Context, client string) context.Context {
	return context.WithValue(ctx, clientKey{}, client)
}

type logInKey struct{}

// AtLogIn says that the passwords hashed with the context are those of people who
// have one already. They wait apart from all others, and every second hash is one
// of theirs while there are any.
func AtLogIn(ctx context.Context) context.Context {
	return context.WithValue(ctx, logInKey{}, true)
}

// turns decide who may hash next.
type turns struct {
	mu    sync.Mutex
	free  int     // how many more may hash now
	lanes [2]lane // AtLogIn, and all others
	last  int     // the lane that had its turn last
}

func newTurns(concurrent, queue int) *turns {
	return &turns{free: concurrent, lanes: [2]lane{{limit: queue}, {limit: queue}}}
}

// take waits for a turn until ctx ends. It refuses with refusal.Busy if too many
// callers wait.
func (t *turns) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	if t.free > 0 { // so nobody waits
		t.free--
		t.mu.Unlock()
		return nil
	}
	l := &t.lanes[1]
	if ctx.Value(logInKey{}) != nil {
		l = &t.lanes[0]
	}
	client, _ := ctx.Value(clientKey{}).(string)
	w := l.add(client)
	t.mu.Unlock()
	if w == nil {
		return errBusy()
	}
	select {
	case turn := <-w.turn:
		if !turn {
			return errBusy()
		}
		return nil
	case <-ctx.Done():
		t.leave(l, w)
		return ctx.Err()
	}
}

func errBusy() error {
	return refusal.New(refusal.Busy, "Too many sign-ups at the moment; try again shortly")
}

// leave takes a caller out who does not wait any longer, and passes on a turn that
// came too late.
func (t *turns) leave(l *lane, w *waiter) {
	t.mu.Lock()
	waited := l.remove(w)
	t.mu.Unlock()
	if !waited && <-w.turn {
		t.pass()
	}
}

// pass gives the turn to the next who waits.
func (t *turns) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range t.lanes {
		t.last = (t.last + 1) % len(t.lanes)
		if w := t.lanes[t.last].next(); w != nil {
			w.turn <- true
			return
		}
	}
	t.free++
}

// A lane has the callers that wait, by client.
type lane struct {
	limit   int // of callers
	size    int
	clients []*client // in the order of their turns; none is empty
}

type client struct {
	name    string
	waiting []*waiter
}

type waiter struct {
	client string
	turn   chan bool // false: somebody who has less waiting took the place
}

// add lets another caller wait. If the lane is full, the last of the client with
// the most callers has to go, which may be the new one: then add returns nil.
func (l *lane) add(name string) *waiter {
	i := slices.IndexFunc(l.clients, func(c *client) bool { return c.name == name })
	has := 0
	if i >= 0 {
		has = len(l.clients[i].waiting)
	}
	if l.size >= l.limit && !l.makeRoom(has+1) {
		return nil
	}
	if i < 0 {
		i = len(l.clients)
		l.clients = append(l.clients, &client{name: name})
	}
	w := &waiter{name, make(chan bool, 1)}
	l.clients[i].waiting = append(l.clients[i].waiting, w)
	l.size++
	return w
}

// makeRoom refuses the last caller of the client with the most, if it has more
// than atLeast.
func (l *lane) makeRoom(atLeast int) bool {
	if len(l.clients) == 0 {
		return false
	}
	most := slices.MaxFunc(l.clients, func(a, b *client) int { return len(a.waiting) - len(b.waiting) })
	if len(most.waiting) <= atLeast {
		return false
	}
	last := most.waiting[len(most.waiting)-1]
	l.remove(last)
	last.turn <- false
	return true
}

// next takes out the caller whose turn it is, nil for nobody. The client's next
// turn comes after everybody else's.
func (l *lane) next() *waiter {
	if len(l.clients) == 0 {
		return nil
	}
	c := l.clients[0]
	w := c.waiting[0]
	l.clients = append(slices.Delete(l.clients, 0, 1), c)
	l.remove(w)
	return w
}

// remove reports whether the caller was still waiting.
func (l *lane) remove(w *waiter) bool {
	for i, c := range l.clients {
		j := slices.Index(c.waiting, w)
		if j < 0 {
			continue
		}
		c.waiting = slices.Delete(c.waiting, j, j+1)
		if len(c.waiting) == 0 {
			l.clients = slices.Delete(l.clients, i, i+1)
		}
		l.size--
		return true
	}
	return false
}
