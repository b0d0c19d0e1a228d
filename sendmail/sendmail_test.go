package sendmail_test

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sendmail"
	"github.com/signup-go/signup/smtp"
)

// command writes a program that stands in for sendmail: it stores its arguments,
// one per line, its environment and the letter in dir, and then runs more.
func command(t *testing.T, more string) (path, dir string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "sendmail")
	script := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$@\" >%[1]s/args\nenv >%[1]s/env\ncat >%[1]s/letter\n%[2]s\n", dir, more)
	// A concurrent fork would inherit the file open for writing, and then nobody
	// could run it (golang.org/issue/22315).
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte(script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return path, dir
}

func newSender(t *testing.T, path string) *sendmail.Sender {
	t.Helper()
	s, err := sendmail.New(sendmail.Config{
		Path: path, Timeout: 5 * time.Second,
		Letterhead: smtp.Letterhead{From: signup.Address{Name: "Our App", Email: "noreply@app.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func letter(to string) signup.Letter {
	return signup.Letter{
		MailID: "0199c1f2-1111-7000-8000-000000000001", To: signup.Address{Email: to},
		Text: signup.Text{Subject: "Grüße", Plain: "Hello\n.\nnot the end\n", HTML: "<p>Hello</p>\n"},
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSend(t *testing.T) {
	t.Setenv("SIGNUP_SMTP_PASSWORD", "s3cret")
	t.Setenv("PGPASSWORD", "s3cret")
	path, dir := command(t, "")
	if err := newSender(t, path).Send(t.Context(), letter("ada@person.example")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "args"); got != "-i\n-f\nnoreply@app.example\n--\nada@person.example\n" {
		t.Errorf("arguments %q", got)
	}
	raw := read(t, dir, "letter")
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil || strings.Contains(raw, "\r") {
		t.Fatalf("%v\n%q", err, raw)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0199c1f2-1111-7000-8000-000000000001@app.example>", "From": `"Our App" <noreply@app.example>`,
		"To": "<ada@person.example>", "Auto-Submitted": "auto-generated",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(raw, "\n.\nnot the end") {
		t.Errorf("the line with a single dot is missing:\n%s", raw)
	}
	if strings.Contains(read(t, dir, "env"), "s3cret") {
		t.Error("the command's environment contains a secret")
	}
}

// An address is never parsed as an option, and an invalid address never reaches
// the command.
func TestOddRecipients(t *testing.T) {
	t.Parallel()
	path, dir := command(t, "")
	sender := newSender(t, path)
	for _, to := range []string{"-oQ/tmp@person.example", "--help@person.example", "-t@person.example", "'$`id`@person.example"} {
		if err := sender.Send(t.Context(), letter(to)); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		if got := read(t, dir, "args"); !strings.HasSuffix(got, "\n--\n"+to+"\n") {
			t.Errorf("%s: arguments %q", to, got)
		}
	}
	if err := os.Remove(filepath.Join(dir, "args")); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"-t", "", "a@b.example,c@d.example", "a@b.example c@d.example", "|/bin/sh", "a@b.example\nc@d.example"} {
		err := sender.Send(t.Context(), letter(to))
		if e := asError(t, err); e == nil || !e.Permanent() {
			t.Errorf("%q: %v", to, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "args")); err == nil {
		t.Error("the command was run for an invalid address")
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for code, permanent := range map[int]bool{
		1: false, 64: false, 65: true, 66: false, 67: true, 68: true, 69: false, 70: false, 71: false, 73: false, 75: false, 77: false, 78: false, 127: false,
	} {
		path, _ := command(t, fmt.Sprintf("echo 'no such user' >&2; printf 'said\\033[2J %%s' https://app.example/verify?token=%s >&2; exit %d", strings.Repeat("aB3_", 11), code))
		err := newSender(t, path).Send(t.Context(), letter("ada@person.example"))
		e := asError(t, err)
		if e == nil || e.Code != code || e.Permanent() != permanent {
			t.Errorf("exit code %d: %+v", code, e)
			continue
		}
		want := fmt.Sprintf("%s failed: exit status %d: no such user said [2J https://app.example/verify?token=[...]", path, code)
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
		if e.Advice() == "" {
			t.Error("no advice")
		}
	}
}

func asError(t *testing.T, err error) *sendmail.Error {
	t.Helper()
	var e *sendmail.Error
	errors.As(err, &e)
	return e
}

// A command that hangs is killed, and everything it holds open is closed.
func TestHangs(t *testing.T) {
	t.Parallel()
	path, _ := command(t, "sleep 1000 & wait")
	sender, err := sendmail.New(sendmail.Config{
		Path: path, Timeout: 200 * time.Millisecond, Letterhead: smtp.Letterhead{From: signup.Address{Email: "noreply@app.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	e := asError(t, sender.Send(t.Context(), letter("ada@person.example")))
	if e == nil || e.Permanent() || !errors.Is(e, context.DeadlineExceeded) || !strings.Contains(e.Error(), "did not end in time") {
		t.Errorf("%v", e)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// A delivery that continues in the background does not make the letter fail,
// because that would send it twice.
func TestBackgroundDelivery(t *testing.T) {
	t.Parallel()
	path, _ := command(t, "sleep 20 &\nexit 0")
	if err := newSender(t, path).Send(t.Context(), letter("ada@person.example")); err != nil {
		t.Error(err)
	}
}

// Long output is truncated and does not block the command.
func TestTalkative(t *testing.T) {
	t.Parallel()
	path, _ := command(t, "yes | head -c 1000000; exit 75")
	e := asError(t, newSender(t, path).Send(t.Context(), letter("ada@person.example")))
	if e == nil || e.Code != 75 || len(e.Text) > 300 {
		t.Errorf("%v", e)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{plain, t.TempDir(), "/nowhere/sendmail"} {
		_, err := sendmail.New(sendmail.Config{Path: path, Letterhead: smtp.Letterhead{From: signup.Address{Email: "a@b.example"}}})
		if err == nil || !strings.Contains(err.Error(), "sendmail") {
			t.Errorf("%s: %v", path, err)
		}
	}
	path, _ := command(t, "")
	if _, err := sendmail.New(sendmail.Config{Path: path}); err == nil {
		t.Error("accepted without a sender's address")
	}
	for url, want := range map[string]string{
		"sendmail:": "/usr/sbin/sendmail", "sendmail:/opt/a b/sendmail": "/opt/a b/sendmail", "sendmail:sendmail": "", "sendmail://host/x": "", "smtp://x": "",
	} {
		c, err := sendmail.ParseURL(url)
		if c.Path != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", url, c.Path, err)
		}
	}
}

func Example() {
	config, err := sendmail.ParseURL("sendmail:/bin/cat") // it would print the letter if it were not for the arguments
	if err != nil {
		panic(err)
	}
	config.From = signup.Address{Email: "noreply@app.example"}
	sender, err := sendmail.New(config)
	if err != nil {
		panic(err)
	}
	err = sender.Send(context.Background(), letter("ada@person.example"))
	var failure *sendmail.Error
	if errors.As(err, &failure) {
		fmt.Println("exit code", failure.Code, "try again:", !failure.Permanent())
	}
	// Output: exit code 1 try again: true
}
