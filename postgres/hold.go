package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

// These methods lock a user or an address until the update ends. The lock is
// taken in a statement of its own, so that the next statement sees what the
// previous holder of the lock wrote. All of them lock the address before the
// user, and the user before what belongs to the user; that order prevents
// deadlocks.

// lockSeed separates our advisory locks from those of other programs.
const lockSeed = 7_387_464_553 // "signup" on a telephone keypad, and 3

// held is what the update has locked.
type held struct {
	users     map[int64]signup.User // as they are in the database, so they need not be read again
	kept      map[int64]bool        // users who cannot be deleted until the update ends, so that rows can refer to them
	mails     map[string]bool       // mails of held users that have been read, so a statement that changes one affects its row
	addresses map[string]bool
}

func newHeld() held {
	return held{map[int64]signup.User{}, map[int64]bool{}, map[string]bool{}, map[string]bool{}}
}

// hold adds a user whose row is now locked, unless there is an error.
func (h held) hold(row db.User, err error) (signup.User, error) {
	u := user(row)
	if err == nil {
		h.users[u.ID], h.kept[u.ID] = u, true
	}
	return u, err
}

// remove removes the user and what belongs to the user, after they were deleted.
func (h held) remove(id int64) {
	delete(h.users, id)
	delete(h.kept, id)
	clear(h.mails)
}

// keep ensures that rows can refer to the users, as a foreign key would. It must
// run first, because a violation of the foreign key would abort the transaction.
func (w writer) keep(ctx context.Context, ids ...int64) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	ids = slices.DeleteFunc(ids, func(id int64) bool { return w.held.kept[id] })
	if len(ids) == 0 {
		return nil
	}
	found, err := w.q.KeepUsers(ctx, ids)
	for _, id := range found {
		w.held.kept[id] = true
	}
	if err == nil && len(found) < len(ids) {
		err = signup.ErrNotFound
	}
	return err
}

func (w writer) HoldAddress(ctx context.Context, key string) error {
	if w.held.addresses[key] {
		return nil
	}
	w.held.addresses[key] = true
	return fault("hold address", w.later.HoldAddress(ctx, db.HoldAddressParams{EmailKey: key, Seed: lockSeed}))
}

func (w writer) User(ctx context.Context, id int64) (signup.User, error) {
	if u, ok := w.held.users[id]; ok {
		return u, nil
	}
	u, err := w.held.hold(w.q.HoldUser(ctx, id))
	return u, fault(fmt.Sprintf("read user %d", id), err)
}

func (w writer) UserByEmailKey(ctx context.Context, key string) (signup.User, error) {
	if err := w.later.HoldUserByEmailKey(ctx, key); err != nil {
		return signup.User{}, fault("read user by address", err)
	}
	u, err := w.held.hold(w.q.HeldUserByEmailKey(ctx, key))
	return u, fault("read user by address", err)
}

func (w writer) UserByUsernameKey(ctx context.Context, key string) (signup.User, error) {
	if err := w.later.HoldUserByUsernameKey(ctx, key); err != nil {
		return signup.User{}, fault("read user by username", err)
	}
	u, err := w.held.hold(w.q.HeldUserByUsernameKey(ctx, key))
	return u, fault("read user by username", err)
}
