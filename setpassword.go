package signup

import "context"

// SetPassword gives an active user another password and ends his sessions.
// Nobody is told by mail.
//
// It refuses with CodeInvalid (the password breaks a rule of sign-up),
// CodeUserNotFound, CodeBusy, or CodeConflict for who is not active: until the
// address is proved, the sign-up and its password belong to whoever proves it,
// and whoever was rejected brings a new one when he signs up again.
func (s *Service) SetPassword(ctx context.Context, id int64, password string, by Actor) (User, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return User{}, err
	}
	if refusal := CheckPassword(password, settings.PasswordType, settings.PasswordLength); refusal != nil {
		return User{}, refusal
	}
	hash, err := s.o.Hasher.Hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	var u User
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		if !u.Active() {
			return &Error{Code: CodeConflict, Message: "Only an active user can be given a password"}
		}
		u.PasswordHash = hash
		if err := update(ctx, tx, &u); err != nil {
			return err
		}
		if _, err := s.endSessions(ctx, tx, u.ID, by); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "user.password_set", u.ID, nil)
	})
	return u, err
}
