package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/refusal"
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
var meanings = map[refusal.Code]string{
	refusal.Invalid:              "what was sent breaks a rule; `errors` names each field and why",
	refusal.SignUpDisabled:       "nobody can sign up here at present",
	refusal.EmailTaken:           "the email address is taken",
	refusal.UsernameTaken:        "the username is taken",
	refusal.TokenUnknown:         "the token was never made, was replaced, or was cleaned up",
	refusal.TokenExpired:         "the token is too old; another link can be asked for",
	refusal.AlreadyConfirmed:     "the email address is confirmed already; nothing is left to do",
	refusal.VerificationDisabled: "the server requires no confirmation, and the token is not a valid one",
	refusal.MailNotConfigured:    "the server cannot send mail",
	refusal.Unauthorized:         "there is no API key, or it is unknown, revoked or too old; on pages, nobody is signed in",
	refusal.InsufficientScope:    "the API key works, but does not have the scope that this needs",
	refusal.UserNotFound:         "there is no such user",
	refusal.MailNotFound:         "there is no such mail",
	refusal.KeyNotFound:          "there is no such API key that is not revoked",
	refusal.WebHookNotFound:      "there is no such web hook",
	refusal.NotVerified:          "the user must confirm the email address first",
	refusal.Conflict:             "not possible in the state that the user or the mail is in",
	refusal.TicketUnknown:        "the sign-up that the ticket was for is no longer there, or the ticket is not valid",
	refusal.TooSoon:              "another link was asked for a moment ago; on pages",
	refusal.TooManyCorrections:   "the email address was corrected too often; on pages",
	refusal.WrongPassword:        "there is no open sign-up with this username and password; in the API, the password is not that of the token's sign-up",
	refusal.PasswordRequired:     "several sign-ups have this email address: send the password of the token's one, too",
	refusal.CursorUnknown:        "the database was replaced by another one or an older backup since the cursor was given; list all users, and read on from `latest`",
	refusal.Busy:                 "the server is busy; nothing was done, try again after `Retry-After`",

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
