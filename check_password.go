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
	if err == nil && fresh != "" {
		err = s.store.Update(ctx, func(tx Tx) (err error) {
			u, err = holdSignIn(ctx, tx, u, fresh)
			return err
		})
	}
	switch {
	case errors.Is(err, errSignInRefused):
		return User{}, errWrongPassword()
	case err != nil:
		return User{}, err
	}
	return u, nil
}

// holdSignIn reads and locks a user whose password was right, and stores a new
// hash of it if fresh is not "". It returns errSignInRefused if the password was
// changed meanwhile or the user is not active any longer.
func holdSignIn(ctx context.Context, tx Tx, u User, fresh password.Hash) (User, error) {
	now, err := tx.User(ctx, u.ID)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && (now.PasswordHash != u.PasswordHash || !now.Active()):
		return User{}, errSignInRefused
	case err != nil, fresh == "":
		return now, err
	}
	now.PasswordHash = fresh
	err = update(ctx, tx, &now)
	return now, err
}
