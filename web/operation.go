package web

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/refusal"
)

// A reason is a code that an operation can answer with, and when it does; ""
// for when the code says.
type reason struct {
	code refusal.Code
	when string
}

// lettingIn adds what an operation that can make somebody active refuses for the
// application's sake; see signup.Options.OnActive.
func lettingIn(reasons ...reason) []reason {
	const when = "the application that uses this server has a user with it, or refuses the user for another reason"
	for _, code := range []refusal.Code{refusal.UsernameTaken, refusal.EmailTaken, refusal.Conflict} {
		reasons = append(reasons, reason{code, when})
	}
	return reasons
}

// register adds an operation, and to its description all that it refuses:
// these, and what every operation of its kind does.
func register[I, O any](api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error), reasons ...reason) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	op.Responses = map[string]*huma.Response{}
	for _, r := range append(reasons, usual(op)...) {
		describe(op.Responses, r, schema)
	}
	huma.Register(api, op, handler)
}

// usual is what an operation refuses because of what it takes. Every one can
// be sent a parameter that it does not have.
func usual(op huma.Operation) []reason {
	codes := []refusal.Code{refusal.Invalid, codeInternal, refusal.Busy}
	if op.Method != http.MethodGet {
		codes = append(codes, codeInDoubt)
	}
	if needsKey(op) {
		codes = append(codes, refusal.Unauthorized, refusal.InsufficientScope)
	}
	if op.RequestBody != nil {
		codes = append(codes, codeMalformed, codeTooLarge, codeMediaType, codeTimeout)
	}
	if _, is := limited[op.Method+" "+op.Path]; is {
		codes = append(codes, codeTooMany)
	}
	return each(codes, func(c refusal.Code) reason { return reason{code: c} })
}

// needsKey reports whether an operation is for administrators.
func needsKey(op huma.Operation) bool {
	return slices.ContainsFunc(op.Security, func(scheme map[string][]string) bool { return scheme[apiKeyName] != nil })
}

// describe adds a reason to the answers of an operation.
func describe(answers map[string]*huma.Response, r reason, schema *huma.Schema) {
	status := statusOf(r.code)
	said := "`" + string(r.code) + "`: " + cmp.Or(r.when, meanings[r.code])
	if a := answers[strconv.Itoa(status)]; a != nil {
		a.Description += "\n\n" + said
		return
	}
	answers[strconv.Itoa(status)] = &huma.Response{
		Description: said, Headers: retryAfter(status),
		Content: map[string]*huma.MediaType{problemType: {Schema: schema}},
	}
}

// retryAfter is the header of what can be tried again as it is. 503 may also
// mean that it cannot. Both statuses describe it alike, although 429 always has
// it: ogen makes code that does not compile of two headers that differ in that.
func retryAfter(status int) map[string]*huma.Header {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return nil
	}
	return map[string]*huma.Header{"Retry-After": {
		Description: "in how many seconds to try again; 429 always has it",
		Schema:      &huma.Schema{Type: huma.TypeInteger},
	}}
}
