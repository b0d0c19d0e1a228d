package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A nodeReceiver verifies web hooks by the library standardwebhooks.
type nodeReceiver struct {
	t     *testing.T
	url   string
	in    io.Writer
	lines chan string
}

func startNode(t *testing.T) *nodeReceiver {
	t.Helper()
	const tools = "../../tools/clients"
	if _, err := os.Stat(filepath.Join(tools, "node_modules", "standardwebhooks")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("npm ci in tools/clients is missing")
		}
		t.Skip("npm ci in tools/clients is missing")
	}
	cmd := exec.CommandContext(t.Context(), "node", "webhook/receiver.mjs")
	cmd.Dir, cmd.Stderr = tools, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := &nodeReceiver{t: t, in: in, lines: make(chan string, 100)}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.lines <- lines.Text()
		}
		close(r.lines)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r.url = r.line()
	return r
}

func (r *nodeReceiver) line() string {
	r.t.Helper()
	select {
	case line, ok := <-r.lines:
		if !ok {
			r.t.Fatal("the receiver ended")
		}
		return line
	case <-time.After(timeout):
		r.t.Fatalf("the receiver said nothing within %s", timeout)
		return ""
	}
}

// know gives the receiver a secret.
func (r *nodeReceiver) know(secret string) {
	r.t.Helper()
	if _, err := io.WriteString(r.in, strings.TrimSpace(secret)+"\n"); err != nil {
		r.t.Fatal(err)
	}
	if line := r.line(); line != "ready" {
		r.t.Fatalf("the receiver said %s", line)
	}
}

// verified is what the receiver verified, or why it refused.
type verified struct {
	Type    string
	Refused string
	Data    struct {
		User struct{ Username, Status string }
	}
}

func (r *nodeReceiver) message() (m verified) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.line()), &m); err != nil {
		r.t.Fatal(err)
	}
	return m
}

// The reference library takes what we sign, also while a secret is rotated, and
// not with another secret.
func TestReferenceLibraryVerifies(t *testing.T) {
	node := startNode(t)
	s := startHooks(t, sqliteMake)
	first := s.Run("hook", "add", "app", node.url, "--types", "user.active")
	node.know(first)
	s.SignUp("ada")
	s.approve("ada")
	if m := node.message(); m.Type != "user.active" || m.Data.User.Username != "ada" || m.Data.User.Status != "active" {
		t.Errorf("got %+v", m)
	}
	s.Run("hook", "test", "app")
	if m := node.message(); m.Type != "web_hook.test" {
		t.Errorf("got %+v", m)
	}

	second := s.Run("hook", "rotate", "app")
	s.Run("hook", "test", "app")
	if m := node.message(); m.Type != "web_hook.test" {
		t.Errorf("with the old secret: %+v", m)
	}
	node.know(second)
	s.Run("hook", "test", "app")
	if m := node.message(); m.Type != "web_hook.test" {
		t.Errorf("with the new secret: %+v", m)
	}

	s.Run("hook", "rotate", "app", "--keep", "0s")
	code, _, stderr := s.CLI("hook", "test", "app")
	if m := node.message(); m.Refused == "" || code != exitFault || !strings.Contains(stderr, "401 Unauthorized") {
		t.Errorf("with a secret that is over: %+v, exit code %d, %s", m, code, stderr)
	}
}
