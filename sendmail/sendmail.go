// Package sendmail hands letters to the local sendmail command, which every Unix
// mail server provides. Give New a Config and call Sender.Send.
package sendmail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
)

// DefaultPath is the traditional path of the command.
const DefaultPath = "/usr/sbin/sendmail"

// Config is the command to run.
type Config struct {
	Path    string        // "" means DefaultPath
	Timeout time.Duration // for the command; 0 means 50s
	smtp.Letterhead
}

// ParseURL parses "sendmail:/path/of/the/command"; the path is optional.
func ParseURL(s string) (Config, error) {
	path, ok := strings.CutPrefix(s, "sendmail:")
	switch {
	case !ok:
		return Config{}, errors.New(`must begin with "sendmail:"`)
	case path == "":
		path = DefaultPath
	case !filepath.IsAbs(path) || strings.HasPrefix(path, "//"):
		return Config{}, errors.New("must be sendmail: and an absolute path, such as sendmail:" + DefaultPath)
	}
	return Config{Path: path}, nil
}

// A Sender sends letters, running the command once for each. It is safe for
// concurrent use.
type Sender struct {
	path     string
	timeout  time.Duration
	composer *smtp.Composer
}

// New returns a Sender. It fails if the configuration is invalid.
func New(c Config) (*Sender, error) {
	if c.Path == "" {
		c.Path = DefaultPath
	}
	if c.Timeout == 0 {
		c.Timeout = 50 * time.Second
	}
	if err := checkCommand(c.Path); err != nil {
		return nil, err
	}
	composer, err := smtp.NewComposer(c.Letterhead)
	if err != nil {
		return nil, err
	}
	return &Sender{path: c.Path, timeout: c.Timeout, composer: composer}, nil
}

func checkCommand(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("sendmail: %w", err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("sendmail: %s is not a program", path)
	}
	return nil
}

// Send hands the letter to the command. It returns nil once the command has taken
// responsibility for it, and otherwise an *Error.
func (s *Sender) Send(ctx context.Context, l signup.Letter) error {
	m, err := s.composer.Compose(l)
	if err != nil {
		return &Error{Path: s.path, Err: err, permanent: true}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	// -i: a single dot on a line does not end the letter. --: the next argument
	// is an address, whatever it looks like.
	cmd := exec.CommandContext(ctx, s.path, "-i", "-f", m.From, "--", m.To)
	cmd.Env = environment()
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(unixLines(m.Raw))
	said := &head{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = 2 * time.Second
	// ErrWaitDelay: the command succeeded, but a child that delivers in the
	// background keeps our pipe open.
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return s.fault(ctx, err, said.String())
	}
	return nil
}

// unixLines converts the line ends of SMTP to those that the command reads.
func unixLines(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")) }

// environment hides our secrets from the command.
func environment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SIGNUP_") && !strings.HasPrefix(entry, "PG") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// A head keeps the beginning of what is written to it and discards the rest.
type head struct{ b bytes.Buffer }

const maxSaid = 4 << 10 // bytes

func (h *head) Write(p []byte) (int, error) {
	h.b.Write(p[:min(len(p), max(0, maxSaid-h.b.Len()))])
	return len(p), nil
}

func (h *head) String() string { return smtp.Clean(h.b.String()) }

// An Error says why the command did not accept the letter.
type Error struct {
	Path string
	Code int    // the exit code, or 0 if there is none
	Text string // what the command printed, as one line, or ""
	Err  error  // the cause

	permanent bool
}

// The exit codes of sysexits.h that concern this letter or its recipient. All
// others may be temporary or something that the operator can fix.
const (
	exDataErr = 65
	exNoUser  = 67
	exNoHost  = 68
)

func (s *Sender) fault(ctx context.Context, err error, said string) *Error {
	out := &Error{Path: s.path, Text: said, Err: err}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		out.Err = ctx.Err()
	case errors.As(err, &exit):
		out.Code = max(exit.ExitCode(), 0)
		out.permanent = out.Code == exDataErr || out.Code == exNoUser || out.Code == exNoHost
	}
	return out
}

// Permanent reports whether this letter can never be sent.
func (e *Error) Permanent() bool { return e.permanent }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error returns, for example, "/usr/sbin/sendmail failed: exit status 67: no such
// user".
func (e *Error) Error() string { return e.Path + " failed: " + e.reason() }

func (e *Error) reason() string {
	reason := e.Err.Error()
	switch {
	case errors.Is(e.Err, context.DeadlineExceeded):
		reason = "did not end in time"
	case errors.Is(e.Err, context.Canceled):
		reason = "cancelled"
	}
	if e.Text != "" {
		reason += ": " + e.Text
	}
	return reason
}

// LogValue logs the exit code and the reason separately.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("command", e.Path), slog.Int("code", e.Code),
		slog.Bool("permanent", e.permanent), slog.String("reason", e.reason()))
}

// Advice explains what an operator can do.
func (e *Error) Advice() string {
	switch {
	case e.permanent:
		return "The mail server on this machine does not take this letter, or mail for its address."
	case errors.Is(e.Err, os.ErrPermission):
		return "signup is not allowed to run the command: check its file mode and the restrictions in signup's systemd unit (NoNewPrivileges, for example, keeps Postfix's sendmail from writing to its queue)."
	default:
		return "The mail server on this machine did not accept the mail; its log says why. It is retried automatically."
	}
}

// NoSuchAddress reports whether the command said that the mailbox or host does
// not exist.
func (e *Error) NoSuchAddress() bool { return e.Code == exNoUser || e.Code == exNoHost }

// Stage implements the optional method of errors in package outbox: "rcpt" if the
// command said that the mailbox does not exist, else "".
func (e *Error) Stage() string {
	if e.NoSuchAddress() {
		return "rcpt"
	}
	return ""
}
