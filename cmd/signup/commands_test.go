package main

import (
	"strings"
	"testing"

	"github.com/signup-go/signup/smtp/smtptest"
)

// `signup mail test` says what the mail server said.
func TestMailTest(t *testing.T) {
	mail := smtptest.New(t)
	args := []string{
		"--smtp", mail.URL(), "--mail-from", "Orrery <noreply@signup.test>", "--app-name", "Orrery & Sons",
		"mail", "test", "ada@example.org",
	}
	code, stdout, stderr := runProgram(t, nil, args...)
	if code != exitOK || !strings.Contains(stdout, "took the mail for ada@example.org") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	letter := mail.WaitFor(t, 1)[0]
	if letter.To[0] != "ada@example.org" || letter.From != "noreply@signup.test" {
		t.Errorf("from %s to %v", letter.From, letter.To)
	}
	mail.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 no such mailbox"))
	code, _, stderr = runProgram(t, nil, args...)
	if code != exitFault || !strings.Contains(stderr, "no such mailbox") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// The example file of another application's configuration is right.
func TestExampleConfiguration(t *testing.T) {
	code, stdout, stderr := runProgram(t, []string{"SIGNUP_SMTP_PASSWORD=x"}, "config", "--config", "../../examples/endurain.yaml")
	if code != exitOK || !strings.Contains(stdout, "fields") || !strings.Contains(stdout, "public-settings") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
