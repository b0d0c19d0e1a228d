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

	"github.com/signup-go/signup"
)

// A Sender sends letters, each over a connection of its own. It is safe for
// concurrent use.
type Sender struct {
	host     string
	address  string // host:port
	tlsMode  TLSMode
	tls      *tls.Config
	helo     string
	login    *login // nil without credentials
	timeouts Timeouts
	slots    chan struct{} // one for each connection that may be open
	compose  composer
}

// New returns a Sender, or says what is wrong with the configuration. It does
// not connect.
func New(c Config) (*Sender, error) {
	c = c.withDefaults()
	from, err := c.check()
	if err != nil {
		return nil, err
	}
	host := hostInASCII(c.Host)
	return &Sender{
		host:     host,
		address:  net.JoinHostPort(host, strconv.Itoa(c.Port)),
		tlsMode:  c.TLS,
		tls:      &tls.Config{ServerName: host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
		helo:     c.heloName(from),
		login:    newLogin(c.Username, c.Password, host),
		timeouts: c.Timeouts,
		slots:    make(chan struct{}, c.MaxConnections),
		compose:  composer{from: from, now: c.Now},
	}, nil
}

// Send hands the letter to the server. It returns nil once the server has
// taken responsibility for it, and otherwise an *Error, within Timeouts.Total
// of its turn (see Config.MaxConnections).
func (s *Sender) Send(ctx context.Context, l signup.Letter) error {
	m, err := s.compose.message(l)
	if err != nil {
		return s.fault(PhaseRcpt, permanent(err))
	}
	return s.converse(ctx, func(c *conversation) error { return c.deliver(m) })
}

// Check connects, encrypts and authenticates as Send would, and sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	return s.converse(ctx, func(*conversation) error { return nil })
}

var errNoSlot = errors.New("all connections to the server are in use")

func (s *Sender) converse(ctx context.Context, then func(*conversation) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return s.fault(PhaseDial, errors.Join(errNoSlot, ctx.Err()))
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeouts.Total)
	defer cancel()
	c := &conversation{sender: s, ctx: ctx}
	defer c.close()
	if err := c.open(); err != nil {
		return s.fault(c.phase, err)
	}
	if err := then(c); err != nil {
		c.quit()
		return s.fault(c.phase, err)
	}
	c.quit()
	return nil
}
