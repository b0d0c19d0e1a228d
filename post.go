package signup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/identity"
)

// A Post is the handle for the mail queue: it writes the letters that are owed,
// records the outcome of each attempt, and cleans up. Package outbox calls it.
type Post struct{ s *Service }

// Post returns the handle for the mail queue.
func (s *Service) Post() Post { return Post{s} }

// owe stores a mail owed, in the transaction of the change that it reports.
func (s *Service) owe(ctx context.Context, tx Tx, m Mail) error {
	if s.o.Letters == nil {
		return nil
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	m.ID, m.State, m.CreatedAt = id, delivery.Owed, s.now()
	return tx.AddMail(ctx, m)
}

// ErrNotOwed is returned by Compose when the mail must not be sent any more: it
// was sent, failed permanently, or what it says is no longer true.
var ErrNotOwed = errors.New("the mail is not owed")

// ErrNotWritten is returned by Compose, wrapped, when Options.Letters failed. It
// counts as a failed attempt: report it with MailFailed.
var ErrNotWritten = errors.New("the letter could not be written")

// A NotDueError is returned by Compose when it is too early to send the mail.
type NotDueError struct{ Wait time.Duration }

func (e *NotDueError) Error() string { return fmt.Sprintf("the mail is due in %s", e.Wait) }

// Compose writes the letter for a mail owed. Each confirmation gets a new token,
// whose lifetime starts now; only its hash is stored.
//
// It refuses with refusal.MailNotConfigured when Options.Letters is nil. It
// returns a NotDueError for a digest that is still collecting, and for a mail
// that exceeds Options.MailLimits.
func (p Post) Compose(ctx context.Context, mailID string) (Letter, error) {
	s := p.s
	if s.o.Letters == nil {
		return Letter{}, errMailNotConfigured()
	}
	heldElsewhere, err := s.heldElsewhere(ctx, mailID)
	if err != nil {
		return Letter{}, err
	}
	var d draft
	var msg Message
	var instead error // returned in place of a letter, after the commit
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		instead = nil
		if d, err = readDraft(ctx, tx, mailID, heldElsewhere); err != nil {
			return err
		}
		if instead, err = s.notNow(ctx, tx, &d); err != nil || instead != nil {
			return err
		}
		msg, err = s.compose(ctx, tx, &d)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return Letter{}, ErrNotOwed
	case err != nil:
		return Letter{}, err
	case instead != nil:
		return Letter{}, instead
	}
	text, err := s.o.Letters.Write(msg)
	if err != nil {
		return Letter{}, fmt.Errorf("%w: %s: %w", ErrNotWritten, msg.Kind, err)
	}
	return Letter{MailID: mailID, To: msg.Recipient, Channel: d.mail.Channel, Text: text}, nil
}

// A draft is a mail and the users it concerns.
type draft struct {
	mail      Mail
	user      User
	recipient User
	holder    *User     // who holds the user's address, for a limited kind; nil for nobody
	waiting   int       // for a digest: how many users wait for approval
	liveUntil time.Time // for a limited kind: see takeTurn
}

// readDraft returns ErrNotFound when one of the users no longer exists.
func readDraft(ctx context.Context, r Reader, mailID string, heldElsewhere bool) (d draft, err error) {
	if d.mail, err = r.Mail(ctx, mailID); err != nil {
		return d, err
	}
	if d.user, err = r.User(ctx, d.mail.UserID); err != nil {
		return d, err
	}
	d.recipient = d.user
	if d.mail.RecipientID != d.user.ID {
		if d.recipient, err = r.User(ctx, d.mail.RecipientID); err != nil {
			return d, err
		}
	}
	switch {
	case d.mail.Kind.info().Limited:
		err = d.findHolder(ctx, r, heldElsewhere)
	case d.mail.Kind == MailAdminDigest:
		d.waiting, err = r.CountUsers(ctx, UserQuery{Status: StatusPendingApproval})
	}
	return d, err
}

// findHolder decides whether the mail carries a link or is a note to the holder
// of the address.
func (d *draft) findHolder(ctx context.Context, r Reader, heldElsewhere bool) error {
	holder, err := r.UserByEmailKey(ctx, d.user.EmailKey)
	switch {
	case err == nil:
		d.holder = &holder
	case heldElsewhere: // by somebody of whom we know only the mailbox
		holder = User{Email: d.user.Email, EmailKey: d.user.EmailKey, Language: d.user.Language}
		d.holder = &holder
	}
	switch {
	case d.mail.Kind == MailConfirmation && d.holder != nil && d.user.Status() == StatusUnconfirmed:
		d.mail.Kind, d.recipient = MailAccountExists, holder
	case d.mail.Kind == MailAccountExists && d.holder == nil && d.user.Status() == StatusUnconfirmed:
		d.mail.Kind = MailConfirmation
	case d.mail.Kind == MailAccountExists:
		d.recipient = holder
	}
	return ignoreNotFound(err)
}

// stillTrue reports whether what the letter says is still true.
func (d draft) stillTrue() bool {
	info := d.mail.Kind.info()
	return info.stillTrue != nil && info.stillTrue(d)
}

// wanted reports whether the recipient of a notice still wants it.
func (d draft) wanted() bool {
	return d.mail.Channel != "" || wantsNotices(d.recipient)
}

// notNow returns the reason why no letter should be written now, or nil if one
// should. It stores the consequences.
func (s *Service) notNow(ctx context.Context, tx Tx, d *draft) (instead, err error) {
	m, now := &d.mail, s.now()
	if m.State != delivery.Owed {
		return ErrNotOwed, nil
	}
	if wait := m.NextAttemptAt.Sub(now); m.Attempts == 0 && wait > 0 {
		return &NotDueError{wait}, nil
	}
	if !d.stillTrue() {
		return ErrNotOwed, s.end(ctx, tx, m, delivery.Superseded, "")
	}
	if !m.Kind.info().Limited {
		return nil, nil
	}
	barred, err := s.isBarred(ctx, tx, *d)
	if err != nil {
		return nil, err
	}
	if barred {
		return ErrNotOwed, s.end(ctx, tx, m, delivery.Superseded, "")
	}
	if !m.TryingSince.IsZero() {
		d.liveUntil, err = s.turnTaken(ctx, tx, m.counted(d.user))
		return nil, err
	}
	wait, liveUntil, err := s.takeTurn(ctx, tx, m.counted(d.user))
	if err != nil {
		return nil, err
	}
	d.liveUntil = liveUntil
	if wait == 0 {
		m.TryingSince = now
		return nil, tx.UpdateMail(ctx, *m) // findHolder may have changed its kind, too
	}
	m.NextAttemptAt = now.Add(wait)
	return &NotDueError{wait}, tx.UpdateMail(ctx, *m)
}

// isBarred reports whether the mail carries a link for somebody who was rejected
// with the address and may not sign up again yet.
func (s *Service) isBarred(ctx context.Context, tx Tx, d draft) (bool, error) {
	if d.holder != nil {
		return false, nil
	}
	rejected, err := lastRejection(ctx, tx, d.user.EmailKey)
	if err != nil || rejected.IsZero() {
		return false, err
	}
	settings, err := settingsIn(ctx, tx)
	return settings.bars(rejected, s.now()), err
}

func (s *Service) compose(ctx context.Context, tx Tx, d *draft) (Message, error) {
	msg := Message{
		Kind:      d.mail.Kind,
		Language:  d.recipient.Language,
		Recipient: Address{Name: d.recipient.Name, Email: d.recipient.Email},
		User:      personOf(d.user),
		Reason:    d.user.RejectionReason,
		Status:    d.user.Status(),
	}
	if d.mail.Channel != "" {
		msg.Language, msg.Recipient = identity.DefaultLanguage, Address{} // a chat has no recipient of its own
	}
	if link := d.mail.Kind.info().link; link != nil {
		msg.Link = link(s.o.Links, d.user)
	}
	switch d.mail.Kind {
	case MailConfirmation, MailReminder:
		return s.composeConfirmation(ctx, tx, d, msg)
	case MailPasswordReset:
		return s.composeReset(ctx, tx, *d, msg)
	case MailNewEmail:
		return s.composeNewEmail(ctx, tx, *d, msg)
	case MailEmailChanged: // it does not say what the new address is
		msg.Recipient.Email, msg.User.Email = d.user.OldEmail, d.user.OldEmail
	case MailAccountExists:
		msg.User, msg.Status = personOf(d.recipient), d.recipient.Status()
	case MailAdminDigest:
		return s.composeDigest(ctx, tx, *d, msg)
	}
	return msg, nil
}

func personOf(u User) Person { return Person{Name: u.Name, Username: u.Username, Email: u.Email} }

func (s *Service) composeConfirmation(ctx context.Context, tx Tx, d *draft, msg Message) (Message, error) {
	settings, err := settingsIn(ctx, tx)
	if err != nil {
		return msg, err
	}
	lapses := s.lapsesAt(d.user, settings)
	lifetime := time.Duration(settings.TokenLifetime)
	if left := lapses.Sub(s.now()); left > 0 {
		lifetime = min(lifetime, left)
	}
	lifetime = max(lifetime, d.liveUntil.Sub(s.now()))
	token, stored, err := s.mint(ctx, tx, d.user, lifetime)
	msg.Link, msg.Lifetime, msg.ExpiresAt = s.o.Links.Confirm(token), lifetime, stored.ExpiresAt
	if d.mail.Kind == MailReminder {
		msg.LapsesAt = lapses
	}
	return msg, err
}

// MailSent records that the server accepted the letter.
func (p Post) MailSent(ctx context.Context, mailID, answer string) error {
	_, err := p.s.recordMail(ctx, mailID, MailAttempt{Answer: answer, Outcome: delivery.Accepted}, nil)
	return err
}

// A Failure is a Sender's report of a failed attempt.
type Failure struct {
	Phase     string // stage of the conversation with the server, such as "rcpt"; "" if unknown
	Answer    string // the server's reply, or why it could not be reached
	Permanent bool   // retrying is pointless

	// NoSuchAddress is true when the address does not accept mail from anybody.
	// It is false when the server refused the sender, the letter, or to relay.
	NoSuchAddress bool

	// Wait returns how long to wait after that many failed attempts. Nil means no
	// wait.
	Wait func(attempts int) time.Duration
}

// giveUpAfter is how long a mail is retried, counted from the first attempt,
// before it fails permanently.
const giveUpAfter = 24 * time.Hour

// MailFailed records a failed attempt and returns the updated mail, which has
// either failed permanently or is to be retried at NextAttemptAt. When the server
// refuses the address of the user the mail is about, the user's UndeliverableAt
// is set.
func (p Post) MailFailed(ctx context.Context, mailID string, f Failure) (Mail, error) {
	return p.s.recordMail(ctx, mailID, MailAttempt{Phase: f.Phase, Answer: f.Answer, Outcome: delivery.NeverAgain}, &f)
}

// recordMail records an attempt. f is nil if it succeeded.
func (s *Service) recordMail(ctx context.Context, mailID string, a MailAttempt, f *Failure) (Mail, error) {
	var m Mail
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if m, err = tx.Mail(ctx, mailID); err != nil {
			return err
		}
		wasOwed := m.State == delivery.Owed
		a.MailID, a.At = mailID, s.now()
		a.Outcome = s.tried(&m, a, f)
		if err := tx.UpdateMail(ctx, m, a); err != nil || !wasOwed {
			return err
		}
		if err := s.giveBackFailed(ctx, tx, m); err != nil {
			return err
		}
		return s.noteAddress(ctx, tx, m, f)
	})
	if errors.Is(err, ErrNotFound) {
		return Mail{ID: mailID, State: delivery.Superseded}, nil // the user was deleted, and the mail with them
	}
	return m, err
}

// tried updates the mail after an attempt and returns the attempt's outcome.
func (s *Service) tried(m *Mail, a MailAttempt, f *Failure) delivery.Outcome {
	m.Attempts++
	m.LastAttemptAt = a.At
	if m.TryingSince.IsZero() {
		m.TryingSince = a.At
	}
	switch {
	case f == nil:
		m.finish(delivery.Sent, a.Answer, a.At)
		return delivery.Accepted
	case m.State != delivery.Owed:
		return delivery.NeverAgain // superseded or cancelled while it was being sent
	}
	var wait time.Duration
	if f.Wait != nil {
		wait = f.Wait(m.Attempts)
	}
	next := a.At.Add(wait).Truncate(time.Millisecond)
	if f.Permanent || next.Sub(m.TryingSince) > giveUpAfter {
		m.finish(delivery.Failed, a.Answer, a.At)
		return delivery.NeverAgain
	}
	m.NextAttemptAt, m.LastAnswer = next, a.Answer
	return delivery.TryAgain
}

// giveBackFailed gives back the turn of a mail that has just failed for good.
func (s *Service) giveBackFailed(ctx context.Context, tx Tx, m Mail) error {
	if m.State != delivery.Failed || !m.Kind.info().Limited {
		return nil
	}
	u, err := tx.User(ctx, m.UserID)
	if err != nil {
		return err
	}
	return s.giveBack(ctx, tx, m.counted(u), m.TryingSince)
}

// noteAddress updates UndeliverableAt of the user from the outcome of an attempt.
// A mail that was still owed went to the user's current address, because a
// correction ends the earlier ones.
func (s *Service) noteAddress(ctx context.Context, tx Tx, m Mail, f *Failure) error {
	refused := f != nil && f.Permanent && f.NoSuchAddress
	elsewhere := m.Channel != "" || m.Kind == MailNewEmail || m.Kind == MailEmailChanged
	if elsewhere || m.RecipientID != m.UserID || f != nil && !refused {
		return nil
	}
	u, err := tx.User(ctx, m.UserID)
	if err != nil || refused == !u.UndeliverableAt.IsZero() {
		return err
	}
	u.UndeliverableAt = time.Time{}
	if refused {
		u.UndeliverableAt = s.now()
	}
	return update(ctx, tx, &u)
}

// finish moves a mail to its final state and stores the server's reply.
func (m *Mail) finish(state delivery.State, answer string, at time.Time) {
	m.State, m.LastAnswer = state, answer
	m.EndedAt, m.NextAttemptAt = at, time.Time{}
}

func (s *Service) end(ctx context.Context, tx Tx, m *Mail, state delivery.State, answer string) error {
	m.finish(state, answer, s.now())
	return tx.UpdateMail(ctx, *m)
}

// OwedMails returns the IDs of up to 10,000 mails that have been owed for longer
// than age. Their jobs may have been lost.
func (p Post) OwedMails(ctx context.Context, age time.Duration) ([]string, error) {
	q := MailQuery{State: delivery.Owed, CreatedTill: p.s.now().Add(-age), Limit: 10_000}
	mails, err := peek(ctx, p.s, func(r Reader) ([]Mail, error) { return r.Mails(ctx, q) })
	ids := make([]string, len(mails))
	for i, m := range mails {
		ids[i] = m.ID
	}
	return ids, err
}
