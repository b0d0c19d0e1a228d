package sqlite

import (
	"context"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
)

func session(r db.Session) signup.Session { return rows.Session(r).Signup() }

func (r reader) SessionByHash(ctx context.Context, hash string) (signup.Session, error) {
	row, err := r.q.SessionByHash(ctx, hash)
	return session(row), fault("read session", err)
}

func (r reader) Sessions(ctx context.Context, userID int64) ([]signup.Session, error) {
	found, err := r.q.Sessions(ctx, userID)
	return rows.Convert(found, session), fault("list sessions", err)
}

func (w writer) CreateSession(ctx context.Context, s signup.Session) error {
	return fault("create session", w.q.CreateSession(ctx, db.CreateSessionParams(rows.OfNewSession(s))))
}

func (w writer) TouchSession(ctx context.Context, s signup.Session) error {
	n, err := w.q.TouchSession(ctx, db.TouchSessionParams{
		ID: s.ID, SeenAt: rows.Time(s.SeenAt), ExpiresAt: rows.Time(s.ExpiresAt),
	})
	return one("touch session", n, err)
}

func (w writer) DeleteSessions(ctx context.Context, userID int64, id string) (int, error) {
	n, err := w.q.DeleteSessions(ctx, db.DeleteSessionsParams{UserID: userID, ID: id})
	return int(n), fault("delete sessions", err)
}
