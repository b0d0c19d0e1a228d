package postgres

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
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
	return r.q.AuditFiltered(ctx, db.AuditFilteredParams{
		Before: beforeID(q.Before), Timed: !q.Since.IsZero() || !q.Till.IsZero(), Since: since, Till: till, UserID: q.UserID,
		Action: storable(q.Action), Actor: storable(string(q.Actor)), Lim: pageSize(q.Limit),
	})
}
