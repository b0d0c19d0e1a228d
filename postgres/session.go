package postgres

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

func session(r db.Session) signup.Session {
	return signup.Session{
		ID:        r.ID,
		UserID:    r.UserID,
		TokenHash: r.TokenHash,
		Agent:     r.Agent,
		CreatedAt: time.Time(r.CreatedAt),
		SeenAt:    time.Time(r.SeenAt),
		ExpiresAt: time.Time(r.ExpiresAt),
	}
}

func (r reader) SessionByHash(ctx context.Context, hash string) (signup.Session, error) {
	row, err := r.q.SessionByHash(ctx, hash)
	return session(row), fault("read session", err)
}

func (r reader) Sessions(ctx context.Context, userID int64) ([]signup.Session, error) {
	rows, err := r.q.Sessions(ctx, userID)
	return convert(rows, session), fault("list sessions", err)
}

func (w writer) CreateSession(ctx context.Context, s signup.Session) error {
	return fault("create session", w.q.CreateSession(ctx, db.CreateSessionParams{
		ID: s.ID, UserID: s.UserID, TokenHash: s.TokenHash, Agent: s.Agent,
		CreatedAt: db.Time(s.CreatedAt), SeenAt: db.Time(s.SeenAt), ExpiresAt: db.Time(s.ExpiresAt),
	}))
}

func (w writer) TouchSession(ctx context.Context, s signup.Session) error {
	n, err := w.q.TouchSession(ctx, db.TouchSessionParams{
		ID: s.ID, SeenAt: db.Time(s.SeenAt), ExpiresAt: db.Time(s.ExpiresAt),
	})
	return one("touch session", n, err)
}

func (w writer) DeleteSession(ctx context.Context, userID int64, id string) error {
	n, err := w.q.DeleteSession(ctx, db.DeleteSessionParams{ID: id, UserID: userID})
	return one("delete session", n, err)
}

func (w writer) DeleteSessions(ctx context.Context, userID int64) (int, error) {
	n, err := w.q.DeleteSessions(ctx, userID)
	return int(n), fault("delete sessions", err)
}

func (w writer) DeleteExpiredSessions(ctx context.Context, now time.Time, limit int) (int, error) {
	n, err := w.q.DeleteExpiredSessions(ctx, db.DeleteExpiredSessionsParams{Cutoff: db.Time(now), Lim: atMost(limit)})
	return int(n), fault("delete expired sessions", err)
}
