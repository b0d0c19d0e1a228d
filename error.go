package signup

import "errors"

// A Code names the reason of a refusal for programs. Codes are stable: they
// are part of the JSON API.
type Code string

// Codes of refusals. The number is the status that the JSON API answers with.
const (
	CodeInvalid              Code = "invalid"               // 422: a field breaks its rule
	CodeSignUpDisabled       Code = "sign_up_disabled"      // 403
	CodeEmailTaken           Code = "email_taken"           // 409
	CodeUsernameTaken        Code = "username_taken"        // 409
	CodeTokenUnknown         Code = "token_unknown"         // 400: never made, superseded, or cleaned up
	CodeTokenExpired         Code = "token_expired"         // 400: offer a new link
	CodeAlreadyConfirmed     Code = "already_confirmed"     // 400: used, and its user is verified
	CodeVerificationDisabled Code = "verification_disabled" // 412
	CodeMailNotConfigured    Code = "mail_not_configured"   // 503
	CodeUnauthorized         Code = "unauthorized"          // 401: no API key or session, or one that is unknown or over; or a sign-in that failed
	CodeUserNotFound         Code = "user_not_found"        // 404
	CodeMailNotFound         Code = "mail_not_found"        // 404
	CodeNotVerified          Code = "email_not_verified"    // 400: approval needs a verified address first
	CodeConflict             Code = "conflict"              // 409: not possible in this state
	CodeTicketUnknown        Code = "ticket_unknown"        // 404: never given out, expired, or its sign-up is gone
	CodeTooSoon              Code = "too_soon"              // 429: another link was asked for a moment ago
	CodeTooManyCorrections   Code = "too_many_corrections"  // 409: sign up again
	CodeBusy                 Code = "busy"                  // 503 with Retry-After: nothing was done, try again
)

// Error is a refusal: an answer that may be shown to the person who asked.
// Any other error is a fault, which is logged and never shown.
type Error struct {
	Code    Code
	Message string // one sentence for people; never holds a value that was sent
	Field   string // the JSON name of the field that is to blame, or ""
	Rules   []Rule // which of the field's rules it breaks, where a field has several
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// Errors are several refusals of one request, one per field at most.
type Errors []*Error

func (es Errors) Error() string { return errors.Join(es.Unwrap()...).Error() }

// Unwrap lets errors.As and errors.Is look into the list.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// add appends the refusal that err holds; it ignores nil.
func (es *Errors) add(err *Error) {
	if err != nil {
		*es = append(*es, err)
	}
}

// orNil is the list as an error, nil when it is empty.
func (es Errors) orNil() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// asError keeps a nil refusal from becoming an error that is not nil.
func asError(refusal *Error) error {
	if refusal == nil {
		return nil
	}
	return refusal
}

// Refusals returns every refusal in err, or nil when err is a fault.
func Refusals(err error) []*Error {
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

// IsCode reports whether err is or holds a refusal with this code.
func IsCode(err error, code Code) bool {
	for _, e := range Refusals(err) {
		if e.Code == code {
			return true
		}
	}
	return false
}

// ErrNotFound is what a Tx returns when the row asked for does not exist. It
// is not a refusal: the Service turns it into one where a person asked.
var ErrNotFound = errors.New("not found")

// ErrBusy is what a Store returns, wrapped, when the database had no room for
// the transaction in time: locked, full, read-only or out of reach. Nothing
// was done and the same call may succeed later.
var ErrBusy = errors.New("the database is busy")

// ErrInDoubt is what Store.Update returns, wrapped, when the connection broke
// during the commit and the database could not be asked what became of it. The
// same call later is harmless: it finds what was done, or does it.
var ErrInDoubt = errors.New("whether it was done is not known")

// ErrUsernameReserved is what Tx.ReserveUsername returns when another user
// holds the key.
var ErrUsernameReserved = errors.New("username is reserved")

// ErrEmailExists is what Tx.CreateUser returns when the address has a user.
var ErrEmailExists = errors.New("e-mail address has a user")

// ErrStale is what Tx.UpdateUser returns when somebody else changed the user
// since it was read. A Store answers it by running the update again.
var ErrStale = errors.New("the user was changed meanwhile")

// ErrNameTaken is what Tx.CreateAPIKey returns.
var ErrNameTaken = errors.New("an API key has this name")
