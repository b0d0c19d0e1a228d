package signup

import (
	"context"
	"time"
)

// A Limit is so many in so long.
type Limit struct {
	N   int
	Per time.Duration
}

// DefaultMailLimits bound what anybody can have sent to somebody else's
// address by asking for it: further links, and notes that an account exists.
// Whoever asks more often gets the usual answer, and nothing is sent.
func DefaultMailLimits() []Limit {
	return []Limit{{1, time.Minute}, {5, time.Hour}, {10, 24 * time.Hour}}
}

// DefaultSignUpLimits bound how many confirmations the sign-ups for one address
// have sent to it. A sign-up beyond them is taken as any other, and its
// confirmation waits until they allow one.
func DefaultSignUpLimits() []Limit {
	return []Limit{{5, time.Hour}, {10, 24 * time.Hour}}
}

// mostOf is how many times allowedAt looks at.
func mostOf(limits []Limit) int {
	most := 0
	for _, l := range limits {
		most = max(most, l.N)
	}
	return most
}

const actionResent = "user.confirmation_resent"

// mayResend reports whether the user's address can be sent another link, and
// notes in the audit trail, which counts them, that it was.
func (s *Service) mayResend(ctx context.Context, tx Tx, u User) (bool, error) {
	limits := s.o.MailLimits
	events, err := tx.Audit(ctx, AuditQuery{UserID: u.ID, Action: actionResent, Limit: mostOf(limits)})
	if err != nil {
		return false, err
	}
	times := make([]time.Time, len(events))
	for i, e := range events {
		times[i] = e.At
	}
	if now := s.now(); allowedAt(limits, times, now).After(now) {
		return false, nil
	}
	return true, s.audit(ctx, tx, ActorPerson, actionResent, u.ID, nil)
}

// tellOwner owes the owner of a taken address a word, unless that was done
// often enough.
func (s *Service) tellOwner(ctx context.Context, tx Tx, owner User) error {
	limits := s.o.MailLimits
	mails, err := tx.Mails(ctx, MailQuery{UserID: owner.ID, Kind: MailAccountExists, Limit: mostOf(limits)})
	if err != nil {
		return err
	}
	times := make([]time.Time, len(mails))
	for i, m := range mails {
		times[i] = m.CreatedAt
	}
	if now := s.now(); allowedAt(limits, times, now).After(now) {
		return nil
	}
	return s.owe(ctx, tx, Mail{Kind: MailAccountExists, UserID: owner.ID, RecipientID: owner.ID})
}

// oweConfirmation owes a sign-up its confirmation: at once, or when the address
// may have another. What waits for one address goes out together, so that
// nobody can put off another's mail by signing up again and again.
func (s *Service) oweConfirmation(ctx context.Context, tx Tx, key string, m Mail) error {
	if s.o.Letters == nil {
		return nil
	}
	m.Kind, m.RecipientID = MailConfirmation, m.UserID
	if len(s.o.SignUpLimits) == 0 {
		return s.owe(ctx, tx, m)
	}
	hash := hexSHA256(key) // no sign-up need be there to keep the address
	times, err := tx.AddressMails(ctx, hash, mostOf(s.o.SignUpLimits))
	if err != nil {
		return err
	}
	now := s.now()
	if len(times) > 0 && times[0].After(now) {
		m.NextAttemptAt = times[0]
		return s.owe(ctx, tx, m)
	}
	due := allowedAt(s.o.SignUpLimits, times, now)
	if due.After(now) {
		m.NextAttemptAt = due
	}
	if err := tx.AddAddressMail(ctx, hash, due); err != nil {
		return err
	}
	return s.owe(ctx, tx, m)
}

// allowedAt is when one more is allowed: now or later.
func allowedAt(limits []Limit, times []time.Time, now time.Time) time.Time {
	for _, l := range limits {
		if len(times) < l.N {
			continue
		}
		if free := times[l.N-1].Add(l.Per); free.After(now) {
			now = free
		}
	}
	return now
}

// longest is how long the limits look back.
func longest(limits []Limit) time.Duration {
	var d time.Duration
	for _, l := range limits {
		d = max(d, l.Per)
	}
	return d
}
