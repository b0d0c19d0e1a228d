package postgres

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/postgres/internal/db"
)

func (r reader) Audit(ctx context.Context, q signup.AuditQuery) ([]signup.AuditEvent, error) {
	found, err := r.events(ctx, rows.OfAuditPage(q))
	events := rows.Convert(found, func(r db.AuditEvent) signup.AuditEvent { return rows.AuditEvent(r).Signup() })
	return events, fault("list events", err)
}

func (r reader) events(ctx context.Context, p rows.AuditPage) ([]db.AuditEvent, error) {
	if p.UserID != 0 {
		return r.q.AuditByUser(ctx, db.AuditByUserParams(p))
	}
	return r.q.Audit(ctx, db.AuditParams(p))
}

func (r reader) CountEvents(ctx context.Context, event event.Type, since, till time.Time) (int, error) {
	n, err := r.q.CountEvents(ctx, db.CountEventsParams{Action: string(event), Since: rows.Time(since), Till: rows.Time(till)})
	return int(n), fault("count events", err)
}

func (w writer) AddAudit(ctx context.Context, e signup.AuditEvent) error {
	return fault("add event", w.later.AddAudit(ctx, db.AddAuditParams(rows.OfNewEvent(e))))
}
