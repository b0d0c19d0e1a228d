package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	smtpserver "github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/wneessen/go-mail"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// mailsPerRound is the number of mails that are owed before a server starts, and
// that it sends.
const mailsPerRound = 2000

// mails compares confirmations, from the database to the mail server, with bare
// go-mail over one connection.
func (b *bench) mails(d database) error {
	listener, err := listen()
	if err != nil {
		return err
	}
	sink := &sink{}
	relay := smtpserver.NewServer(sink)
	relay.Domain, relay.AllowInsecureAuth = "localhost", true
	go func() { _ = relay.Serve(listener) }()
	defer func() { _ = relay.Close() }()
	at := listener.Addr().String()
	round := 0
	ours := func() (float64, error) {
		round++
		return b.sendOwed(d, fmt.Sprintf("mails%d", round), at, sink)
	}
	return b.beside("mails, end to end", ours, "bare go-mail, one connection", func() (float64, error) { return b.sendBare(at, sink) })
}

// sendOwed returns how many mails per second a server sends that are owed when it
// starts.
func (b *bench) sendOwed(d database, name, relay string, sink *sink) (float64, error) {
	url, err := d.create(name)
	if err != nil {
		return 0, err
	}
	if err := b.owe(d, url); err != nil {
		return 0, err
	}
	sink.expect(mailsPerRound)
	p, err := b.launch([]string{"serve"}, "SIGNUP_DATABASE="+url, "SIGNUP_BASE_URL=http://127.0.0.1:1", "SIGNUP_MAIL_FROM=noreply@example.org",
		"SIGNUP_SMTP=smtp://"+relay+"?tls=none")
	if err != nil {
		return 0, err
	}
	defer p.stop()
	return sink.rate(b.ctx)
}

// owe creates users to whom a confirmation has been owed long enough for the
// first sweep to enqueue it.
func (b *bench) owe(d database, url string) error {
	store, err := d.open(url)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := store.Migrate(b.ctx); err != nil {
		return err
	}
	now := time.Now().UTC().Add(-time.Hour).Truncate(time.Millisecond)
	return store.Update(b.ctx, func(tx signup.Tx) error {
		for i := range mailsPerRound {
			u, err := fillUser(b.ctx, tx, i, now)
			if err != nil {
				return err
			}
			mail := signup.Mail{
				ID: uuid.Must(uuid.NewV7()).String(), Kind: signup.MailConfirmation, UserID: u.ID, RecipientID: u.ID,
				State: delivery.Owed, CreatedAt: now,
			}
			if err := tx.AddMail(b.ctx, mail); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendBare returns how many letters of the same size go-mail sends per second.
func (b *bench) sendBare(relay string, sink *sink) (float64, error) {
	host, port, err := net.SplitHostPort(relay)
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return 0, err
	}
	c, err := mail.NewClient(host, mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS))
	if err != nil {
		return 0, err
	}
	if err := c.DialWithContext(b.ctx); err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }()
	const line = "Somebody, hopefully you, signed up with this address.\r\n"
	text := strings.Repeat(line, sink.size()/len(line))
	sink.expect(mailsPerRound)
	for i := range mailsPerRound {
		m := mail.NewMsg()
		if err := errors.Join(m.From("noreply@example.org"), m.To(fmt.Sprintf("f%d@example.org", i))); err != nil {
			return 0, err
		}
		m.Subject("Confirm your account")
		m.SetBodyString(mail.TypeTextPlain, text)
		if err := c.Send(m); err != nil {
			return 0, err
		}
	}
	return sink.rate(b.ctx)
}

// A sink is an SMTP server that accepts every mail and counts them.
type sink struct {
	mu          sync.Mutex
	left, bytes int
	want        int
	first, last time.Time
	all         chan struct{}
}

func (s *sink) NewSession(*smtpserver.Conn) (smtpserver.Session, error) { return sinkSession{s}, nil }

// expect starts counting to n.
func (s *sink) expect(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.want, s.left, s.bytes, s.all = n, n, 0, make(chan struct{})
}

func (s *sink) take(size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if s.left == s.want {
		s.first = s.last
	}
	s.bytes += size
	s.left--
	if s.left == 0 {
		close(s.all)
	}
}

// rate waits for all mails and returns how many per second arrived after the
// first.
func (s *sink) rate(ctx context.Context) (float64, error) {
	select {
	case <-s.all:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(5 * time.Minute):
		return 0, errors.New("not all mails came within 5 minutes")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(s.want-1) / s.last.Sub(s.first).Seconds(), nil
}

// size returns the mean size of the mails, in bytes.
func (s *sink) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes / max(s.want-s.left, 1)
}

type sinkSession struct{ *sink }

func (sinkSession) Mail(string, *smtpserver.MailOptions) error { return nil }
func (sinkSession) Rcpt(string, *smtpserver.RcptOptions) error { return nil }
func (sinkSession) Reset()                                     {}
func (sinkSession) Logout() error                              { return nil }

func (d sinkSession) Data(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	d.take(int(n))
	return err
}
