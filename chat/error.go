package chat

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Error says why a chat did not take a message. It holds nothing of the
// chat's URL but the name of the service.
type Error struct {
	Service string // such as "ntfy"
	Reason  string // one line of at most 300 bytes
	Err     error  // the cause where that is of the context, else nil
}

// Error reads like "ntfy failed: 403 Forbidden".
func (e *Error) Error() string { return e.Service + " failed: " + e.Reason }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// LogValue gives logs the service apart from the reason.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("service", e.Service), slog.String("reason", e.Reason))
}

// fault keeps of an error what may be stored and shown: services quote the
// addresses they ask, and these are secret.
func (s *Sender) fault(err error) *Error {
	out := &Error{Service: s.Service()}
	var asked *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		out.Reason, out.Err = "no answer in time", context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		out.Reason, out.Err = "cancelled", context.Canceled
	case errors.As(err, &asked):
		out.Reason = s.clean(asked.Err.Error())
	default:
		out.Reason = s.clean(err.Error())
	}
	return out
}

const maxReason = 300 // bytes

// clean makes one line of printable characters, without URLs and without any
// part of ours.
func (s *Sender) clean(reason string) string {
	words := strings.FieldsFunc(reason, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == utf8.RuneError
	})
	for i, word := range words {
		if strings.Contains(word, "://") {
			words[i] = "[...]"
		}
	}
	reason = strings.Join(words, " ")
	for _, secret := range s.secrets() {
		reason = strings.ReplaceAll(reason, secret, "[...]")
	}
	for len(reason) > maxReason {
		_, size := utf8.DecodeLastRuneInString(reason)
		reason = reason[:len(reason)-size]
	}
	return reason
}

// secrets are the parts of the URL after its service, as they stand there and
// decoded, the longest first. What is shorter than any secret would only make
// words unreadable.
func (s *Sender) secrets() []string {
	const least = 4 // characters
	_, rest, _ := strings.Cut(s.url, "://")
	parts := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("/@?&=:#,", r) })
	var out []string
	for _, part := range parts {
		decoded, _ := url.QueryUnescape(part)
		for _, form := range []string{part, decoded} {
			if len(form) >= least {
				out = append(out, form)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return out
}
