package postgres

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

// mailsBefore is where a list of mails begins: what was created at till, or
// earlier, and of what was created at till only what has a lower number.
func (r reader) mailsBefore(ctx context.Context, q signup.MailQuery) (till db.Time, seq int64, err error) {
	till, seq = endOfTime(), math.MaxInt64
	if !q.CreatedTill.IsZero() {
		till = db.Time(q.CreatedTill)
	}
	if q.Before == "" {
		return till, seq, nil
	}
	m, err := r.q.Mail(ctx, storable(q.Before))
	if err == nil && !time.Time(m.CreatedAt).After(time.Time(till)) {
		till, seq = m.CreatedAt, m.Seq
	}
	return till, seq, err
}

// attemptsOf bounds the number of attempts: none, one or more, or any.
func attemptsOf(q signup.MailQuery) (least, most int) {
	switch {
	case q.Tried == nil:
		return 0, math.MaxInt32
	case *q.Tried:
		return 1, math.MaxInt32
	default:
		return 0, 0
	}
}

func (r reader) MailAttempts(ctx context.Context, mailID string) ([]signup.MailAttempt, error) {
	rows, err := r.q.MailAttempts(ctx, mailID)
	return convert(rows, mailAttempt), fault("list attempts", err)
}

func mailAttempt(r db.MailAttempt) signup.MailAttempt {
	return signup.MailAttempt{
		MailID:  r.MailID,
		At:      time.Time(r.At),
		Phase:   r.Phase,
		Answer:  r.Answer,
		Outcome: signup.Outcome(r.Outcome),
	}
}

func (r reader) Unreminded(ctx context.Context, q signup.ReminderQuery, limit int) ([]signup.User, error) {
	rows, err := r.q.Unreminded(ctx, db.UnremindedParams{
		After: db.Time(q.CreatedAfter), Till: db.Time(q.CreatedTill), Lim: atMost(limit),
	})
	return convert(rows, user), fault("list who is to be reminded", err)
}

func (r reader) HasUnnoticed(ctx context.Context) (bool, error) {
	has, err := r.q.HasUnnoticed(ctx)
	return has, fault("look for somebody who waits unnoticed", err)
}

func (r reader) CountNoticed(ctx context.Context, since time.Time, most int) (int, error) {
	n, err := r.q.CountNoticed(ctx, db.CountNoticedParams{Since: db.NullTime(since), Lim: atMost(most)})
	return int(n), fault("count the noticed", err)
}

func (w writer) TakeUnnoticed(ctx context.Context, limit int, now time.Time) ([]signup.User, error) {
	rows, err := w.q.TakeUnnoticed(ctx, db.TakeUnnoticedParams{Now: db.NullTime(now), Lim: atMost(limit)})
	users := convert(rows, user)
	w.held.forget()
	slices.SortFunc(users, func(a, b signup.User) int { return cmp.Compare(a.ID, b.ID) })
	return users, fault("take the unnoticed", err)
}

func (w writer) RequeueMail(ctx context.Context, m signup.Mail) error {
	if err := w.UpdateMail(ctx, m); err != nil {
		return err
	}
	return busy("enqueue mail", w.enqueue(ctx, w.tx, m.ID))
}

func (w writer) AddMailAttempt(ctx context.Context, a signup.MailAttempt) error {
	q := w.q
	if w.held.mails[a.MailID] {
		q = w.later
	}
	err := q.AddMailAttempt(ctx, db.AddMailAttemptParams{
		MailID: a.MailID, At: db.Time(a.At), Phase: storable(a.Phase), Answer: storable(a.Answer), Outcome: string(a.Outcome),
	})
	return fault("add attempt", err)
}

func (w writer) DeleteEndedMails(ctx context.Context, cutoff time.Time, limit int) (int, error) {
	n, err := w.q.DeleteEndedMails(ctx, db.DeleteEndedMailsParams{Cutoff: db.NullTime(cutoff), Lim: atMost(limit)})
	return int(n), fault("delete ended mails", err)
}
