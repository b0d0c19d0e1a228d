// Package webhook has the rules of web hooks: requests that tell other programs
// what happens to users, as Standard Webhooks
// (https://www.standardwebhooks.com) describes. Package webhook/dispatch sends
// them.
//
// A hook reads the list of events (see signup.Admin.Events) from its Position on.
// One transaction moves the position and adds a [Delivery] for each event up to
// there, so that no event is missed or added twice. A delivery is tried until the
// receiver answers 2xx: at least once, and in order for each user. It contains no
// text: the request is made when it is sent.
package webhook

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
)

// A Hook is a URL that events are posted to.
type Hook struct {
	ID    int64
	Name  string // unique
	URL   string
	Types []event.Type // none: all of event.Public

	// Secret signs the requests, and so does OldSecret until OldSecretEndsAt, so
	// that the receiver can change from one to the other in between.
	Secret          Secret
	OldSecret       Secret // zero for none
	OldSecretEndsAt time.Time

	Declared  bool  // in the configuration, which is the only place to change or remove it
	Position  int64 // in the list of events: those up to it have been sent or have a delivery
	CreatedAt time.Time

	DisabledAt  time.Time // zero: enabled
	DisabledWhy string
}

// Enabled reports whether anything is sent.
func (h Hook) Enabled() bool { return h.DisabledAt.IsZero() }

// wants returns the types of events that the hook is told.
func (h Hook) wants() []event.Type {
	if len(h.Types) == 0 {
		return event.Public()
	}
	return h.Types
}

// A Delivery is one event for one hook.
type Delivery struct {
	HookID    int64
	Position  int64 // of the event
	UserID    int64
	Type      event.Type
	CreatedAt time.Time

	Attempts      int
	TryingSince   time.Time // of the first failed attempt since the hook was enabled; zero for none
	LastAttemptAt time.Time // zero for never
	LastAnswer    string

	// NextAttemptAt is when to send it. While it is being sent, that is when it may
	// be sent again if nobody stores what came of it. Zero: never again if it has
	// ended, or else after an earlier delivery about the same user has ended.
	NextAttemptAt time.Time
	EndedAt       time.Time // when the receiver took it; zero for not yet
}

// The states of a delivery.
const (
	Waiting   = "waiting" // for an earlier delivery about the same user
	Owed      = "owed"
	Delivered = "delivered"
)

// State returns one of the states.
func (d Delivery) State() string {
	switch {
	case !d.EndedAt.IsZero():
		return Delivered
	case d.NextAttemptAt.IsZero():
		return Waiting
	default:
		return Owed
	}
}

// A Query selects deliveries of a hook, newest event first.
type Query struct {
	HookID int64
	Owed   bool  // only those that have not ended
	Before int64 // only positions below this; 0 for all
	Limit  int
}

// A Reader reads web hooks. The signup.Reader of a store that can store them has
// these methods, too.
type Reader interface {
	// WebHooks returns all hooks in order of name.
	WebHooks(ctx context.Context) ([]Hook, error)
	WebHook(ctx context.Context, name string) (Hook, error)
	// DueWebHooks returns the enabled hooks that have a delivery with a
	// NextAttemptAt not after now.
	DueWebHooks(ctx context.Context, now time.Time) ([]Hook, error)
	Deliveries(ctx context.Context, q Query) ([]Delivery, error)
	// CountOwed returns the number of deliveries that have not ended.
	CountOwed(ctx context.Context, hookID int64) (int, error)
	// PositionSince returns the lowest position of an event at this time or later,
	// or 0 for none.
	PositionSince(ctx context.Context, since time.Time) (int64, error)
}

// A Tx reads and writes web hooks. The signup.Tx of a store that can store them
// has these methods, too. What signup.Tx says about missing rows holds here. An
// update MUST call HoldWebHook before it writes anything that belongs to a hook.
type Tx interface {
	Reader
	signup.Tx

	// HoldWebHook locks the hook until the update ends, and returns it.
	HoldWebHook(ctx context.Context, id int64) (Hook, error)
	// CreateWebHook stores h and returns it with its ID. It MUST return
	// signup.ErrNameTaken if a hook has the name.
	CreateWebHook(ctx context.Context, h Hook) (Hook, error)
	// UpdateWebHook stores all fields of h but ID, Name and CreatedAt.
	UpdateWebHook(ctx context.Context, h Hook) error
	// DeleteWebHook deletes the hook and its deliveries.
	DeleteWebHook(ctx context.Context, id int64) error

	AddDelivery(ctx context.Context, d Delivery) error
	// AdvanceUser sets NextAttemptAt of the user's first delivery that has not
	// ended, unless it is set.
	AdvanceUser(ctx context.Context, hookID, userID int64, now time.Time) error
	// ClaimDeliveries sets NextAttemptAt of at most limit deliveries with a
	// NextAttemptAt not after now, the lowest first, and returns them.
	ClaimDeliveries(ctx context.Context, hookID int64, limit int, now, till time.Time) ([]Delivery, error)
	// StoreAttempt stores Attempts, TryingSince, LastAttemptAt, NextAttemptAt,
	// LastAnswer and EndedAt of a delivery whose NextAttemptAt is claimedTill.
	StoreAttempt(ctx context.Context, d Delivery, claimedTill time.Time) error
	// RetryDeliveries sets the NextAttemptAt of deliveries that have one to now, and
	// clears their TryingSince.
	RetryDeliveries(ctx context.Context, hookID int64, now time.Time) error
	// DropDeliveries deletes the hook's deliveries from this position on.
	DropDeliveries(ctx context.Context, hookID, position int64) error
	// DeleteOldDeliveries deletes at most limit deliveries that ended before this
	// time, oldest first, and returns their number.
	DeleteOldDeliveries(ctx context.Context, before time.Time, limit int) (int, error)
}
