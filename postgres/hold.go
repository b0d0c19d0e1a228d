package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

// The verbs of an update that hold a user until it ends. A lock goes ahead in
// a statement of its own, so that the statement after it sees what the one who
// held the user before has left. All take the user before anything of his:
// that order keeps them from deadlock.

// held are the users whom the update holds, as they are in the database, and
// those of their mails that it has read. Nobody else can change them now: they
// need not be read again, and a statement that changes what was read finds it.
type held struct {
	users map[int64]signup.User
	mails map[string]bool
}

func (h held) keep(row db.User, err error) (signup.User, error) {
	u := user(row)
	if err == nil {
		h.users[u.ID] = u
	}
	return u, err
}

// forget is for after a change of users that read none.
func (h held) forget() {
	clear(h.users)
	clear(h.mails)
}

// has reports whether all of the users are held.
func (h held) has(ids ...int64) bool {
	return !slices.ContainsFunc(ids, func(id int64) bool { _, ok := h.users[id]; return !ok })
}

// takes reports whether nothing can be in the way of storing the user: he is
// held, was read as he is, and keeps his address.
func (h held) takes(u signup.User) bool {
	now, ok := h.users[u.ID]
	return ok && now.Version == u.Version && now.EmailKey == u.EmailKey
}

func (w writer) User(ctx context.Context, id int64) (signup.User, error) {
	if u, ok := w.held.users[id]; ok {
		return u, nil
	}
	u, err := w.held.keep(w.q.HoldUser(ctx, id))
	return u, fault(fmt.Sprintf("read user %d", id), err)
}

func (w writer) UserByEmailKey(ctx context.Context, key string) (signup.User, error) {
	u, err := w.held.keep(w.q.HoldUserByEmailKey(ctx, key))
	return u, fault("read user by address", err)
}

// Mail holds the user whom the mail is about: whoever ends it must hold him too.
func (w writer) Mail(ctx context.Context, id string) (signup.Mail, error) {
	if err := w.later.HoldUserOfMail(ctx, id); err != nil {
		return signup.Mail{}, fault("read mail", err)
	}
	row, err := w.q.MailAndUser(ctx, id)
	_, err = w.held.keep(row.User, err)
	w.held.mails[id] = err == nil
	return mail(row.Mail), fault("read mail", err)
}

func (w writer) SpendToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	if err := w.later.HoldUserOfToken(ctx, hash); err != nil {
		return signup.SignUpToken{}, fault("spend token", err)
	}
	row, err := w.q.SpendToken(ctx, db.SpendTokenParams{TokenHash: hash, Now: db.Time(now)})
	if errors.Is(err, pgx.ErrNoRows) {
		row.SignUpToken, err = w.q.SpendTokenOfNobody(ctx, db.SpendTokenOfNobodyParams{TokenHash: hash, Now: db.Time(now)})
		return token(row.SignUpToken), fault("spend token", err)
	}
	_, err = w.held.keep(row.User, err)
	return token(row.SignUpToken), fault("spend token", err)
}

func (w writer) DeleteLapsed(ctx context.Context, id int64, q signup.LapsedQuery) error {
	w.held.forget()
	if err := w.later.HoldUserAlone(ctx, id); err != nil {
		return fault("delete lapsed user", err)
	}
	n, err := w.q.DeleteLapsed(ctx, db.DeleteLapsedParams{
		ID:                id,
		RejectedBefore:    db.NullTime(q.RejectedBefore),
		UnconfirmedBefore: db.Time(q.UnconfirmedBefore),
		Now:               db.Time(q.Now),
	})
	return one(fmt.Sprintf("delete lapsed user %d", id), n, err)
}
