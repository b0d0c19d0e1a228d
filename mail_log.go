package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// owes reports whether a mail of the kind, or any with "", about the user is owed.
func owes(ctx context.Context, r Reader, userID int64, kind MailKind) (bool, error) {
	mails, err := r.Mails(ctx, MailQuery{UserID: userID, Kind: kind, State: delivery.Owed, Limit: 1})
	return len(mails) > 0, err
}

// A MailAttempt is one attempt to send a mail.
type MailAttempt struct {
	MailID  string
	At      time.Time
	Phase   string // the stage of the conversation with the server at which it failed; or ""
	Answer  string // the server's reply, or why it could not be reached
	Outcome delivery.Outcome
}

// A MailRecord is a mail and all attempts to send it, oldest first.
type MailRecord struct {
	Mail
	Log []MailAttempt
}

// Progress returns the state as shown to people: a mail that is owed is "owed"
// until the first attempt and "trying" after it.
func (m Mail) Progress() string {
	if m.State == delivery.Owed && m.Attempts > 0 {
		return "trying"
	}
	return string(m.State)
}

// Mails returns a page of mails, newest first. It refuses with refusal.Invalid
// when q.Before is not the ID of a mail.
func (a Admin) Mails(ctx context.Context, q MailQuery) ([]Mail, error) {
	mails, err := peek(ctx, a.s, func(r Reader) ([]Mail, error) { return r.Mails(ctx, q) })
	if errors.Is(err, ErrNotFound) {
		err = &refusal.Error{Code: refusal.Invalid, Field: "before", Message: "must be the id of a mail"}
	}
	return mails, err
}

// Mail returns a mail with its attempts, or refuses with refusal.MailNotFound.
func (a Admin) Mail(ctx context.Context, id string) (MailRecord, error) {
	var m MailRecord
	err := a.s.store.View(ctx, func(r Reader) (err error) {
		if m.Mail, err = r.Mail(ctx, id); err != nil {
			return err
		}
		m.Log, err = r.MailAttempts(ctx, id)
		return err
	})
	return m, mailRefusal(err)
}

// mailRefusal turns ErrNotFound into refusal.MailNotFound.
func mailRefusal(err error) error {
	if errors.Is(err, ErrNotFound) {
		return refusal.New(refusal.MailNotFound, "Mail not found")
	}
	return err
}

// RetryMail owes a failed or cancelled mail again, under the same ID and as if it
// had never been tried. It refuses with refusal.MailNotFound,
// refusal.MailNotConfigured, or refusal.Conflict for a mail in any other state
// and for one whose content is no longer true.
func (a Admin) RetryMail(ctx context.Context, id string) (Mail, error) {
	if a.s.o.Letters == nil {
		return Mail{}, errMailNotConfigured()
	}
	heldElsewhere, err := a.s.heldElsewhere(ctx, id)
	if err != nil {
		return Mail{}, err
	}
	var d draft
	err = a.s.store.Update(ctx, func(tx Tx) (err error) {
		if d, err = readDraft(ctx, tx, id, heldElsewhere); err != nil {
			return err
		}
		if err := d.retryable(); err != nil {
			return err
		}
		m := &d.mail
		m.State, m.Attempts, m.EndedAt, m.TryingSince, m.NextAttemptAt = delivery.Owed, 0, time.Time{}, time.Time{}, time.Time{}
		if err := tx.AddMail(ctx, *m); err != nil {
			return err
		}
		return a.recordMail(ctx, tx, event.MailRetried, *m)
	})
	return d.mail, mailRefusal(err)
}

func (d draft) retryable() error {
	switch {
	case d.mail.State == delivery.Owed:
		return refusal.New(refusal.Conflict, "The mail is already waiting to be sent")
	case d.mail.State != delivery.Failed && d.mail.State != delivery.Cancelled:
		return refusal.New(refusal.Conflict, "Only a mail that failed or was cancelled can be retried")
	case !d.stillTrue():
		return refusal.New(refusal.Conflict, "What the mail says is no longer true")
	default:
		return nil
	}
}

// CancelMail ends a mail that is owed. A mail that is being sent at this moment
// may still arrive. It refuses with refusal.MailNotFound or refusal.Conflict.
func (a Admin) CancelMail(ctx context.Context, id string) (Mail, error) {
	var m Mail
	err := a.s.store.Update(ctx, func(tx Tx) (err error) {
		if m, err = tx.Mail(ctx, id); err != nil {
			return err
		}
		if m.State != delivery.Owed {
			return refusal.New(refusal.Conflict, "Only a mail that is waiting to be sent can be cancelled")
		}
		if err := a.s.end(ctx, tx, &m, delivery.Cancelled, m.LastAnswer); err != nil {
			return err
		}
		return a.recordMail(ctx, tx, event.MailCancelled, m)
	})
	return m, mailRefusal(err)
}

func (a Admin) recordMail(ctx context.Context, tx Tx, event event.Type, m Mail) error {
	return a.s.record(ctx, tx, a.by, event, m.UserID, map[string]string{"mail": m.ID, "kind": string(m.Kind)})
}
