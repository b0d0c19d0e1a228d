package smtp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A pool keeps connections open for a short while after a letter, for the next
// one. It also stores what the server last offered.
type pool struct {
	idleTimeout time.Duration
	utf8        atomic.Int32 // a support value

	mu     sync.Mutex
	idle   []*conversation // most recently used last
	closed bool
}

// A support says whether the server offers something.
type support = int32

const (
	supportUnknown support = iota
	supported
	notSupported
)

// take returns the most recently used idle connection, or nil.
func (p *pool) take() *conversation {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle = p.idle[:last]
	c.expiry.Stop()
	return c
}

// put keeps the connection, and reports false if it should be closed instead.
func (p *pool) put(c *conversation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.idleTimeout < 0 {
		return false
	}
	p.idle = append(p.idle, c)
	c.expiry = time.AfterFunc(p.idleTimeout, func() {
		if p.remove(c) {
			c.goodbye()
		}
	})
	return true
}

func (p *pool) remove(c *conversation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, c)
	if i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	return i >= 0
}

// close ends the idle connections and keeps none from now on.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var leaving sync.WaitGroup
	for _, c := range idle {
		c.expiry.Stop()
		leaving.Go(c.goodbye)
	}
	leaving.Wait()
}

// goodbye ends an idle connection.
func (c *conversation) goodbye() {
	ctx, cancel := context.WithTimeout(context.Background(), quitTimeout)
	defer cancel()
	c.attach(ctx)
	c.quit()
	c.close()
}
