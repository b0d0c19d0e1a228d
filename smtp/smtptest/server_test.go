package smtptest_test

import (
	netsmtp "net/smtp"
	"slices"
	"strings"
	"testing"

	"github.com/signup-go/signup/smtp/smtptest"
)

const raw = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	".dot https://app.example/?token=3D1 and=\r\n more\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--\r\n"

func send(server *smtptest.Server, to string) error {
	return netsmtp.SendMail(server.Addr(), nil, "from@app.example", []string{to}, []byte(raw))
}

func TestKeepsLetters(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	if err := send(server, "ada@person.example"); err != nil {
		t.Fatal(err)
	}
	m := server.WaitForTo(t, "ada@person.example")
	if string(m.Raw) != raw || m.From != "from@app.example" {
		t.Errorf("from %q:\n%q", m.From, m.Raw)
	}
	if m.Subject() != "Grüße" || m.Plain() != ".dot https://app.example/?token=1 and more" || m.HTML() != "<p>x</p>" {
		t.Errorf("%q %q %q", m.Subject(), m.Plain(), m.HTML())
	}
	if got := m.Links(); !slices.Equal(got, []string{"https://app.example/?token=1"}) {
		t.Errorf("links %q", got)
	}
}

func TestSwitchesWhileRunning(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	address := server.Addr()
	server.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "550 no").For("bad@person.example"))
	if err := send(server, "bad@person.example"); err == nil || !strings.HasPrefix(err.Error(), "550") {
		t.Errorf("refused: %v", err)
	}
	if err := send(server, "good@person.example"); err != nil {
		t.Errorf("another recipient: %v", err)
	}
	server.SetBehaviour(smtptest.DropAt(smtptest.Body).Times(1))
	if err := send(server, "a@person.example"); err == nil || len(server.Unanswered()) != 1 {
		t.Errorf("dropped: %v, %d unanswered", err, len(server.Unanswered()))
	}
	server.Close()
	if err := send(server, "a@person.example"); err == nil {
		t.Error("closed: sent")
	}
	server.Open(t)
	if err := send(server, "a@person.example"); err != nil || server.Addr() != address {
		t.Errorf("reopened at %s: %v", server.Addr(), err)
	}
	if got := server.WaitFor(t, 2); len(got) != 2 {
		t.Errorf("%d letters", len(got))
	}
}
