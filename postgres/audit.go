package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/postgres/internal/db"
)

func (r reader) Audit(ctx context.Context, q signup.AuditQuery) ([]signup.AuditEvent, error) {
	found, err := r.events(ctx, rows.OfAuditPage(q))
	return rows.Convert(found, auditEvent), fault("list events", err)
}

func (r reader) events(ctx context.Context, p rows.AuditPage) ([]db.AuditEvent, error) {
	if p.UserID != 0 {
		return r.q.AuditByUser(ctx, db.AuditByUserParams(p))
	}
	return r.q.Audit(ctx, db.AuditParams(p))
}

func (r reader) EventEnd(ctx context.Context) (event.End, error) {
	row, err := r.q.LastEvent(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		row.Unnumbered, err = r.q.Unnumbered(ctx)
	}
	return event.End{Position: row.Position, At: time.Time(row.At), Unnumbered: row.Unnumbered}, fault("read the end of the events", err)
}

func (r reader) EventsAfter(ctx context.Context, after int64, types []event.Type, limit int) ([]signup.AuditEvent, error) {
	names := rows.Convert(types, func(t event.Type) string { return rows.Storable(string(t)) })
	found, err := r.q.EventsAfter(ctx, db.EventsAfterParams{After: after, Types: names, Lim: rows.AtMost(limit)})
	return rows.Convert(found, auditEvent), fault("read events", err)
}

func auditEvent(r db.AuditEvent) signup.AuditEvent { return rows.AuditEvent(r).Signup() }

func (r reader) CountEvents(ctx context.Context, event event.Type, since, till time.Time) (int, error) {
	n, err := r.q.CountEvents(ctx, db.CountEventsParams{Action: string(event), Since: rows.Time(since), Till: rows.Time(till)})
	return int(n), fault("count events", err)
}

func (w writer) AddAudit(ctx context.Context, e signup.AuditEvent) error {
	return fault("add event", w.later.AddAudit(ctx, db.AddAuditParams(rows.OfNewEvent(e))))
}

func (w writer) NumberEvents(ctx context.Context, limit int) (int, error) {
	if err := w.later.HoldNumbers(ctx, lockSeed); err != nil {
		return 0, fault("number events", err)
	}
	n, err := w.q.NumberEvents(ctx, rows.AtMost(limit))
	return int(n), fault("number events", err)
}
