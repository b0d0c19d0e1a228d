package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
)

func user(r db.User) signup.User { return rows.User(r).Signup() }

func (r reader) User(ctx context.Context, id int64) (signup.User, error) {
	row, err := r.q.User(ctx, id)
	return user(row), fault(fmt.Sprintf("read user %d", id), err)
}

func (r reader) UserByEmailKey(ctx context.Context, key string) (signup.User, error) {
	row, err := r.q.UserByEmailKey(ctx, key)
	return user(row), fault("read user by address", err)
}

func (r reader) UserByUsernameKey(ctx context.Context, key string) (signup.User, error) {
	row, err := r.q.UserByUsernameKey(ctx, key)
	return user(row), fault("read user by username", err)
}

func (r reader) Users(ctx context.Context, q signup.UserQuery) ([]signup.User, error) {
	found, err := r.users(ctx, q, rows.OfUserPage(q))
	return rows.Convert(found, user), fault("list users", err)
}

func (r reader) users(ctx context.Context, q signup.UserQuery, p rows.UserPage) ([]db.User, error) {
	switch index := rows.LeadingIndex(q); {
	case index == rows.UsersByAddress && q.OldestFirst:
		return r.q.UsersByAddressOldestFirst(ctx, db.UsersByAddressOldestFirstParams(p))
	case index == rows.UsersByAddress:
		return r.q.UsersByAddress(ctx, db.UsersByAddressParams(p))
	case index == rows.Admins && q.OldestFirst:
		return r.q.AdminsOldestFirst(ctx, db.AdminsOldestFirstParams(p))
	case index == rows.Admins:
		return r.q.Admins(ctx, db.AdminsParams(p))
	case index == rows.UsersByStatus && q.OldestFirst:
		return r.q.UsersByStatusOldestFirst(ctx, db.UsersByStatusOldestFirstParams(p))
	case index == rows.UsersByStatus:
		return r.q.UsersByStatus(ctx, db.UsersByStatusParams(p))
	case q.OldestFirst:
		return r.q.UsersOldestFirst(ctx, db.UsersOldestFirstParams(p))
	default:
		return r.q.Users(ctx, db.UsersParams(p))
	}
}

func (r reader) CountUsers(ctx context.Context, q signup.UserQuery) (int, error) {
	n, err := r.countUsers(ctx, rows.LeadingIndex(q), rows.OfUserFilter(q))
	return int(n), fault("count users", err)
}

func (r reader) countUsers(ctx context.Context, index rows.UserIndex, f rows.UserFilter) (int64, error) {
	switch index {
	case rows.UsersByAddress:
		return r.q.CountUsersByAddress(ctx, db.CountUsersByAddressParams(f))
	case rows.Admins:
		return r.q.CountAdmins(ctx, db.CountAdminsParams(f))
	case rows.UsersByStatus:
		return r.q.CountUsersByStatus(ctx, db.CountUsersByStatusParams(f))
	default:
		return r.q.CountUsers(ctx, db.CountUsersParams(f))
	}
}

func (r reader) UsersByID(ctx context.Context, ids []int64) ([]signup.User, error) {
	list, err := json.Marshal(append([]int64{}, ids...))
	if err != nil {
		return nil, fault("read users", err)
	}
	found, err := r.q.UsersByID(ctx, string(list))
	return rows.Convert(found, user), fault("read users", err)
}

func (r reader) AddressUses(ctx context.Context, keys []string) (map[string]signup.AddressUse, error) {
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	found, err := r.q.AddressUses(ctx, string(list))
	uses := make(map[string]signup.AddressUse, len(found))
	for _, row := range found {
		uses[row.EmailKey] = signup.AddressUse{HolderID: row.HolderID, Unconfirmed: int(row.Unconfirmed)}
	}
	return uses, fault("read who uses the addresses", err)
}

func (r reader) Unreminded(ctx context.Context, q signup.ReminderQuery, limit int) ([]signup.User, error) {
	found, err := r.q.Unreminded(ctx, db.UnremindedParams{
		After: rows.Time(q.CreatedAfter), Till: rows.Time(q.CreatedTill), Lim: rows.AtMost(limit),
	})
	return rows.Convert(found, user), fault("list users to remind", err)
}

func (r reader) Lapsed(ctx context.Context, q signup.LapsedQuery, limit int) ([]signup.User, error) {
	found, err := r.q.Lapsed(ctx, db.LapsedParams(rows.OfLapsedPage(q, limit)))
	return rows.Convert(found, user), fault("list lapsed users", err)
}

func (r reader) Waiting(ctx context.Context) (signup.Waiting, error) {
	row, err := r.q.Waiting(ctx)
	return signup.Waiting(row), fault("read what waits", err)
}

func (r reader) CountNoticed(ctx context.Context, since time.Time, limit int) (int, error) {
	n, err := r.q.CountNoticed(ctx, db.CountNoticedParams{Since: rows.NullTime(since), Lim: rows.AtMost(limit)})
	return int(n), fault("count noticed users", err)
}

// HoldAddress does nothing: only one update runs at a time.
func (w writer) HoldAddress(context.Context, string) error { return nil }

func (w writer) CreateUser(ctx context.Context, u signup.User) (signup.User, error) {
	row, err := w.q.CreateUser(ctx, db.CreateUserParams(rows.OfNewUser(u)))
	if errors.Is(err, sql.ErrNoRows) { // ON CONFLICT DO NOTHING
		u.ID = 0
		err = w.taken(ctx, u)
	}
	return user(row), fault("create user", err)
}

// taken returns the error for the unique index that refused the user.
func (w writer) taken(ctx context.Context, u signup.User) error {
	taken, err := w.q.Taken(ctx, db.TakenParams{UsernameKey: u.UsernameKey, EmailKey: u.EmailKey, ID: u.ID})
	switch {
	case err != nil:
		return err
	case taken.Username && u.RejectedAt.IsZero():
		return signup.ErrUsernameTaken
	case taken.Address && u.HoldsAddress():
		return signup.ErrEmailTaken
	default: // the other user no longer exists
		return signup.ErrStale
	}
}

func (w writer) UpdateUser(ctx context.Context, u signup.User) error {
	n, err := w.q.UpdateUser(ctx, db.UpdateUserParams(rows.OfChangedUser(u)))
	switch {
	case isUnique(err):
		err = w.taken(ctx, u)
	case err == nil && n == 0:
		if _, err = w.q.User(ctx, u.ID); err == nil {
			err = signup.ErrStale
		}
	}
	return fault(fmt.Sprintf("update user %d", u.ID), err)
}

func (w writer) DeleteUser(ctx context.Context, id int64) error {
	n, err := w.q.DeleteUser(ctx, id)
	return one(fmt.Sprintf("delete user %d", id), n, err)
}

func (w writer) TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]signup.User, error) {
	found, err := w.q.TakeUnnoticed(ctx, db.TakeUnnoticedParams{Now: rows.NullTime(now), Lim: rows.AtMost(limit)})
	users := rows.Convert(found, user)
	slices.SortFunc(users, func(a, b signup.User) int { return cmp.Compare(a.ID, b.ID) })
	return users, fault("take unnoticed users", err)
}
