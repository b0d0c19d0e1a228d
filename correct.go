package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// maxCorrections is how many times the address of one sign-up can be corrected.
const maxCorrections = 5

// CorrectByTicket changes the address of the ticket's sign-up. Links to the old
// address no longer confirm it, and a link to the new one is owed.
//
// It refuses with refusal.TicketUnknown, refusal.Invalid, refusal.EmailTaken
// (only if taken addresses are not concealed), refusal.Conflict (already
// confirmed) or, after five corrections, refusal.TooManyCorrections.
func (s *Service) CorrectByTicket(ctx context.Context, ticket, address string) error {
	email, refused := s.parseReachable(address)
	if refused != nil {
		return refused
	}
	taken, err := s.takenElsewhere(ctx, email.Typed, "")
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		t, u, err := s.readOpenTicket(ctx, tx, ticket)
		if err != nil || u.Email == email.Typed {
			return err
		}
		settings, err := settingsIn(ctx, tx)
		if err == nil {
			err = refuseTaken(taken, settings)
		}
		if err != nil {
			return err
		}
		t.AskedAt = s.now()
		if err := tx.PutTicket(ctx, t); err != nil {
			return err
		}
		return s.correct(ctx, tx, &u, email, settings, ActorPerson)
	})
}

// CorrectEmail changes the address of an unconfirmed user as CorrectByTicket
// does. It refuses with refusal.UserNotFound, refusal.Invalid,
// refusal.EmailTaken, refusal.Conflict (already confirmed) or
// refusal.TooManyCorrections.
func (a Admin) CorrectEmail(ctx context.Context, id int64, address string) (User, error) {
	s := a.s
	email, refused := s.parseReachable(address)
	if refused != nil {
		return User{}, refused
	}
	taken, err := s.takenElsewhere(ctx, email.Typed, "")
	if err != nil {
		return User{}, err
	}
	return a.change(ctx, id, func(tx Tx, u *User) error {
		if takes, err := u.on(transitionCorrect); err != nil || !takes {
			return err
		}
		settings, err := settingsIn(ctx, tx)
		if err != nil {
			return err
		}
		settings.ConcealEmails = false // administrators may know
		if err := refuseTaken(taken, settings); err != nil {
			return err
		}
		return s.correct(ctx, tx, u, email, settings, a.by)
	})
}

func (s *Service) correct(ctx context.Context, tx Tx, u *User, email identity.Email, settings Settings, by Actor) error {
	if u.Corrections >= maxCorrections {
		return refusal.New(refusal.TooManyCorrections, "The email address was corrected too often; sign up again")
	}
	if err := s.giveBackWaiting(ctx, tx, *u, ""); err != nil {
		return err
	}
	u.Email, u.EmailKey, u.LinkAskedAt = email.Typed, email.Key, s.now()
	u.UndeliverableAt = time.Time{}
	u.Corrections++
	if !settings.conceals() {
		if _, err := tx.UserByEmailKey(ctx, email.Key); err == nil {
			return errEmailTaken()
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if err := tx.SupersedeLinks(ctx, u.ID, s.now()); err != nil {
		return err
	}
	if err := s.record(ctx, tx, by, event.EmailCorrected, u.ID, nil); err != nil {
		return err
	}
	return s.owe(ctx, tx, Mail{Kind: MailConfirmation, UserID: u.ID, RecipientID: u.ID})
}
