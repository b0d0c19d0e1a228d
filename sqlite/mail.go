package sqlite

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
)

func mail(r db.Mail) signup.Mail { return rows.Mail(r).Signup() }

func (r reader) Mail(ctx context.Context, id string) (signup.Mail, error) {
	row, err := r.q.Mail(ctx, id)
	return mail(row), fault("read mail", err)
}

func (r reader) Mails(ctx context.Context, q signup.MailQuery) ([]signup.Mail, error) {
	found, err := r.mails(ctx, q)
	return rows.Convert(found, mail), fault("list mails", err)
}

func (r reader) mails(ctx context.Context, q signup.MailQuery) ([]db.Mail, error) {
	p, err := rows.OfMailPage(q, func(id string) (rows.Mail, error) {
		m, err := r.q.Mail(ctx, id)
		return rows.Mail(m), err
	})
	switch {
	case err != nil:
		return nil, err
	case q.UserID != 0:
		return r.q.MailsByUser(ctx, db.MailsByUserParams(p))
	case q.State != "":
		return r.q.MailsByState(ctx, db.MailsByStateParams(p))
	default:
		return r.q.Mails(ctx, db.MailsParams(p))
	}
}

func (r reader) MailAttempts(ctx context.Context, mailID string) ([]signup.MailAttempt, error) {
	found, err := r.q.MailAttempts(ctx, mailID)
	attempts := rows.Convert(found, func(r db.MailAttempt) signup.MailAttempt { return rows.MailAttempt(r).Signup() })
	return attempts, fault("list attempts", err)
}

func (r reader) AddressMails(ctx context.Context, hash string, limit int) ([]time.Time, error) {
	found, err := r.q.AddressMails(ctx, db.AddressMailsParams{AddressHash: hash, Lim: rows.AtMost(limit)})
	return rows.Convert(found, func(t rows.Time) time.Time { return time.Time(t) }), fault("list mails to an address", err)
}

func (w writer) AddAddressMail(ctx context.Context, hash string, at time.Time) error {
	return fault("add mail to an address", w.q.AddAddressMail(ctx, db.AddAddressMailParams{AddressHash: hash, DueAt: rows.Time(at)}))
}

func (w writer) RemoveAddressMail(ctx context.Context, hash string, at time.Time) error {
	return fault("remove mail to an address", w.q.RemoveAddressMail(ctx, db.RemoveAddressMailParams{AddressHash: hash, DueAt: rows.Time(at)}))
}

func (w writer) AddMail(ctx context.Context, m signup.Mail) error {
	if err := w.q.AddMail(ctx, db.AddMailParams(rows.OfNewMail(m))); err != nil {
		return fault("add mail", err)
	}
	return busy("enqueue mail", w.enqueue(lasting(ctx), w.tx, m.ID))
}

func (w writer) UpdateMail(ctx context.Context, m signup.Mail, attempts ...signup.MailAttempt) error {
	n, err := w.q.UpdateMail(ctx, db.UpdateMailParams(rows.OfChangedMail(m)))
	if err != nil || n == 0 {
		return one("update mail", n, err)
	}
	for _, a := range attempts {
		if err := w.q.AddMailAttempt(ctx, db.AddMailAttemptParams(rows.OfNewAttempt(m.ID, a))); err != nil {
			return fault("add attempt", err)
		}
	}
	return nil
}

func (w writer) SupersedeMails(ctx context.Context, userID int64, kind signup.MailKind, now time.Time) error {
	return fault("supersede mails", w.q.SupersedeMails(ctx, db.SupersedeMailsParams{
		UserID: userID, Kind: string(kind), Now: rows.NullTime(now),
	}))
}
