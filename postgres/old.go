package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/postgres/internal/db"
)

func (w writer) DeleteOld(ctx context.Context, kind signup.OldRows, before time.Time, limit int) (int, error) {
	n, err := w.deleteOld(ctx, kind, rows.Time(before), rows.AtMost(limit))
	return int(n), fault("delete old "+string(kind), err)
}

func (w writer) deleteOld(ctx context.Context, kind signup.OldRows, before rows.Time, limit int64) (int64, error) {
	switch kind {
	case signup.OldTokens:
		return w.deleteOldTokens(ctx, before, limit)
	case signup.OldTickets:
		return w.q.DeleteOldTickets(ctx, db.DeleteOldTicketsParams{Before: before, Lim: limit})
	case signup.OldSessions:
		return w.q.DeleteOldSessions(ctx, db.DeleteOldSessionsParams{Before: before, Lim: limit})
	case signup.OldMails:
		return w.q.DeleteOldMails(ctx, db.DeleteOldMailsParams{Before: rows.NullTime(before), Lim: limit})
	case signup.OldAddressMails:
		return w.q.DeleteOldAddressMails(ctx, db.DeleteOldAddressMailsParams{Before: before, Lim: limit})
	}
	return 0, fmt.Errorf("unknown kind of rows: %q", kind)
}

func (w writer) deleteOldTokens(ctx context.Context, before rows.Time, limit int64) (int64, error) {
	n, err := w.q.DeleteOldTokens(ctx, db.DeleteOldTokensParams{Before: before, Lim: limit})
	if err != nil || n == limit {
		return n, err
	}
	more, err := w.q.DeleteOldAccountTokens(ctx, db.DeleteOldAccountTokensParams{Before: before, Lim: limit - n})
	return n + more, err
}
