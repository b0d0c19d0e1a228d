package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

// The verbs of an update that hold a user until it ends. A lock goes ahead in
// a statement of its own, so that the statement after it sees what the one who
// held the user before has left. All take the user before anything of his:
// that order keeps them from deadlock.

func (w writer) User(ctx context.Context, id int64) (signup.User, error) {
	row, err := w.q.HoldUser(ctx, id)
	return user(row), fault(fmt.Sprintf("read user %d", id), err)
}

func (w writer) UserByEmailKey(ctx context.Context, key string) (signup.User, error) {
	row, err := w.q.HoldUserByEmailKey(ctx, key)
	return user(row), fault("read user by address", err)
}

// Mail holds the user whom the mail is about: whoever ends it must hold him too.
func (w writer) Mail(ctx context.Context, id string) (signup.Mail, error) {
	if err := w.later.HoldUserOfMail(ctx, id); err != nil {
		return signup.Mail{}, fault("read mail", err)
	}
	return w.reader.Mail(ctx, id)
}

func (w writer) SpendToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	if err := w.later.HoldUserOfToken(ctx, hash); err != nil {
		return signup.SignUpToken{}, fault("spend token", err)
	}
	row, err := w.q.SpendToken(ctx, db.SpendTokenParams{TokenHash: hash, Now: db.Time(now)})
	return token(row), fault("spend token", err)
}

func (w writer) DeleteLapsed(ctx context.Context, id int64, q signup.LapsedQuery) error {
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
