package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// The exit codes. `signup --help` promises them.
const (
	exitOK       = 0
	exitFault    = 1 // something went wrong
	exitUsage    = 2 // the command line or the configuration is wrong
	exitRefused  = 3 // a rule of signing up says no
	exitNotFound = 4 // what was named does not exist
)

// A usageError is a mistake in the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// A notFoundError names what does not exist.
type notFoundError struct{ error }

func (e notFoundError) Unwrap() error { return e.error }

func exitCode(err error) int {
	var usage usageError
	var missing notFoundError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &missing), errors.Is(err, signup.ErrNotFound), refusal.Is(err, refusal.UserNotFound), refusal.Is(err, refusal.MailNotFound),
		refusal.Is(err, refusal.KeyNotFound), refusal.Is(err, refusal.WebHookNotFound):
		return exitNotFound
	case refusal.Of(err) != nil:
		return exitRefused
	default:
		return exitFault
	}
}

// errorText is the error for people, one line for each refusal.
func errorText(err error) string {
	refusals := refusal.Of(err)
	if refusals == nil {
		return err.Error()
	}
	lines := make([]string, len(refusals))
	for i, r := range refusals {
		lines[i] = r.Error()
	}
	return strings.Join(lines, "\n")
}

// An errorAnswer is the error for programs.
type errorAnswer struct {
	Error  string         `json:"error"`
	Code   string         `json:"code"` // of the first refusal, or fault, usage, not_found
	Fields []fieldRefusal `json:"fields,omitempty"`
}

type fieldRefusal struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func writeErrorJSON(w io.Writer, err error) {
	answer := errorAnswer{Error: errorText(err), Code: codeName(err)}
	for _, r := range refusal.Of(err) {
		if r.Field != "" {
			answer.Fields = append(answer.Fields, fieldRefusal{r.Field, string(r.Code), r.Message})
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func codeName(err error) string {
	if refusals := refusal.Of(err); refusals != nil {
		return string(refusals[0].Code)
	}
	switch exitCode(err) {
	case exitUsage:
		return "usage"
	case exitNotFound:
		return "not_found"
	default:
		return "fault"
	}
}
