package signup

import (
	"context"
	"errors"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// Remove deletes a user in any status, with all personal data: sessions, tokens,
// tickets and mails go with the user, and events keep only the ID. Nobody is
// mailed.
//
// It refuses with refusal.UserNotFound, or refusal.Conflict for an active
// administrator, who must become a member first.
func (a Admin) Remove(ctx context.Context, id int64) error {
	s := a.s
	return s.store.Update(ctx, func(tx Tx) error {
		u, err := userByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if u.mayAdminister() {
			return refusal.New(refusal.Conflict, "Make the administrator a member first")
		}
		if err := s.handOverDigests(ctx, tx, u); err != nil {
			return err
		}
		if err := s.giveBackWaiting(ctx, tx, u, ""); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a.by, event.Removed, id, map[string]string{"status": string(u.Status())}); err != nil {
			return err
		}
		if u.hasAccount() && s.o.OnRemoved != nil {
			if err := s.o.OnRemoved(ctx, tx, u); err != nil {
				return err
			}
		}
		return tx.DeleteUser(ctx, id)
	})
}

// handOverDigests gives the owed digests to chats, which are stored as mails about
// some administrator, to another one.
func (s *Service) handOverDigests(ctx context.Context, tx Tx, u User) error {
	digests, err := tx.Mails(ctx, MailQuery{UserID: u.ID, Kind: MailAdminDigest, State: delivery.Owed})
	if err != nil || len(digests) == 0 {
		return err
	}
	a, err := s.noticeAudience(ctx, tx)
	if err != nil || a.anchor == 0 {
		return err
	}
	var errs []error
	for _, m := range digests {
		if m.Channel != "" {
			m.UserID, m.RecipientID = a.anchor, a.anchor
			errs = append(errs, tx.AddMail(ctx, m))
		}
	}
	return errors.Join(errs...)
}
