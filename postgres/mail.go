package postgres

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/postgres/internal/db"
)

func mail(r db.Mail) signup.Mail { return rows.Mail(r).Signup() }

func (r reader) Mail(ctx context.Context, id string) (signup.Mail, error) {
	row, err := r.q.Mail(ctx, rows.Storable(id))
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

// Mail locks the user the mail is about: an update that ends the mail must lock
// that user too.
func (w writer) Mail(ctx context.Context, id string) (signup.Mail, error) {
	id = rows.Storable(id)
	if err := w.later.HoldUserOfMail(ctx, id); err != nil {
		return signup.Mail{}, fault("read mail", err)
	}
	row, err := w.q.MailAndUser(ctx, id)
	_, err = w.held.hold(row.User, err)
	w.held.mails[id] = err == nil
	return mail(row.Mail), fault("read mail", err)
}

func (w writer) AddAddressMail(ctx context.Context, hash string, at time.Time) error {
	return fault("add mail to an address", w.later.AddAddressMail(ctx, db.AddAddressMailParams{AddressHash: hash, DueAt: rows.Time(at)}))
}

func (w writer) RemoveAddressMail(ctx context.Context, hash string, at time.Time) error {
	return fault("remove mail to an address", w.later.RemoveAddressMail(ctx, db.RemoveAddressMailParams{AddressHash: hash, DueAt: rows.Time(at)}))
}

func (w writer) AddMail(ctx context.Context, m signup.Mail) error {
	if err := w.keep(ctx, m.UserID, m.RecipientID); err != nil {
		return fault("add mail", err)
	}
	if err := w.later.AddMail(ctx, db.AddMailParams(rows.OfNewMail(m))); err != nil {
		return fault("add mail", err)
	}
	tx, err := w.unit.begun(ctx)
	if err == nil {
		err = w.enqueue(ctx, tx, m.ID)
	}
	return busy("enqueue mail", err)
}

func (w writer) UpdateMail(ctx context.Context, m signup.Mail, attempts ...signup.MailAttempt) error {
	params := db.UpdateMailParams(rows.OfChangedMail(m))
	if w.held.mails[m.ID] {
		if _, err := w.later.UpdateMail(ctx, params); err != nil {
			return fault("update mail", err)
		}
	} else if n, err := w.q.UpdateMail(ctx, params); err != nil || n == 0 {
		return one("update mail", n, err)
	}
	for _, a := range attempts {
		if err := w.later.AddMailAttempt(ctx, db.AddMailAttemptParams(rows.OfNewAttempt(m.ID, a))); err != nil {
			return fault("add attempt", err)
		}
	}
	return nil
}

func (w writer) SupersedeMails(ctx context.Context, userID int64, kind signup.MailKind, now time.Time) error {
	return fault("supersede mails", w.later.SupersedeMails(ctx, db.SupersedeMailsParams{
		UserID: userID, Kind: string(kind), Now: rows.NullTime(now),
	}))
}
