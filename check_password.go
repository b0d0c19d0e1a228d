package signup

import (
	"context"
	"errors"

	"github.com/signup-go/signup/password"
)

// CheckPassword returns the active user with this username, or who holds this
// email address, if the password is right, for an application that logs people in
// by itself. Whatever is wrong, it refuses with refusal.WrongPassword after the
// same work; it can also refuse with refusal.Busy. A hash that another system made,
// or with other parameters, is replaced.
//
// It does not limit how often it is called: see web.Limiter.
func (s *Service) CheckPassword(ctx context.Context, login, typed string) (User, error) {
	u, err := s.userOfLogin(ctx, login)
	if err != nil {
		return User{}, err
	}
	fresh, err := s.checkPassword(ctx, u, u.Active(), typed)
	switch {
	case errors.Is(err, errSignInRefused):
		return User{}, errWrongPassword()
	case err != nil:
		return User{}, err
	case fresh != "":
		err = s.replaceHash(ctx, &u, fresh)
	}
	return u, err
}

// replaceHash stores a new hash of the same password, unless the password was
// changed meanwhile.
func (s *Service) replaceHash(ctx context.Context, u *User, fresh password.Hash) error {
	return s.store.Update(ctx, func(tx Tx) error {
		now, err := tx.User(ctx, u.ID)
		switch {
		case errors.Is(err, ErrNotFound), err == nil && now.PasswordHash != u.PasswordHash:
			return errWrongPassword()
		case err != nil:
			return err
		}
		now.PasswordHash = fresh
		if err := update(ctx, tx, &now); err != nil {
			return err
		}
		*u = now
		return nil
	})
}
