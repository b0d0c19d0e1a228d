package signup

import (
	"context"
	"errors"
	"time"
)

// An Outcome says what came of an attempt to send a mail.
type Outcome string

// The outcomes.
const (
	OutcomeSent   Outcome = "sent"   // the server took it
	OutcomeAgain  Outcome = "again"  // it failed, and was to be tried again
	OutcomeFailed Outcome = "failed" // it failed, and was not to be tried again
)

// A MailAttempt is one attempt to send a mail.
type MailAttempt struct {
	MailID  string
	At      time.Time
	Phase   string // of the conversation with the server, where it failed; or ""
	Answer  string // the server's words, or why it could not be reached
	Outcome Outcome
}

// A MailRecord is a mail with every attempt to send it, oldest first.
type MailRecord struct {
	Mail
	Log []MailAttempt
}

// progressTrying is the state of a mail that is owed and was tried at least
// once, as people see it.
const progressTrying = "trying"

// Progress is the state as people see it: a mail that is owed is "owed" until
// the first attempt, then "trying".
func (m Mail) Progress() string {
	if m.State == MailOwed && m.Attempts > 0 {
		return progressTrying
	}
	return string(m.State)
}

// InProgress narrows the query to mails of that Progress; "" is any.
func (q MailQuery) InProgress(progress string) MailQuery {
	q.State = MailState(progress)
	if tried := progress == progressTrying; tried || q.State == MailOwed {
		q.State, q.Tried = MailOwed, &tried
	}
	return q
}

// Mails returns a page of mails, newest first. It refuses with CodeInvalid when
// q.Before is the id of no mail.
func (s *Service) Mails(ctx context.Context, q MailQuery) ([]Mail, error) {
	mails, err := peek(ctx, s, func(r Reader) ([]Mail, error) { return r.Mails(ctx, q) })
	if errors.Is(err, ErrNotFound) {
		err = &Error{Code: CodeInvalid, Field: "before", Message: "must be the id of a mail"}
	}
	return mails, err
}

// Mail returns a mail with its attempts, or refuses with CodeMailNotFound.
func (s *Service) Mail(ctx context.Context, id string) (MailRecord, error) {
	var m MailRecord
	err := s.store.View(ctx, func(r Reader) (err error) {
		if m.Mail, err = r.Mail(ctx, id); err != nil {
			return err
		}
		m.Log, err = r.MailAttempts(ctx, id)
		return err
	})
	return m, mailRefusal(err)
}

// mailRefusal turns "not found" into the refusal that names it.
func mailRefusal(err error) error {
	if errors.Is(err, ErrNotFound) {
		return &Error{Code: CodeMailNotFound, Message: "Mail not found"}
	}
	return err
}

// RetryMail owes a mail again that failed or was cancelled: under the same id,
// as if it had never been tried. It refuses with CodeMailNotFound,
// CodeMailNotConfigured or, for any other mail and for one whose news is no
// longer so, CodeConflict.
func (s *Service) RetryMail(ctx context.Context, id string, by Actor) (Mail, error) {
	if s.o.Letters == nil {
		return Mail{}, errMailNotConfigured
	}
	var d draft
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if d, err = readDraft(ctx, tx, id); err != nil {
			return err
		}
		if err := d.retryable(); err != nil {
			return err
		}
		m := &d.mail
		m.State, m.Attempts, m.EndedAt, m.TryingSince, m.NextAttemptAt = MailOwed, 0, time.Time{}, time.Time{}, time.Time{}
		if err := tx.RequeueMail(ctx, *m); err != nil {
			return err
		}
		return s.auditMail(ctx, tx, by, "mail.retried", *m)
	})
	return d.mail, mailRefusal(err)
}

func (d draft) retryable() error {
	switch {
	case d.mail.State == MailOwed:
		return &Error{Code: CodeConflict, Message: "The mail is owed already"}
	case d.mail.State != MailFailed && d.mail.State != MailCancelled:
		return &Error{Code: CodeConflict, Message: "Only a mail that failed or was cancelled can be tried again"}
	case !d.stillTrue():
		return &Error{Code: CodeConflict, Message: "What the mail would tell is no longer so"}
	default:
		return nil
	}
}

// CancelMail ends a mail that is owed. One that is on its way at this moment
// may still arrive. It refuses with CodeMailNotFound or CodeConflict.
func (s *Service) CancelMail(ctx context.Context, id string, by Actor) (Mail, error) {
	var m Mail
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if m, err = tx.Mail(ctx, id); err != nil {
			return err
		}
		if m.State != MailOwed {
			return &Error{Code: CodeConflict, Message: "Only a mail that is owed can be cancelled"}
		}
		if err := s.end(ctx, tx, &m, MailCancelled, m.LastAnswer); err != nil {
			return err
		}
		return s.auditMail(ctx, tx, by, "mail.cancelled", m)
	})
	return m, mailRefusal(err)
}

func (s *Service) auditMail(ctx context.Context, tx Tx, by Actor, action string, m Mail) error {
	return s.audit(ctx, tx, by, action, m.UserID, map[string]string{"mail": m.ID, "kind": string(m.Kind)})
}

// DeleteEndedMails removes what became of mails that ended before the time the
// settings give, in short transactions, and returns how many went.
func (s *Service) DeleteEndedMails(ctx context.Context) (int, error) {
	settings, err := s.Settings(ctx)
	if err != nil || settings.MailRetention == Never {
		return 0, err
	}
	cutoff := before(s.now(), settings.MailRetention)
	return s.inBites(ctx, func(tx Tx, limit int) (int, error) { return tx.DeleteEndedMails(ctx, cutoff, limit) })
}
