package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

func (r reader) Ticket(ctx context.Context, hash string) (signup.Ticket, error) {
	row, err := r.q.Ticket(ctx, hash)
	return ticket(row), fault("read ticket", err)
}

func (r reader) Tickets(ctx context.Context, userID int64) ([]signup.Ticket, error) {
	rows, err := r.q.Tickets(ctx, userID)
	return convert(rows, ticket), fault("list tickets", err)
}

func (w writer) CreateTicket(ctx context.Context, t signup.Ticket) error {
	return fault("create ticket", w.q.CreateTicket(ctx, db.CreateTicketParams{
		Hash: t.Hash, UserID: t.UserID, ClaimID: t.ClaimID, Held: t.Held,
		Corrections: t.Corrections, Resends: t.Resends,
		AskedAt: db.Time(t.AskedAt), CreatedAt: db.Time(t.CreatedAt), ExpiresAt: db.Time(t.ExpiresAt),
	}))
}

func (w writer) UpdateTicket(ctx context.Context, t signup.Ticket) error {
	n, err := w.q.UpdateTicket(ctx, db.UpdateTicketParams{
		Hash: t.Hash, UserID: t.UserID, ClaimID: t.ClaimID, Held: t.Held,
		Corrections: t.Corrections, Resends: t.Resends, AskedAt: db.Time(t.AskedAt),
	})
	return one("update ticket", n, err)
}

func (w writer) DeleteTicket(ctx context.Context, hash string) error {
	n, err := w.q.DeleteTicket(ctx, hash)
	return one("delete ticket", n, err)
}

func (w writer) DeleteExpiredTickets(ctx context.Context, cutoff time.Time, limit int) (int, error) {
	n, err := w.q.DeleteExpiredTickets(ctx, db.DeleteExpiredTicketsParams{Cutoff: db.Time(cutoff), Lim: atMost(limit)})
	return int(n), fault("delete expired tickets", err)
}

func (w writer) AdoptClaim(ctx context.Context, c signup.Claim) error {
	if err := w.DeleteClaim(ctx, c.ID); err != nil {
		return err
	}
	return fault("adopt claim", errors.Join(
		w.later.AdoptTokens(ctx, db.AdoptTokensParams{UserID: c.UserID, ClaimID: c.ID}),
		w.later.AdoptMails(ctx, db.AdoptMailsParams{UserID: c.UserID, ClaimID: c.ID}),
		w.later.AdoptTickets(ctx, db.AdoptTicketsParams{UserID: c.UserID, ClaimID: c.ID}),
	))
}

func (w writer) SpendTokensOf(ctx context.Context, userID int64, claimID string) error {
	return fault("spend the sign-up's tokens", w.later.SpendTokensOf(ctx, db.SpendTokensOfParams{UserID: userID, ClaimID: claimID}))
}

func ticket(r db.Ticket) signup.Ticket {
	return signup.Ticket{
		Hash: r.Hash, UserID: r.UserID, ClaimID: r.ClaimID, Held: r.Held,
		Corrections: r.Corrections, Resends: r.Resends,
		AskedAt: time.Time(r.AskedAt), CreatedAt: time.Time(r.CreatedAt), ExpiresAt: time.Time(r.ExpiresAt),
	}
}
