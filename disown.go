package signup

import (
	"context"
	"errors"
)

// Disown removes the sign-up that a token would confirm, because whoever has
// the mailbox did not make it: the user or just that claim, with its tickets
// and tokens. The username and, where nobody else signed up with it, the
// address are free again. It leaves an audit event.
//
// Only what nobody confirmed, approved or rejected is ever removed. It refuses
// with CodeTokenUnknown (never made, superseded, or gone with its sign-up) or
// CodeAlreadyConfirmed. A token that has expired still disowns.
func (s *Service) Disown(ctx context.Context, token string) error {
	t, ok := ParseToken(token)
	if !ok {
		return errInvalidToken(CodeTokenUnknown)
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		b, err := disownable(ctx, tx, t.Hash())
		if err != nil {
			return err
		}
		detail := map[string]string{"claim": b.ticket.ClaimID}
		if b.claim == nil {
			detail = nil
		}
		return errors.Join(s.audit(ctx, tx, ActorPerson, "user.disowned", b.user.ID, detail), s.withdraw(ctx, tx, b))
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, errNotSpent) {
		return errInvalidToken(CodeTokenUnknown)
	}
	return err
}

// disownable is the sign-up of a token, which nobody confirmed.
func disownable(ctx context.Context, tx Tx, hash string) (b stub, err error) {
	stored, err := tx.Token(ctx, hash)
	if err != nil {
		return b, err
	}
	if b.user, err = tx.User(ctx, stored.UserID); err != nil {
		return b, err
	}
	// Once more: whoever held the user may have spent it.
	if stored, err = tx.Token(ctx, hash); err != nil {
		return b, err
	}
	b.ticket = Ticket{UserID: stored.UserID, ClaimID: stored.ClaimID}
	switch {
	case stored.Used && !b.user.VerifiedAt.IsZero():
		return b, errInvalidToken(CodeAlreadyConfirmed)
	case stored.Used:
		return b, errNotSpent
	}
	if b.claim, err = claimOf(ctx, tx, stored); err != nil {
		return b, err
	}
	address := b.user.Email
	if b.claim != nil {
		address = b.claim.Email
	}
	if address != stored.Address || b.claim == nil && b.user.Status() != StatusUnconfirmed {
		return b, errNotSpent
	}
	return b, nil
}
