package signup

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// owe stores a mail owed, in the transaction of the fact it reports.
func (s *Service) owe(ctx context.Context, tx Tx, m Mail) error {
	if s.o.Letters == nil {
		return nil
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	m.ID, m.State, m.CreatedAt = id, MailOwed, s.now()
	return tx.AddMail(ctx, m)
}

// oweForEntering owes what a user's new status calls for: the confirmation to
// the person, or a notice to every administrator, but only on entering it.
func (s *Service) oweForEntering(ctx context.Context, tx Tx, u User, before Status) error {
	status := u.Status()
	if status == before {
		return nil
	}
	switch status {
	case StatusUnconfirmed:
		return s.owe(ctx, tx, Mail{Kind: MailConfirmation, UserID: u.ID, RecipientID: u.ID})
	case StatusPendingApproval:
		return s.oweNotices(ctx, tx, u)
	default:
		return nil
	}
}

const allAdmins = 100_000

func (s *Service) oweNotices(ctx context.Context, tx Tx, u User) error {
	admins, err := tx.Users(ctx, UserQuery{Role: RoleAdmin, Status: StatusActive, Limit: allAdmins})
	if err != nil {
		return err
	}
	if len(admins) == 0 {
		s.o.Log.WarnContext(ctx, "a user waits for approval and there is no administrator to tell", "user", u.ID)
	}
	for _, admin := range admins {
		err := s.owe(ctx, tx, Mail{Kind: MailAdminNotice, UserID: u.ID, RecipientID: admin.ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// ErrNotOwed is what Compose returns when the mail need not be sent any more:
// it was sent, failed for good, or what it would tell is no longer so.
var ErrNotOwed = errors.New("the mail is not owed")

// Compose writes the letter of a mail owed. A confirmation gets a new token
// each time, of which only the hash is stored; it lives from now on.
//
// It refuses with CodeMailNotConfigured when there is nobody to write it.
func (s *Service) Compose(ctx context.Context, mailID string) (Letter, error) {
	if s.o.Letters == nil {
		return Letter{}, errMailNotConfigured
	}
	var msg Message
	notOwed := false
	err := s.store.Update(ctx, func(tx Tx) error {
		notOwed = false
		d, err := readDraft(ctx, tx, mailID)
		if err != nil {
			return err
		}
		if d.mail.State != MailOwed {
			return ErrNotOwed
		}
		if !d.stillTrue() {
			notOwed = true
			return s.end(ctx, tx, &d.mail, MailSuperseded, "")
		}
		msg, err = s.compose(ctx, tx, d)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound) || notOwed && err == nil:
		return Letter{}, ErrNotOwed
	case err != nil:
		return Letter{}, err
	}
	text, err := s.o.Letters.Write(msg)
	if err != nil {
		return Letter{}, fmt.Errorf("write %s letter: %w", msg.Kind, err)
	}
	return Letter{MailID: mailID, To: msg.Recipient, Text: text}, nil
}

// A draft is a mail with the people it concerns.
type draft struct {
	mail      Mail
	user      User
	recipient User
	claim     *Claim
}

// readDraft returns ErrNotFound when anybody is gone.
func readDraft(ctx context.Context, r Reader, mailID string) (d draft, err error) {
	if d.mail, err = r.Mail(ctx, mailID); err != nil {
		return d, err
	}
	if d.user, err = r.User(ctx, d.mail.UserID); err != nil {
		return d, err
	}
	if d.recipient = d.user; d.mail.RecipientID != d.user.ID {
		if d.recipient, err = r.User(ctx, d.mail.RecipientID); err != nil {
			return d, err
		}
	}
	if d.mail.ClaimID != "" {
		c, err := r.Claim(ctx, d.mail.ClaimID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return d, err
		}
		if err == nil {
			d.claim = &c
		}
	}
	return d, nil
}

// stillTrue reports whether what the letter would tell is still so.
func (d draft) stillTrue() bool {
	status := d.user.Status()
	switch d.mail.Kind {
	case MailConfirmation:
		if d.mail.ClaimID != "" {
			return d.claim != nil
		}
		return status == StatusUnconfirmed
	case MailAdminNotice:
		return status == StatusPendingApproval && d.recipient.Role == RoleAdmin && d.recipient.Active()
	case MailApproved:
		return status == StatusActive
	case MailRejected:
		return status == StatusRejected
	default:
		return true
	}
}

func (s *Service) compose(ctx context.Context, tx Tx, d draft) (Message, error) {
	msg := Message{
		Kind:      d.mail.Kind,
		Language:  d.recipient.Language,
		Recipient: Address{Name: d.recipient.Name, Email: d.recipient.Email},
		User:      Person{Name: d.user.Name, Username: d.user.Username, Email: d.user.Email},
		Reason:    d.user.RejectionReason,
		Status:    d.user.Status(),
	}
	if c := d.claim; c != nil {
		msg.Language, msg.Recipient = c.Language, Address{Name: c.Name, Email: c.Email}
		msg.User = Person{Name: c.Name, Username: c.Username, Email: c.Email}
	}
	switch d.mail.Kind {
	case MailConfirmation:
		return s.composeConfirmation(ctx, tx, d, msg)
	case MailAdminNotice:
		msg.Link = s.o.Links.Review(d.user)
	case MailApproved, MailAccountExists:
		msg.Link = s.o.Links.Login()
	}
	return msg, nil
}

func (s *Service) composeConfirmation(ctx context.Context, tx Tx, d draft, msg Message) (Message, error) {
	settings, err := settingsIn(ctx, tx)
	if err != nil {
		return msg, err
	}
	msg.Lifetime = time.Duration(settings.TokenLifetime)
	token, stored, err := s.mint(ctx, tx, SignUpToken{
		UserID: d.user.ID, ClaimID: d.mail.ClaimID, Address: msg.Recipient.Email,
	}, msg.Lifetime)
	msg.Link, msg.ExpiresAt = s.o.Links.Confirm(token), stored.ExpiresAt
	return msg, err
}

// MailSent records that the server took the letter.
func (s *Service) MailSent(ctx context.Context, mailID, answer string) error {
	_, err := s.recordMail(ctx, mailID, MailSent, answer)
	return err
}

// MailFailed records an attempt that failed, for good or to be tried again,
// and returns the mail as it is now.
func (s *Service) MailFailed(ctx context.Context, mailID, answer string, forGood bool) (Mail, error) {
	state := MailOwed
	if forGood {
		state = MailFailed
	}
	return s.recordMail(ctx, mailID, state, answer)
}

func (s *Service) recordMail(ctx context.Context, mailID string, state MailState, answer string) (Mail, error) {
	var m Mail
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if m, err = tx.Mail(ctx, mailID); err != nil {
			return err
		}
		m.Attempts++
		m.LastAttemptAt = s.now()
		if m.State == MailOwed || state == MailSent {
			return s.end(ctx, tx, &m, state, answer)
		}
		return tx.UpdateMail(ctx, m) // superseded while it was on its way
	})
	if errors.Is(err, ErrNotFound) {
		return Mail{ID: mailID, State: MailSuperseded}, nil // the user is gone, and the mail with him
	}
	return m, err
}

// end moves a mail to a state with the words that go with it.
func (s *Service) end(ctx context.Context, tx Tx, m *Mail, state MailState, answer string) error {
	m.State, m.LastAnswer = state, answer
	if state != MailOwed {
		m.EndedAt = s.now()
	}
	return tx.UpdateMail(ctx, *m)
}

// OwedMails lists mails that have been owed for longer than age, at most
// 10,000: among them those whose sending may have got lost.
func (s *Service) OwedMails(ctx context.Context, age time.Duration) ([]string, error) {
	var ids []string
	err := s.store.Peek(ctx, func(r Reader) error {
		mails, err := r.Mails(ctx, MailQuery{State: MailOwed, CreatedTill: s.now().Add(-age), Limit: 10_000})
		for _, m := range mails {
			ids = append(ids, m.ID)
		}
		return err
	})
	return ids, err
}
