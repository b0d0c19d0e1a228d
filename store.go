package signup

import (
	"context"
	"time"
)

// A Store keeps everything. Package storetest holds every implementation to
// this contract.
//
// Times passed to a store are UTC with a precision of milliseconds and MUST
// come back equal. A store MUST NOT read the clock: now is always an argument.
// No rule lives in a store.
type Store interface {
	// Update runs fn in a transaction that can write. It MUST commit when fn
	// returns nil, MUST roll back otherwise, and MUST return fn's error
	// unchanged or wrapped. It MAY run fn again, from the start, when the
	// database asks for it (serialisation, busy, ErrStale), so fn MUST touch
	// nothing but the Tx and what it sets anew at its start. Two updates
	// behave as if one ran after the other as far as the unique keys and the
	// conditional verbs below decide. When the database has no room in time,
	// the error wraps ErrBusy and nothing was done. A cancelled context MUST
	// end it, rolled back. Where a commit's answer is lost for good, the error
	// wraps ErrInDoubt.
	Update(ctx context.Context, fn func(Tx) error) error

	// View runs fn in a transaction that only reads, on one snapshot.
	View(ctx context.Context, fn func(Reader) error) error

	// Peek runs fn with a Reader each verb of which sees what is committed by
	// then. It costs less than a View, and is meant for one verb, or for several
	// whose answers need not be of one moment.
	Peek(ctx context.Context, fn func(Reader) error) error

	// Ping does a round trip to the database.
	Ping(ctx context.Context) error
}

// A Reader reads. A verb that names one row MUST return ErrNotFound, wrapped
// or not, when the row does not exist; a list is empty instead.
type Reader interface {
	// Settings returns the rows that PutSettings stored.
	Settings(ctx context.Context) (map[string]string, error)

	User(ctx context.Context, id int64) (User, error)
	UserByEmailKey(ctx context.Context, key string) (User, error)
	// UserByUsernameKey finds the holder of a reserved username.
	UserByUsernameKey(ctx context.Context, key string) (User, error)
	// Users returns a page in order of id, newest first.
	Users(ctx context.Context, q UserQuery) ([]User, error)

	// Waiting lists users, the oldest first.
	Waiting(ctx context.Context, q WaitingQuery) ([]User, error)
	// CountUsers counts what Users would return without Before and Limit.
	CountUsers(ctx context.Context, q UserQuery) (int, error)

	// ValidToken is the token with this hash that is unused and expires after now.
	ValidToken(ctx context.Context, hash string, now time.Time) (SignUpToken, error)
	// Token is the token with this hash, whatever became of it.
	Token(ctx context.Context, hash string) (SignUpToken, error)
	// HasValidToken reports whether the user has a token that works at now.
	HasValidToken(ctx context.Context, userID int64, now time.Time) (bool, error)

	Claim(ctx context.Context, id string) (Claim, error)
	// Claims lists the user's claims, oldest first.
	Claims(ctx context.Context, userID int64) ([]Claim, error)

	Ticket(ctx context.Context, hash string) (Ticket, error)
	// Tickets lists the tickets about the user, in any order.
	Tickets(ctx context.Context, userID int64) ([]Ticket, error)

	Mail(ctx context.Context, id string) (Mail, error)
	// Mails returns a page, newest first.
	Mails(ctx context.Context, q MailQuery) ([]Mail, error)

	// MailAttempts lists the attempts to send a mail, oldest first.
	MailAttempts(ctx context.Context, mailID string) ([]MailAttempt, error)

	// HasUnnoticed reports whether any user waits for approval whose NoticedAt
	// is zero.
	HasUnnoticed(ctx context.Context) (bool, error)
	// CountNoticed counts users with NoticedAt after since, at most most.
	CountNoticed(ctx context.Context, since time.Time, most int) (int, error)
	// Unreminded lists the users that q describes, the oldest first, at most limit.
	Unreminded(ctx context.Context, q ReminderQuery, limit int) ([]User, error)

	// Lapsed lists users in order of id, at most limit, that q describes.
	Lapsed(ctx context.Context, q LapsedQuery, limit int) ([]User, error)

	// APIKeyByHash finds a key whether revoked or not.
	APIKeyByHash(ctx context.Context, hash string) (APIKey, error)
	// APIKeys lists all keys, oldest first.
	APIKeys(ctx context.Context) ([]APIKey, error)

	// Audit returns a page, newest first.
	Audit(ctx context.Context, q AuditQuery) ([]AuditEvent, error)
	// CountEvents counts the events of an action at since or later and before till.
	CountEvents(ctx context.Context, action string, since, till time.Time) (int, error)

	// SessionByHash is the session with this hash, expired or not.
	SessionByHash(ctx context.Context, hash string) (Session, error)
	// Sessions lists the user's sessions, expired ones too, newest first.
	Sessions(ctx context.Context, userID int64) ([]Session, error)
}

// A Tx reads and writes. A verb that names a row which does not exist, or a
// user that a new row is to hang on, MUST return ErrNotFound and change
// nothing; a verb on a set of rows is content with an empty one. The Tx MUST
// stay usable after ErrNotFound, ErrEmailExists from CreateUser,
// ErrUsernameReserved and ErrNameTaken.
type Tx interface {
	Reader

	PutSettings(ctx context.Context, values map[string]string) error

	// CreateUser stores u and returns it with its new id, which MUST be
	// greater than every id given out before, and Version 1. It MUST return
	// ErrEmailExists when the EmailKey has a user.
	CreateUser(ctx context.Context, u User) (User, error)
	// UpdateUser stores all of u but ID and CreatedAt, and raises Version by
	// one. It MUST return ErrStale when u.Version is not the stored one, and
	// ErrEmailExists when another user has the EmailKey.
	UpdateUser(ctx context.Context, u User) error
	// DeleteUser removes the user with all that hangs on it, but no audit events.
	DeleteUser(ctx context.Context, id int64) error

	// ReserveUsername gives the key to the user. It MUST succeed when the user
	// holds it already and MUST return ErrUsernameReserved when another does, or
	// when it is held for another until after now.
	ReserveUsername(ctx context.Context, key string, userID int64, now time.Time) error
	// ReleaseUsernames frees every key the user holds except keep.
	ReleaseUsernames(ctx context.Context, userID int64, keep string) error
	// HoldUsername keeps others from reserving the key before until, without
	// giving it to the user. It MUST return ErrUsernameReserved when another has
	// it, or when it is held for another until after now.
	HoldUsername(ctx context.Context, key string, userID int64, now, until time.Time) error
	// LetGoUsername ends HoldUsername, if it is held for the user.
	LetGoUsername(ctx context.Context, key string, userID int64) error
	// DeleteExpiredUsernames is DeleteExpiredTokens for usernames that were held.
	DeleteExpiredUsernames(ctx context.Context, cutoff time.Time, limit int) (int, error)

	CreateToken(ctx context.Context, t SignUpToken) (SignUpToken, error)
	// MarkTokenUsed sets used by id, whatever the token's state, and returns it.
	MarkTokenUsed(ctx context.Context, id string) (SignUpToken, error)
	// SpendToken marks the token with this hash used if it is unused and
	// expires after now, in one conditional statement: of any number of
	// concurrent calls exactly one MUST get it, the others ErrNotFound.
	SpendToken(ctx context.Context, hash string, now time.Time) (SignUpToken, error)
	// SpendUserTokens marks all unused tokens of the user used.
	SpendUserTokens(ctx context.Context, userID int64) error
	// SpendTokensOf marks the unused tokens of one sign-up used: of a claim of
	// the user, or of the user's own, which is "".
	SpendTokensOf(ctx context.Context, userID int64, claimID string) error
	// DeleteExpiredTokens removes at most limit tokens with ExpiresAt before
	// cutoff and returns how many. Two at once MUST be harmless.
	DeleteExpiredTokens(ctx context.Context, cutoff time.Time, limit int) (int, error)

	CreateClaim(ctx context.Context, c Claim) error
	// DeleteClaim removes one claim. Its tokens stay, and MUST keep its id.
	DeleteClaim(ctx context.Context, id string) error
	// DeleteClaims removes all claims of the user.
	DeleteClaims(ctx context.Context, userID int64) error

	// AdoptClaim removes a claim as DeleteClaim does; its tokens, mails and
	// tickets become the user's own: their claim is "".
	AdoptClaim(ctx context.Context, c Claim) error

	CreateTicket(ctx context.Context, t Ticket) error
	// UpdateTicket stores all of t but Hash, CreatedAt and ExpiresAt.
	UpdateTicket(ctx context.Context, t Ticket) error
	DeleteTicket(ctx context.Context, hash string) error
	// DeleteExpiredTickets is DeleteExpiredTokens for tickets.
	DeleteExpiredTickets(ctx context.Context, cutoff time.Time, limit int) (int, error)

	// AddressMails lists the times, at most so many, the latest first, at which
	// mails to an address were due, by the hash of its key. They belong to no
	// user and outlive all.
	AddressMails(ctx context.Context, hash string, limit int) ([]time.Time, error)
	AddAddressMail(ctx context.Context, hash string, due time.Time) error
	// DeleteAddressMails removes up to limit that were due before, the oldest
	// first, and returns how many.
	DeleteAddressMails(ctx context.Context, before time.Time, limit int) (int, error)

	// AddMail stores the mail owed and sees to it that it will be sent after
	// the commit, and only then.
	AddMail(ctx context.Context, m Mail) error
	// UpdateMail stores State, Attempts, TryingSince, LastAttemptAt, NextAttemptAt,
	// EndedAt and LastAnswer.
	UpdateMail(ctx context.Context, m Mail) error
	// RequeueMail is UpdateMail for a mail that is owed again: it sees to it, as
	// AddMail does, that it will be sent.
	RequeueMail(ctx context.Context, m Mail) error
	// AddMailAttempt stores what came of an attempt, with the mail it belongs to.
	AddMailAttempt(ctx context.Context, a MailAttempt) error
	// DeleteEndedMails removes at most limit mails with EndedAt before cutoff,
	// and their attempts, and returns how many. Two at once MUST be harmless.
	DeleteEndedMails(ctx context.Context, cutoff time.Time, limit int) (int, error)
	// TakeUnnoticed sets NoticedAt of at most limit users who wait for approval
	// and whose NoticedAt is zero, and raises their Version. It returns them by
	// id, lowest first. Of any number of concurrent calls only one MUST get a
	// user, and one that waited for another MUST see what that one has stored.
	TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]User, error)

	// SupersedeMails ends the owed mails of this kind about the user.
	SupersedeMails(ctx context.Context, userID int64, kind MailKind, now time.Time) error

	// CreateAPIKey MUST return ErrNameTaken when a key that is not revoked has the name.
	CreateAPIKey(ctx context.Context, k APIKey) error
	// RevokeAPIKey sets RevokedAt of the key with this name that is not revoked yet.
	RevokeAPIKey(ctx context.Context, name string, now time.Time) error

	AddAudit(ctx context.Context, e AuditEvent) error

	CreateSession(ctx context.Context, s Session) error
	// TouchSession stores SeenAt and ExpiresAt.
	TouchSession(ctx context.Context, s Session) error
	// DeleteSession removes the session with this id if it is the user's.
	DeleteSession(ctx context.Context, userID int64, id string) error
	// DeleteSessions removes all of the user's and returns how many.
	DeleteSessions(ctx context.Context, userID int64) (int, error)
	// DeleteExpiredSessions removes at most limit sessions with ExpiresAt at or
	// before now and returns how many. Two at once MUST be harmless.
	DeleteExpiredSessions(ctx context.Context, now time.Time, limit int) (int, error)

	// DeleteLapsed removes the user if q still describes it, else returns ErrNotFound.
	DeleteLapsed(ctx context.Context, id int64, q LapsedQuery) error
}

// A UserQuery selects users. Zero fields select everything.
type UserQuery struct {
	Status Status
	Role   Role
	Search string // part of name, username or address, without regard to case; taken literally
	Before int64  // only ids below it; 0 for all
	Limit  int    // at most so many; 0 means 100
}

// A WaitingQuery selects users of one status, the oldest first.
type WaitingQuery struct {
	Status Status
	Search string // as in UserQuery
	After  int64  // only ids above it; 0 for all
	Limit  int    // at most so many; 0 means 100
}

// A MailQuery selects mails. Zero fields select everything.
type MailQuery struct {
	UserID      int64 // about this user
	Kind        MailKind
	State       MailState
	Tried       *bool     // only mails that were tried at least once, or never; nil for both
	CreatedTill time.Time // created at or before; zero for all
	Before      string    // only what comes after the mail with this id in the list; ErrNotFound without one
	Limit       int       // at most so many; 0 means 100
}

// A ReminderQuery describes users who may be reminded: members who signed up
// themselves, are unconfirmed, were never reminded, have an address that no
// mail server refused, nobody else's claim on it and no mail owed to them, and
// were created after CreatedAfter and not after CreatedTill.
type ReminderQuery struct {
	CreatedAfter time.Time
	CreatedTill  time.Time
}

// An AuditQuery selects audit events. Zero fields select everything.
type AuditQuery struct {
	UserID int64
	Action string
	Actor  Actor
	Since  time.Time // at or after it; zero for all
	Till   time.Time // before it; zero for all
	Before int64     // only ids below it; 0 for all
	Limit  int       // at most so many; 0 means 100
}

// Filtered reports whether the query asks for anything but everybody's events,
// or one user's, of all kinds or one.
func (q AuditQuery) Filtered() bool {
	return q.UserID == 0 && q.Action != "" || q.Actor != "" || !q.Since.IsZero() || !q.Till.IsZero()
}

// A LapsedQuery describes users whose sign-up may be removed: members who
// signed up themselves and either
//
//   - must verify, never did, were never approved nor rejected, were created
//     before UnconfirmedBefore; or
//   - were rejected before RejectedBefore;
//
// and who have no unused token that expires after Now, which for a rejected
// user is that of a new sign-up, and no mail owed to them.
type LapsedQuery struct {
	Now               time.Time
	UnconfirmedBefore time.Time
	RejectedBefore    time.Time
	After             int64 // for Lapsed: only ids above it
}
