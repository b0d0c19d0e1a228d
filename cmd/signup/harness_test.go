package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/signup-go/signup/smtp/smtptest"
	"github.com/signup-go/signup/web"
)

// TestMain puts the program, as "signup", on the PATH of the tests: in
// transcripts, and for tests that must kill a process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"signup": main})
}

// cheapPasswords makes hashes that are real and cost next to nothing.
const cheapPasswords = "SIGNUP_PASSWORD_PARAMS=m=64,t=1,p=1"

// noLimits lets a test ask as often as it likes.
const noLimits = "SIGNUP_RATE_LIMIT=off"

// timeout is how long a test waits for what must come.
const timeout = 20 * time.Second

// A server is `signup serve` in this process, on a port and a database of its
// own, until the test ends.
type server struct {
	URL      string // http://127.0.0.1:PORT, without a slash at the end
	Key      string // an API key
	Database string // as --database takes it
	Stdout   *buffer
	Stderr   *buffer // the log

	t       testing.TB
	environ []string
	cancel  context.CancelFunc
	exited  chan struct{}
	code    int
}

// startServer runs `signup serve --dev` with further arguments; its mail is
// caught in the inbox (see Inbox).
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	s := newServer(t)
	s.start(append([]string{"--dev"}, args...)...)
	if m := regexp.MustCompile(`API key: +(signup_\S+)`).FindStringSubmatch(s.Stdout.String()); m != nil {
		s.Key = m[1]
	}
	return s
}

// startProduction runs `signup serve` as it is meant to be, sending through
// the mail server. Links begin with the made-up https://signup.test.
func startProduction(t testing.TB, mail *smtptest.Server, args ...string) *server {
	t.Helper()
	s := newServer(t)
	s.Key = strings.TrimSpace(s.Run("key", "create", "--name", "test"))
	s.start(append([]string{
		"--base-url", "https://signup.test", "--mail-from", "Test <noreply@signup.test>", "--smtp", mail.URL(),
	}, args...)...)
	return s
}

func newServer(t testing.TB) *server {
	path := filepath.Join(t.TempDir(), "signup.db")
	return &server{t: t, Database: "sqlite:" + path, environ: []string{cheapPasswords, noLimits}}
}

// start runs serve and waits until it accepts connections.
func (s *server) start(args ...string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan string, 1)
	s.Stdout, s.Stderr, s.cancel, s.exited = &buffer{}, &buffer{}, cancel, make(chan struct{})
	p := program{
		args:    append([]string{"serve", "--listen", "127.0.0.1:0", "--database", s.Database}, args...),
		environ: s.environ, stdin: strings.NewReader(""), stdout: s.Stdout, stderr: s.Stderr,
		ready: func(addr string) { ready <- addr },
	}
	go func() {
		defer close(s.exited)
		s.code = p.run(ctx)
	}()
	s.t.Cleanup(func() { s.Stop() })
	select {
	case addr := <-ready:
		s.URL = "http://" + addr
	case <-s.exited:
		s.t.Fatalf("serve ended with %d:\n%s", s.code, s.Stderr)
	case <-time.After(timeout):
		s.t.Fatalf("serve did not come up:\n%s", s.Stderr)
	}
}

// Stop ends serve as SIGTERM does and returns its exit code.
func (s *server) Stop() int {
	s.cancel()
	select {
	case <-s.exited:
	case <-time.After(timeout):
		s.t.Errorf("serve did not stop:\n%s", s.Stderr)
	}
	return s.code
}

// CLI runs another command on the server's database.
func (s *server) CLI(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	return runProgram(s.t, s.environ, append([]string{"--database", s.Database}, args...)...)
}

// Run is CLI for commands that must succeed; it returns what they print.
func (s *server) Run(args ...string) string {
	s.t.Helper()
	code, stdout, stderr := s.CLI(args...)
	if code != exitOK {
		s.t.Fatalf("signup %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

func runProgram(t testing.TB, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := program{args: args, environ: environ, stdin: strings.NewReader(""), stdout: &out, stderr: &errs}
	code = p.run(t.Context())
	return code, out.String(), errs.String()
}

// Call sends a JSON request with the API key and returns the status. The
// answer goes to into, unless that is nil.
func (s *server) Call(method, path string, body, into any) int {
	s.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			s.t.Fatalf("%s %s: %s: %v\n%s", method, path, resp.Status, err, b)
		}
	}
	return resp.StatusCode
}

// Expect is Call for requests that must be answered with a status.
func (s *server) Expect(status int, method, path string, body, into any) {
	s.t.Helper()
	if got := s.Call(method, path, body, into); got != status {
		s.t.Fatalf("%s %s: status %d, want %d", method, path, got, status)
	}
}

// SignUp asks for an account as name@example.org and returns the status.
func (s *server) SignUp(name string) int {
	s.t.Helper()
	return s.Call("POST", "/api/v1/sign-up/request", map[string]any{
		"name": "Person " + name, "username": name, "email": name + "@example.org", "password": "Passw0rd!" + name,
	}, nil)
}

// A letter is a mail in the inbox of --dev.
type letter struct {
	To, Subject, Text, HTML, Link string
}

// Inbox waits until at least n mails to the address ("" for all) are in the
// inbox of --dev, and returns them, newest first.
func (s *server) Inbox(to string, n int) []letter {
	s.t.Helper()
	var letters []letter
	s.Eventually(fmt.Sprintf("%d mails to %s", n, to), func() bool {
		letters = nil
		s.Expect(http.StatusOK, "GET", "/dev/inbox.json?to="+to, nil, &letters)
		return len(letters) >= n
	})
	return letters
}

// Status is a user's, as the CLI sees it.
func (s *server) Status(name string) string {
	s.t.Helper()
	var u web.User
	if err := json.Unmarshal([]byte(s.Run("user", "show", name, "--json")), &u); err != nil {
		s.t.Fatal(err)
	}
	return string(u.Status)
}

// Eventually waits for something to become so.
func (s *server) Eventually(what string, so func() bool) {
	s.t.Helper()
	s.within(timeout, what, so)
}

func (s *server) within(timeout time.Duration, what string, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(timeout); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %s for %s in vain; the log:\n%s", timeout, what, s.Stderr)
		}
	}
}

// tokenOf is the token in a confirmation's link.
func tokenOf(t testing.TB, link string) string {
	t.Helper()
	m := regexp.MustCompile(`[?&]token=([A-Za-z0-9_-]{43})`).FindStringSubmatch(link)
	if m == nil {
		t.Fatalf("no token in the link %q", link)
	}
	return m[1]
}

// A buffer can be read while the program writes.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestTranscripts runs the shell transcripts in testdata.
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			name, value, _ := strings.Cut(cheapPasswords, "=")
			env.Setenv(name, value)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitCodeIs},
	})
}

// exitCodeIs is the transcripts' command "code N PROGRAM ARGS...": the program
// must end with the exit code N.
func exitCodeIs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N PROGRAM ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// post sends JSON as a client behind a trusted proxy, and returns the answer
// without its body.
func (s *server) post(path, client, body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", client)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp
}
