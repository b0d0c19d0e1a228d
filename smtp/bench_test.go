package smtp_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

// BenchmarkSend compares the Sender with bare go-mail on one connection,
// alternating in one run. "ratio" is our mails per second divided by theirs: 1
// means equally fast.
func BenchmarkSend(b *testing.B) {
	server := smtptest.New(b)
	sender := benchSender(b, server)
	bare := bareSender(b, server)
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if err := sender.Send(b.Context(), letter()); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		bare()
		ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
	}
	b.ReportMetric(float64(b.N)/ours.Seconds(), "mails/s")
	b.ReportMetric(float64(b.N)/theirs.Seconds(), "go-mail/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

func benchSender(b *testing.B, server *smtptest.Server) *smtp.Sender {
	c, err := smtp.ParseURL(server.URL())
	if err != nil {
		b.Fatal(err)
	}
	c.From = letterFrom
	sender, err := smtp.New(c)
	if err != nil {
		b.Fatal(err)
	}
	return sender
}

func bareSender(b *testing.B, server *smtptest.Server) func() {
	host, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		b.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		b.Fatal(err)
	}
	client, err := mail.NewClient(host, mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS))
	if err != nil {
		b.Fatal(err)
	}
	if err := client.DialWithContext(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	return func() {
		if err := client.Send(bareMessage(b, letter())); err != nil {
			b.Fatal(err)
		}
	}
}

func bareMessage(b *testing.B, l signup.Letter) *mail.Msg {
	m := mail.NewMsg(mail.WithEncoding(mail.EncodingQP))
	if err := m.From(letterFrom.Email); err != nil {
		b.Fatal(err)
	}
	if err := m.To(l.To.Email); err != nil {
		b.Fatal(err)
	}
	m.Subject(l.Subject)
	m.SetBodyString(mail.TypeTextPlain, l.Plain)
	m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	return m
}
