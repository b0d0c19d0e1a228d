package smtp

import (
	"sync"
	"time"
)

// A pace limits the number of letters in any minute.
type pace struct {
	now func() time.Time

	mu       sync.Mutex
	taken    []time.Time // of the last turns, as many as a minute allows
	oldest   int         // index of the oldest turn in taken
	promised time.Time   // the latest turn for which a caller was told to come back
}

// maxTurnWait limits how far ahead turns are promised. A caller that comes back
// asks again.
const maxTurnWait = 10 * time.Minute

func newPace(perMinute int, now func() time.Time) *pace {
	return &pace{now: now, taken: make([]time.Time, perMinute)}
}

// turn takes a turn and returns 0, or returns when to ask again. Callers that
// must wait are given different times.
func (p *pace) turn() time.Duration {
	if len(p.taken) == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	free := p.taken[p.oldest].Add(time.Minute)
	if p.taken[p.oldest].IsZero() || !now.Before(free) {
		p.taken[p.oldest] = now
		p.oldest = (p.oldest + 1) % len(p.taken)
		return 0
	}
	p.promised = p.promised.Add(time.Minute / time.Duration(len(p.taken)))
	if p.promised.Before(free) {
		p.promised = free
	}
	if latest := now.Add(maxTurnWait); p.promised.After(latest) {
		p.promised = latest
	}
	return p.promised.Sub(now)
}
