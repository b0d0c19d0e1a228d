package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signup-go/signup/smtp/smtptest"
)

// An address that needs SMTPUTF8 is refused at sign-up while the mail server
// lacks it, and the reason names the field.
func TestAddressBeyondTheMailServer(t *testing.T) {
	for _, offered := range []bool{true, false} {
		var options []smtptest.Option
		want := http.StatusUnprocessableEntity
		if offered {
			options, want = []smtptest.Option{smtptest.SMTPUTF8()}, http.StatusCreated
		}
		mail := smtptest.New(t, options...)
		s := startProduction(t, mail)
		s.Eventually("the look at the mail server", func() bool {
			return slices.ContainsFunc(mail.Transcript(), func(line string) bool { return strings.HasPrefix(line, "EHLO") })
		})
		person := map[string]any{"name": "Ада", "username": "ada", "email": "ада@example.org", "password": "Passw0rd!ada"}
		var got struct {
			Code   string
			Fields []struct{ Field, Message string }
			Errors []struct{ Location, Message string }
		}
		// The server is looked at in the background: until then all are let in.
		s.Eventually("the answer", func() bool {
			status := s.Call("POST", "/api/v1/sign-up/request", person, &got)
			person["username"] = fmt.Sprint(person["username"], "a")
			return status == want
		})
		if said := fmt.Sprintf("%+v", got); !offered && (!strings.Contains(said, "email") || !strings.Contains(said, "cannot send to")) {
			t.Errorf("the answer is %s", said)
		}
		if offered {
			if m := mail.WaitFor(t, 1)[0]; m.To[0] != "ада@example.org" {
				t.Errorf("to %v", m.To)
			}
		}
	}
}

// insecure=yes works, and says at every start what it gives away.
func TestInsecureWarning(t *testing.T) {
	mail := smtptest.New(t, smtptest.StartTLS())
	s := startProduction(t, mail, "--smtp", mail.URL()+"&insecure=yes")
	for range 2 {
		if !strings.Contains(s.Stderr.String(), "insecure=yes: the mail server's certificate is not checked") {
			t.Errorf("no warning in:\n%s", s.Stderr)
		}
		s.Stop()
		s.start("--base-url", "https://signup.test", "--mail-from", "Test <noreply@signup.test>", "--smtp", mail.URL()+"&insecure=yes")
	}
	s.SignUp("ada")
	mail.WaitForTo(t, "ada@example.org")
}

// A mail server that cannot be used is told of at the start, with what to do.
func TestMailServerOutOfReachAtStart(t *testing.T) {
	mail := smtptest.New(t)
	mail.Close()
	s := startProduction(t, mail)
	s.Eventually("a warning", func() bool {
		log := s.Stderr.String()
		return strings.Contains(log, "the mail server cannot be used at the moment") && strings.Contains(log, "nothing listens on that port")
	})
	if code := s.SignUp("ada"); code != http.StatusCreated {
		t.Errorf("status %d", code)
	}
}

// A limit of our own holds letters back, without counting that as a failure.
func TestMailRate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.Stop()
		s.start(append(s.args, "--smtp", s.mail.URL()+"&rate=3")...)
		for i := range 6 {
			s.signUp(fmt.Sprintf("person-%d", i))
		}
		s.mail.WaitFor(t, 3)
		s.Eventually("the others to wait for their turn", func() bool {
			return s.query(`SELECT count(*) FROM river_job WHERE kind = 'signup_mail' AND state = 'scheduled'`) == "3"
		})
		if n := len(s.mail.Messages()); n != 3 {
			t.Errorf("%d letters in the first minute, want 3", n)
		}
		for i := range 6 {
			got := s.seenMails(fmt.Sprintf("person-%d", i))[0]
			if got.State == "owed" && got.Attempts != 0 || got.State != "owed" && got.State != "sent" {
				t.Errorf("person-%d: %+v", i, got)
			}
		}
	})
}

// Many letters go over few connections.
func TestServerReusesConnections(t *testing.T) {
	mail := smtptest.New(t)
	s := startProduction(t, mail)
	for i := range 40 {
		s.SignUp(fmt.Sprintf("person-%d", i))
	}
	mail.WaitFor(t, 40)
	if n := mail.Connections(); n > 9 { // eight at a time, and the look at the start
		t.Errorf("%d connections for 40 letters", n)
	}
}

// `signup mail test` names the phase, says why, and what to do.
func TestMailTestNamesThePhase(t *testing.T) {
	for _, tt := range []struct {
		rule smtptest.Rule
		want []string
	}{
		{smtptest.ReplyAt(smtptest.Connect, "554 5.7.1 go away"), []string{"greeting failed: 554 5.7.1 go away", "may be blocked"}},
		{smtptest.ReplyAt(smtptest.StartTLSStep, "454 4.7.0 broken"), []string{"TLS failed: 454", "would not start TLS"}},
		{smtptest.ReplyAt(smtptest.Auth, "535 5.7.8 wrong"), []string{"AUTH failed: 535 5.7.8 wrong", "app password"}},
		{smtptest.ReplyAt(smtptest.Mail, "553 5.7.1 no"), []string{"MAIL failed: 553 5.7.1 no", "mail-from"}},
		{smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 none"), []string{"RCPT failed: 550 5.1.1 none", "no such mailbox"}},
		{smtptest.ReplyAt(smtptest.Body, "554 5.7.1 spam"), []string{"DATA failed: 554 5.7.1 spam", "SPF, DKIM and DMARC"}},
	} {
		mail := smtptest.New(t, smtptest.StartTLS(), smtptest.Credentials("u", "s3cret"))
		mail.SetBehaviour(tt.rule)
		environ := []string{"SIGNUP_SMTP_PASSWORD=s3cret"}
		args := []string{"mail", "test", "ada@example.org", "--mail-from", "noreply@example.org", "--smtp", mail.URL() + "&insecure=yes"}
		code, _, stderr := runProgram(t, environ, args...)
		for _, want := range append(tt.want, "the mail was not taken: smtp "+mail.Addr()) {
			if code != exitFault || !strings.Contains(stderr, want) || strings.Contains(stderr, "s3cret") {
				t.Errorf("exit code %d, %q is missing in:\n%s", code, want, stderr)
			}
		}
		mail.SetBehaviour(smtptest.Accept()...)
		if code, stdout, stderr := runProgram(t, environ, args...); code != exitOK || !strings.Contains(stdout, "took the mail") {
			t.Errorf("exit code %d: %s%s", code, stdout, stderr)
		}
	}
}

func TestMailTestBySendmail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sendmail")
	args := []string{"mail", "test", "ada@example.org", "--mail-from", "noreply@example.org", "--smtp", "sendmail:" + path}
	if code, _, stderr := runProgram(t, nil, args...); code != exitUsage || !strings.Contains(stderr, path) {
		t.Errorf("no such program: exit code %d, %s", code, stderr)
	}
	for script, want := range map[string]struct {
		code int
		said string
	}{
		"cat >/dev/null":                              {exitOK, "took the mail"},
		"echo 'queue is full' >&2; exit 75":           {exitFault, "failed: exit status 75: queue is full"},
		"cat >/dev/null; echo 'no user' >&2; exit 67": {exitFault, "does not take this letter"},
	} {
		writeScript(t, path, script)
		code, stdout, stderr := runProgram(t, nil, args...)
		if code != want.code || !strings.Contains(stdout+stderr, want.said) {
			t.Errorf("%s: exit code %d, %s%s", script, code, stdout, stderr)
		}
	}
}

// However the mail server hangs, one sign-up in a hundred takes no longer than
// it does with a healthy one.
func TestSignUpTimeWhileMailHangs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.p99SignUp("warm")
		healthy := s.p99SignUp("healthy")
		for name, rule := range map[string]smtptest.Rule{
			"connect": smtptest.HangAt(smtptest.Connect), "rcpt": smtptest.HangAt(smtptest.Rcpt), "body": smtptest.HangAt(smtptest.Body),
		} {
			s.mail.SetBehaviour(rule)
			hanging := s.p99SignUp(name)
			t.Logf("p99 of %d sign-ups: %v, %v while the mail server hangs at %s", p99Of, healthy, hanging, name)
			// What is left to chance on a busy machine is far below the seconds
			// that waiting for the mail server takes.
			if hanging > 5*healthy+250*time.Millisecond {
				t.Errorf("p99 is %v, %v with a healthy mail server", hanging, healthy)
			}
			s.mail.SetBehaviour(smtptest.Accept()...) // or what comes next would hang at the stop
			s.mail.Close()                            // frees what hangs
			s.mail.Open(t)
		}
	})
}

const p99Of = 100

func (s *site) p99SignUp(prefix string) time.Duration {
	s.t.Helper()
	took := make([]time.Duration, p99Of)
	for i := range took {
		start := time.Now()
		s.signUp(fmt.Sprintf("%s-%d", prefix, i))
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[p99Of-2]
}

// writeScript writes a program that can be run at once: while another test
// forks, the file would be open for writing (golang.org/issue/22315).
func writeScript(t *testing.T, path, script string) {
	t.Helper()
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
}
