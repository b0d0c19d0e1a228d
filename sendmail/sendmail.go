// Package sendmail hands letters to the sendmail command of this machine, which
// every Unix mail server has. Give New a Config and call Sender.Send.
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

// DefaultPath is where the command is by tradition.
const DefaultPath = "/usr/sbin/sendmail"

// Config says which command takes the mail.
type Config struct {
	Path    string        // "" is DefaultPath
	Timeout time.Duration // for the command; 0 is 50s
	smtp.Letterhead
}

// ParseURL reads "sendmail:/path/of/the/command"; the path may be missing.
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

// A Sender sends letters, each by a run of the command. It is safe for
// concurrent use.
type Sender struct {
	path     string
	timeout  time.Duration
	composer *smtp.Composer
}

// New returns a Sender, or says what is wrong with the configuration.
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

// Send hands the letter to the command. It returns nil once that has taken
// responsibility for it, and otherwise an *Error.
func (s *Sender) Send(ctx context.Context, l signup.Letter) error {
	m, err := s.composer.Compose(l)
	if err != nil {
		return &Error{Path: s.path, Err: err, permanent: true}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	// -i: a lone dot does not end the letter. --: what follows is an address,
	// whatever it looks like.
	cmd := exec.CommandContext(ctx, s.path, "-i", "-f", m.From, "--", m.To)
	cmd.Env = environment()
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(unixLines(m.Raw))
	said := &head{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = 2 * time.Second
	// ErrWaitDelay: it ended well, and a child of it that delivers keeps our pipe.
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return s.fault(ctx, err, said.String())
	}
	return nil
}

// unixLines: the command reads the lines of this machine, not those of the wire.
func unixLines(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")) }

// environment keeps our secrets from the command.
func environment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SIGNUP_") && !strings.HasPrefix(entry, "PG") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// A head keeps the beginning of what is written to it.
type head struct{ b bytes.Buffer }

const maxSaid = 4 << 10 // bytes

func (h *head) Write(p []byte) (int, error) {
	h.b.Write(p[:min(len(p), max(0, maxSaid-h.b.Len()))])
	return len(p), nil
}

func (h *head) String() string { return smtp.Clean(h.b.String()) }

// An Error says why the command did not take the letter.
type Error struct {
	Path string
	Code int    // exit code, or 0 when there is none
	Text string // what the command said, one line, or ""
	Err  error  // the cause

	permanent bool
}

// The exit codes of sysexits.h that speak of this very letter or its recipient.
// All others may pass or be mended by the operator.
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

// Error reads like "/usr/sbin/sendmail failed: exit status 67: no such user".
func (e *Error) Error() string { return e.Path + " failed: " + e.reason() }

func (e *Error) reason() string {
	reason := e.Err.Error()
	switch {
	case errors.Is(e.Err, context.DeadlineExceeded):
		reason = "it did not end in time"
	case errors.Is(e.Err, context.Canceled):
		reason = "cancelled"
	}
	if e.Text != "" {
		reason += ": " + e.Text
	}
	return reason
}

// LogValue gives logs the exit code apart from the words.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("command", e.Path), slog.Int("code", e.Code),
		slog.Bool("permanent", e.permanent), slog.String("reason", e.reason()))
}

// Advice says in plain words what an operator can do.
func (e *Error) Advice() string {
	switch {
	case e.permanent:
		return "The mail server on this machine does not take this letter or its address."
	case errors.Is(e.Err, os.ErrPermission):
		return "signup may not run the command: see to its mode, and to what the service's unit forbids (NoNewPrivileges, for one, keeps Postfix's from writing its queue)."
	default:
		return "The mail server on this machine did not take it: its log says why. It is tried again by itself."
	}
}

// NoSuchAddress reports whether the command said that there is no such mailbox
// or host.
func (e *Error) NoSuchAddress() bool { return e.Code == exNoUser || e.Code == exNoHost }

// Stage is the phase as package outbox asks an error for it: "rcpt" when the
// command said that there is no such mailbox, else "".
func (e *Error) Stage() string {
	if e.NoSuchAddress() {
		return "rcpt"
	}
	return ""
}
