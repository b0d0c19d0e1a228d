package smtp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Phase is a step of the conversation with the server.
type Phase string

// The phases in which sending can fail. QUIT is not one: by then the server has
// accepted the letter.
const (
	PhaseDial  Phase = "dial"
	PhaseTLS   Phase = "tls"
	PhaseHello Phase = "hello"
	PhaseAuth  Phase = "auth"
	PhaseMail  Phase = "mail"
	PhaseRcpt  Phase = "rcpt"
	PhaseData  Phase = "data"
)

// An Error says in which phase sending failed, and why. It never contains the
// password, nor anything as long as a token.
type Error struct {
	Phase Phase
	Host  string // host:port
	Code  int    // of the server's reply, or 0
	Text  string // the server's reply, as one line of at most 300 bytes, or ""
	Err   error  // the cause

	permanent bool
	body      bool // the letter was sent, completely or in part
}

// Permanent reports whether the server permanently refused this letter, or the
// address can never be sent to. Everything else may be temporary or something
// that the operator can fix: an unreachable server, TLS, wrong credentials, a 4xx
// reply.
func (e *Error) Permanent() bool { return e.permanent }

// Error returns, for example, "smtp mail.example.org:587: AUTH failed: 535 5.7.8
// bad credentials".
func (e *Error) Error() string {
	return fmt.Sprintf("smtp %s: %s failed: %s", e.Host, e.Phase.inWords(), e.reason())
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// LogValue logs the phase, the code and the reason separately.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("phase", string(e.Phase)), slog.String("host", e.Host), slog.Int("code", e.Code),
		slog.Bool("permanent", e.permanent), slog.String("reason", e.reason()),
	)
}

func (p Phase) inWords() string {
	switch p {
	case PhaseDial:
		return "connecting"
	case PhaseTLS:
		return "TLS"
	case PhaseHello:
		return "greeting"
	default:
		return strings.ToUpper(string(p))
	}
}

func (e *Error) reason() string {
	var timeout net.Error
	switch {
	case e.Code != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, e.Text))
	case errors.Is(e.Err, errNoSlot):
		return errNoSlot.Error()
	case errors.Is(e.Err, context.Canceled):
		return "cancelled"
	case errors.Is(e.Err, os.ErrDeadlineExceeded), errors.As(e.Err, &timeout) && timeout.Timeout():
		return "no answer in time"
	default:
		return Clean(e.Err.Error())
	}
}

// fault classifies an error in a phase.
func (s *Sender) fault(phase Phase, err error) *Error {
	out := &Error{Phase: phase, Host: s.address, Err: err}
	var local permanentError
	var answer *textproto.Error
	switch {
	case errors.As(err, &local):
		out.permanent = true
	case errors.As(err, &answer):
		out.Code, out.Text = answer.Code, Clean(answer.Msg)
		out.permanent = refusesLetter(phase, answer.Code)
	}
	return out
}

// refusesLetter distinguishes a refusal of the letter from a refusal of the
// client: 530, 534, 535 and 538 ask for other credentials or encryption (RFC
// 4954, section 6), which only the operator can provide.
func refusesLetter(phase Phase, code int) bool {
	switch code {
	case 530, 534, 535, 538:
		return false
	}
	transaction := phase == PhaseMail || phase == PhaseRcpt || phase == PhaseData
	return transaction && code >= 500 && code <= 599
}

// A permanentError is a refusal by this package: asking the server is pointless.
type permanentError struct{ error }

func permanent(err error) error { return permanentError{err} }

func (p permanentError) Unwrap() error { return p.error }

const maxText = 300 // bytes

// Clean makes a server's reply safe to store and show: one line, printable,
// short, and without the token that a spam filter may quote from the letter's
// link.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	s = tokenLike.ReplaceAllString(s, "[...]")
	for len(s) > maxText {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// A token has 43 characters; the pattern also matches a part of one.
var tokenLike = regexp.MustCompile(`[A-Za-z0-9_-]{24,}`)
