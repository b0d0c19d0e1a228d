package smtp_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

const oddPassword = `p@ss:w/o rd%"ü ` + "\xff"

func TestEncryptedWithOddPassword(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]smtptest.Option{
		"starttls": smtptest.StartTLS(), "implicit": smtptest.ImplicitTLS(),
	} {
		server := smtptest.New(t, option, smtptest.Credentials("us er@x%", oddPassword))
		sender := newSender(t, server, func(c *smtp.Config) { c.Password = oddPassword })
		if err := sender.Send(t.Context(), letter()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wrong := newSender(t, server, func(c *smtp.Config) { c.Password = "wrong" }).Send(t.Context(), letter())
		checkError(t, name, wrong, smtp.PhaseAuth)
		want := "smtp " + server.Addr() + ": AUTH failed: 535 5.7.8 bad credentials"
		if e := asError(wrong); e == nil || e.Permanent() || wrong.Error() != want {
			t.Errorf("%s: %v, want %q", name, wrong, want)
		}
		strange := newSender(t, server, func(c *smtp.Config) { c.RootCAs = nil; c.Password = oddPassword })
		checkError(t, name+" unknown authority", strange.Send(t.Context(), letter()), smtp.PhaseTLS)
	}
}

func TestStartTLSIsRequired(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, func(c *smtp.Config) { c.TLS = smtp.TLSStartTLS })
	err := sender.Send(t.Context(), letter())
	checkError(t, "not offered", err, smtp.PhaseTLS)
	if e := asError(err); e.Permanent() || !strings.Contains(err.Error(), "does not offer STARTTLS") {
		t.Errorf("permanent %v: %v", e.Permanent(), err)
	}
	for _, line := range server.Transcript() {
		if strings.HasPrefix(line, "MAIL") {
			t.Errorf("sent %s in clear text", line)
		}
	}
}

func TestTLSFaults(t *testing.T) {
	t.Parallel()
	for _, rule := range []smtptest.Rule{
		smtptest.HangAt(smtptest.StartTLSStep), smtptest.DropAt(smtptest.StartTLSStep),
		smtptest.ReplyAt(smtptest.StartTLSStep, "454 4.7.0 not now"),
	} {
		server := smtptest.New(t, smtptest.StartTLS())
		server.SetBehaviour(rule)
		err := newSender(t, server, hasty).Send(t.Context(), letter())
		checkError(t, fmt.Sprintf("%+v", rule), err, smtp.PhaseTLS)
	}
	silent := smtptest.New(t)
	silent.SetBehaviour(smtptest.HangAt(smtptest.Connect))
	implicit := newSender(t, silent, func(c *smtp.Config) { hasty(c); c.TLS = smtp.TLSImplicit })
	checkError(t, "silent", implicit.Send(t.Context(), letter()), smtp.PhaseTLS)
}

// TestForeignServer uses a third-party server.
func TestForeignServer(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{sasl.Plain, sasl.Login} {
		inbox := &inbox{mechanism: mechanism}
		cert, pool := smtptest.NewCertificate()
		host, port := serve(t, inbox, &tls.Config{Certificates: []tls.Certificate{cert}})
		c, err := smtp.ParseURL(fmt.Sprintf("smtp://us%%20er@%s:%d", host, port))
		if err != nil {
			t.Fatal(err)
		}
		c.Password, c.RootCAs, c.From.Email = oddPassword, pool, "noreply@app.example"
		sender, err := smtp.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := sender.Send(t.Context(), letter()); err != nil {
			t.Errorf("%s: %v", mechanism, err)
		}
		checkWire(t, inbox.raw)
		if len(inbox.to) != 1 || !strings.Contains(string(inbox.raw), "\r\n..a line") && !strings.Contains(string(inbox.raw), "\r\n.a line") {
			t.Errorf("%s: to %v\n%s", mechanism, inbox.to, inbox.raw)
		}
	}
}

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

func serve(t *testing.T, b gosmtp.Backend, config *tls.Config) (string, int) {
	t.Helper()
	server := gosmtp.NewServer(b)
	server.TLSConfig, server.Domain = config, "localhost"
	server.ErrorLog = quietLog()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	address := listener.Addr().(*net.TCPAddr)
	return address.IP.String(), address.Port
}

// An inbox is a go-smtp backend for one letter.
type inbox struct {
	mechanism string
	to        []string
	raw       []byte
}

func (b *inbox) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return b, nil }
func (b *inbox) Reset()                                          {}
func (b *inbox) Logout() error                                   { return nil }
func (b *inbox) AuthMechanisms() []string                        { return []string{b.mechanism} }
func (b *inbox) Mail(string, *gosmtp.MailOptions) error          { return nil }

func (b *inbox) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	b.to = append(b.to, to)
	return nil
}

func (b *inbox) Data(r io.Reader) (err error) {
	b.raw, err = io.ReadAll(r)
	return err
}

func (b *inbox) Auth(string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != "us er" || password != oddPassword {
			return errors.New("wrong")
		}
		return nil
	}
	if b.mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// A loginServer is the server side of LOGIN, which go-sasl does not provide.
type loginServer struct {
	check func(user, password string) error
	given []string
}

func (s *loginServer) Next(response []byte) ([]byte, bool, error) {
	if response != nil {
		s.given = append(s.given, string(response))
	}
	if len(s.given) < 2 {
		return []byte([]string{"Username:", "Password:"}[len(s.given)]), false, nil
	}
	return nil, true, s.check(s.given[0], s.given[1])
}
