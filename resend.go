package signup

import (
	"context"
	"errors"
)

// Resend owes a new confirmation for every sign-up that is open at the
// address, within Options.MailLimits. What it returns does not tell whether
// there is one: nil, unless the address is malformed (CodeInvalid) or mail is
// not configured.
func (s *Service) Resend(ctx context.Context, address string) error {
	email, refusal := parseEmail(address)
	if refusal != nil {
		return refusal
	}
	if s.o.Letters == nil {
		return errMailNotConfigured
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		u, err := tx.UserByEmailKey(ctx, email.Key)
		if err != nil {
			return err
		}
		return s.resendTo(ctx, tx, u)
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// ResendForToken does the same for the address that an expired token was sent
// to. Any other token does nothing: its holder has a better way, or none.
func (s *Service) ResendForToken(ctx context.Context, token string) error {
	t, ok := ParseToken(token)
	if !ok {
		return nil
	}
	if s.o.Letters == nil {
		return errMailNotConfigured
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		stored, err := tx.Token(ctx, t.Hash())
		if err != nil || stored.Used {
			return err
		}
		u, err := tx.User(ctx, stored.UserID)
		if err != nil {
			return err
		}
		return s.resendTo(ctx, tx, u)
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// resendTo owes one confirmation for each open sign-up that is not owed one
// already.
func (s *Service) resendTo(ctx context.Context, tx Tx, u User) error {
	open, err := openSignUps(ctx, tx, u)
	if err != nil {
		return err
	}
	return s.resendOpen(ctx, tx, u, open)
}

// resendOpen does it for some of them, by claim.
func (s *Service) resendOpen(ctx context.Context, tx Tx, u User, open map[string]bool) error {
	owed, err := tx.Mails(ctx, MailQuery{UserID: u.ID, Kind: MailConfirmation, State: MailOwed})
	if err != nil {
		return err
	}
	for _, m := range owed {
		delete(open, m.ClaimID)
	}
	if len(open) == 0 {
		return nil
	}
	if may, err := s.mayResend(ctx, tx, u); err != nil || !may {
		return err
	}
	for claimID := range open {
		err := s.owe(ctx, tx, Mail{Kind: MailConfirmation, UserID: u.ID, RecipientID: u.ID, ClaimID: claimID})
		if err != nil {
			return err
		}
	}
	return nil
}

// openSignUps is the set of claim ids that can still be confirmed; "" is the
// user's own first sign-up.
func openSignUps(ctx context.Context, tx Tx, u User) (map[string]bool, error) {
	open := map[string]bool{}
	if u.Status() == StatusUnconfirmed {
		open[""] = true
	}
	claims, err := tx.Claims(ctx, u.ID)
	for _, c := range claims {
		open[c.ID] = true
	}
	return open, err
}
