package signup

import (
	"context"
	"errors"
)

// correctBySignUp is for a sign-up whose username is taken. When it is that of
// somebody whose address a mail server refused, with the same password, it is
// that person with another address, which takes the place of the refused one.
// Anybody else is told that the username is taken, and no more.
func (s *Service) correctBySignUp(ctx context.Context, a applicant, r Registration) (Receipt, error) {
	u, err := s.undelivered(ctx, a, r.Password)
	if err != nil {
		return Receipt{}, err
	}
	var ticket Token
	err = s.store.Update(ctx, func(tx Tx) error {
		if _, err := userByID(ctx, tx, u.ID); err != nil { // holds him
			return err
		}
		now, err := undeliveredIn(ctx, tx, a)
		if err != nil {
			return err
		}
		if now.PasswordHash != u.PasswordHash {
			return errUsernameTaken // another person since
		}
		if err := correctable(ctx, tx, now, a.email); err != nil {
			return err
		}
		if _, err = s.correct(ctx, tx, now, a.email, ActorPerson); err != nil || !r.WantsTicket {
			return err
		}
		ticket, err = s.giveTicket(ctx, tx, place{userID: now.ID}, a)
		return err
	})
	if Refusals(err) != nil {
		err = errUsernameTaken
	}
	return Receipt{u.VerificationRequired, u.ApprovalRequired, ticket}, err
}

// undelivered is whom the applicant's username and password belong to, if the
// mail server refused his address; else errUsernameTaken.
func (s *Service) undelivered(ctx context.Context, a applicant, password string) (User, error) {
	var u User
	err := s.store.View(ctx, func(r Reader) (err error) {
		u, err = undeliveredIn(ctx, r, a)
		return err
	})
	if err != nil {
		return User{}, err
	}
	same, _, err := s.o.Hasher.Verify(ctx, u.PasswordHash, password)
	if err == nil && !same {
		err = errUsernameTaken
	}
	return u, err
}

func undeliveredIn(ctx context.Context, r Reader, a applicant) (User, error) {
	u, err := r.UserByUsernameKey(ctx, a.username.Key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return User{}, err
	}
	if err != nil || u.UndeliverableAt.IsZero() || u.UsernameKey != a.username.Key || u.Status() != StatusUnconfirmed {
		return User{}, errUsernameTaken
	}
	return u, nil
}
