package signup

import (
	"log/slog"
	"time"
)

// A Registration is what a person hands in to sign up.
type Registration struct {
	Name              string         // display name, 1..250 characters
	Username          string         // 1..250 of letters, digits, "." "_" "-"
	Email             string         // at most 250 characters
	Password          string         // see CheckPassword
	PreferredLanguage string         // BCP 47; "" is "en"
	Profile           map[string]any // the operator's extra fields, see Fields
	TermsVersion      string         // of the terms of use that the person accepted; see Options.TermsVersion

	WantsTicket bool // whether the receipt is to have a Ticket, for the browser that signs up
}

// LogValue keeps the password out of logs.
func (r Registration) LogValue() slog.Value { return slog.StringValue("[registration]") }

// A Role is what a user may do.
type Role string

// The roles.
const (
	RoleMember Role = "member"
	RoleAdmin  Role = "admin"
)

// An Origin says who made a user. Only sign-ups ever lapse.
type Origin string

// The origins.
const (
	OriginSignUp   Origin = "signup"   // the person
	OriginOperator Origin = "operator" // create-admin, import
)

// A Status is where a sign-up stands. It is computed from facts, never stored
// as a truth of its own; see User.Status.
type Status string

// The statuses. The package comment draws how one becomes another.
const (
	StatusUnconfirmed     Status = "unconfirmed"
	StatusPendingApproval Status = "pending_approval"
	StatusActive          Status = "active"
	StatusRejected        Status = "rejected"
)

// A User is one person's account: who it is, and the facts about the sign-up
// with their times. All times are UTC; the zero time means "not so".
type User struct {
	ID           int64
	Name         string
	Username     string // as typed
	UsernameKey  string // folded, unique
	Email        string // as typed: the envelope's recipient
	EmailKey     string // canonical, unique
	PasswordHash PasswordHash
	Language     string
	Profile      map[string]any
	Role         Role
	Origin       Origin

	// What the settings required when this user signed up. Later changes of
	// the settings never change it.
	VerificationRequired bool
	ApprovalRequired     bool

	CreatedAt  time.Time
	VerifiedAt time.Time
	ApprovedAt time.Time
	ApprovedBy Actor
	RejectedAt time.Time
	RejectedBy Actor

	RejectionReason string // told to the person
	RejectionNote   string // for administrators only

	TermsVersion string // of the terms of use that were accepted; "" for none
	TermsAt      time.Time

	UndeliverableAt time.Time // when a mail server refused the address for good, and nothing arrived since
	RemindedAt      time.Time // when a reminder was owed
	NoticedAt       time.Time // when the administrators were owed word that the user waits; zero until then
	NoticesOff      bool      // an administrator who wants no notices

	Corrections int   // how often the address was corrected before it was verified
	Version     int64 // grows with every update; see Tx.UpdateUser
}

// Status is computed here and nowhere else.
func (u User) Status() Status {
	switch {
	case !u.RejectedAt.IsZero():
		return StatusRejected
	case u.VerificationRequired && u.VerifiedAt.IsZero():
		return StatusUnconfirmed
	case u.ApprovalRequired && u.ApprovedAt.IsZero():
		return StatusPendingApproval
	default:
		return StatusActive
	}
}

// Active reports whether the host application may let the user in.
func (u User) Active() bool { return u.Status() == StatusActive }

// A Claim is a later sign-up for an address that nobody has proved yet. The
// first sign-up is the user's own row; each further one is kept beside it with
// a link of its own, and the one whose link is opened becomes the user. So
// nobody can squat on an address, nor replace the password of the person who
// owns the mailbox.
type Claim struct {
	ID               string // a UUID
	UserID           int64
	Name             string
	Username         string
	UsernameKey      string
	Email            string // as typed; its key is the user's
	PasswordHash     PasswordHash
	Language         string
	Profile          map[string]any
	ApprovalRequired bool
	CreatedAt        time.Time
	TermsVersion     string // see User
	TermsAt          time.Time
}

// MaxClaims is how many further sign-ups one unproved address can have open.
const MaxClaims = 4

// An Actor is who did something: "person", "cli", "system", "key:NAME" or
// "user:ID".
type Actor string

// Actors without a name of their own.
const (
	ActorPerson Actor = "person" // whoever signs up
	ActorCLI    Actor = "cli"
	ActorSystem Actor = "system"
)

// An AuditEvent says who did what to whom, and when. It never holds a secret.
type AuditEvent struct {
	ID     int64
	At     time.Time
	Actor  Actor
	Action string            // for example "user.approved"
	UserID int64             // whom; 0 for none. The user may be gone since.
	Detail map[string]string // facts worth keeping, such as a setting's new value
}

// An APIKey lets a program act as an administrator. Only the hash is kept.
type APIKey struct {
	ID        string // a UUID
	Name      string // unique among keys that are not revoked
	Hash      string // SHA-256 in lower-case hex
	CreatedAt time.Time
	RevokedAt time.Time
}
