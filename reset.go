package signup

import (
	"context"
	"errors"
	"fmt"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// RequestPasswordReset requests a link with which the active user who holds the
// address, if there is one, can choose a new password. Neither the result nor the
// time it takes reveals whether there is; see Resend. It refuses with
// refusal.Invalid (the address is malformed) or refusal.MailNotConfigured.
func (s *Service) RequestPasswordReset(ctx context.Context, address string) error {
	email, refused := identity.ParseEmail(address)
	if refused != nil {
		return refused
	}
	if s.o.Letters == nil || s.o.Links.ResetPassword == nil {
		return errMailNotConfigured()
	}
	return s.store.Update(ctx, func(tx Tx) error {
		return tx.AddLinkRequest(ctx, LinkRequest{Kind: MailPasswordReset, EmailKey: email.Key, At: s.now()})
	})
}

// answerReset owes the link to reset a password, unless it is already owed.
func (s *Service) answerReset(ctx context.Context, tx Tx, r LinkRequest) error {
	u, err := tx.UserByEmailKey(ctx, r.EmailKey)
	if err != nil || !u.Active() {
		return ignoreNotFound(err)
	}
	owed, err := owes(ctx, tx, u.ID, MailPasswordReset)
	if err != nil || owed {
		return err
	}
	return s.owe(ctx, tx, Mail{Kind: MailPasswordReset, UserID: u.ID, RecipientID: u.ID})
}

func (s *Service) composeReset(ctx context.Context, tx Tx, d draft, msg Message) (Message, error) {
	if s.o.Links.ResetPassword == nil { // it was owed when there was a page
		return msg, fmt.Errorf("%w: Options.Links.ResetPassword is nil", ErrNotWritten)
	}
	lifetime := max(resetLinkWorks, d.liveUntil.Sub(s.now()))
	token, stored, err := s.mintAccount(ctx, tx, AccountToken{UserID: d.user.ID, Purpose: MailPasswordReset, EmailKey: d.user.EmailKey}, lifetime)
	msg.Link, msg.Lifetime, msg.ExpiresAt = s.o.Links.ResetPassword(token), lifetime, stored.ExpiresAt
	return msg, err
}

// ResetPassword replaces the password of the user to whom a link of
// RequestPasswordReset was mailed. The user's sessions and other such links end.
// Of any number of concurrent calls with one token exactly one succeeds.
//
// It refuses with refusal.TokenUnknown, refusal.TokenExpired, refusal.Invalid (the
// password breaks a rule of sign-up; the token still works then) or refusal.Busy.
func (s *Service) ResetPassword(ctx context.Context, token, password string) error {
	// This read refuses most invalid tokens before any hash.
	t, _, err := s.checkAccountToken(ctx, token, MailPasswordReset)
	if err != nil {
		return err
	}
	hash, err := s.hashNew(ctx, password)
	if err != nil {
		return err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		spent, u, err := s.spendAccountToken(ctx, tx, t, MailPasswordReset)
		if err == nil && u.EmailKey != spent.EmailKey {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.setPassword(ctx, tx, &u, hash, event.PasswordReset, ActorPerson)
	})
	if errors.Is(err, ErrNotFound) {
		return errAccountToken(refusal.TokenUnknown)
	}
	return err
}
