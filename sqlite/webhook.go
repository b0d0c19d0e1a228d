package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
	"github.com/signup-go/signup/webhook"
)

var _ webhook.Tx = writer{}

func hook(r db.WebHook) webhook.Hook { return rows.WebHook(r).Hook() }

func hookDelivery(r db.WebHookDelivery) webhook.Delivery { return rows.WebHookDelivery(r).Delivery() }

func (r reader) WebHooks(ctx context.Context) ([]webhook.Hook, error) {
	found, err := r.q.WebHooks(ctx)
	return rows.Convert(found, hook), fault("list web hooks", err)
}

func (r reader) WebHook(ctx context.Context, name string) (webhook.Hook, error) {
	row, err := r.q.WebHook(ctx, name)
	return hook(row), fault("read web hook", err)
}

func (r reader) DueWebHooks(ctx context.Context, now time.Time) ([]webhook.Hook, error) {
	found, err := r.q.DueWebHooks(ctx, rows.NullTime(now))
	return rows.Convert(found, hook), fault("list due web hooks", err)
}

func (r reader) Deliveries(ctx context.Context, q webhook.Query) ([]webhook.Delivery, error) {
	found, err := r.q.Deliveries(ctx, db.DeliveriesParams(rows.OfDeliveryQuery(q)))
	return rows.Convert(found, hookDelivery), fault("list deliveries", err)
}

func (r reader) CountOwed(ctx context.Context, hookID int64) (int, error) {
	n, err := r.q.CountOwedDeliveries(ctx, hookID)
	return int(n), fault("count deliveries", err)
}

func (r reader) PositionSince(ctx context.Context, since time.Time) (int64, error) {
	position, err := r.q.EventPositionSince(ctx, rows.Time(since))
	return position, fault("find the events", err)
}

func (w writer) HoldWebHook(ctx context.Context, id int64) (webhook.Hook, error) {
	row, err := w.q.HoldWebHook(ctx, id)
	return hook(row), fault("hold web hook", err)
}

func (w writer) CreateWebHook(ctx context.Context, h webhook.Hook) (webhook.Hook, error) {
	id, err := w.q.CreateWebHook(ctx, db.CreateWebHookParams(rows.OfNewHook(h)))
	if errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("create web hook: %w", signup.ErrNameTaken)
	}
	h.ID = id
	return h, fault("create web hook", err)
}

func (w writer) UpdateWebHook(ctx context.Context, h webhook.Hook) error {
	n, err := w.q.UpdateWebHook(ctx, db.UpdateWebHookParams(rows.OfChangedHook(h)))
	return one("update web hook", n, err)
}

func (w writer) DeleteWebHook(ctx context.Context, id int64) error {
	n, err := w.q.DeleteWebHook(ctx, id)
	return one("delete web hook", n, err)
}

func (w writer) AddDelivery(ctx context.Context, d webhook.Delivery) error {
	return fault("add delivery", w.q.AddDelivery(ctx, db.AddDeliveryParams(rows.OfNewDelivery(d))))
}

func (w writer) AdvanceUser(ctx context.Context, hookID, userID int64, now time.Time) error {
	return fault("advance deliveries", w.q.AdvanceUser(ctx, db.AdvanceUserParams{HookID: hookID, UserID: userID, Now: rows.NullTime(now)}))
}

func (w writer) ClaimDeliveries(ctx context.Context, hookID int64, limit int, now, till time.Time) ([]webhook.Delivery, error) {
	found, err := w.q.ClaimDeliveries(ctx, db.ClaimDeliveriesParams{
		HookID: hookID, Now: rows.NullTime(now), Till: rows.NullTime(till), Lim: rows.AtMost(limit),
	})
	return rows.Convert(found, hookDelivery), fault("claim deliveries", err)
}

func (w writer) StoreAttempt(ctx context.Context, d webhook.Delivery, claimedTill time.Time) error {
	n, err := w.q.StoreAttempt(ctx, db.StoreAttemptParams(rows.OfAttempt(d, claimedTill)))
	return one("store delivery", n, err)
}

func (w writer) RetryDeliveries(ctx context.Context, hookID int64, now time.Time) error {
	return fault("retry deliveries", w.q.RetryDeliveries(ctx, db.RetryDeliveriesParams{HookID: hookID, Now: rows.NullTime(now)}))
}

func (w writer) DropDeliveries(ctx context.Context, hookID, position int64) error {
	return fault("drop deliveries", w.q.DropDeliveries(ctx, db.DropDeliveriesParams{HookID: hookID, Position: position}))
}

func (w writer) DeleteOldDeliveries(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := w.q.DeleteOldDeliveries(ctx, db.DeleteOldDeliveriesParams{Before: rows.NullTime(before), Lim: rows.AtMost(limit)})
	return int(n), fault("delete old deliveries", err)
}
