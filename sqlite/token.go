package sqlite

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
)

func token(r db.SignUpToken) signup.SignUpToken { return rows.SignUpToken(r).Signup() }

func (r reader) Token(ctx context.Context, hash string) (signup.SignUpToken, error) {
	row, err := r.q.Token(ctx, hash)
	return token(row), fault("read token", err)
}

func (w writer) CreateToken(ctx context.Context, t signup.SignUpToken) (signup.SignUpToken, error) {
	return t, fault("create token", w.q.CreateToken(ctx, db.CreateTokenParams(rows.OfToken(t))))
}

func (w writer) MarkTokenUsed(ctx context.Context, id string) (signup.SignUpToken, error) {
	row, err := w.q.MarkTokenUsed(ctx, id)
	return token(row), fault("mark token used", err)
}

func (w writer) SpendToken(ctx context.Context, hash string, now time.Time) (signup.SignUpToken, error) {
	row, err := w.q.SpendToken(ctx, db.SpendTokenParams{TokenHash: hash, Now: rows.Time(now)})
	return token(row), fault("spend token", err)
}

func (w writer) SupersedeLinks(ctx context.Context, userID int64, now time.Time) error {
	return fault("supersede the user's links", w.q.SupersedeLinksOf(ctx, db.SupersedeLinksOfParams{UserID: userID, Now: rows.NullTime(now)}))
}

func (w writer) CloseLinksAt(ctx context.Context, emailKey string, now time.Time) error {
	return fault("close the address's links", errors.Join(
		w.q.SpendTokensAt(ctx, emailKey),
		w.q.SupersedeLinksAt(ctx, db.SupersedeLinksAtParams{EmailKey: emailKey, Now: rows.NullTime(now)}),
	))
}

func (r reader) AccountToken(ctx context.Context, hash string) (signup.AccountToken, error) {
	row, err := r.q.AccountToken(ctx, hash)
	return rows.AccountToken(row).Signup(), fault("read account token", err)
}

func (w writer) CreateAccountToken(ctx context.Context, t signup.AccountToken) error {
	return fault("create account token", w.q.CreateAccountToken(ctx, db.CreateAccountTokenParams(rows.OfAccountToken(t))))
}

func (w writer) SpendAccountToken(ctx context.Context, hash string, purpose signup.MailKind, now time.Time) (signup.AccountToken, error) {
	row, err := w.q.SpendAccountToken(ctx, db.SpendAccountTokenParams{Hash: hash, Purpose: string(purpose), Now: rows.NullTime(now)})
	return rows.AccountToken(row).Signup(), fault("spend account token", err)
}

func (w writer) CloseAccountTokens(ctx context.Context, userID int64, purpose signup.MailKind, now time.Time) error {
	return fault("close account tokens", w.q.CloseAccountTokens(ctx, db.CloseAccountTokensParams{
		UserID: userID, Purpose: string(purpose), Now: rows.NullTime(now),
	}))
}

func (r reader) Ticket(ctx context.Context, hash string) (signup.Ticket, error) {
	row, err := r.q.Ticket(ctx, hash)
	return rows.Ticket(row).Signup(), fault("read ticket", err)
}

func (w writer) PutTicket(ctx context.Context, t signup.Ticket) error {
	return fault("store ticket", w.q.PutTicket(ctx, db.PutTicketParams(rows.OfTicket(t))))
}

func (w writer) DeleteTickets(ctx context.Context, userID int64) error {
	return fault("delete tickets", w.q.DeleteTickets(ctx, userID))
}

func (w writer) AddLinkRequest(ctx context.Context, r signup.LinkRequest) error {
	return fault("add link request", w.q.AddLinkRequest(ctx, db.AddLinkRequestParams{
		EmailKey: r.EmailKey, UsernameKey: r.UsernameKey, At: rows.Time(r.At), Kind: string(r.Kind),
	}))
}

func (w writer) TakeLinkRequests(ctx context.Context, limit int) ([]signup.LinkRequest, error) {
	found, err := w.q.TakeLinkRequests(ctx, rows.AtMost(limit))
	slices.SortFunc(found, func(a, b db.LinkRequest) int {
		return cmp.Or(time.Time(a.At).Compare(time.Time(b.At)), cmp.Compare(a.Seq, b.Seq))
	})
	taken := rows.Convert(found, func(r db.LinkRequest) signup.LinkRequest { return rows.LinkRequest(r).Signup() })
	return taken, fault("take link requests", err)
}
