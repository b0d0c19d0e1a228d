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

// oweForEntering owes what a user's new status calls for, but only on entering
// it. Whoever waits for approval is owed notices by his zero NoticedAt; see
// OweNotices. Whoever proved the address sees on the page that he is in.
func (s *Service) oweForEntering(ctx context.Context, tx Tx, u User, before Status) error {
	status := u.Status()
	if status == before {
		return nil
	}
	switch status {
	case StatusUnconfirmed:
		return s.oweConfirmation(ctx, tx, u.EmailKey, Mail{UserID: u.ID})
	case StatusActive:
		if !u.VerifiedAt.IsZero() {
			return nil
		}
		return s.owe(ctx, tx, Mail{Kind: MailWelcome, UserID: u.ID, RecipientID: u.ID})
	default:
		return nil
	}
}

// ErrNotOwed is what Compose returns when the mail need not be sent any more:
// it was sent, failed for good, or what it would tell is no longer so.
var ErrNotOwed = errors.New("the mail is not owed")

// Compose writes the letter of a mail owed. A confirmation gets a new token
// each time, of which only the hash is stored; it lives from now on.
//
// It refuses with CodeMailNotConfigured when there is nobody to write it, and
// returns a NotDueError for a digest that still gathers, or a confirmation
// beyond Options.SignUpLimits.
func (s *Service) Compose(ctx context.Context, mailID string) (Letter, error) {
	if s.o.Letters == nil {
		return Letter{}, errMailNotConfigured
	}
	var msg Message
	var channel string
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
		if wait := d.mail.NextAttemptAt.Sub(s.now()); d.mail.Attempts == 0 && wait > 0 {
			return &NotDueError{wait}
		}
		if !d.stillTrue() {
			notOwed = true
			return s.end(ctx, tx, &d.mail, MailSuperseded, "")
		}
		channel = d.mail.Channel
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
	return Letter{MailID: mailID, To: msg.Recipient, Channel: channel, Text: text}, nil
}

// A NotDueError is what Compose returns when the mail is to be sent later.
type NotDueError struct{ Wait time.Duration }

func (e *NotDueError) Error() string { return fmt.Sprintf("the mail is due in %s", e.Wait) }

// A draft is a mail with the people it concerns.
type draft struct {
	mail      Mail
	user      User
	recipient User
	claim     *Claim
	waiting   int // for a digest: how many wait for approval
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
	if d.mail.Kind == MailAdminDigest {
		d.waiting, err = r.CountUsers(ctx, UserQuery{Status: StatusPendingApproval})
	}
	return d, err
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
	case MailReminder:
		return status == StatusUnconfirmed
	case MailAdminNotice:
		return status == StatusPendingApproval && d.wanted()
	case MailAdminDigest:
		return d.waiting > 0 && d.wanted()
	case MailApproved, MailWelcome:
		return status == StatusActive
	case MailRejected:
		return status == StatusRejected
	default:
		return true
	}
}

// wanted reports whether whom a notice goes to still wants it.
func (d draft) wanted() bool {
	return d.mail.Channel != "" || wantsNotices(d.recipient)
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
	if d.mail.Channel != "" {
		msg.Language, msg.Recipient = DefaultLanguage, Address{} // nobody in particular
	}
	if c := d.claim; c != nil {
		msg.Language, msg.Recipient = c.Language, Address{Name: c.Name, Email: c.Email}
		msg.User = Person{Name: c.Name, Username: c.Username, Email: c.Email}
	}
	switch d.mail.Kind {
	case MailConfirmation, MailReminder:
		return s.composeConfirmation(ctx, tx, d, msg)
	case MailAdminNotice:
		msg.Link = s.o.Links.Review(d.user)
	case MailAdminDigest:
		return s.composeDigest(ctx, tx, d, msg)
	case MailApproved, MailAccountExists, MailWelcome:
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
	if d.mail.Kind == MailReminder {
		msg.LapsesAt = settings.lapsesAt(d.user, msg.ExpiresAt)
	}
	return msg, err
}

// MailSent records that the server took the letter.
func (s *Service) MailSent(ctx context.Context, mailID, answer string) error {
	_, err := s.recordMail(ctx, mailID, MailAttempt{Answer: answer, Outcome: OutcomeSent}, nil)
	return err
}

// A Failure is what a Sender said of an attempt that failed.
type Failure struct {
	Phase     string // of the conversation with the server, such as "rcpt"; "" when it is not known
	Answer    string // the server's words, or why it could not be reached
	Permanent bool   // it is of no use to try again

	// NoSuchAddress is true when nobody gets mail at the address, whoever sends
	// it: not when the server refused the sender, the letter, or to relay.
	NoSuchAddress bool

	// Wait is how long to wait after so many failed attempts; nil: not at all.
	Wait func(attempts int) time.Duration
}

// GiveUpAfter is how long a mail is tried, from the first attempt on, before
// it fails for good.
const GiveUpAfter = 24 * time.Hour

// MailFailed records an attempt that failed, for good or to be tried again at
// NextAttemptAt, and returns the mail as it is now. When the server refuses the
// address of the person whom the mail is about, that is noted with the user.
func (s *Service) MailFailed(ctx context.Context, mailID string, f Failure) (Mail, error) {
	return s.recordMail(ctx, mailID, MailAttempt{Phase: f.Phase, Answer: f.Answer, Outcome: OutcomeFailed}, &f)
}

// recordMail records an attempt; f is nil when it succeeded.
func (s *Service) recordMail(ctx context.Context, mailID string, a MailAttempt, f *Failure) (Mail, error) {
	var m Mail
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if m, err = tx.Mail(ctx, mailID); err != nil {
			return err
		}
		wasOwed := m.State == MailOwed
		a.MailID, a.At = mailID, s.now()
		if a.Outcome, err = s.tried(ctx, tx, &m, a, f); err != nil {
			return err
		}
		if err := tx.AddMailAttempt(ctx, a); err != nil || !wasOwed {
			return err
		}
		return s.noteAddress(ctx, tx, m, f)
	})
	if errors.Is(err, ErrNotFound) {
		return Mail{ID: mailID, State: MailSuperseded}, nil // the user is gone, and the mail with him
	}
	return m, err
}

// tried moves the mail on after an attempt, and says what came of that.
func (s *Service) tried(ctx context.Context, tx Tx, m *Mail, a MailAttempt, f *Failure) (Outcome, error) {
	m.Attempts++
	m.LastAttemptAt = a.At
	if m.TryingSince.IsZero() {
		m.TryingSince = a.At
	}
	switch {
	case f == nil:
		return OutcomeSent, s.end(ctx, tx, m, MailSent, a.Answer)
	case m.State != MailOwed:
		return OutcomeFailed, tx.UpdateMail(ctx, *m) // superseded or cancelled while it was on its way
	}
	var wait time.Duration
	if f.Wait != nil {
		wait = f.Wait(m.Attempts)
	}
	next := a.At.Add(wait).Truncate(time.Millisecond)
	if f.Permanent || next.Sub(m.TryingSince) > GiveUpAfter {
		return OutcomeFailed, s.end(ctx, tx, m, MailFailed, a.Answer)
	}
	m.NextAttemptAt, m.LastAnswer = next, a.Answer
	return OutcomeAgain, tx.UpdateMail(ctx, *m)
}

// noteAddress notes with the user what the attempt told of the address. A mail
// that was still owed went to the address of now: a correction ends the others.
func (s *Service) noteAddress(ctx context.Context, tx Tx, m Mail, f *Failure) error {
	refused := f != nil && f.Permanent && f.NoSuchAddress
	if m.Channel != "" || m.RecipientID != m.UserID || f != nil && !refused {
		return nil
	}
	u, err := tx.User(ctx, m.UserID)
	if err != nil || refused == !u.UndeliverableAt.IsZero() {
		return err
	}
	if u.UndeliverableAt = (time.Time{}); refused {
		u.UndeliverableAt = s.now()
	}
	return update(ctx, tx, &u)
}

// end moves a mail to its last state, with the words that go with it.
func (s *Service) end(ctx context.Context, tx Tx, m *Mail, state MailState, answer string) error {
	m.State, m.LastAnswer = state, answer
	m.EndedAt, m.NextAttemptAt = s.now(), time.Time{}
	return tx.UpdateMail(ctx, *m)
}

// OwedMails lists mails that have been owed for longer than age, at most
// 10,000: among them those whose sending may have got lost.
func (s *Service) OwedMails(ctx context.Context, age time.Duration) ([]string, error) {
	q := MailQuery{State: MailOwed, CreatedTill: s.now().Add(-age), Limit: 10_000}
	mails, err := peek(ctx, s, func(r Reader) ([]Mail, error) { return r.Mails(ctx, q) })
	ids := make([]string, len(mails))
	for i, m := range mails {
		ids[i] = m.ID
	}
	return ids, err
}
