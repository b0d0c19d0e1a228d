package signup

import "context"

var (
	errNotActive = &Error{Code: CodeConflict, Message: "Only an active user can become an administrator"}
	errLastAdmin = &Error{Code: CodeConflict, Message: "The last administrator must stay one; make another first"}
)

// SetRole makes an administrator of a member, or a member of an administrator,
// whose sessions end then and whom no notice goes to any more. It is
// idempotent.
//
// It refuses with CodeInvalid, CodeUserNotFound or CodeConflict: only an active
// user becomes an administrator, and the last active one stays it.
func (s *Service) SetRole(ctx context.Context, id int64, role Role, by Actor) (User, error) {
	if role != RoleMember && role != RoleAdmin {
		return User{}, invalid("role", "must be member or admin")
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
			return errNotActive
		case u.mayAdminister() && !others:
			return errLastAdmin
		}
		return s.setRole(ctx, tx, &u, role, by)
	})
	return u, err
}

func (s *Service) setRole(ctx context.Context, tx Tx, u *User, role Role, by Actor) error {
	u.Role = role
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if role == RoleMember {
		if _, err := s.endSessions(ctx, tx, u.ID, by); err != nil {
			return err
		}
	}
	return s.audit(ctx, tx, by, "user.role_set", u.ID, map[string]string{"role": string(role)})
}

// holdOtherAdmins reports whether there is an active administrator besides the
// user. It reads every one of them by id, because that holds him until the
// update ends, and asks again then: of two who would demote each other, the
// slower one sees what the other did. The order is that of OweNotices, which
// holds administrators too.
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
