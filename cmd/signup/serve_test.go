package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signup-go/signup/smtp/smtptest"
)

// TestDev walks a sign-up from the first start to the last mail.
func TestDev(t *testing.T) {
	s := startServer(t)
	if code := s.SignUp("ada"); code != http.StatusCreated {
		t.Fatalf("sign-up: status %d", code)
	}
	mail := s.Inbox("ada@example.org", 1)[0]
	if !strings.HasPrefix(mail.Link, s.URL+"/") {
		t.Errorf("the link %q does not begin with %s", mail.Link, s.URL)
	}
	token := tokenOf(t, mail.Link)
	s.Expect(http.StatusOK, "POST", "/api/v1/sign-up/confirm", map[string]string{"token": token}, nil)
	if got := s.Status("ada"); got != "pending_approval" {
		t.Errorf("confirmed: status %s", got)
	}
	notice := s.Inbox("admin@example.com", 1)[0]
	if want := s.URL + "/settings?tab=users&username=ada"; notice.Link != want {
		t.Errorf("the administrator's link is %q, want %q", notice.Link, want)
	}
	id := userIDOf(t, s, "ada")
	s.Expect(http.StatusOK, "PUT", "/api/v1/users/"+id+"/approve", nil, nil)
	if got := s.Status("ada"); got != "active" {
		t.Errorf("approved: status %s", got)
	}
	if mails := s.Inbox("ada@example.org", 2); mails[0].Link != s.URL+"/login" {
		t.Errorf("the approved mail's link is %q", mails[0].Link)
	}
	for _, secret := range []string{token, s.Key, "Passw0rd!ada"} {
		if strings.Contains(s.Stderr.String(), secret) {
			t.Errorf("the log holds a secret:\n%s", s.Stderr)
		}
	}
	if code := s.Stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

func TestHealthcheck(t *testing.T) {
	s := startServer(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, listen := range []string{"127.0.0.1:" + port, "0.0.0.0:" + port, ":" + port} {
		if code, out, stderr := s.CLI("healthcheck", "--listen", listen); code != exitOK || out != "ready\n" {
			t.Errorf("--listen %s: code %d, %q, %q", listen, code, out, stderr)
		}
	}
	s.Stop()
	if code, _, stderr := s.CLI("healthcheck", "--listen", "127.0.0.1:"+port); code != exitFault || !strings.Contains(stderr, "the server does not answer") {
		t.Errorf("without a server: code %d, %q", code, stderr)
	}
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer sick.Close()
	if code, _, stderr := s.CLI("healthcheck", "--listen", sick.Listener.Addr().String()); code != exitFault || !strings.Contains(stderr, "503") {
		t.Errorf("not ready: code %d, %q", code, stderr)
	}
	if code, _, stderr := s.CLI("healthcheck", "--listen", "127.0.0.1:0"); code != exitUsage || !strings.Contains(stderr, "--listen") {
		t.Errorf("without a port: code %d, %q", code, stderr)
	}
}

func userIDOf(t *testing.T, s *server, name string) string {
	t.Helper()
	m := regexp.MustCompile(`"id": (\d+)`).FindStringSubmatch(s.Run("user", "show", name, "--json"))
	if m == nil {
		t.Fatalf("no id of %s", name)
	}
	return m[1]
}

// What --dev makes, it makes once.
func TestDevSecondStart(t *testing.T) {
	s := startServer(t)
	for _, want := range []string{s.URL + "/docs", s.URL + "/dev/inbox", "admin, admin@example.com, password "} {
		if !strings.Contains(s.Stdout.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, s.Stdout)
		}
	}
	if s.Key == "" {
		t.Errorf("no API key in:\n%s", s.Stdout)
	}
	s.Stop()
	s.start("--dev")
	if out := s.Stdout.String(); strings.Contains(out, "password") || strings.Contains(out, "signup_") {
		t.Errorf("made something again:\n%s", out)
	}
	for _, want := range []string{"signup user create-admin", "signup key create"} {
		if !strings.Contains(s.Stdout.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, s.Stdout)
		}
	}
	s.Expect(http.StatusOK, "GET", "/api/v1/server_settings", nil, nil)
}

// A server that is meant says what --dev left in its database, until it is gone.
func TestDevLeftovers(t *testing.T) {
	const admin, key = "the administrator that --dev made", "the API key that --dev made"
	s := startServer(t)
	s.Stop()
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	for _, want := range []string{admin, `"username":"admin"`, "signup user set-password admin", "signup user set-role admin member", key, "signup key revoke dev"} {
		if !strings.Contains(s.Stderr.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, s.Stderr)
		}
	}
	if strings.Contains(s.Stderr.String(), s.Key) {
		t.Errorf("the log holds a secret:\n%s", s.Stderr)
	}
	s.Run("key", "revoke", "dev")
	s.Run("key", "create", "--name", "dev") // another, which nobody printed
	s.Stop()
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	if log := s.Stderr.String(); strings.Contains(log, key) || !strings.Contains(log, admin) {
		t.Errorf("the key is revoked and the administrator is not:\n%s", log)
	}
	s.Run("user", "set-password", "admin")
	s.Stop()
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	if log := s.Stderr.String(); strings.Contains(log, admin) {
		t.Errorf("the password is another and the warning is the same:\n%s", log)
	}
}

// Whoever is no administrator any more is no leftover either.
func TestDevAdministratorWhoLeft(t *testing.T) {
	s := startServer(t)
	s.Stop()
	s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
	s.Run("user", "set-role", "admin", "member")
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	if log := s.Stderr.String(); strings.Contains(log, "the administrator that --dev made") {
		t.Errorf("a warning of a member:\n%s", log)
	}
}

// What somebody made himself is his, whatever its name.
func TestNoDevLeftovers(t *testing.T) {
	s := newServer(t)
	s.Run("user", "create-admin", "--username", "admin", "--email", "admin@example.com")
	s.Run("key", "create", "--name", "dev")
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	if strings.Contains(s.Stderr.String(), "--dev") {
		t.Errorf("a warning of what was not made by --dev:\n%s", s.Stderr)
	}
}

// What a command decides, a running server mails.
func TestCommandsOweMails(t *testing.T) {
	mail := smtptest.New(t)
	s := startProduction(t, mail)
	s.Run("settings", "set", "signup_require_email_verification=false")
	if code := s.SignUp("grace"); code != http.StatusCreated {
		t.Fatalf("sign-up: status %d", code)
	}
	s.Run("user", "approve", "grace")
	letter := mail.WaitFor(t, 1)[0]
	if !strings.Contains(string(letter.Raw), "https://signup.test/login") {
		t.Errorf("the letter has no link:\n%s", letter.Raw)
	}
	s.Eventually("the mail's record", func() bool {
		return strings.Contains(s.Run("user", "show", "grace"), "sent")
	})
}

// Without mail, a sign-up that could never be confirmed is refused.
func TestNoMail(t *testing.T) {
	s := newServer(t)
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	if code := s.SignUp("ada"); code != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", code)
	}
	s.Run("--smtp", "none", "settings", "set", "signup_require_email_verification=false")
	if code := s.SignUp("ada"); code != http.StatusCreated {
		t.Errorf("status %d, want 201", code)
	}
}

// Where people log in is not here, unless somebody says so.
func TestNoLoginWarning(t *testing.T) {
	started := func(args ...string) string {
		s := newServer(t)
		s.start(append([]string{"--smtp", "none", "--base-url", "https://signup.test"}, args...)...)
		s.Stop()
		return s.Stderr.String()
	}
	const warning = "login-url is not set"
	if log := started(); !strings.Contains(log, warning+": mails and pages send people who are let in to https://signup.test/login,") {
		t.Errorf("no warning:\n%s", log)
	}
	if log := started("--login-url", "https://app.test/"); strings.Contains(log, warning) {
		t.Errorf("warned without cause:\n%s", log)
	}
}

func TestNoAdministratorWarning(t *testing.T) {
	s := newServer(t)
	s.start("--smtp", "none", "--base-url", "https://signup.test")
	if !strings.Contains(s.Stderr.String(), "there is no administrator") {
		t.Errorf("no warning in:\n%s", s.Stderr)
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	database := "sqlite:" + filepath.Join(t.TempDir(), "signup.db")
	code, _, stderr := runProgram(t, nil, "serve", "--dev", "--listen", l.Addr().String(), "--database", database)
	if code != exitFault || !strings.Contains(stderr, "cannot listen on "+l.Addr().String()) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// A request under way is answered before the server goes.
func TestGracefulStop(t *testing.T) {
	s := startServer(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := `{"name":"A","username":"ada","email":"ada@example.org","password":"Passw0rd!"}`
	half := len(body) / 2
	write(t, conn, "POST /api/v1/sign-up/request HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
		"Connection: close\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body[:half])
	s.Eventually("the request to arrive", func() bool { return s.SignUp("other") == http.StatusCreated })
	s.cancel()
	s.Eventually("the stop to begin", func() bool { return strings.Contains(s.Stderr.String(), "shutting down") })
	write(t, conn, body[half:])
	answer := make([]byte, 1024)
	_ = conn.SetReadDeadline(time.Now().Add(timeout))
	n, err := conn.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 201") {
		t.Errorf("answer %q, %v", answer[:n], err)
	}
	if code := s.Stop(); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.Stderr)
	}
}

// A request that never ends does not keep the server.
func TestStopTimeout(t *testing.T) {
	s := startServer(t, "--shutdown-timeout", "50ms")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	write(t, conn, "POST /api/v1/sign-up/request HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
	s.Eventually("the request to arrive", func() bool { return s.SignUp("other") == http.StatusCreated })
	if code := s.Stop(); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.Stderr)
	}
}

// The process itself: a signal stops it gracefully.
func TestSignal(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stderr buffer
	cmd := exec.CommandContext(ctx, "signup", "serve", "--dev", "--listen", "127.0.0.1:0", "--log-format", "text")
	cmd.Dir, cmd.Stderr = t.TempDir(), &stderr
	cmd.Env = []string{cheapPasswords}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(stderr.String(), "listening") && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), "stopped") {
		t.Errorf("%v:\n%s", err, &stderr)
	}
}

func write(t *testing.T, conn net.Conn, s string) {
	t.Helper()
	if _, err := conn.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
}
