package signup

// An event is something that happens to a user after the sign-up.
type event string

const (
	eventVerify     event = "verify"     // the address is proved, by link or by hand
	eventApprove    event = "approve"    //
	eventReject     event = "reject"     //
	eventReconsider event = "reconsider" // an administrator takes a rejection back
	eventReapply    event = "reapply"    // a rejected person proved the address once more
	eventCorrect    event = "correct"    // the address was mistyped
)

// A move says what an event does in a status: nothing at all when it has
// happened already (stay), its effects (take), or a refusal.
type move struct {
	takes   bool
	refusal *Error
}

var (
	take = move{takes: true}
	stay = move{}
)

func refuse(code Code, message string) move {
	return move{refusal: &Error{Code: code, Message: message}}
}

var (
	notVerified  = refuse(CodeNotVerified, "User email is not verified")
	notRejected  = refuse(CodeConflict, "User is not rejected")
	wasRejected  = refuse(CodeConflict, "User was rejected; reconsider the rejection first")
	isActive     = refuse(CodeConflict, "User is already active")
	isPastProof  = refuse(CodeConflict, "The e-mail address can only be corrected before it is confirmed")
	alreadyAsked = refuse(CodeAlreadyConfirmed, "Invalid or expired sign up token")
)

// moves is the state machine: every event in every status. The package comment
// draws it.
var moves = map[Status]map[event]move{
	StatusUnconfirmed: {
		eventVerify: take, eventApprove: notVerified, eventReject: notVerified,
		eventReconsider: notRejected, eventReapply: alreadyAsked, eventCorrect: take,
	},
	StatusPendingApproval: {
		eventVerify: take, eventApprove: take, eventReject: take,
		eventReconsider: notRejected, eventReapply: alreadyAsked, eventCorrect: isPastProof,
	},
	StatusActive: {
		eventVerify: take, eventApprove: stay, eventReject: isActive,
		eventReconsider: notRejected, eventReapply: alreadyAsked, eventCorrect: isPastProof,
	},
	StatusRejected: {
		eventVerify: wasRejected, eventApprove: wasRejected, eventReject: stay,
		eventReconsider: take, eventReapply: take, eventCorrect: isPastProof,
	},
}

// on looks the event up. It returns whether the effects are to happen.
func (u User) on(e event) (bool, error) {
	m := moves[u.Status()][e]
	if m.refusal != nil {
		return false, m.refusal
	}
	if e == eventVerify && !u.VerifiedAt.IsZero() {
		return false, nil
	}
	return m.takes, nil
}
