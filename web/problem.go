package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// A Problem is the answer to a request that failed (RFC 9457). It never holds
// a value that was sent.
type Problem struct {
	Title  string         `json:"title" doc:"the status in words"`
	Status int            `json:"status" doc:"the HTTP status"`
	Detail string         `json:"detail" doc:"what went wrong, for people; of invalid fields the first"`
	Code   string         `json:"code" doc:"what went wrong, for programs; stable"` // see codes.go
	Errors []FieldProblem `json:"errors,omitempty" doc:"which fields are to blame, one by one"`

	headers http.Header
}

// A FieldProblem says what is wrong with one field.
type FieldProblem struct {
	Location string `json:"location" doc:"where the field is, for example body.email"`
	Message  string `json:"message" doc:"what is wrong with it, for people"`
	Code     string `json:"code" doc:"what is wrong with it, for programs; one of the codes of the problem itself"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is how huma asks for the status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is how huma asks for the headers.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is how huma asks for the media type.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// statusClientClosed is for the log alone: nobody is there to read the answer.
const statusClientClosed = 499

func newProblem(status int, code, detail string, errs ...FieldProblem) *Problem {
	return &Problem{Title: titleOf(status), Status: status, Detail: detail, Code: code, Errors: errs}
}

func titleOf(status int) string {
	if status == statusClientClosed {
		return "Client Closed Request"
	}
	return http.StatusText(status)
}

func (p *Problem) with(header, value string) *Problem {
	if p.headers == nil {
		p.headers = http.Header{}
	}
	p.headers.Set(header, value)
	return p
}

// statusOf is the one map from a code to its status.
func statusOf(code refusal.Code) int {
	switch code {
	case refusal.Invalid:
		return http.StatusUnprocessableEntity
	case refusal.SignUpDisabled, refusal.InsufficientScope, codeCrossSite:
		return http.StatusForbidden
	case refusal.EmailTaken, refusal.UsernameTaken, refusal.Conflict, refusal.TooManyCorrections:
		return http.StatusConflict
	case refusal.TokenUnknown, refusal.TokenExpired, refusal.AlreadyConfirmed, refusal.NotVerified,
		refusal.WrongPassword, refusal.PasswordRequired, codeMalformed:
		return http.StatusBadRequest
	case refusal.VerificationDisabled:
		return http.StatusPreconditionFailed
	case refusal.CursorUnknown:
		return http.StatusGone
	case refusal.Unauthorized:
		return http.StatusUnauthorized
	case refusal.UserNotFound, refusal.TicketUnknown, refusal.MailNotFound, refusal.KeyNotFound, refusal.WebHookNotFound, codeNotFound:
		return http.StatusNotFound
	case refusal.TooSoon, codeTooMany:
		return http.StatusTooManyRequests
	case refusal.MailNotConfigured, refusal.Busy, codeInDoubt, codeNotReady:
		return http.StatusServiceUnavailable
	case codeMethod:
		return http.StatusMethodNotAllowed
	case codeTimeout:
		return http.StatusRequestTimeout
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeMediaType:
		return http.StatusUnsupportedMediaType
	case codeClientClosed:
		return statusClientClosed
	default:
		return http.StatusInternalServerError
	}
}

// notValid says what is wrong with a request, the first fault of it in words, for
// clients that show the detail alone.
func notValid(errs []FieldProblem) string {
	if len(errs) == 0 {
		return "The request is not valid"
	}
	_, field, nested := strings.Cut(errs[0].Location, ".")
	if !nested {
		field = errs[0].Location
	}
	detail := field + " " + errs[0].Message
	if more := len(errs) - 1; more > 0 {
		detail += fmt.Sprintf(" (and %d more)", more)
	}
	return detail
}

// problemOf turns what a verb of the Service returned into the answer. A fault
// is logged here, once, and shown nowhere.
func (s *server) problemOf(ctx context.Context, err error) *Problem {
	refusals := refusal.Of(err)
	switch {
	case errors.Is(err, signup.ErrBusy) || refusal.Is(err, refusal.Busy):
		s.Log.WarnContext(ctx, "busy", idAttr(ctx), slog.Any("error", err))
		return busy()
	case errors.Is(err, signup.ErrInDoubt):
		s.Log.ErrorContext(ctx, "answer lost", idAttr(ctx), slog.Any("error", err))
		return inDoubt()
	case len(refusals) > 0:
		return problemOfRefusals(refusals)
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return newProblem(statusClientClosed, codeClientClosed, "The client went away")
	default:
		s.Log.ErrorContext(ctx, "request failed", idAttr(ctx), slog.Any("error", err))
		return internal()
	}
}

func internal() *Problem {
	return newProblem(http.StatusInternalServerError, codeInternal, "Internal Server Error")
}

func busy() *Problem {
	return newProblem(http.StatusServiceUnavailable, string(refusal.Busy),
		"The server is busy; nothing was done, try again shortly").with("Retry-After", "2")
}

func inDoubt() *Problem {
	return newProblem(http.StatusServiceUnavailable, codeInDoubt,
		"The database's answer was lost; look, or try again shortly").with("Retry-After", "2")
}

func problemOfRefusals(refusals []*refusal.Error) *Problem {
	first := refusals[0]
	p := newProblem(statusOf(first.Code), string(first.Code), first.Message)
	for _, r := range refusals {
		if r.Field != "" {
			p.Errors = append(p.Errors, FieldProblem{"body." + r.Field, r.Message, string(r.Code)})
		}
	}
	if first.Field != "" && first.Code == refusal.Invalid {
		p.Detail = notValid(p.Errors)
	}
	if p.Status == http.StatusUnauthorized {
		return p.with("WWW-Authenticate", "Bearer")
	}
	return p
}

// withoutValues is a huma.Transformer that turns huma's own errors, which
// repeat what was sent, into problems, which do not. It works for this API
// alone; huma.NewError would do it for the whole process.
func withoutValues(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := newProblem(e.Status, codeOfStatus(e.Status), "")
	if e.Status >= http.StatusInternalServerError {
		return internal(), nil
	}
	for _, d := range e.Errors {
		p.Errors = append(p.Errors, FieldProblem{d.Location, parameterWords(d.Message), p.Code})
	}
	p.Detail = notValid(p.Errors)
	return p, nil
}

func codeOfStatus(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return string(refusal.Invalid)
	case http.StatusRequestEntityTooLarge:
		return codeTooLarge
	case http.StatusUnsupportedMediaType:
		return codeMediaType
	default:
		return codeMalformed
	}
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	writeJSON(w, p.Status, problemType, p)
}

func writeJSON(w http.ResponseWriter, status int, mediaType string, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // the types of this package always marshal
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
