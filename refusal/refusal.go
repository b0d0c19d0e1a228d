// Package refusal defines the errors that may be shown to the person who made the
// request: an [Error] with a stable [Code] and a sentence. Any other error is a
// fault, which is logged and never shown.
package refusal

import "errors"

// A Code identifies the reason for a refusal. Codes are stable: they are part of
// the JSON API.
type Code string

// The codes. The number is the HTTP status in the JSON API.
const (
	Invalid              Code = "invalid"               // 422: the value of a field breaks a rule
	SignUpDisabled       Code = "sign_up_disabled"      // 403
	EmailTaken           Code = "email_taken"           // 409
	UsernameTaken        Code = "username_taken"        // 409
	TokenUnknown         Code = "token_unknown"         // 400: it never existed, was superseded, or was deleted
	TokenExpired         Code = "token_expired"         // 400: the person can request a new link
	AlreadyConfirmed     Code = "already_confirmed"     // 400: the token was used and its user is verified
	VerificationDisabled Code = "verification_disabled" // 412
	MailNotConfigured    Code = "mail_not_configured"   // 503
	Unauthorized         Code = "unauthorized"          // 401: missing, unknown or expired API key or session, or a failed sign-in
	InsufficientScope    Code = "insufficient_scope"    // 403: the API key works, but not for this
	UserNotFound         Code = "user_not_found"        // 404
	MailNotFound         Code = "mail_not_found"        // 404
	KeyNotFound          Code = "key_not_found"         // 404
	WebHookNotFound      Code = "web_hook_not_found"    // 404
	NotVerified          Code = "email_not_verified"    // 400: approval needs a verified address first
	Conflict             Code = "conflict"              // 409: not possible in this state
	TicketUnknown        Code = "ticket_unknown"        // 404: it never existed, has expired, or its sign-up was deleted
	TooSoon              Code = "too_soon"              // 429: another link was requested a moment ago
	TooManyCorrections   Code = "too_many_corrections"  // 409: the person must sign up again
	WrongPassword        Code = "wrong_password"        // 400: no unconfirmed sign-up has this username and password
	PasswordRequired     Code = "password_required"     // 400: several sign-ups have the address; see signup.Options.ConfirmNeedsProof
	CursorUnknown        Code = "cursor_unknown"        // 410: not a place in the list of events; see signup.Admin.Events
	Busy                 Code = "busy"                  // 503 with Retry-After: nothing was changed; try again later
)

// Error is a refusal: an error that may be shown to the person who made the
// request.
type Error struct {
	Code    Code
	Message string // one sentence for people; never contains a submitted value
	Field   string // the JSON name of the invalid field, or ""
	Rules   []Rule // the rules that the field breaks, if it has several
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// Errors are several refusals of one request, at most one per field.
type Errors []*Error

func (es Errors) Error() string { return errors.Join(es.Unwrap()...).Error() }

// Unwrap lets errors.As and errors.Is inspect the list.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Add appends all refusals in err, if any.
func (es *Errors) Add(err error) { *es = append(*es, Of(err)...) }

// OrNil returns the list as an error, or nil if it is empty.
func (es Errors) OrNil() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// Of returns all refusals in err, or nil if err is nil or a fault.
func Of(err error) []*Error {
	var list Errors
	if errors.As(err, &list) {
		return list
	}
	var one *Error
	if errors.As(err, &one) {
		return []*Error{one}
	}
	return nil
}

// Is reports whether err is or contains a refusal with this code.
func Is(err error, code Code) bool {
	for _, e := range Of(err) {
		if e.Code == code {
			return true
		}
	}
	return false
}

// New returns a refusal without a field.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Field returns the refusal of a field whose value breaks a rule: its code is
// Invalid.
func Field(field, message string) *Error {
	return &Error{Code: Invalid, Field: field, Message: message}
}
