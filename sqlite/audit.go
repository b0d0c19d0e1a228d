package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
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
	if errors.Is(err, sql.ErrNoRows) {
		var ids []int64
		ids, err = r.q.UnnumberedEvents(ctx, 1)
		row.Unnumbered = len(ids) > 0
	}
	return event.End{Position: row.Position, At: time.Time(row.At), Unnumbered: row.Unnumbered}, fault("read the end of the events", err)
}

func (r reader) EventsAfter(ctx context.Context, after int64, types []event.Type, limit int) ([]signup.AuditEvent, error) {
	list, err := json.Marshal(append([]event.Type{}, types...))
	if err != nil {
		return nil, fault("read events", err)
	}
	found, err := r.q.EventsAfter(ctx, db.EventsAfterParams{After: after, Types: string(list), Lim: rows.AtMost(limit)})
	return rows.Convert(found, auditEvent), fault("read events", err)
}

func auditEvent(r db.AuditEvent) signup.AuditEvent { return rows.AuditEvent(r).Signup() }

func (r reader) CountEvents(ctx context.Context, event event.Type, since, till time.Time) (int, error) {
	n, err := r.q.CountEvents(ctx, db.CountEventsParams{Action: string(event), Since: rows.Time(since), Till: rows.Time(till)})
	return int(n), fault("count events", err)
}

func (w writer) AddAudit(ctx context.Context, e signup.AuditEvent) error {
	return fault("add event", w.q.AddAudit(ctx, db.AddAuditParams(rows.OfNewEvent(e))))
}

func (w writer) NumberEvents(ctx context.Context, limit int) (int, error) {
	end, err := w.EventEnd(ctx)
	if err != nil {
		return 0, err
	}
	ids, err := w.q.UnnumberedEvents(ctx, rows.AtMost(limit))
	for i, id := range ids {
		if err == nil {
			err = w.q.NumberEvent(ctx, db.NumberEventParams{ID: id, Position: end.Position + int64(i) + 1})
		}
	}
	return len(ids), fault("number events", err)
}
