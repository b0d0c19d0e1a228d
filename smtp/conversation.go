package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"time"

	gosmtp "github.com/wneessen/go-mail/smtp"
)

// A conversation is one connection to the server, used for one letter after
// another. It uses go-mail's low-level client because go-mail's Client hides the
// phase of an error, treats a dropped connection as permanent, and reports a
// letter as failed if only the RSET after it failed.
type conversation struct {
	sender *Sender
	ctx    context.Context // ends when the time for the current letter is up
	phase  Phase
	conn   *boundedConn // the raw connection, below any TLS
	client *gosmtp.Client
	unhook func() bool // detaches ctx from the connection

	letters int         // number of letters begun
	answer  string      // reply to the last accepted letter
	body    bool        // the current letter is being sent: it must not be sent again
	expiry  *time.Timer // while the connection is idle
}

// maxLetters is the number of letters sent over one connection: many servers have
// such a limit, and load balancers prefer new connections.
const maxLetters = 100

// probeTime is how long an idle connection may take to prove that it works.
const probeTime = 5 * time.Second

// quitTimeout is how long a server may take to respond to QUIT.
const quitTimeout = 2 * time.Second

// open connects, encrypts and authenticates.
func (c *conversation) open() error {
	for _, step := range []func() error{c.dial, c.greet, c.startTLS, c.auth} {
		if err := c.outcome(step()); err != nil {
			return err
		}
	}
	c.noteSupport()
	return nil
}

// noteSupport stores what the server offers now.
func (c *conversation) noteSupport() {
	offer := notSupported
	if ok, _ := c.client.Extension("SMTPUTF8"); ok {
		offer = supported
	}
	c.sender.pool.utf8.Store(offer)
}

// again prepares a connection that has already been used, and runs then.
func (c *conversation) again(then func(*conversation) error) error {
	c.phase = PhaseMail
	c.mayTake(min(probeTime, c.sender.timeouts.Command))
	if err := c.outcome(c.client.Reset()); err != nil {
		return staleError{err}
	}
	return then(c)
}

// A staleError means that a connection did not even accept RSET.
type staleError struct{ error }

func (e staleError) Unwrap() error { return e.error }

// stale reports whether the connection failed because it had been open for too
// long, and no letter can have been accepted.
func (c *conversation) stale(err error) bool {
	var answer *textproto.Error
	var local permanentError
	switch {
	case err == nil || c.body || c.ctx.Err() != nil || errors.As(err, &local):
		return false
	case errors.As(err, new(staleError)):
		return true
	case errors.As(err, &answer):
		return answer.Code == 421
	default:
		return true
	}
}

// reusable reports whether the connection can be used for the next letter, after
// this one ended with err.
func (c *conversation) reusable(err error) bool {
	var answer *textproto.Error
	var local permanentError
	if c.letters >= maxLetters || c.conn.failure != nil {
		return false
	}
	return err == nil || errors.As(err, &local) || errors.As(err, &answer) && answer.Code != 421
}

// deliver returns nil once the server has accepted the letter.
func (c *conversation) deliver(m message) error {
	c.letters++
	for _, step := range []func(message) error{c.mail, c.rcpt, c.data} {
		if err := c.outcome(step(m)); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversation) dial() error {
	c.phase = PhaseDial
	dialer := net.Dialer{Timeout: c.sender.timeouts.Dial}
	conn, err := dialer.DialContext(c.ctx, "tcp", c.sender.address)
	if err != nil {
		return err
	}
	c.conn = &boundedConn{Conn: conn}
	c.attach(c.ctx)
	return nil
}

// attach makes the end of ctx close the connection.
func (c *conversation) attach(ctx context.Context) {
	c.ctx, c.body, c.conn.left = ctx, false, maxAnswers
	// Closing works whatever the connection waits for; a deadline could be
	// overwritten by the next step.
	c.unhook = context.AfterFunc(ctx, func() { _ = c.conn.Close() })
}

// detach reports whether the connection is still open.
func (c *conversation) detach() bool { return c.unhook() }

func (c *conversation) greet() error {
	conn := net.Conn(c.conn)
	if c.sender.tlsMode == TLSImplicit {
		c.begin(PhaseTLS)
		secure := tls.Client(conn, c.sender.tls)
		if err := secure.HandshakeContext(c.ctx); err != nil {
			return err
		}
		conn = secure
	}
	c.begin(PhaseHello)
	client, err := gosmtp.NewClient(conn, c.sender.host)
	if err != nil {
		return err
	}
	c.client = client
	return c.client.Hello(c.sender.helo)
}

func (c *conversation) startTLS() error {
	offered, _ := c.client.Extension("STARTTLS")
	switch c.sender.tlsMode {
	case TLSImplicit, TLSNone:
		return nil
	case TLSOpportunistic:
		if !offered {
			return nil
		}
	}
	c.begin(PhaseTLS)
	if !offered {
		return errNoStartTLS
	}
	return c.client.StartTLS(c.sender.tls)
}

var errNoStartTLS = errors.New("the server does not offer STARTTLS")

func (c *conversation) auth() error {
	if c.sender.login == nil {
		return nil
	}
	c.begin(PhaseAuth)
	_, offered := c.client.Extension("AUTH")
	auth, err := c.sender.login.choose(offered)
	if err != nil {
		return err
	}
	return c.client.Auth(auth)
}

func (c *conversation) mail(m message) error {
	c.begin(PhaseMail)
	if offered, _ := c.client.Extension("SMTPUTF8"); m.to.needsUTF8() && !offered {
		return permanent(errNoUTF8)
	}
	// If SMTPUTF8 is requested without need, the next server bounces the letter.
	c.client.SkipSMTPUTF8(!m.to.needsUTF8())
	return c.client.Mail("<" + m.from.address + ">")
}

var errNoUTF8 = errors.New("the address is not ASCII before the @ and the server does not offer SMTPUTF8")

func (c *conversation) rcpt(m message) error {
	c.begin(PhaseRcpt)
	return c.client.Rcpt("<" + m.to.address + ">")
}

func (c *conversation) data(m message) error {
	c.begin(PhaseData)
	w, err := c.client.Data()
	if err != nil {
		return err
	}
	c.body = true
	if _, err := w.Write(m.raw); err != nil {
		return err
	}
	c.mayTake(c.sender.timeouts.Total)
	err = w.Close()
	if said, ok := w.(interface{ ServerResponse() string }); ok {
		c.answer = said.ServerResponse()
	}
	return err
}

// quit sends QUIT as a courtesy and ignores the result.
func (c *conversation) quit() {
	if c.client == nil || c.ctx.Err() != nil {
		return
	}
	c.mayTake(min(quitTimeout, c.sender.timeouts.Command))
	_ = c.client.Quit()
}

func (c *conversation) close() {
	if c.conn != nil {
		c.unhook()
		_ = c.conn.Close()
	}
}

// begin enters a phase and sets its time limit.
func (c *conversation) begin(p Phase) {
	c.phase = p
	c.mayTake(c.sender.timeouts.Command)
}

// mayTake limits the time for everything that is read and written until it is
// called again, so that a server cannot gain time by sending a byte per second.
// An error means that the connection is closed, which the next read or write
// reports.
func (c *conversation) mayTake(d time.Duration) {
	_ = c.conn.SetDeadline(time.Now().Add(d))
}

// outcome corrects the error of a step. If reading failed, no positive reply is
// complete: textproto accepts "250 O" before the end of a connection as a whole
// line. And if we closed the connection ourselves, that is the cause.
func (c *conversation) outcome(err error) error {
	if err == nil {
		err = c.conn.failure
	}
	var answer *textproto.Error
	if err == nil || errors.As(err, &answer) || c.ctx.Err() == nil {
		return err
	}
	return c.ctx.Err()
}

// maxAnswers is the maximum number of bytes that a server may send per letter.
const maxAnswers = 1 << 20

// A boundedConn stops a server that never ends its reply, because textproto keeps
// the whole reply in memory. It remembers the first read error.
type boundedConn struct {
	net.Conn
	left    int
	failure error
}

func (b *boundedConn) Read(p []byte) (n int, err error) {
	if b.left > 0 {
		n, err = b.Conn.Read(p[:min(len(p), b.left)])
		b.left -= n
	} else {
		err = errors.New("the server's replies are too long")
	}
	if err != nil && b.failure == nil {
		b.failure = err
	}
	return n, err
}
