package signup

import (
	"context"
	"time"

	"github.com/signup-go/signup/event"
)

// An AuditEvent records who did what to whom, and when. It never contains a
// secret.
type AuditEvent struct {
	ID     int64
	At     time.Time
	Actor  Actor
	Type   event.Type
	UserID int64             // the user concerned; 0 for none. The user may no longer exist.
	Detail map[string]string // facts worth keeping, such as a setting's new value

	// Position is the event's place in the list that Admin.Events reads; 0 for
	// none yet.
	Position int64
}

// record adds an event to the audit trail, in the transaction of the change that
// it reports.
func (s *Service) record(ctx context.Context, tx Tx, by Actor, what event.Type, userID int64, detail map[string]string) error {
	return tx.AddAudit(ctx, AuditEvent{At: s.now(), Actor: by, Type: what, UserID: userID, Detail: detail})
}

// CountByDay counts the events of each type on each UTC day, from the day of
// since up to and including today.
func (a Admin) CountByDay(ctx context.Context, since time.Time, types ...event.Type) ([]event.DayCount, error) {
	var days []event.DayCount
	today := a.s.now().Truncate(24 * time.Hour)
	err := a.s.store.View(ctx, func(r Reader) error {
		days = nil
		for day := since.UTC().Truncate(24 * time.Hour); !day.After(today); day = day.Add(24 * time.Hour) {
			c := event.DayCount{Day: day, Counts: make([]int, len(types))}
			for i, t := range types {
				n, err := r.CountEvents(ctx, t, day, day.Add(24*time.Hour))
				if err != nil {
					return err
				}
				c.Counts[i] = n
			}
			days = append(days, c)
		}
		return nil
	})
	return days, err
}

// Audit returns a page of the audit trail, newest first.
func (a Admin) Audit(ctx context.Context, q AuditQuery) ([]AuditEvent, error) {
	return peek(ctx, a.s, func(r Reader) ([]AuditEvent, error) { return r.Audit(ctx, q) })
}
