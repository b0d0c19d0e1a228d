package sqlite

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite/internal/db"
)

func (r reader) CountEvents(ctx context.Context, action string, since, till time.Time) (int, error) {
	n, err := r.q.CountEvents(ctx, db.CountEventsParams{Action: action, Since: db.Time(since), Till: db.Time(till)})
	return int(n), fault("count events", err)
}

func (r reader) filteredAudit(ctx context.Context, q signup.AuditQuery) ([]db.AuditEvent, error) {
	since, till := db.Time(q.Since), db.Time(q.Till)
	if q.Since.IsZero() {
		since = db.Time(time.UnixMilli(0))
	}
	if q.Till.IsZero() {
		till = endOfTime()
	}
	timed := int64(0)
	if !q.Since.IsZero() || !q.Till.IsZero() {
		timed = 1
	}
	return r.q.AuditFiltered(ctx, db.AuditFilteredParams{
		Before: beforeID(q.Before), Timed: timed, Since: since, Till: till, UserID: q.UserID,
		Action: q.Action, Actor: string(q.Actor), Lim: pageSize(q.Limit),
	})
}
