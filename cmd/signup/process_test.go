package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A process is the real program, serving, which can be killed.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	log   buffer
	ended chan struct{}
}

// startProcess starts `signup serve` and does not wait until it is up.
func startProcess(t testing.TB, environ []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("signup", append([]string{"serve"}, args...)...), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Stderr = environ, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends it without a word, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// url waits until it is up, and says where.
func (p *process) url() string {
	p.t.Helper()
	for deadline := time.Now().Add(timeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if line, ok := p.logged("listening"); ok {
			return "http://" + line.Address
		}
		select {
		case <-p.ended:
			p.t.Fatalf("serve did not come up:\n%s", &p.log)
		default:
		}
	}
	p.t.Fatalf("serve did not come up in %v:\n%s", timeout, &p.log)
	return ""
}

type logLine struct {
	Msg, Address string
	ClientID     string `json:"client_id"`
}

// logged finds the first line of the log with this message.
func (p *process) logged(msg string) (logLine, bool) {
	for line := range strings.Lines(p.log.String()) {
		var l logLine
		if json.Unmarshal([]byte(line), &l) == nil && l.Msg == msg {
			return l, true
		}
	}
	return logLine{}, false
}
