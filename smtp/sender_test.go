package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.FixedZone("CET", 3600))

var letterFrom = signup.Address{Name: "Fäden & Söhne 🧵", Email: "noreply@app.example"}

// newSender returns a sender to the server with short timeouts; change, if not
// nil, modifies the configuration.
func newSender(t *testing.T, server *smtptest.Server, change func(*smtp.Config)) *smtp.Sender {
	t.Helper()
	c, err := smtp.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	c.From = letterFrom
	c.RootCAs = server.RootCAs()
	c.Timeouts = smtp.Timeouts{Dial: 5 * time.Second, Command: 5 * time.Second, Total: 10 * time.Second}
	c.Now = func() time.Time { return noon }
	if change != nil {
		change(&c)
	}
	s, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hasty(c *smtp.Config) {
	c.Timeouts = smtp.Timeouts{Command: 500 * time.Millisecond, Total: 1500 * time.Millisecond}
}

func letter() signup.Letter {
	return signup.Letter{
		MailID: "0199c1f2-1111-7000-8000-000000000001",
		To:     signup.Address{Name: "Ada Lovelace", Email: "ada@person.example"},
		Text: signup.Text{
			Subject: "Confirm your account at Fäden & Söhne 🧵",
			Plain:   "Hello Ada,\n\n.a line with a dot\n" + strings.Repeat("long ", 500) + "\nSchöne Grüße\n",
			HTML:    "<p>Hello <b>Ada</b> 🧵</p>\n",
		},
	}
}

func TestSendBytes(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	if err := newSender(t, server, nil).Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	got := server.WaitFor(t, 1)[0]
	if got.From != "noreply@app.example" || !cmp.Equal(got.To, []string{"ada@person.example"}) {
		t.Errorf("envelope from %q to %q", got.From, got.To)
	}
	checkWire(t, got.Raw)
	m, err := netmail.ReadMessage(bytes.NewReader(got.Raw))
	if err != nil {
		t.Fatal(err)
	}
	checkHeader(t, m.Header)
	checkParts(t, m)
}

func checkHeader(t *testing.T, h netmail.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Message-Id":     "<0199c1f2-1111-7000-8000-000000000001@app.example>",
		"Date":           "Wed, 25 Nov 2026 11:00:00 +0000",
		"Auto-Submitted": "auto-generated",
		"Feedback-Id":    "",

		"X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",

		"Mime-Version": "1.0",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil || subject != letter().Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]netmail.Address{
		"From": {Name: "Fäden & Söhne 🧵", Address: "noreply@app.example"},
		"To":   {Name: "Ada Lovelace", Address: "ada@person.example"},
	} {
		list, err := h.AddressList(name)
		if err != nil || len(list) != 1 || *list[0] != want {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

func checkParts(t *testing.T, m *netmail.Message) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, want := range []struct{ kind, text string }{
		{"text/plain; charset=UTF-8", letter().Plain},
		{"text/html; charset=UTF-8", letter().HTML},
	} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || got != want.text {
			t.Errorf("%s: %v\n%s", want.kind, err, cmp.Diff(want.text, got))
		}
		if got := p.Header.Get("Content-Type"); got != want.kind {
			t.Errorf("part is %q, want %q", got, want.kind)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after the second part: %v", err)
	}
}

// checkWire checks properties of every letter: only CRLF line ends, seven bits,
// short lines.
func checkWire(t *testing.T, raw []byte) {
	t.Helper()
	bare := bytes.ReplaceAll(raw, []byte("\r\n"), nil)
	if bytes.ContainsAny(bare, "\r\n") {
		t.Error("a line end is not CRLF")
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d octets", len(line))
		}
		if bytes.ContainsFunc(line, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("eight bits in %q", line)
		}
	}
}

func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	hostile := []string{
		"Bob\r\nBcc: x@evil.example", "Bob\nBcc: x@evil.example", "Bob\rBcc: x@evil.example",
		"Bob\u2028Bcc: x@evil.example", "Bob\u0085Bcc: x@evil.example", "Bob%0d%0aBcc: x@evil.example",
		"Bob\r\n\r\nHello", "Bob\x00\x1b[2J", `Bob" <x@evil.example>, "`, "=?utf-8?q?=0D=0ABcc:_x@evil.example?=",
		strings.Repeat("a", 10_000), strings.Repeat("ä", 10_000), strings.Repeat("word ", 2_000), "\xff\xfe",
	}
	for _, h := range hostile {
		server.Clear()
		sender := newSender(t, server, func(c *smtp.Config) { c.From.Name = h })
		l := letter()
		l.To.Name, l.Subject, l.MailID = h, h, h
		if err := sender.Send(t.Context(), l); err != nil {
			t.Errorf("%.40q: %v", h, err)
			continue
		}
		checkInert(t, h, server.Messages())
	}
}

func checkInert(t *testing.T, hostile string, got []smtptest.Message) {
	t.Helper()
	if len(got) != 1 || !cmp.Equal(got[0].To, []string{"ada@person.example"}) {
		t.Fatalf("%.40q: letters %v", hostile, got)
	}
	checkWire(t, got[0].Raw)
	m, err := netmail.ReadMessage(bytes.NewReader(got[0].Raw))
	if err != nil {
		t.Fatalf("%.40q: %v", hostile, err)
	}
	var names []string
	for name := range m.Header {
		names = append(names, name)
	}
	want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress"}
	if diff := cmp.Diff(want, sorted(names)); diff != "" {
		t.Errorf("%.40q: headers\n%s", hostile, diff)
	}
	for _, name := range []string{"From", "To"} {
		if list, err := m.Header.AddressList(name); err != nil || len(list) != 1 {
			t.Errorf("%.40q: %s is %v, %v", hostile, name, list, err)
		}
	}
	if strings.ContainsAny(got[0].Subject(), "\r\n\u2028\u0085") {
		t.Errorf("%.40q: subject decodes to %q", hostile, got[0].Subject())
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	plain, utf8 := smtptest.New(t), smtptest.New(t, smtptest.SMTPUTF8())
	tests := []struct {
		name, address string
		server        *smtptest.Server
		envelope      string // "" for a permanent refusal
	}{
		{"domain in Unicode", "ada@bücher.example", plain, "ada@xn--bcher-kva.example"},
		{"local part in Unicode", "aдa@person.example", utf8, "aдa@person.example"},
		{"no SMTPUTF8", "aдa@person.example", plain, ""},
		{"plus", "ada+x@person.example", plain, "ada+x@person.example"},
		{"no at sign", "ada", plain, ""},
		{"empty", "", plain, ""},
		{"two", "a@b.example, c@d.example", plain, ""},
		{"line break", "a@b.example\r\nRCPT TO:<x@evil.example>", plain, ""},
		{"angle", "a@b.example> NOTIFY=NEVER <", plain, ""},
		{"with a name", "Ada <a@b.example>", plain, ""},
		{"quoted", `"a b"@c.example`, plain, ""},
		{"bad domain", "ada@exa_mple..org", plain, ""},
	}
	for _, tt := range tests {
		tt.server.Clear()
		l := letter()
		l.To.Email = tt.address
		err := newSender(t, tt.server, nil).Send(t.Context(), l)
		if tt.envelope == "" {
			checkError(t, tt.name, err, smtp.PhaseRcpt, smtp.PhaseMail)
			if e := asError(err); e == nil || !e.Permanent() {
				t.Errorf("%s: not permanent: %v", tt.name, err)
			}
			continue
		}
		if err != nil || tt.server.Messages()[0].To[0] != tt.envelope {
			t.Errorf("%s: %v %v", tt.name, err, tt.server.Messages())
		}
	}
}

func TestRecipientNames(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	for name, want := range map[string]string{
		"Dr. No": `"Dr. No" <ada@person.example>`, "Fäden & Söhne 🧵": `Fäden & Söhne 🧵 <ada@person.example>`,
		"evil.example/win": "<ada@person.example>", "www.evil": "<ada@person.example>", "http://evil": "<ada@person.example>",
	} {
		server.Clear()
		l := letter()
		l.To.Name = name
		if err := newSender(t, server, nil).Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if got := server.Messages()[0].Header("To"); got != want {
			t.Errorf("%s: To: %s", name, got)
		}
	}
}

func TestSMTPUTF8OnlyWhenNeeded(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.SMTPUTF8())
	if err := newSender(t, server, nil).Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	for _, line := range server.Transcript() {
		if strings.HasPrefix(line, "MAIL") && strings.Contains(line, "SMTPUTF8") {
			t.Errorf("%s", line)
		}
	}
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	server.SetBehaviour(smtptest.HangAt(smtptest.Connect))
	sender := newSender(t, server, func(c *smtp.Config) { c.MaxConnections = 1 })
	first, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- sender.Send(first, letter()) }()
	await(t, func() bool { return server.Connections() == 1 })
	second, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if err := sender.Send(second, letter()); !errors.Is(err, context.DeadlineExceeded) || server.Connections() != 1 {
		t.Errorf("second: %v, %d connections", err, server.Connections())
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	server.SetBehaviour(smtptest.Accept()...)
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Errorf("third: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, nil)
	if err := sender.Check(t.Context()); err != nil {
		t.Error(err)
	}
	server.Close()
	checkError(t, "closed", sender.Check(t.Context()), smtp.PhaseDial)
	server.Open(t)
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Errorf("reopened: %v", err)
	}
}
