// Package delivery lists the states of a mail and the results of the attempts to
// send it.
package delivery

// A State is the delivery state of a mail.
type State string

// The states of a mail. It is owed until it ends in one of the other states.
const (
	Owed       State = "owed"
	Sent       State = "sent"
	Failed     State = "failed"     // permanently
	Superseded State = "superseded" // what it would have said is no longer true
	Cancelled  State = "cancelled"  // by an administrator
)

// An Outcome is the result of an attempt to send a mail.
type Outcome string

// The outcomes.
const (
	Accepted   Outcome = "sent"   // by the server
	TryAgain   Outcome = "again"  // it failed and is to be retried
	NeverAgain Outcome = "failed" // it failed and is not to be retried
)
