package signup

import (
	"context"
	"time"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
)

// A Store persists everything. Package storetest tests implementations against
// this contract.
//
// Times passed to a store are UTC with a precision of milliseconds and MUST be
// returned unchanged. A store MUST NOT read the clock: the current time is always
// an argument. A store contains no business rules.
type Store interface {
	// Update runs fn in a read-write transaction. It MUST commit when fn returns
	// nil, MUST roll back otherwise, and MUST return fn's error, possibly
	// wrapped. It MAY run fn again from the start when the database requires it
	// (serialisation failure, busy, ErrStale), so fn MUST change nothing but the
	// Tx and variables that it resets at its start.
	//
	// User, UserByEmailKey, UserByUsernameKey, Mail, SpendToken, SpendAccountToken
	// and HoldAddress, called inside Update, MUST lock what they find (the user, the user of the
	// mail or token, the address) until the update ends: another update that asks
	// for it waits, and then sees what this one wrote. Everything else is decided
	// by unique indexes and conditional statements.
	//
	// A store MAY send a write or HoldAddress later than the call, together with
	// the next statement that reads, but no later than the commit. That
	// statement, or Update, then returns the error that the call would have
	// returned.
	//
	// If the database cannot run the transaction in time, the error wraps ErrBusy
	// and nothing was changed. A cancelled context MUST end the update and roll
	// it back. If the outcome of the commit cannot be determined, the error wraps
	// ErrInDoubt.
	Update(ctx context.Context, fn func(Tx) error) error

	// View runs fn in a read-only transaction on one snapshot.
	View(ctx context.Context, fn func(Reader) error) error

	// Peek runs fn with a Reader whose every call sees what is committed at that
	// moment. It is cheaper than View, and meant for a single call, or for
	// several that need not be consistent with each other.
	Peek(ctx context.Context, fn func(Reader) error) error

	// Ping makes a round trip to the database.
	Ping(ctx context.Context) error
}

// A Reader reads. A method that returns a single row MUST return ErrNotFound,
// possibly wrapped, when the row does not exist; a list is empty instead.
type Reader interface {
	// Settings returns the rows that PutSettings stored.
	Settings(ctx context.Context) (map[string]string, error)

	User(ctx context.Context, id int64) (User, error)
	// UserByEmailKey returns the user who holds the address: User.HoldsAddress.
	UserByEmailKey(ctx context.Context, key string) (User, error)
	// UserByUsernameKey returns the user with this username who is not rejected,
	// or else the rejected one with the greatest ID.
	UserByUsernameKey(ctx context.Context, key string) (User, error)
	// Users returns a page of users in order of ID, newest first unless q says
	// otherwise.
	Users(ctx context.Context, q UserQuery) ([]User, error)
	// CountUsers returns the number of users that Users would return without
	// Before, After and Limit.
	CountUsers(ctx context.Context, q UserQuery) (int, error)
	// UsersByID returns those of the users who exist, in order of ID.
	UsersByID(ctx context.Context, ids []int64) ([]User, error)
	// AddressUses returns, for each of the keys, who holds the address and how
	// many unconfirmed users have it. Keys that no user has may be missing.
	AddressUses(ctx context.Context, keys []string) (map[string]AddressUse, error)
	// Unreminded returns at most limit users that q describes, oldest first.
	Unreminded(ctx context.Context, q ReminderQuery, limit int) ([]User, error)
	// Lapsed returns at most limit users that q describes, in order of ID.
	Lapsed(ctx context.Context, q LapsedQuery, limit int) ([]User, error)

	// Token returns the token with this hash, whether or not it is used or
	// expired.
	Token(ctx context.Context, hash string) (SignUpToken, error)
	// AccountToken returns the token with this hash, whether or not it is used or
	// expired.
	AccountToken(ctx context.Context, hash string) (AccountToken, error)
	// Ticket returns the ticket with this hash, whether or not it is expired.
	Ticket(ctx context.Context, hash string) (Ticket, error)

	Mail(ctx context.Context, id string) (Mail, error)
	// Mails returns a page of mails, newest first. It returns ErrNotFound if
	// there is no mail with the ID q.Before.
	Mails(ctx context.Context, q MailQuery) ([]Mail, error)
	// MailAttempts returns the attempts to send a mail, in the order they were
	// stored.
	MailAttempts(ctx context.Context, mailID string) ([]MailAttempt, error)
	// AddressMails returns at most limit times that AddAddressMail stored under
	// the hash, latest first.
	AddressMails(ctx context.Context, hash string, limit int) ([]time.Time, error)

	// Waiting reports which work is waiting to be done in the background.
	Waiting(ctx context.Context) (Waiting, error)
	// CountNoticed returns the number of users with NoticedAt after since, but at
	// most limit.
	CountNoticed(ctx context.Context, since time.Time, limit int) (int, error)

	// APIKeyByHash returns the key with this hash, whether or not it is revoked.
	APIKeyByHash(ctx context.Context, hash string) (APIKey, error)
	// APIKeys returns all keys, oldest first.
	APIKeys(ctx context.Context) ([]APIKey, error)

	// Audit returns a page of events, newest first.
	Audit(ctx context.Context, q AuditQuery) ([]AuditEvent, error)
	// EventEnd returns where the list that EventsAfter reads ends.
	EventEnd(ctx context.Context) (event.End, error)
	// EventsAfter returns at most limit events with a Position above after, in
	// order of Position; no types means all types.
	EventsAfter(ctx context.Context, after int64, types []event.Type, limit int) ([]AuditEvent, error)
	// CountEvents returns the number of events of a type in the period from since
	// (inclusive) to till (exclusive).
	CountEvents(ctx context.Context, event event.Type, since, till time.Time) (int, error)

	// SessionByHash returns the session with this hash, whether or not it is
	// expired.
	SessionByHash(ctx context.Context, hash string) (Session, error)
	// Sessions returns all sessions of the user, including expired ones, the last
	// created first.
	Sessions(ctx context.Context, userID int64) ([]Session, error)
}

// A Tx reads and writes. A method that writes one row which does not exist, or
// adds a row to a user who does not exist, MUST return ErrNotFound and change
// nothing; a method on a set of rows accepts an empty one. The Tx MUST stay
// usable after ErrNotFound and ErrNameTaken, and after ErrEmailTaken and
// ErrUsernameTaken from CreateUser.
type Tx interface {
	Reader

	PutSettings(ctx context.Context, values map[string]string) error

	// HoldAddress locks an address, whether or not a user has it; see
	// Store.Update. An update that locks both an address and a user MUST lock the
	// address first.
	HoldAddress(ctx context.Context, key string) error

	// CreateUser stores u and returns it with Version 1 and its new ID, which
	// MUST be greater than every ID assigned before. It MUST return
	// ErrUsernameTaken when u is not rejected and another user who is not
	// rejected has the UsernameKey, or else ErrEmailTaken when u and another user
	// would both hold the EmailKey.
	CreateUser(ctx context.Context, u User) (User, error)
	// UpdateUser stores all fields of u but ID and CreatedAt, and increments
	// Version. It MUST return ErrStale when u.Version is not the stored one, and
	// ErrUsernameTaken and ErrEmailTaken as CreateUser does.
	UpdateUser(ctx context.Context, u User) error
	// DeleteUser deletes the user and everything that belongs to the user, except
	// events.
	DeleteUser(ctx context.Context, id int64) error
	// TakeUnnoticed sets NoticedAt of at most limit users who wait for approval
	// and whose NoticedAt is zero, and increments their Version. It returns them
	// in order of ID. Of any number of concurrent calls only one MUST get a given
	// user, and a call that waited for another MUST see what that one stored.
	TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]User, error)

	CreateToken(ctx context.Context, t SignUpToken) (SignUpToken, error)
	// MarkTokenUsed marks the token with this ID used, whatever its state, and
	// returns it.
	MarkTokenUsed(ctx context.Context, id string) (SignUpToken, error)
	// SpendToken marks the token with this hash used if it is unused and expires
	// after now, in one conditional statement: of any number of concurrent calls
	// exactly one MUST succeed, and the others MUST return ErrNotFound.
	SpendToken(ctx context.Context, hash string, now time.Time) (SignUpToken, error)
	// SupersedeLinks supersedes the owed mails about the user of the kinds
	// MailConfirmation, MailReminder and MailAccountExists.
	SupersedeLinks(ctx context.Context, userID int64, now time.Time) error
	// CloseLinksAt does the same for every user with the address, and marks the
	// unused tokens with the address used.
	CloseLinksAt(ctx context.Context, emailKey string, now time.Time) error

	CreateAccountToken(ctx context.Context, t AccountToken) error
	// SpendAccountToken sets UsedAt of the token with this hash and purpose if it
	// is unused and expires after now, under the rules of SpendToken.
	SpendAccountToken(ctx context.Context, hash string, purpose MailKind, now time.Time) (AccountToken, error)
	// CloseAccountTokens sets UsedAt of the user's unused tokens with this purpose.
	CloseAccountTokens(ctx context.Context, userID int64, purpose MailKind, now time.Time) error

	// PutTicket stores the ticket, replacing one with the same Hash.
	PutTicket(ctx context.Context, t Ticket) error
	// DeleteTickets removes every ticket of the user.
	DeleteTickets(ctx context.Context, userID int64) error

	// AddLinkRequest stores a request, unless one with the same Kind, EmailKey and
	// UsernameKey is already stored.
	AddLinkRequest(ctx context.Context, r LinkRequest) error
	// TakeLinkRequests deletes and returns at most limit requests, oldest first.
	// Of any number of concurrent calls only one MUST get a given request.
	TakeLinkRequests(ctx context.Context, limit int) ([]LinkRequest, error)

	// AddAddressMail stores that a mail was sent to an address, under the hash of
	// its limit key. The row belongs to no user and is not deleted with one.
	AddAddressMail(ctx context.Context, hash string, at time.Time) error
	// RemoveAddressMail removes what AddAddressMail stored under the hash with
	// this time, if anything.
	RemoveAddressMail(ctx context.Context, hash string, at time.Time) error

	// AddMail stores the mail owed, replacing one with the same ID, and ensures
	// that it will be sent after the commit, and only then.
	AddMail(ctx context.Context, m Mail) error
	// UpdateMail stores Kind, State, Attempts, TryingSince, LastAttemptAt,
	// NextAttemptAt, EndedAt and LastAnswer of the mail with this ID, and adds
	// the attempts.
	UpdateMail(ctx context.Context, m Mail, attempts ...MailAttempt) error
	// SupersedeMails supersedes the owed mails of this kind about the user.
	SupersedeMails(ctx context.Context, userID int64, kind MailKind, now time.Time) error

	// CreateAPIKey stores the key. It MUST return ErrNameTaken when a key that is
	// not revoked has the name.
	CreateAPIKey(ctx context.Context, k APIKey) error
	// RevokeAPIKey sets RevokedAt of the key with this ID, if it is not revoked.
	RevokeAPIKey(ctx context.Context, id string, now time.Time) error
	// TouchAPIKey sets UsedAt of the key with this ID.
	TouchAPIKey(ctx context.Context, id string, at time.Time) error

	// AddAudit stores an event that has no Position yet.
	AddAudit(ctx context.Context, e AuditEvent) error
	// NumberEvents assigns the next Positions to at most limit events without one,
	// in order of ID, and returns their number. Updates that call it MUST commit
	// one after the other, so that a reader who sees a Position sees all lower
	// ones.
	NumberEvents(ctx context.Context, limit int) (int, error)

	CreateSession(ctx context.Context, s Session) error
	// TouchSession stores SeenAt and ExpiresAt of the session.
	TouchSession(ctx context.Context, s Session) error
	// DeleteSessions deletes the user's session with this ID, or all of the
	// user's sessions if id is "". It returns the number deleted; 0 is not an
	// error.
	DeleteSessions(ctx context.Context, userID int64, id string) (int, error)

	// DeleteOld deletes at most limit rows that were obsolete at the time before,
	// oldest first, and returns their number. Concurrent calls MUST be harmless.
	DeleteOld(ctx context.Context, rows OldRows, before time.Time, limit int) (int, error)
}

// OldRows names a kind of rows that Tx.DeleteOld deletes.
type OldRows string

// The kinds of rows that Tx.DeleteOld deletes.
const (
	OldTokens       OldRows = "tokens"        // with ExpiresAt before the time: of sign-ups, and then of accounts
	OldTickets      OldRows = "tickets"       // with ExpiresAt before the time
	OldSessions     OldRows = "sessions"      // with ExpiresAt before the time
	OldMails        OldRows = "mails"         // with EndedAt before the time, and their attempts
	OldAddressMails OldRows = "address_mails" // sent before the time
)

// Waiting says which work is waiting to be done in the background.
type Waiting struct {
	Unnoticed    bool // a user who waits for approval has a zero NoticedAt
	LinkRequests bool // there are link requests
}

// An AddressUse says who uses an address.
type AddressUse struct {
	HolderID    int64 // the user who holds it; 0 for nobody
	Unconfirmed int   // how many unconfirmed users have it
}

// A UserQuery selects users. Zero fields match everything.
type UserQuery struct {
	Status      Status
	Role        Role
	EmailKey    string
	Search      string // substring of what SearchText returns; compared by SearchKey, taken literally
	Before      int64  // only IDs below this; 0 for all
	After       int64  // only IDs above this
	OldestFirst bool   // in ascending order of ID
	Limit       int    // maximum number of results; 0 means 100
}

// A MailQuery selects mails. Zero fields match everything.
type MailQuery struct {
	UserID      int64 // only mails about this user; 0 for all
	Kind        MailKind
	State       delivery.State
	Tried       *bool     // true: only mails tried at least once; false: only mails never tried; nil: both
	CreatedTill time.Time // only mails created at this time or before; zero for all
	Before      string    // only mails that follow the mail with this ID in the list
	Limit       int       // maximum number of results; 0 means 100
}

// A ReminderQuery describes users who may be reminded: members with OriginSignUp
// who are unconfirmed and were never reminded, whose address no mail server
// refused and nobody holds, who are the latest unconfirmed user with the address,
// to whom no mail is owed, and who were created after CreatedAfter and not after
// CreatedTill.
type ReminderQuery struct {
	CreatedAfter time.Time
	CreatedTill  time.Time
}

// An AuditQuery selects events. Zero fields match everything.
type AuditQuery struct {
	UserID int64
	Type   event.Type
	Actor  Actor
	Since  time.Time // at this time or later; zero for all
	Till   time.Time // before this time; zero for all
	Before int64     // only IDs below this; 0 for all
	Limit  int       // maximum number of results; 0 means 100
}

// A LapsedQuery describes users whose sign-up may be deleted: members with
// OriginSignUp who either
//
//   - are unconfirmed, were never approved, were created before
//     UnconfirmedBefore, and whose LinkAskedAt is zero or before LinkBefore; or
//   - were rejected before RejectedBefore;
//
// and to whom no mail is owed, other than one with no Attempts and a
// NextAttemptAt, which is waiting for the mail limits.
type LapsedQuery struct {
	UnconfirmedBefore time.Time
	LinkBefore        time.Time
	RejectedBefore    time.Time
	After             int64 // only IDs above this
	Only              int64 // only this ID; 0 for all
}

// A LinkRequest is a request, not answered yet, to mail a link to an address. What is mailed is decided after the response, so that the response
// time reveals nothing.
type LinkRequest struct {
	Kind        MailKind // MailConfirmation for another link of a sign-up, or MailPasswordReset
	EmailKey    string
	UsernameKey string // only for the sign-up with this username; "" for any
	At          time.Time
}
