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

// An Error says why a chat did not accept a message. Of the chat's URL it
// contains only the name of the service.
type Error struct {
	Service string // such as "ntfy"
	Reason  string // one line of at most 300 bytes
	Err     error  // the context's error if that is the cause, else nil
}

// Error returns, for example, "ntfy failed: 403 Forbidden".
func (e *Error) Error() string { return e.Service + " failed: " + e.Reason }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// LogValue logs the service and the reason separately.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("service", e.Service), slog.String("reason", e.Reason))
}

// fault keeps only what may be stored and shown of an error: services quote the
// URLs they request, and those are secret.
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

// clean returns one line of printable characters, without URLs and without any
// part of the chat's URL.
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

// secrets returns the parts of the URL after the service, raw and decoded,
// longest first. It skips parts that are too short to be secrets, because
// removing those would only make words unreadable.
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
