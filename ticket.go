package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

const ticketLifetime = 30 * 24 * time.Hour

// A Ticket is the stored side of a secret that the browser gets when a person
// signs up. With the secret, the browser can see the status of that one sign-up
// and correct it until it is confirmed. It is not a session and grants no access
// to the application.
type Ticket struct {
	Hash      string    // of the secret, see Token.Hash; at most 128 characters
	UserID    int64     // the sign-up
	Resends   int       // how many links were requested with it
	AskedAt   time.Time // when a link was last requested, by signing up or later
	CreatedAt time.Time
	ExpiresAt time.Time
}

// A SignUpStatus is the status of a ticket's sign-up.
//
//nolint:revive // a Status is one of its fields
type SignUpStatus struct {
	Name             string
	Username         string // as typed
	Email            string // as typed
	Status           Status
	Verified         bool // whether the address is verified
	ApprovalRequired bool
	Reason           string         // of a rejection, shown to the person
	Mail             delivery.State // while unconfirmed: owed, sent or failed
	ResendAt         time.Time      // while unconfirmed: the earliest time at which another link can be requested
}

// settleIn is how long after a request a ticket reports its mail as owed,
// whatever happens: otherwise the status would reveal that the address is taken.
const settleIn = 10 * time.Second

// giveTicket makes a ticket for a sign-up and stores it.
func (s *Service) giveTicket(ctx context.Context, tx Tx, u User) (Token, error) {
	secret, now := NewToken(), s.now()
	return secret, tx.PutTicket(ctx, Ticket{
		Hash: secret.Hash(), UserID: u.ID, AskedAt: now, CreatedAt: now, ExpiresAt: now.Add(ticketLifetime),
	})
}

// errNoTicket returns the refusal of a ticket that does not work (any more).
func errNoTicket() *refusal.Error {
	return refusal.New(refusal.TicketUnknown, "This sign-up no longer exists")
}

// readTicket returns the ticket and its sign-up, or refuses with
// refusal.TicketUnknown. In a write transaction it locks the user.
func (s *Service) readTicket(ctx context.Context, r Reader, secret string) (Ticket, User, error) {
	token, ok := ParseToken(secret)
	if !ok {
		return Ticket{}, User{}, errNoTicket()
	}
	t, err := r.Ticket(ctx, token.Hash())
	if errors.Is(err, ErrNotFound) || err == nil && !s.now().Before(t.ExpiresAt) {
		return Ticket{}, User{}, errNoTicket()
	}
	if err != nil {
		return Ticket{}, User{}, err
	}
	u, err := r.User(ctx, t.UserID)
	if errors.Is(err, ErrNotFound) {
		return Ticket{}, User{}, errNoTicket()
	}
	return t, u, err
}

// readOpenTicket is like readTicket, but refuses a confirmed sign-up with
// refusal.Conflict.
func (s *Service) readOpenTicket(ctx context.Context, r Reader, secret string) (Ticket, User, error) {
	t, u, err := s.readTicket(ctx, r, secret)
	if err == nil && u.Status() != StatusUnconfirmed {
		err = refusal.New(isConfirmed.code, isConfirmed.message)
	}
	return t, u, err
}

// openTicket is readOpenTicket outside a transaction.
func (s *Service) openTicket(ctx context.Context, secret string) (t Ticket, u User, err error) {
	err = s.store.Peek(ctx, func(r Reader) (err error) {
		t, u, err = s.readOpenTicket(ctx, r, secret)
		return err
	})
	return t, u, err
}

// hasTicketOf reports whether the secret is that of a ticket of the user, who is
// unconfirmed.
func (s *Service) hasTicketOf(ctx context.Context, tx Tx, secret string, u User) (bool, error) {
	if secret == "" {
		return false, nil
	}
	_, mine, err := s.readOpenTicket(ctx, tx, secret)
	if refusal.Of(err) != nil {
		return false, nil
	}
	return mine.ID == u.ID, err
}

// SignUpStatus returns the status of the ticket's sign-up, or refuses with
// refusal.TicketUnknown.
//
// For an unconfirmed sign-up, the result does not depend on what others did with
// the address.
func (s *Service) SignUpStatus(ctx context.Context, ticket string) (SignUpStatus, error) {
	var st SignUpStatus
	err := s.store.View(ctx, func(r Reader) error {
		t, u, err := s.readTicket(ctx, r, ticket)
		if err != nil {
			return err
		}
		st = SignUpStatus{
			Name: u.Name, Username: u.Username, Email: u.Email, Status: u.Status(),
			ApprovalRequired: u.ApprovalRequired, Verified: !u.VerifiedAt.IsZero(), Reason: u.RejectionReason,
		}
		if st.Status != StatusUnconfirmed {
			return nil
		}
		st.ResendAt = s.resendAt(t)
		st.Mail, err = s.mailState(ctx, r, t)
		return err
	})
	return st, err
}

// mailState returns the reported state of the mail to an unconfirmed sign-up:
// failed if it failed, otherwise owed for settleIn, and then sent. A mail that
// waits for Options.MailLimits is reported as sent, because other people's mails
// to the address count too.
func (s *Service) mailState(ctx context.Context, r Reader, t Ticket) (delivery.State, error) {
	if s.now().Before(t.AskedAt.Add(settleIn)) {
		return delivery.Owed, nil
	}
	mails, err := r.Mails(ctx, MailQuery{UserID: t.UserID, Limit: 10})
	for _, m := range mails {
		if m.Kind.info().Limited && m.State != delivery.Superseded {
			if m.State == delivery.Failed {
				return delivery.Failed, err
			}
			break
		}
	}
	return delivery.Sent, err
}

// resendAt returns when the next link can be requested. It counts only requests
// made with this ticket, the sign-up being the first: otherwise it would reveal
// other sign-ups with the address.
func (s *Service) resendAt(t Ticket) time.Time {
	wait := time.Duration(0)
	for _, l := range s.o.MailLimits {
		if (t.Resends+1)%l.N == 0 {
			wait = max(wait, l.Per)
		}
	}
	return t.AskedAt.Add(max(wait, minResend))
}

// minResend is the least time between two links requested with a ticket.
const minResend = time.Minute
