package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSoak lets clients sign up and confirm for a time (SIGNUP_TEST_SOAK, 2s),
// stops the program gracefully, and looks for what is lost, stuck or double,
// and for faults in the log.
func TestSoak(t *testing.T) {
	length := 2 * time.Second
	if s := os.Getenv("SIGNUP_TEST_SOAK"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatalf("SIGNUP_TEST_SOAK: %v", err)
		}
		length = d
	}
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := newStorm(t, d)
		p := startProcess(t, s.environ)
		url := p.url()
		stop := s.clients(func() string { return url })
		<-time.After(length) // the length of the soak, not a wait
		stop()
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-p.ended
		if code := p.cmd.ProcessState.ExitCode(); code != exitOK {
			t.Errorf("serve ended with %d", code)
		}
		if strings.Contains(p.log.String(), `"level":"ERROR"`) {
			t.Errorf("faults in the log:\n%s", &p.log)
		}
		s.check("at the end")
		s.drain()
		s.checkMails()
		t.Logf("%v: %d sign-ups and %d confirmations answered, %d mails received",
			length, len(s.signedUp), len(s.confirmed), len(s.mail.Messages()))
	})
}
