package signup

import (
	"time"

	"github.com/signup-go/signup/password"
)

// A Role is what a user may do.
type Role string

// The roles.
const (
	RoleMember Role = "member"
	RoleAdmin  Role = "admin"
)

// An Origin is how a user was created. Only users with OriginSignUp ever lapse.
type Origin string

// The origins.
const (
	OriginSignUp   Origin = "signup"   // by the person, signing up
	OriginOperator Origin = "operator" // by create-admin or import
)

// A User is one sign-up and, once it is active, one account: who the person is,
// and what happened to the sign-up at which time. An ID always means the same
// sign-up: personal data changes only by the person's own correction before the
// address is confirmed, or by an administrator. All times are UTC; a zero time
// means that it has not happened.
//
// Any number of users who do not hold an address may have the same one; see
// HoldsAddress. A username belongs to at most one user who is not rejected.
type User struct {
	ID           int64
	Name         string
	Username     string // as typed
	UsernameKey  string // folded
	Email        string // as typed: the envelope's recipient
	EmailKey     string // canonical
	PasswordHash password.Hash
	Language     string
	Profile      map[string]any
	Role         Role
	Origin       Origin

	// What the settings required when this user signed up. Later changes of the
	// settings do not affect it.
	VerificationRequired bool
	ApprovalRequired     bool

	CreatedAt  time.Time
	VerifiedAt time.Time
	ApprovedAt time.Time
	ApprovedBy Actor
	RejectedAt time.Time
	RejectedBy Actor
	DisabledAt time.Time // when an administrator shut the active user out; zero again once enabled
	DisabledBy Actor

	RejectionReason string // mailed to the person
	RejectionNote   string // for administrators only

	TermsVersion string // version of the terms of use that were accepted; "" for none
	TermsAt      time.Time

	NewEmail    string // the address that the user gets once a link to it is opened; "" for none
	NewEmailKey string // canonical
	OldEmail    string // the address before the last such change; "" for none

	LinkAskedAt     time.Time // when a link was last requested, by signing up or later
	UndeliverableAt time.Time // when a mail server refused the address permanently; zero again once a mail arrives
	RemindedAt      time.Time // when a reminder was owed
	NoticedAt       time.Time // when the administrators were owed a notice about the waiting user; zero until then
	NoticesOff      bool      // the administrator has turned notices off

	Corrections int   // how many times the address was corrected before it was verified
	Version     int64 // incremented by every update; see Tx.UpdateUser
}

// HoldsAddress reports whether the address belongs to this user alone: the user
// is not rejected, and has verified the address or need not. At most one user
// holds an address.
func (u User) HoldsAddress() bool {
	return u.RejectedAt.IsZero() && (!u.VerificationRequired || !u.VerifiedAt.IsZero())
}

// Active reports whether the application may let the user in.
func (u User) Active() bool { return u.Status() == StatusActive }

// hasAccount reports whether the user has become active, disabled since or not:
// the application may have stored this user.
func (u User) hasAccount() bool { return u.Active() || u.Status() == StatusDisabled }

// An Actor is who performed an operation: "person", "cli", "system", "key:NAME"
// or "user:ID".
type Actor string

// Actors other than API keys and users.
const (
	ActorPerson Actor = "person" // the person who signs up
	ActorCLI    Actor = "cli"
	ActorSystem Actor = "system"
)
