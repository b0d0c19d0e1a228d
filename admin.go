package signup

import (
	"context"
	"errors"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// An Admin is the handle for administrators' operations. Every event it records
// names its actor. It does not check permissions; that is the caller's job.
type Admin struct {
	s  *Service
	by Actor
}

// As returns the handle for operations that by performs as an administrator.
func (s *Service) As(by Actor) Admin { return Admin{s, by} }

// List returns a page of users.
func (a Admin) List(ctx context.Context, q UserQuery) ([]User, error) {
	return peek(ctx, a.s, func(r Reader) ([]User, error) { return r.Users(ctx, q) })
}

// Count returns the number of users that List would return without Before, After
// and Limit.
func (a Admin) Count(ctx context.Context, q UserQuery) (int, error) {
	return peek(ctx, a.s, func(r Reader) (int, error) { return r.CountUsers(ctx, q) })
}

// Users returns a page of users and the total number of matches, both read from
// one snapshot.
func (a Admin) Users(ctx context.Context, q UserQuery) (users []User, total int, err error) {
	err = a.s.store.View(ctx, func(r Reader) (err error) {
		if users, err = r.Users(ctx, q); err != nil {
			return err
		}
		total, err = r.CountUsers(ctx, q)
		return err
	})
	return users, total, err
}

// AddressUses returns who uses the addresses of the users, keyed by EmailKey.
func (a Admin) AddressUses(ctx context.Context, users ...User) (map[string]AddressUse, error) {
	keys := make([]string, len(users))
	for i, u := range users {
		keys[i] = u.EmailKey
	}
	return peek(ctx, a.s, func(r Reader) (map[string]AddressUse, error) { return r.AddressUses(ctx, keys) })
}

// change runs a change of one user, who is held, in a transaction.
func (a Admin) change(ctx context.Context, id int64, change func(Tx, *User) error) (User, error) {
	var u User
	err := a.s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		return change(tx, &u)
	})
	return u, err
}

// CreateAdmin creates an active administrator without sending any mail. It
// validates the registration as SignUp does, except for the extra fields and the
// terms, and returns the same refusals.
func (a Admin) CreateAdmin(ctx context.Context, r Registration) (User, error) {
	s := a.s
	settings, err := s.Settings(ctx)
	if err != nil {
		return User{}, err
	}
	settings.RequireEmailVerification, settings.RequireAdminApproval = false, false
	applicant, errs := s.examineIdentity(r, settings)
	errs.Add(password.Check(r.Password, settings.PasswordType, settings.PasswordLength))
	if err := errs.OrNil(); err != nil {
		return User{}, err
	}
	if applicant.hash, err = s.o.Hasher.Hash(ctx, r.Password); err != nil {
		return User{}, err
	}
	var u User
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		u = applicant.operatorUser(RoleAdmin)
		if err = tx.HoldAddress(ctx, u.EmailKey); err != nil {
			return err
		}
		u, err = a.storeActive(ctx, tx, u, event.AdminCreated)
		return err
	})
	return u, refusalOfTaken(err)
}

// storeActive stores an active user. The caller holds the address.
func (a Admin) storeActive(ctx context.Context, tx Tx, u User, what event.Type) (User, error) {
	u, err := tx.CreateUser(ctx, u)
	if err != nil {
		return User{}, err
	}
	return u, errors.Join(
		tx.CloseLinksAt(ctx, u.EmailKey, a.s.now()),
		a.s.record(ctx, tx, a.by, what, u.ID, nil),
		a.s.entered(ctx, tx, u, a.by),
	)
}

// SetRole changes a user's role. Demoting an administrator ends their sessions
// and notices. It is idempotent.
//
// It refuses with refusal.Invalid, refusal.UserNotFound, or refusal.Conflict:
// only an active user can become an administrator, and the last active
// administrator cannot be demoted.
func (a Admin) SetRole(ctx context.Context, id int64, role Role) (User, error) {
	s := a.s
	if role != RoleMember && role != RoleAdmin {
		return User{}, refusal.Field("role", "must be member or admin")
	}
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		others := false
		if role == RoleMember {
			if others, err = holdOtherAdmins(ctx, tx, id); err != nil {
				return err
			}
		}
		if u, err = userByID(ctx, tx, id); err != nil || u.Role == role {
			return err
		}
		switch {
		case role == RoleAdmin && !u.Active():
			return refusal.New(refusal.Conflict, "Only an active user can become an administrator")
		case u.mayAdminister() && !others:
			return errLastAdmin()
		}
		return a.setRole(ctx, tx, &u, role)
	})
	return u, err
}

func (a Admin) setRole(ctx context.Context, tx Tx, u *User, role Role) error {
	s := a.s
	u.Role = role
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if role == RoleMember {
		if _, err := s.endSessions(ctx, tx, u.ID, a.by); err != nil {
			return err
		}
	}
	if err := s.record(ctx, tx, a.by, event.RoleSet, u.ID, map[string]string{"role": string(role)}); err != nil {
		return err
	}
	return s.changed(ctx, tx, *u)
}

// holdOtherAdmins reports whether there is an active administrator other than the
// user. It reads each administrator again by ID: that locks the row until the
// update ends and returns its latest version, so that of two administrators who
// demote each other, the second one sees the first demotion. The lock order is
// that of OweNotices, which also locks administrators.
func holdOtherAdmins(ctx context.Context, tx Tx, id int64) (others bool, err error) {
	admins, err := tx.Users(ctx, UserQuery{Role: RoleAdmin, Status: StatusActive, Limit: allAdmins})
	for _, admin := range admins {
		u, err := tx.User(ctx, admin.ID)
		if ignoreNotFound(err) != nil {
			return false, err
		}
		others = others || u.ID != id && u.mayAdminister()
	}
	return others, err
}

// SetPassword replaces the password of an active user and ends their sessions,
// tickets and links, a requested change of address included: whoever had it
// requested may be the one from whom the account is taken back. It sends no mail.
//
// It refuses with refusal.Invalid (the password breaks a rule of sign-up),
// refusal.UserNotFound, refusal.Busy, or refusal.Conflict for a user who is not active.
func (a Admin) SetPassword(ctx context.Context, id int64, password string) (User, error) {
	s := a.s
	hash, err := s.hashNew(ctx, password)
	if err != nil {
		return User{}, err
	}
	return a.change(ctx, id, func(tx Tx, u *User) error {
		if !u.Active() {
			return refusal.New(refusal.Conflict, "Only an active user can be given a password")
		}
		return s.setPassword(ctx, tx, u, hash, event.PasswordSet, a.by)
	})
}

func (s *Service) setPassword(ctx context.Context, tx Tx, u *User, hash password.Hash, what event.Type, by Actor) error {
	if err := s.endAccountLinks(ctx, tx, u); err != nil {
		return err
	}
	u.PasswordHash = hash
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if err := tx.DeleteTickets(ctx, u.ID); err != nil { // of who signed up: they may be somebody else
		return err
	}
	if _, err := s.endSessions(ctx, tx, u.ID, by); err != nil {
		return err
	}
	if err := s.record(ctx, tx, by, what, u.ID, nil); err != nil {
		return err
	}
	return s.changed(ctx, tx, *u)
}
