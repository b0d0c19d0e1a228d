package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
)

// Codes of the face itself, beside those of package signup.
const (
	codeMalformed    = "malformed_body"
	codeTooLarge     = "body_too_large"
	codeMediaType    = "unsupported_media_type"
	codeTimeout      = "request_timeout"
	codeNotFound     = "not_found"
	codeMethod       = "method_not_allowed"
	codeCrossSite    = "cross_site"
	codeInternal     = "internal"
	codeClientClosed = "client_closed_request"
	codeNotReady     = "not_ready"
	codeTooMany      = "too_many_requests"
	codeInDoubt      = "in_doubt"
)

// meanings say for the API's document what each code means.
var meanings = map[signup.Code]string{
	signup.CodeInvalid:              "what was sent breaks a rule; `errors` names each field and why",
	signup.CodeSignUpDisabled:       "nobody can sign up here at present",
	signup.CodeEmailTaken:           "the e-mail address is taken",
	signup.CodeUsernameTaken:        "the username is taken",
	signup.CodeTokenUnknown:         "the token was never made, was replaced, or was cleaned up",
	signup.CodeTokenExpired:         "the token is too old; another link can be asked for",
	signup.CodeAlreadyConfirmed:     "the e-mail address is confirmed already; nothing is left to do",
	signup.CodeVerificationDisabled: "the server requires no confirmation, and the token is not a valid one",
	signup.CodeMailNotConfigured:    "the server cannot send mail",
	signup.CodeUnauthorized:         "there is no API key, or it is unknown or revoked; on pages, nobody is signed in",
	signup.CodeUserNotFound:         "there is no such user",
	signup.CodeMailNotFound:         "there is no such mail",
	signup.CodeNotVerified:          "the user must confirm the e-mail address first",
	signup.CodeConflict:             "not possible in the state that the user or the mail is in",
	signup.CodeTicketUnknown:        "the sign-up that the browser asks for is no longer there; on pages",
	signup.CodeTooSoon:              "another link was asked for a moment ago; on pages",
	signup.CodeTooManyCorrections:   "the e-mail address was corrected too often; on pages",
	signup.CodeBusy:                 "the server is busy; nothing was done, try again after `Retry-After`",

	codeMalformed:    "the body is empty, broken off, not UTF-8 or not JSON",
	codeTooLarge:     "the body has more than 64 KiB",
	codeMediaType:    "the body is not `application/json`, or is compressed",
	codeTimeout:      "the body did not arrive in time",
	codeNotFound:     "there is nothing at this address",
	codeMethod:       "the address does not take this method; `Allow` says which it takes",
	codeCrossSite:    "a page's form was sent from another site",
	codeInternal:     "a fault of the server, which its log tells more about",
	codeClientClosed: "the client went away before it was answered; in the log alone",
	codeNotReady:     "the database does not answer; from `/readyz`",
	codeTooMany:      "the client asked too often; try again after `Retry-After`",
	codeInDoubt:      "the database's answer was lost, so it may have been done or not; look, or try again after `Retry-After`",
}

// TransformSchema lists the codes in the API's document. It is how huma asks.
func (*Problem) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	code := schema.Properties["code"]
	lines := []string{code.Description + ". Later versions may have more."}
	for _, c := range slices.Sorted(maps.Keys(meanings)) {
		code.Enum = append(code.Enum, string(c))
		lines = append(lines, fmt.Sprintf("* `%s` (%d): %s", c, statusOf(c), meanings[c]))
	}
	code.Description = lines[0] + "\n\n" + strings.Join(lines[1:], "\n")
	return schema
}
