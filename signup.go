// Package signup lets people sign up for an application that somebody hosts:
// a person registers, proves the e-mail address with a single-use token, an
// administrator approves where the operator asks for it, and the account is
// active.
//
// Start with [New]: it makes a [Service] from a [Store] (packages sqlite and
// others), a [Writer] of letters (package letters) and [Links]. Then
// [Service.SignUp], [Service.Confirm] and [Service.Approve] are the main road,
// and [User.Active] is the question to ask before letting somebody in. The
// folder examples/embed has a whole program.
//
// Mails are owed, never sent, by the verbs: the fact and the mail it owes are
// stored in one transaction, and package outbox sends what is owed.
//
// # States
//
// A user's [Status] is computed from facts; this is how they move it:
//
//	                 verify                     approve
//	┌─────────────┐  (approval   ┌───────────┐           ┌────────┐
//	│ unconfirmed ├─ required) ─►│ pending_  ├──────────►│ active │
//	└──┬───────┬──┘              │ approval  │           └────────┘
//	   │       │ verify          └─┬──────▲──┘                ▲
//	   │       └──────────────────────────────────────────────┘
//	   ▼ lapse                     │      │
//	  gone                  reject │      │ reconsider, reapply
//	   ▲                         ┌─▼──────┴──┐
//	   └──────────── erase ──────┤ rejected  │
//	                             └───────────┘
//
// A sign-up starts as unconfirmed, pending_approval or active, as the settings
// at that time require; what they required is kept with the user, so a later
// change of the settings strands nobody.
//
// # Errors
//
// A refusal is an [Error] (or [Errors]) and may be shown. Any other error is a
// fault: log it, show nothing of it. A fault that wraps [ErrBusy] may go away
// when tried again.
package signup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Options are what a Service needs besides its store.
type Options struct {
	Letters Writer  // nil: mail is not configured, and none is ever owed
	Links   Links   // required with Letters
	Hasher  *Hasher // nil: DefaultPasswordParams, one hashing a core
	Fields  Fields  // the operator's extra sign-up fields

	// TermsVersion is that of the operator's terms of use, at most 250
	// characters. With it, nobody can sign up without accepting that version.
	TermsVersion string

	// MailLimits bound how often strangers can ask for further mails, per
	// address; one answer is a link for each sign-up open there. Nil means
	// DefaultMailLimits; an empty list means no limit.
	MailLimits []Limit

	// SignUpLimits bound the confirmations that signing up has sent to one
	// address, whoever does it; what is beyond them waits. Nil means
	// DefaultSignUpLimits; an empty list means no limit.
	SignUpLimits []Limit

	// Chats are the channels, by names of at most 64 characters, that notices
	// of those who wait for approval go to besides the administrators. A Sender
	// knows them by Letter.Channel.
	Chats []string

	// Reaches, if set, tells whether mail can be sent to an address as it was
	// typed. SignUp, CreateAdmin, CorrectEmail and CorrectByTicket refuse
	// one it is false for.
	Reaches func(email string) bool

	// An administrator's session ends when it was not used for SessionIdle, and
	// SessionLifetime after the sign-in. 0 means the defaults.
	SessionIdle     time.Duration
	SessionLifetime time.Duration

	// UndoRejection is how long after a rejection UndoRejection takes it back.
	// 0 means DefaultUndoRejection.
	UndoRejection time.Duration

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: nothing is logged

	// Keep is asked before a lapsed or rejected sign-up is removed, in the
	// transaction that removes it and when such are listed; true keeps the user.
	// It may be asked more than once. Nil keeps nobody.
	Keep func(User) bool
}

const maxChatName = 64 // characters

// A Service holds the rules of signing up. It is safe for concurrent use.
type Service struct {
	store  Store
	o      Options
	lonely atomic.Bool // somebody waits for approval, and nobody is there to be told
}

// New makes a Service. It fails when the options contradict themselves.
func New(store Store, o Options) (*Service, error) {
	if o.Letters != nil && (o.Links.Confirm == nil || o.Links.Login == nil || o.Links.Review == nil) {
		return nil, errors.New("signup: Options.Links must be complete when Letters is set")
	}
	if err := o.checkLimits(); err != nil {
		return nil, err
	}
	for _, chat := range o.Chats {
		if n := utf8.RuneCountInString(chat); n == 0 || n > maxChatName {
			return nil, fmt.Errorf("signup: the name of a chat must have 1 to %d characters", maxChatName)
		}
	}
	if err := o.Fields.Check(); err != nil {
		return nil, fmt.Errorf("signup: extra fields: %w", err)
	}
	if err := checkTermsOptions(o); err != nil {
		return nil, err
	}
	if o.Hasher == nil {
		o.Hasher = NewHasher(DefaultPasswordParams(), 0, 0)
	}
	if o.MailLimits == nil {
		o.MailLimits = DefaultMailLimits()
	}
	if o.SignUpLimits == nil {
		o.SignUpLimits = DefaultSignUpLimits()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.SessionIdle = cmp.Or(o.SessionIdle, DefaultSessionIdle)
	o.SessionLifetime = cmp.Or(o.SessionLifetime, DefaultSessionLifetime)
	o.UndoRejection = cmp.Or(o.UndoRejection, DefaultUndoRejection)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Reaches == nil {
		o.Reaches = func(string) bool { return true }
	}
	if o.Keep == nil {
		o.Keep = func(User) bool { return false }
	}
	return &Service{store: store, o: o}, nil
}

// checkLimits refuses limits and times that mean nothing.
func (o Options) checkLimits() error {
	for name, limits := range map[string][]Limit{"MailLimits": o.MailLimits, "SignUpLimits": o.SignUpLimits} {
		if slices.ContainsFunc(limits, func(l Limit) bool { return l.N < 1 || l.Per <= 0 }) {
			return fmt.Errorf("signup: Options.%s must be at least 1 in more than no time each", name)
		}
	}
	for name, d := range map[string]time.Duration{
		"SessionIdle": o.SessionIdle, "SessionLifetime": o.SessionLifetime, "UndoRejection": o.UndoRejection,
	} {
		if d < 0 {
			return fmt.Errorf("signup: Options.%s must not be negative", name)
		}
	}
	return nil
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Millisecond) }

// newID makes a UUID, version 7 (RFC 9562), so that ids sort by time.
func (s *Service) newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return id.String(), nil
}

// Ping does a round trip to the database.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }

// audit adds an event to the trail, in the transaction of what it reports.
func (s *Service) audit(ctx context.Context, tx Tx, by Actor, action string, userID int64, detail map[string]string) error {
	return tx.AddAudit(ctx, AuditEvent{At: s.now(), Actor: by, Action: action, UserID: userID, Detail: detail})
}

// userByID turns "not found" into the refusal that names it.
func userByID(ctx context.Context, r Reader, id int64) (User, error) {
	u, err := r.User(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return User{}, &Error{Code: CodeUserNotFound, Message: "User not found"}
	}
	return u, err
}
