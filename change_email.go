package signup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// ChangeEmail requests another address for an active user. The user keeps the
// present one until a link that is mailed to the other is opened; see
// ConfirmEmail. A second request replaces the first, and one for the present
// address withdraws it.
//
// It refuses with refusal.UserNotFound, refusal.Invalid, refusal.EmailTaken,
// refusal.MailNotConfigured, or refusal.Conflict for a user who is not active.
// refusal.EmailTaken tells that somebody has the address: an application should
// not pass it on to the person while taken addresses are concealed.
func (a Admin) ChangeEmail(ctx context.Context, id int64, address string) (User, error) {
	s := a.s
	email, refused := s.parseReachable(address)
	if refused != nil {
		return User{}, refused
	}
	if s.o.Letters == nil || s.o.Links.ConfirmEmail == nil {
		return User{}, errMailNotConfigured()
	}
	taken, err := s.takenElsewhere(ctx, email.Typed, "")
	if err != nil {
		return User{}, err
	}
	return a.change(ctx, id, func(tx Tx, u *User) error {
		if !u.Active() {
			return refusal.New(refusal.Conflict, "Only the address of an active user can be changed")
		}
		withdrawn := u.NewEmail != ""
		if err := s.endChange(ctx, tx, u); err != nil {
			return err
		}
		if u.Email == email.Typed {
			if !withdrawn {
				return nil
			}
			return s.record(ctx, tx, a.by, event.EmailChangeAsked, u.ID, map[string]string{"change": "withdrawn"})
		}
		uses, err := tx.AddressUses(ctx, []string{email.Key})
		holder := uses[email.Key].HolderID
		switch {
		case err != nil:
			return err
		case holder != 0 && holder != u.ID, taken == "email" && holder != u.ID:
			return errEmailTaken()
		}
		u.NewEmail, u.NewEmailKey = email.Typed, email.Key
		return errors.Join(
			update(ctx, tx, u),
			s.record(ctx, tx, a.by, event.EmailChangeAsked, u.ID, nil),
			s.owe(ctx, tx, Mail{Kind: MailNewEmail, UserID: u.ID, RecipientID: u.ID}),
		)
	})
}

// endChange withdraws the address that was requested before, if any.
func (s *Service) endChange(ctx context.Context, tx Tx, u *User) error {
	if u.NewEmail == "" {
		return nil
	}
	if err := s.giveBackWaiting(ctx, tx, *u, MailNewEmail); err != nil {
		return err
	}
	u.NewEmail, u.NewEmailKey = "", ""
	return errors.Join(update(ctx, tx, u), s.closeAccountLinks(ctx, tx, u.ID, MailNewEmail))
}

func (s *Service) composeNewEmail(ctx context.Context, tx Tx, d draft, msg Message) (Message, error) {
	if s.o.Links.ConfirmEmail == nil { // it was owed when there was a page
		return msg, fmt.Errorf("%w: Options.Links.ConfirmEmail is nil", ErrNotWritten)
	}
	lifetime := max(newEmailLinkWorks, d.liveUntil.Sub(s.now()))
	token, stored, err := s.mintAccount(ctx, tx, AccountToken{UserID: d.user.ID, Purpose: MailNewEmail, EmailKey: d.user.NewEmailKey}, lifetime)
	msg.Recipient.Email, msg.User.Email = d.user.NewEmail, d.user.NewEmail
	msg.Link, msg.Lifetime, msg.ExpiresAt = s.o.Links.ConfirmEmail(token), lifetime, stored.ExpiresAt
	return msg, err
}

// ConfirmEmail gives the user to whose new address a link was mailed that address.
// Links to the old address and all links of sign-ups with the new one end, and the
// old address is told. Of any number of concurrent calls with one token exactly
// one succeeds.
//
// It refuses with refusal.TokenUnknown, refusal.TokenExpired, or
// refusal.EmailTaken when somebody else has the address by now.
func (s *Service) ConfirmEmail(ctx context.Context, token string) error {
	t, stored, err := s.checkAccountToken(ctx, token, MailNewEmail)
	if err != nil {
		return err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.HoldAddress(ctx, stored.EmailKey); err != nil {
			return err
		}
		_, u, err := s.spendAccountToken(ctx, tx, t, MailNewEmail)
		if err == nil && u.NewEmailKey != stored.EmailKey {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.changeEmail(ctx, tx, &u)
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return errAccountToken(refusal.TokenUnknown)
	case errors.Is(err, ErrEmailTaken):
		return errEmailTaken()
	}
	return err
}

// changeEmail gives the user the new address. The caller holds it.
func (s *Service) changeEmail(ctx context.Context, tx Tx, u *User) error {
	// The owner of the first of several addresses is told, even if the mail server
	// did not take the mail before the next change.
	owed, err := owes(ctx, tx, u.ID, MailEmailChanged)
	if err != nil {
		return err
	}
	if !owed {
		u.OldEmail = u.Email
		if err := s.owe(ctx, tx, Mail{Kind: MailEmailChanged, UserID: u.ID, RecipientID: u.ID}); err != nil {
			return err
		}
	}
	u.Email, u.EmailKey, u.NewEmail, u.NewEmailKey = u.NewEmail, u.NewEmailKey, "", ""
	u.VerifiedAt = s.now()
	u.UndeliverableAt = time.Time{}
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	err = errors.Join(
		tx.CloseLinksAt(ctx, u.EmailKey, s.now()),
		s.closeAccountLinks(ctx, tx, u.ID, MailNewEmail),
		s.closeAccountLinks(ctx, tx, u.ID, MailPasswordReset),
		tx.DeleteTickets(ctx, u.ID),
		s.record(ctx, tx, ActorPerson, event.EmailChanged, u.ID, nil),
	)
	if err != nil {
		return err
	}
	return s.changed(ctx, tx, *u)
}
