// Package smtp sends letters to a mail server and reports for each failure
// whether retrying can help. Give New a Config, most of which comes from
// ParseURL, and call Sender.Send.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/signup-go/signup"
)

// A Sender sends letters. It keeps connections open for a short while for further
// letters. It is safe for concurrent use.
type Sender struct {
	host     string
	address  string // host:port
	tlsMode  TLSMode
	tls      *tls.Config
	helo     string
	login    *login // nil without credentials
	timeouts Timeouts
	slots    chan struct{} // one element for each open connection
	pool     *pool
	pace     *pace
	compose  composer
}

// New returns a Sender. It fails if the configuration is invalid. It does not
// connect.
func New(c Config) (*Sender, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	compose, err := Letterhead{From: c.From, DKIM: c.DKIM, FeedbackID: c.FeedbackID, Now: c.Now}.composer()
	if err != nil {
		return nil, err
	}
	host := hostInASCII(c.Host)
	secure, err := c.tlsConfig(host)
	if err != nil {
		return nil, err
	}
	return &Sender{
		host:     host,
		address:  net.JoinHostPort(host, strconv.Itoa(c.Port)),
		tlsMode:  c.TLS,
		tls:      secure,
		helo:     c.heloName(compose.from),
		login:    newLogin(c, host),
		timeouts: c.Timeouts,
		slots:    make(chan struct{}, c.MaxConnections),
		pool:     &pool{idleTimeout: c.IdleTimeout},
		pace:     newPace(c.Rate, c.Now),
		compose:  compose,
	}, nil
}

// Send sends the letter to the server. It returns nil once the server has taken
// responsibility for the letter, and otherwise an *Error, at the latest
// Timeouts.Total after a connection became free (see Config.MaxConnections).
func (s *Sender) Send(ctx context.Context, l signup.Letter) error {
	_, err := s.Deliver(ctx, l)
	return err
}

// Deliver is like Send, but also returns the server's reply to an accepted
// letter, in which many servers include an ID: one line of at most 300 bytes.
func (s *Sender) Deliver(ctx context.Context, l signup.Letter) (answer string, err error) {
	m, err := s.compose.message(l)
	if err != nil {
		return "", s.fault(PhaseRcpt, permanent(err))
	}
	err = s.converse(ctx, func(c *conversation) error {
		err := c.deliver(m)
		answer = Clean("250 " + c.answer)
		return err
	})
	if err != nil {
		return "", err
	}
	return answer, nil
}

// Check connects, encrypts and authenticates as Send does, but sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	return s.converse(ctx, func(*conversation) error { return nil })
}

// Turn implements Config.Rate for callers that call it before each letter: it
// takes a turn and returns 0, or returns how long to wait before asking again.
// The limit applies to this Sender only; other processes have their own.
func (s *Sender) Turn() time.Duration { return s.pace.turn() }

// Reaches reports whether the server can deliver to the address, as far as known.
// It returns false only for an address that needs SMTPUTF8 (RFC 6531) if the
// server did not offer that on the last connection.
func (s *Sender) Reaches(email string) bool {
	m, err := newMailbox(signup.Address{Email: email})
	return err != nil || !m.needsUTF8() || s.pool.utf8.Load() != notSupported
}

// Close closes the idle connections. Letters can still be sent, each over a
// connection of its own.
func (s *Sender) Close() error {
	s.pool.close()
	return nil
}

var errNoSlot = errors.New("all connections to the server are in use")

// converse runs a conversation, on an idle connection if there is one. If that
// connection turns out to be closed before the letter's body is sent, a new one
// silently replaces it.
func (s *Sender) converse(ctx context.Context, then func(*conversation) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return s.fault(PhaseDial, errors.Join(errNoSlot, ctx.Err()))
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeouts.Total)
	defer cancel()
	if c := s.pool.take(); c != nil {
		c.attach(ctx)
		err := c.again(then)
		if !c.stale(err) {
			return s.finish(c, err)
		}
		c.close()
	}
	c := &conversation{sender: s, ctx: ctx}
	if err := c.open(); err != nil {
		defer c.close()
		return s.fault(c.phase, err)
	}
	return s.finish(c, then(c))
}

// finish keeps the connection for the next letter if it is reusable.
func (s *Sender) finish(c *conversation, err error) error {
	var fault error
	if err != nil {
		f := s.fault(c.phase, err)
		f.body = c.body
		fault = f
	}
	if !c.reusable(err) || !c.detach() || !s.pool.put(c) {
		c.quit()
		c.close()
	}
	return fault
}
