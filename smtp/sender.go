// Package smtp hands letters to a mail server and says of each failure whether
// trying again can help. Give New a Config, most of it from ParseURL, and call
// Sender.Send.
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

// A Sender sends letters. It keeps connections open for a short while for the
// next letters. It is safe for concurrent use.
type Sender struct {
	host     string
	address  string // host:port
	tlsMode  TLSMode
	tls      *tls.Config
	helo     string
	login    *login // nil without credentials
	timeouts Timeouts
	slots    chan struct{} // one for each connection that may be open
	pool     *pool
	pace     *pace
	compose  composer
}

// New returns a Sender, or says what is wrong with the configuration. It does
// not connect.
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

// Send hands the letter to the server. It returns nil once the server has
// taken responsibility for it, and otherwise an *Error, within Timeouts.Total
// of its turn (see Config.MaxConnections).
func (s *Sender) Send(ctx context.Context, l signup.Letter) error {
	_, err := s.Deliver(ctx, l)
	return err
}

// Deliver is Send that also returns the server's words for a letter it took,
// among which many have a name for it: one line of at most 300 bytes.
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

// Check connects, encrypts and authenticates as Send would, and sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	return s.converse(ctx, func(*conversation) error { return nil })
}

// Turn keeps Config.Rate for callers that ask before each letter: it takes a
// turn and returns 0, or says how long to wait before asking again. The limit
// is this Sender's own; other processes have theirs.
func (s *Sender) Turn() time.Duration { return s.pace.turn() }

// Reaches reports whether the server can be asked to deliver to the address.
// It is false only for an address that needs SMTPUTF8 (RFC 6531) while the
// server, when last connected to, did not offer it.
func (s *Sender) Reaches(email string) bool {
	m, err := newMailbox(signup.Address{Email: email})
	return err != nil || !m.needsUTF8() || s.pool.utf8.Load() != notSupported
}

// Close says goodbye on the connections that wait for the next letter. Letters
// can be sent still, each over a connection of its own.
func (s *Sender) Close() error {
	s.pool.close()
	return nil
}

var errNoSlot = errors.New("all connections to the server are in use")

// converse has a conversation, on a connection that is open already if there
// is one. When that turns out to be gone before the letter itself was on its
// way, a new one takes its place, and nobody need know.
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

// finish keeps the connection for the next letter if it is fit for it.
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
