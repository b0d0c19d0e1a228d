// Package rows defines the rows of both stores and converts them to and from the
// types of package signup, so that this code exists only once.
//
// Each struct has the fields of the struct that sqlc generates for the table or
// the query, in the same order. The stores convert one into the other, which does
// not compile if a column is missing here.
package rows

import (
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/scope"
)

// A SignUpToken is a row of sign_up_tokens, and what CreateToken stores.
type SignUpToken struct {
	ID        string `db:"id"`
	UserID    int64  `db:"user_id"`
	TokenHash string `db:"token_hash"`
	Address   string `db:"address"`
	CreatedAt Time   `db:"created_at"`
	ExpiresAt Time   `db:"expires_at"`
	Used      bool   `db:"used"`
	EmailKey  string `db:"email_key"`
}

// Signup converts the row to a token.
func (r SignUpToken) Signup() signup.SignUpToken {
	return signup.SignUpToken{
		ID: r.ID, UserID: r.UserID, TokenHash: r.TokenHash, Address: r.Address,
		EmailKey:  r.EmailKey,
		CreatedAt: time.Time(r.CreatedAt), ExpiresAt: time.Time(r.ExpiresAt), Used: r.Used,
	}
}

// OfToken converts a token to its row.
func OfToken(t signup.SignUpToken) SignUpToken {
	return SignUpToken{
		ID: t.ID, UserID: t.UserID, TokenHash: t.TokenHash, Address: t.Address,
		EmailKey:  t.EmailKey,
		CreatedAt: Time(t.CreatedAt), ExpiresAt: Time(t.ExpiresAt), Used: t.Used,
	}
}

// An AccountToken is a row of account_tokens, and what CreateAccountToken stores.
type AccountToken struct {
	Hash      string   `db:"hash"`
	UserID    int64    `db:"user_id"`
	Purpose   string   `db:"purpose"`
	EmailKey  string   `db:"email_key"`
	CreatedAt Time     `db:"created_at"`
	ExpiresAt Time     `db:"expires_at"`
	UsedAt    NullTime `db:"used_at"`
}

// Signup converts the row to a token.
func (r AccountToken) Signup() signup.AccountToken {
	return signup.AccountToken{
		Hash: r.Hash, UserID: r.UserID, Purpose: signup.MailKind(r.Purpose), EmailKey: r.EmailKey,
		CreatedAt: time.Time(r.CreatedAt), ExpiresAt: time.Time(r.ExpiresAt), UsedAt: time.Time(r.UsedAt),
	}
}

// OfAccountToken converts a token to its row.
func OfAccountToken(t signup.AccountToken) AccountToken {
	return AccountToken{
		Hash: t.Hash, UserID: t.UserID, Purpose: string(t.Purpose), EmailKey: t.EmailKey,
		CreatedAt: Time(t.CreatedAt), ExpiresAt: Time(t.ExpiresAt), UsedAt: NullTime(t.UsedAt),
	}
}

// A Ticket is a row of tickets, and what PutTicket stores.
type Ticket struct {
	Hash      string `db:"hash"`
	UserID    int64  `db:"user_id"`
	Resends   int    `db:"resends"`
	AskedAt   Time   `db:"asked_at"`
	CreatedAt Time   `db:"created_at"`
	ExpiresAt Time   `db:"expires_at"`
}

// Signup converts the row to a ticket.
func (r Ticket) Signup() signup.Ticket {
	return signup.Ticket{
		Hash: r.Hash, UserID: r.UserID, Resends: r.Resends,
		AskedAt: time.Time(r.AskedAt), CreatedAt: time.Time(r.CreatedAt), ExpiresAt: time.Time(r.ExpiresAt),
	}
}

// OfTicket converts a ticket to its row.
func OfTicket(t signup.Ticket) Ticket {
	return Ticket{
		Hash: t.Hash, UserID: t.UserID, Resends: t.Resends,
		AskedAt: Time(t.AskedAt), CreatedAt: Time(t.CreatedAt), ExpiresAt: Time(t.ExpiresAt),
	}
}

// A LinkRequest is what TakeLinkRequests returns and, except for Seq, what
// AddLinkRequest stores.
type LinkRequest struct {
	Seq         int64
	EmailKey    string
	UsernameKey string
	At          Time
	Kind        string
}

// Signup converts the row to a request.
func (r LinkRequest) Signup() signup.LinkRequest {
	return signup.LinkRequest{Kind: signup.MailKind(r.Kind), EmailKey: r.EmailKey, UsernameKey: r.UsernameKey, At: time.Time(r.At)}
}

// An AddressMail is a row of address_mails.
type AddressMail struct {
	AddressHash string `db:"address_hash"`
	DueAt       Time   `db:"due_at"`
}

// A Mail is a row of mails.
type Mail struct {
	Seq           int64    `db:"seq"`
	ID            string   `db:"id"`
	Kind          string   `db:"kind"`
	UserID        int64    `db:"user_id"`
	RecipientID   int64    `db:"recipient_id"`
	State         string   `db:"state"`
	Attempts      int      `db:"attempts"`
	CreatedAt     Time     `db:"created_at"`
	LastAttemptAt NullTime `db:"last_attempt_at"`
	EndedAt       NullTime `db:"ended_at"`
	LastAnswer    string   `db:"last_answer"`
	Channel       string   `db:"channel"`
	TryingSince   NullTime `db:"trying_since"`
	NextAttemptAt NullTime `db:"next_attempt_at"`
}

// Signup converts the row to a mail.
func (r Mail) Signup() signup.Mail {
	return signup.Mail{
		ID: r.ID, Kind: signup.MailKind(r.Kind), UserID: r.UserID, RecipientID: r.RecipientID, Channel: r.Channel,
		State: delivery.State(r.State), Attempts: r.Attempts, CreatedAt: time.Time(r.CreatedAt),
		TryingSince: time.Time(r.TryingSince), LastAttemptAt: time.Time(r.LastAttemptAt),
		NextAttemptAt: time.Time(r.NextAttemptAt), EndedAt: time.Time(r.EndedAt), LastAnswer: r.LastAnswer,
	}
}

// A NewMail is what the query AddMail stores.
type NewMail struct {
	ID            string
	Kind          string
	UserID        int64
	RecipientID   int64
	State         string
	Attempts      int
	CreatedAt     Time
	LastAttemptAt NullTime
	EndedAt       NullTime
	LastAnswer    string
	Channel       string
	TryingSince   NullTime
	NextAttemptAt NullTime
}

// OfNewMail converts a new mail to the arguments of AddMail.
func OfNewMail(m signup.Mail) NewMail {
	return NewMail{
		ID: m.ID, Kind: string(m.Kind), UserID: m.UserID, RecipientID: m.RecipientID, Channel: m.Channel,
		State: string(m.State), Attempts: m.Attempts, CreatedAt: Time(m.CreatedAt),
		TryingSince: NullTime(m.TryingSince), LastAttemptAt: NullTime(m.LastAttemptAt),
		NextAttemptAt: NullTime(m.NextAttemptAt), EndedAt: NullTime(m.EndedAt), LastAnswer: Storable(m.LastAnswer),
	}
}

// A ChangedMail is what the query UpdateMail stores.
type ChangedMail struct {
	Kind          string
	State         string
	Attempts      int
	LastAttemptAt NullTime
	EndedAt       NullTime
	LastAnswer    string
	TryingSince   NullTime
	NextAttemptAt NullTime
	ID            string
}

// OfChangedMail converts a mail to the arguments of UpdateMail.
func OfChangedMail(m signup.Mail) ChangedMail {
	n := OfNewMail(m)
	return ChangedMail{n.Kind, n.State, n.Attempts, n.LastAttemptAt, n.EndedAt, n.LastAnswer, n.TryingSince, n.NextAttemptAt, n.ID}
}

// A MailAttempt is a row of mail_attempts.
type MailAttempt struct {
	Seq     int64  `db:"seq"`
	MailID  string `db:"mail_id"`
	At      Time   `db:"at"`
	Phase   string `db:"phase"`
	Answer  string `db:"answer"`
	Outcome string `db:"outcome"`
}

// Signup converts the row to an attempt.
func (r MailAttempt) Signup() signup.MailAttempt {
	return signup.MailAttempt{
		MailID: r.MailID, At: time.Time(r.At), Phase: r.Phase, Answer: r.Answer, Outcome: delivery.Outcome(r.Outcome),
	}
}

// A NewMailAttempt is what the query AddMailAttempt stores.
type NewMailAttempt struct {
	MailID  string
	At      Time
	Phase   string
	Answer  string
	Outcome string
}

// OfNewAttempt converts an attempt to send the mail to the arguments of
// AddMailAttempt.
func OfNewAttempt(mailID string, a signup.MailAttempt) NewMailAttempt {
	return NewMailAttempt{mailID, Time(a.At), Storable(a.Phase), Storable(a.Answer), string(a.Outcome)}
}

// A Setting is a row of settings.
type Setting struct {
	Name  string `db:"name"`
	Value string `db:"value"`
}

// An APIKey is a row of api_keys.
type APIKey struct {
	Seq       int64    `db:"seq"`
	ID        string   `db:"id"`
	Name      string   `db:"name"`
	Hash      string   `db:"hash"`
	CreatedAt Time     `db:"created_at"`
	RevokedAt NullTime `db:"revoked_at"`
	Scopes    string   `db:"scopes"`
	EndsAt    NullTime `db:"ends_at"`
	UsedAt    NullTime `db:"used_at"`
}

// Signup converts the row to a key.
func (r APIKey) Signup() signup.APIKey {
	return signup.APIKey{
		ID: r.ID, Name: r.Name, Hash: r.Hash, CreatedAt: time.Time(r.CreatedAt), RevokedAt: time.Time(r.RevokedAt),
		Scopes: scope.Set(r.Scopes), EndsAt: time.Time(r.EndsAt), UsedAt: time.Time(r.UsedAt),
	}
}

// A NewAPIKey is what the query CreateAPIKey stores.
type NewAPIKey struct {
	ID        string
	Name      string
	Hash      string
	CreatedAt Time
	RevokedAt NullTime
	Scopes    string
	EndsAt    NullTime
	UsedAt    NullTime
}

// OfNewAPIKey converts a new key to the arguments of CreateAPIKey.
func OfNewAPIKey(k signup.APIKey) NewAPIKey {
	return NewAPIKey{k.ID, k.Name, k.Hash, Time(k.CreatedAt), NullTime(k.RevokedAt), string(k.Scopes), NullTime(k.EndsAt), NullTime(k.UsedAt)}
}

// An AuditEvent is a row of audit_events.
type AuditEvent struct {
	ID     int64  `db:"id"`
	At     Time   `db:"at"`
	Actor  string `db:"actor"`
	Action string `db:"action"`
	UserID int64  `db:"user_id"`
	Detail Detail `db:"detail"`

	Position int64 `db:"position"`
}

// Signup converts the row to an event.
func (r AuditEvent) Signup() signup.AuditEvent {
	return signup.AuditEvent{
		ID: r.ID, At: time.Time(r.At), Actor: signup.Actor(r.Actor), Type: event.Type(r.Action),
		UserID: r.UserID, Detail: r.Detail, Position: r.Position,
	}
}

// A NewAuditEvent is what the query AddAudit stores.
type NewAuditEvent struct {
	At     Time
	Actor  string
	Action string
	UserID int64
	Detail Detail
}

// OfNewEvent converts a new event to the arguments of AddAudit.
func OfNewEvent(e signup.AuditEvent) NewAuditEvent {
	return NewAuditEvent{Time(e.At), string(e.Actor), string(e.Type), e.UserID, e.Detail}
}

// A Session is a row of sessions.
type Session struct {
	Seq       int64
	ID        string
	UserID    int64
	TokenHash string
	Agent     string
	CreatedAt Time
	SeenAt    Time
	ExpiresAt Time
}

// Signup converts the row to a session.
func (r Session) Signup() signup.Session {
	return signup.Session{
		ID: r.ID, UserID: r.UserID, TokenHash: r.TokenHash, Agent: r.Agent,
		CreatedAt: time.Time(r.CreatedAt), SeenAt: time.Time(r.SeenAt), ExpiresAt: time.Time(r.ExpiresAt),
	}
}

// A NewSession is what the query CreateSession stores.
type NewSession struct {
	ID        string
	UserID    int64
	TokenHash string
	Agent     string
	CreatedAt Time
	SeenAt    Time
	ExpiresAt Time
}

// OfNewSession converts a new session to the arguments of CreateSession.
func OfNewSession(s signup.Session) NewSession {
	return NewSession{s.ID, s.UserID, s.TokenHash, s.Agent, Time(s.CreatedAt), Time(s.SeenAt), Time(s.ExpiresAt)}
}
