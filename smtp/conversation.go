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

// A conversation is one connection to the server, for one letter after the
// other. It speaks through go-mail's
// low-level client: go-mail's Client hides the phase of an error, counts a
// dropped connection as permanent, and reports a letter as failed when only
// the RSET after it failed.
type conversation struct {
	sender *Sender
	ctx    context.Context // ends with the time for the letter at hand
	phase  Phase
	conn   *boundedConn // the bare one, under any TLS
	client *gosmtp.Client
	unhook func() bool // takes ctx's hand off the connection

	letters int         // that were begun
	answer  string      // to the last letter that was taken
	body    bool        // the letter at hand is on its way: no second copy
	expiry  *time.Timer // while it is idle
}

// maxLetters is how many letters one connection is used for: many servers have
// a limit of their own, and balancers like a change.
const maxLetters = 100

// probeTime is how long a connection that was idle may take to show it lives.
const probeTime = 5 * time.Second

// quitPatience is how long a server may take to say goodbye.
const quitPatience = 2 * time.Second

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

// noteSupport remembers what the server offers now.
func (c *conversation) noteSupport() {
	offer := notSupported
	if ok, _ := c.client.Extension("SMTPUTF8"); ok {
		offer = supported
	}
	c.sender.pool.utf8.Store(offer)
}

// again is for a connection that served before.
func (c *conversation) again(then func(*conversation) error) error {
	c.phase = PhaseMail
	c.mayTake(min(probeTime, c.sender.timeouts.Command))
	if err := c.outcome(c.client.Reset()); err != nil {
		return staleError{err}
	}
	return then(c)
}

// A staleError is that of a connection which did not even take a RSET.
type staleError struct{ error }

func (e staleError) Unwrap() error { return e.error }

// stale reports whether the failure is that of a connection which was open for
// too long, and no letter can have been taken.
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

// reusable reports whether the connection is fit for the next letter, after
// this one came to err.
func (c *conversation) reusable(err error) bool {
	var answer *textproto.Error
	var local permanentError
	if c.letters >= maxLetters || c.conn.failure != nil {
		return false
	}
	return err == nil || errors.As(err, &local) || errors.As(err, &answer) && answer.Code != 421
}

// deliver returns nil once the server has acknowledged the letter.
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

// attach gives the connection to what must be done within ctx.
func (c *conversation) attach(ctx context.Context) {
	c.ctx, c.body, c.conn.left = ctx, false, maxAnswers
	// Closing works whatever the connection waits for; a deadline could be
	// overwritten by the next step's.
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
	// Asked for without need, SMTPUTF8 makes the next server bounce the letter.
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

// quit says goodbye as a courtesy: whatever comes of it changes nothing.
func (c *conversation) quit() {
	if c.client == nil || c.ctx.Err() != nil {
		return
	}
	c.mayTake(min(quitPatience, c.sender.timeouts.Command))
	_ = c.client.Quit()
}

func (c *conversation) close() {
	if c.conn != nil {
		c.unhook()
		_ = c.conn.Close()
	}
}

// begin enters a phase and gives it its time.
func (c *conversation) begin(p Phase) {
	c.phase = p
	c.mayTake(c.sender.timeouts.Command)
}

// mayTake bounds all that is read and written until it is called again, so
// that a byte a second does not buy a server more time. An error means that
// the connection is closed, which the next read or write reports.
func (c *conversation) mayTake(d time.Duration) {
	_ = c.conn.SetDeadline(time.Now().Add(d))
}

// outcome looks behind the error of a step. Where reading failed, no consent is
// complete: textproto takes "250 O" before the end of a connection for a whole
// line. And where we closed the connection ourselves, that is the cause.
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

// maxAnswers is how many bytes a server may send for one letter.
const maxAnswers = 1 << 20

// A boundedConn stops a server that never stops talking, because textproto
// keeps a whole answer in memory. It remembers the first failure to read.
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
		err = errors.New("the server's answers are too long")
	}
	if err != nil && b.failure == nil {
		b.failure = err
	}
	return n, err
}
