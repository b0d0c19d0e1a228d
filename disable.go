package signup

import (
	"context"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// SetDisabled disables an active user, or enables a disabled one again. A
// disabled user keeps the address and the username, but cannot sign in:
// CheckPassword and SignIn refuse as for a wrong password, and all sessions and
// links end.
// Nobody is mailed. It is idempotent.
//
// It refuses with refusal.UserNotFound or refusal.Conflict: only an active user
// can be disabled, and the last active administrator cannot.
func (a Admin) SetDisabled(ctx context.Context, id int64, disabled bool) (User, error) {
	var u User
	err := a.s.store.Update(ctx, func(tx Tx) (err error) {
		u, err = a.setDisabled(ctx, tx, id, disabled)
		return err
	})
	return u, err
}

func (a Admin) setDisabled(ctx context.Context, tx Tx, id int64, disabled bool) (User, error) {
	t, others := transitionEnable, false
	if disabled {
		var err error
		if others, err = holdOtherAdmins(ctx, tx, id); err != nil {
			return User{}, err
		}
		t = transitionDisable
	}
	u, err := userByID(ctx, tx, id)
	if err != nil {
		return User{}, err
	}
	takes, err := u.on(t)
	switch {
	case err != nil || !takes:
		return u, err
	case disabled && u.mayAdminister() && !others:
		return u, errLastAdmin()
	case disabled:
		err = a.disable(ctx, tx, &u)
	default:
		err = a.enable(ctx, tx, &u)
	}
	return u, err
}

func (a Admin) disable(ctx context.Context, tx Tx, u *User) error {
	if err := a.s.endAccountLinks(ctx, tx, u); err != nil {
		return err
	}
	u.DisabledAt, u.DisabledBy = a.s.now(), a.by
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if _, err := a.s.endSessions(ctx, tx, u.ID, a.by); err != nil {
		return err
	}
	if err := a.s.record(ctx, tx, a.by, event.Disabled, u.ID, nil); err != nil {
		return err
	}
	return a.s.changed(ctx, tx, *u)
}

func (a Admin) enable(ctx context.Context, tx Tx, u *User) error {
	u.DisabledAt, u.DisabledBy = time.Time{}, ""
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if err := a.s.record(ctx, tx, a.by, event.Enabled, u.ID, nil); err != nil {
		return err
	}
	return a.s.changed(ctx, tx, *u)
}

func errLastAdmin() *refusal.Error {
	return refusal.New(refusal.Conflict, "The last administrator must stay one; make another first")
}
