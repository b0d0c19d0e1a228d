package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/signup-go/signup/smtp/smtptest"
)

// TestLettersAreReloaded: SIGHUP brings new letters, and bad ones are left out.
func TestLettersAreReloaded(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "confirmation.en.subject.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("first")
	s := newServer(t)
	p := startProcess(t, s.environ, "--dev", "--database", s.Database, "--listen", "127.0.0.1:0", "--log-format", "json", "--letters", folder)
	s.URL = p.url()
	letterTo := func(name, subject string) {
		t.Helper()
		s.SignUp(name)
		if got := s.Inbox(name+"@example.org", 1)[0].Subject; got != subject {
			t.Errorf("%s: subject %q, want %q", name, got, subject)
		}
	}
	letterTo("one", "first")
	hangup := func(said string) {
		t.Helper()
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		s.within(timeout, said, func() bool { _, ok := p.logged(said); return ok })
	}
	put("{{.Nothing}}")
	hangup("letters not reloaded; the ones before stay")
	if !strings.Contains(p.log.String(), "there is no field .Nothing") {
		t.Errorf("log:\n%s", &p.log)
	}
	letterTo("two", "first")
	put("third")
	hangup("letters reloaded")
	letterTo("three", "third")
}

// A service without letters of its own outlives SIGHUP.
func TestHangupEndsNoService(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	p := startProcess(t, s.environ, "--database", s.Database, "--listen", "127.0.0.1:0", "--log-format", "json",
		"--base-url", "http://127.0.0.1:1", "--mail-from", "noreply@signup.test", "--smtp", smtptest.New(t).URL())
	s.URL = p.url()
	for range 2 {
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	s.within(timeout, "SIGHUP was heard", func() bool { _, ok := p.logged("nothing to reload: no letters of your own are configured"); return ok })
	s.SignUp("ada")
}
