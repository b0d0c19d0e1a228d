package signup

import "github.com/signup-go/signup/refusal"

// A Status is the stage that a sign-up has reached. It is computed from stored
// facts and never stored itself; see User.Status.
type Status string

// The statuses. The package comment shows the transitions between them.
const (
	StatusUnconfirmed     Status = "unconfirmed"
	StatusPendingApproval Status = "pending_approval"
	StatusActive          Status = "active"
	StatusDisabled        Status = "disabled" // was active, and an administrator shut the user out
	StatusRejected        Status = "rejected"
)

// Statuses returns every status.
func Statuses() []Status {
	return []Status{StatusUnconfirmed, StatusPendingApproval, StatusActive, StatusDisabled, StatusRejected}
}

// Status computes the status of the user. The stores compute the same in SQL;
// package storetest compares the two.
func (u User) Status() Status {
	switch {
	case !u.RejectedAt.IsZero():
		return StatusRejected
	case u.VerificationRequired && u.VerifiedAt.IsZero():
		return StatusUnconfirmed
	case u.ApprovalRequired && u.ApprovedAt.IsZero():
		return StatusPendingApproval
	case !u.DisabledAt.IsZero():
		return StatusDisabled
	default:
		return StatusActive
	}
}

// A transition is something that can happen to a user after sign-up.
type transition string

const (
	transitionVerify     transition = "verify"     // the address is verified, by link or by an administrator
	transitionApprove    transition = "approve"    //
	transitionReject     transition = "reject"     //
	transitionReconsider transition = "reconsider" // an administrator withdraws a rejection
	transitionCorrect    transition = "correct"    // the address was mistyped
	transitionDisable    transition = "disable"    // an administrator shuts an active user out
	transitionEnable     transition = "enable"     // and lets the user in again
	transitionChange     transition = "change"     // an administrator changes the name or the username
)

// A move is the result of a transition in a given status: it takes effect (take),
// changes nothing because it has already happened (stay), or is refused.
type move struct {
	takes   bool
	code    refusal.Code // of the refusal, "" for none
	message string
}

var (
	take = move{takes: true}
	stay = move{}

	notVerified = move{code: refusal.NotVerified, message: "User email is not verified"}
	notRejected = move{code: refusal.Conflict, message: "User is not rejected"}
	wasRejected = move{code: refusal.Conflict, message: "User was rejected; reconsider the rejection first"}
	notActive   = move{code: refusal.Conflict, message: "Only an active user can be disabled"}
	notDisabled = move{code: refusal.Conflict, message: "User is not disabled"}
	isDisabled  = move{code: refusal.Conflict, message: "User is disabled; enable the user first"}
	isActive    = move{code: refusal.Conflict, message: "User is already active"}
	isConfirmed = move{code: refusal.Conflict, message: "The email address can only be corrected before it is confirmed"}
)

// moves is the state machine: the move for every transition in every status. The
// package comment draws it.
var moves = map[Status]map[transition]move{
	StatusUnconfirmed: {
		transitionVerify: take, transitionApprove: notVerified, transitionReject: notVerified,
		transitionReconsider: notRejected, transitionCorrect: take,
		transitionDisable: notActive, transitionEnable: notDisabled, transitionChange: take,
	},
	StatusPendingApproval: {
		transitionVerify: take, transitionApprove: take, transitionReject: take,
		transitionReconsider: notRejected, transitionCorrect: isConfirmed,
		transitionDisable: notActive, transitionEnable: notDisabled, transitionChange: take,
	},
	StatusActive: {
		transitionVerify: take, transitionApprove: stay, transitionReject: isActive,
		transitionReconsider: notRejected, transitionCorrect: isConfirmed,
		transitionDisable: take, transitionEnable: stay, transitionChange: take,
	},
	StatusDisabled: {
		transitionVerify: take, transitionApprove: isDisabled, transitionReject: isDisabled,
		transitionReconsider: notRejected, transitionCorrect: isConfirmed,
		transitionDisable: stay, transitionEnable: take, transitionChange: take,
	},
	StatusRejected: {
		transitionVerify: wasRejected, transitionApprove: wasRejected, transitionReject: stay,
		transitionReconsider: take, transitionCorrect: isConfirmed,
		transitionDisable: notActive, transitionEnable: notDisabled, transitionChange: wasRejected,
	},
}

// on looks up the transition and reports whether it takes effect, or returns its
// refusal.
func (u User) on(t transition) (bool, error) {
	if u.isBlank() {
		return false, refusal.New(refusal.Conflict, "The owner of the mailbox removed this sign-up")
	}
	m := moves[u.Status()][t]
	if m.code != "" {
		return false, refusal.New(m.code, m.message)
	}
	if t == transitionVerify && !u.VerifiedAt.IsZero() {
		return false, nil
	}
	return m.takes, nil
}
