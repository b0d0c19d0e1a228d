package signup

import (
	"context"
	"fmt"
)

// takenElsewhere returns "username", "email" or "" from Options.Taken.
func (s *Service) takenElsewhere(ctx context.Context, email, username string) (field string, err error) {
	if s.o.Taken == nil {
		return "", nil
	}
	field, err = s.o.Taken(ctx, email, username)
	switch {
	case err != nil:
		return "", fmt.Errorf("signup: Options.Taken: %w", err)
	case field != "" && field != "email" && field != "username":
		return "", fmt.Errorf("signup: Options.Taken returned %q; it must return \"username\", \"email\" or \"\"", field)
	}
	return field, nil
}

// refuseTaken refuses what the application has, except for an address that the
// settings conceal.
func refuseTaken(field string, settings Settings) error {
	switch {
	case field == "username":
		return errUsernameTaken()
	case field == "email" && !settings.conceals():
		return errEmailTaken()
	}
	return nil
}

// heldElsewhere reports whether the application has the address to which a
// limited mail is owed. It is asked before the transaction, in which it could wait
// for itself.
func (s *Service) heldElsewhere(ctx context.Context, mailID string) (bool, error) {
	if s.o.Taken == nil {
		return false, nil
	}
	address, err := peek(ctx, s, func(r Reader) (string, error) {
		m, err := r.Mail(ctx, mailID)
		if err != nil || !m.Kind.info().Limited {
			return "", err
		}
		u, err := r.User(ctx, m.UserID)
		return u.Email, err
	})
	if err != nil || address == "" {
		return false, ignoreNotFound(err)
	}
	field, err := s.takenElsewhere(ctx, address, "")
	return field == "email", err
}
