package signup

import (
	"context"
	"errors"
	"strings"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// Changes are what Admin.Change should change about a user. A nil field stays as
// it is.
type Changes struct {
	Name     *string
	Username *string
}

// Change changes the name and the username of a user who is not rejected, by the
// rules of sign-up. Nobody is mailed. It is idempotent. The event names the fields
// that changed, but not their values, which would outlive the user.
//
// It refuses with refusal.UserNotFound, refusal.Invalid, refusal.UsernameTaken or,
// for a rejected user, refusal.Conflict.
func (a Admin) Change(ctx context.Context, id int64, c Changes) (User, error) {
	found, err := a.s.User(ctx, id)
	if err != nil {
		return User{}, err
	}
	wanted, err := c.parse()
	if err != nil {
		return User{}, err
	}
	if err := a.s.checkElsewhere(ctx, found, wanted.username); err != nil {
		return User{}, err
	}
	u, err := a.change(ctx, id, func(tx Tx, u *User) error {
		if _, err := u.on(transitionChange); err != nil {
			return err
		}
		fields := wanted.apply(u)
		if len(fields) == 0 {
			return nil
		}
		return a.storeChange(ctx, tx, u, fields)
	})
	if errors.Is(err, ErrUsernameTaken) {
		err = errUsernameTaken()
	}
	return u, err
}

// checkElsewhere refuses a username that the application has in a table of its
// own. It does not ask about the one that the user has already.
func (s *Service) checkElsewhere(ctx context.Context, u User, wanted *identity.Username) error {
	if wanted == nil || wanted.Key == u.UsernameKey {
		return nil
	}
	taken, err := s.takenElsewhere(ctx, u.Email, wanted.Typed)
	if err == nil && taken == "username" {
		err = errUsernameTaken()
	}
	return err
}

func (a Admin) storeChange(ctx context.Context, tx Tx, u *User, fields []string) error {
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	detail := map[string]string{"fields": strings.Join(fields, " ")}
	if err := a.s.record(ctx, tx, a.by, event.Changed, u.ID, detail); err != nil {
		return err
	}
	return a.s.changed(ctx, tx, *u)
}

// parsedChanges are Changes that have passed validation.
type parsedChanges struct {
	name     *string
	username *identity.Username
}

// parse returns all refusals at once.
func (c Changes) parse() (p parsedChanges, err error) {
	var errs refusal.Errors
	if c.Name != nil {
		name, err := identity.ParseDisplayName(*c.Name)
		errs.Add(err)
		p.name = &name
	}
	if c.Username != nil {
		username, err := identity.ParseUsername(*c.Username)
		errs.Add(err)
		p.username = &username
	}
	return p, errs.OrNil()
}

// apply changes u and returns the names of the fields that are different now.
func (p parsedChanges) apply(u *User) (fields []string) {
	if p.name != nil && *p.name != u.Name {
		u.Name = *p.name
		fields = append(fields, "name")
	}
	if p.username != nil && p.username.Typed != u.Username {
		u.Username, u.UsernameKey = p.username.Typed, p.username.Key
		fields = append(fields, "username")
	}
	return fields
}
