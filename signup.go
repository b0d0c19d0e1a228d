// Package signup adds sign-up to a self-hosted application: a person registers
// and verifies their email address with a single-use token, an administrator
// approves the sign-up if the operator requires it, and the account is active.
//
// Start with [New]: it makes a [Service] from a [Store] (packages sqlite and
// postgres), a [Writer] of letters (package letters) and [Links]. The folder
// examples/embed contains a complete program. A Service has three handles:
//
//   - The Service itself has the operations of the person who signs up:
//     [Service.SignUp], [Service.ConfirmAs] (or [Service.Confirm]) and
//     [Service.Disown]. [Service.Resend], [Service.SignUpStatus],
//     [Service.ResendByTicket] and [Service.CorrectByTicket] help a person who
//     waits. Check [User.Active] of [Service.User] before you let somebody in.
//     [Service.RequestPasswordReset] and [Service.ResetPassword] help somebody
//     who is in and forgot the password.
//   - [Service.As] returns the operations of an administrator: [Admin.Approve],
//     [Admin.Reject], [Admin.Reconsider], [Admin.Users] and others.
//   - [Service.Post] returns the operations of the mail queue; package outbox
//     calls them.
//
// The life of a sign-up in twelve of them:
//
//	svc, err := signup.New(store, signup.Options{Letters: letters, Links: links})
//
//	receipt, err := svc.SignUp(ctx, registration)      // stores the sign-up, and owes the link
//	letter, err := svc.Post().Compose(ctx, mailID)     // the queue has the letter written,
//	err = svc.Post().MailSent(ctx, mailID, "250 OK")   // and records that it was sent
//	status, err := svc.SignUpStatus(ctx, ticket)       // where it stands, for the browser that signed up
//	err = svc.ResendByTicket(ctx, ticket)              // another link
//	err = svc.CorrectByTicket(ctx, ticket, address)    // the address was mistyped
//	done, err := svc.ConfirmAs(ctx, token, claimant)   // the link was opened
//	err = svc.Disown(ctx, token)                       // "this was not me"
//
//	user, err := svc.As(actor).Approve(ctx, done.UserID)
//	user, err = svc.As(actor).Reject(ctx, done.UserID, reason, note)
//	user, err = svc.As(actor).Reconsider(ctx, done.UserID)
//
//	user, err = svc.User(ctx, done.UserID)             // let them in if user.Active()
//
// These operations do not send mail. They store the mail that a change owes in
// the transaction of the change, and package outbox sends it later.
//
// # Addresses
//
// Every sign-up is a [User] of its own. Any number of users can have the same
// address until one of them verifies it: that user then holds the address, and
// the others stay unconfirmed until they lapse. Signing up with an address that
// somebody holds looks the same from outside, but no link is mailed for it; the
// holder gets a note instead.
//
// # States
//
// A user's [Status] is computed from stored facts. These are its transitions:
//
//	                 verify                     approve
//	┌─────────────┐  (approval   ┌───────────┐           ┌────────┐ disable ┌──────────┐
//	│ unconfirmed ├─ required) ─►│ pending_  ├──────────►│ active ├────────►│ disabled │
//	└──┬───────┬──┘              │ approval  │           │        │◄────────┤          │
//	   │       │ verify          └─┬──────▲──┘           └────▲───┘  enable └──────────┘
//	   │       └──────────────────────────────────────────────┘
//	   ▼ lapse                     │      │
//	  gone                  reject │      │ reconsider
//	   ▲                         ┌─▼──────┴──┐
//	   └──────────── erase ──────┤ rejected  │
//	                             └───────────┘
//
// A sign-up starts as unconfirmed, pending_approval or active, as the settings
// require at that time. The requirements are stored with the user, so a later
// change of the settings leaves nobody stuck.
//
// # Errors
//
// An error of type [refusal.Error] or [refusal.Errors] is a refusal and may be
// shown to the person. Any other error is a fault: log it, but do not show it. A
// fault that wraps [ErrBusy] may go away if the call is repeated.
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

	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// Options configure a Service.
type Options struct {
	Letters Writer           // nil: mail is not configured, and no mail is ever owed
	Links   Links            // required if Letters is set
	Hasher  *password.Hasher // nil: password.DefaultParams and one concurrent hash per core
	Fields  field.List       // the operator's extra sign-up fields

	// TermsVersion is the version of the operator's terms of use, at most 250
	// characters. If set, a sign-up must accept that version.
	TermsVersion string

	// MailLimits limit the mails to one mailbox that signing up, requesting a
	// link, a new password or another address, and correcting an address can cause. Mails beyond the limits wait.
	// Sub-addresses such as a+b@example.com get half of them. Nil means
	// 2 in a minute, 5 in an hour and 10 in a day; an empty list means no limit.
	MailLimits []Limit

	// ConfirmNeedsProof makes Confirm refuse a token alone, with
	// refusal.PasswordRequired, while several sign-ups have its address.
	ConfirmNeedsProof bool

	// Chats are the names, each of at most 64 characters, of the chats that get
	// notices about users who wait for approval, in addition to the
	// administrators. A Sender finds the name in Letter.Channel.
	Chats []string

	// Reaches, if set, reports whether mail can be sent to an address, given as
	// typed. SignUp, CreateAdmin, CorrectEmail, CorrectByTicket and ChangeEmail
	// refuse an address for which it returns false.
	Reaches func(email string) bool

	// An administrator's session ends SessionIdle after its last use, and
	// SessionLifetime after the sign-in. 0 means 2 hours and 7 days.
	SessionIdle     time.Duration
	SessionLifetime time.Duration

	// UndoRejection is how long after a rejection Admin.UndoRejection works.
	// 0 means 30 days.
	UndoRejection time.Duration

	// OnActive, if set, is called in the transaction that makes a user active,
	// however that came about, so that an application can store its own row in
	// the same database: see the functions SQL of packages postgres and sqlite.
	// It succeeds at most once for each time that a user becomes active, but may
	// run more often, because a transaction may run again; see Store.Update.
	//
	// An error rolls everything back: the user is not active, and a link that was
	// opened is not spent. A refusal.Error is returned to whoever made the user
	// active, and shown to them; it should be refusal.UsernameTaken,
	// refusal.EmailTaken or refusal.Conflict, with the Field. Any other error is a
	// fault, which must not wrap an error of this package unless a statement of the
	// transaction returned it.
	OnActive func(ctx context.Context, tx Tx, u User) error

	// OnRemoved, if set, is called in the transaction that removes an active or
	// disabled user, before the user's row is deleted, under the rules of OnActive.
	// Sign-ups that were never active are removed without it.
	OnRemoved func(ctx context.Context, tx Tx, u User) error

	// OnChanged, if set, is called in the transaction that changes something about
	// an active or disabled user that an application may have stored, after the
	// change and under the rules of OnActive: the name, the username, the role, the
	// password, the address, that the address was verified after all, or that the
	// user was disabled or enabled. u is the user as changed; keep the user out
	// unless u.Active(). It is not called when the same password is hashed anew at a
	// sign-in: the hash that was stored still verifies it.
	OnChanged func(ctx context.Context, tx Tx, u User) error

	// Taken, if set, reports what an application has in a table of its own, given
	// an email address and a username as typed: "username", "email", or "" for
	// neither; "username" if it has both. An empty username is not asked about.
	//
	// A sign-up or correction with something taken is refused, except that while
	// the settings conceal taken addresses, it works as with an address that a
	// user holds: nobody gets a link, and the mailbox gets a note. So that the
	// response time tells nothing either, Taken should take as long for an address
	// that the application has as for another one.
	//
	// It is called outside any transaction. Two people can sign up at once, and
	// somebody may get an address there later, so OnActive has the last word.
	Taken func(ctx context.Context, email, username string) (field string, err error)

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: nothing is logged

	// Keep is called before a lapsed or rejected sign-up is deleted, in the
	// transaction that deletes it, and when such sign-ups are listed. If it
	// returns true, the user stays. It may be called more than once. Nil keeps
	// nobody.
	Keep func(User) bool
}

const maxChatName = 64 // characters

// A Service implements the rules of signing up. It is safe for concurrent use.
type Service struct {
	store    Store
	o        Options
	noAdmins atomic.Bool // a user waits for approval and there is nobody to notify
}

// New returns a Service. It fails if the options are invalid.
func New(store Store, o Options) (*Service, error) {
	if store == nil {
		return nil, errors.New("signup: New needs a store")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Service{store: store, o: o.withDefaults()}, nil
}

// check refuses invalid options.
func (o Options) check() error {
	if o.Letters != nil && (o.Links.Confirm == nil || o.Links.Login == nil || o.Links.Review == nil) {
		return errors.New("signup: Options.Links must be complete when Letters is set")
	}
	if err := o.checkLimits(); err != nil {
		return err
	}
	for _, chat := range o.Chats {
		if n := utf8.RuneCountInString(chat); n == 0 || n > maxChatName {
			return fmt.Errorf("signup: each of Options.Chats must have 1 to %d characters", maxChatName)
		}
	}
	if err := o.Fields.Check(); err != nil {
		return fmt.Errorf("signup: extra fields: %w", err)
	}
	return checkTermsOptions(o)
}

// withDefaults replaces zero values with the defaults.
func (o Options) withDefaults() Options {
	if o.Hasher == nil {
		o.Hasher = password.NewHasher(password.DefaultParams(), 0, 0)
	}
	if o.MailLimits == nil {
		o.MailLimits = defaultMailLimits()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.SessionIdle = cmp.Or(o.SessionIdle, defaultSessionIdle)
	o.SessionLifetime = cmp.Or(o.SessionLifetime, defaultSessionLifetime)
	o.UndoRejection = cmp.Or(o.UndoRejection, defaultUndoRejection)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Reaches == nil {
		o.Reaches = func(string) bool { return true }
	}
	if o.Keep == nil {
		o.Keep = func(User) bool { return false }
	}
	return o
}

// checkLimits refuses invalid limits and durations.
func (o Options) checkLimits() error {
	if slices.ContainsFunc(o.MailLimits, func(l Limit) bool { return l.N < 1 || l.Per <= 0 }) {
		return errors.New("signup: each of Options.MailLimits must allow at least 1 event in a period longer than 0")
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

// now returns the current time in the precision that a store keeps.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Millisecond) }

// newID returns a version 7 UUID (RFC 9562), so that IDs sort by time.
func (s *Service) newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return id.String(), nil
}

// Ping makes a round trip to the database.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }

// User returns the user with this ID, or refuses with refusal.UserNotFound.
func (s *Service) User(ctx context.Context, id int64) (User, error) {
	return peek(ctx, s, func(r Reader) (User, error) { return userByID(ctx, r, id) })
}

// FindUser returns the user with this username or email address, ignoring case.
// If several users have the address, it returns the one who holds it. It refuses
// with refusal.UserNotFound, or with refusal.Conflict when several users have the
// address and none of them holds it.
func (s *Service) FindUser(ctx context.Context, name string) (User, error) {
	u, err := s.userOfLogin(ctx, name)
	if err != nil || u.ID != 0 {
		return u, err
	}
	email, refused := identity.ParseEmail(name)
	if refused != nil {
		return User{}, errUserNotFound()
	}
	users, err := peek(ctx, s, func(r Reader) ([]User, error) { return r.Users(ctx, UserQuery{EmailKey: email.Key, Limit: 2}) })
	switch {
	case err != nil:
		return User{}, err
	case len(users) == 0:
		return User{}, errUserNotFound()
	case len(users) > 1:
		return User{}, refusal.New(refusal.Conflict, "Several users have this email address; use a username or an ID instead")
	}
	return users[0], nil
}

func errUserNotFound() *refusal.Error { return refusal.New(refusal.UserNotFound, "User not found") }

// userByID returns the user, and turns ErrNotFound into refusal.UserNotFound.
func userByID(ctx context.Context, r Reader, id int64) (User, error) {
	u, err := r.User(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return User{}, errUserNotFound()
	}
	return u, err
}
