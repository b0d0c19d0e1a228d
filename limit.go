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

// exceeded reports whether one more now would be too many. The times are of
// those before, newest first.
func exceeded(limits []Limit, times []time.Time, now time.Time) bool {
	for _, l := range limits {
		if len(times) >= l.N && now.Sub(times[l.N-1]) < l.Per {
			return true
		}
	}
	return false
}

// mostOf is how many times exceeded looks at.
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
	events, err := tx.Audit(ctx, AuditQuery{UserID: u.ID, Limit: 5*mostOf(limits) + 1})
	if err != nil {
		return false, err
	}
	var times []time.Time
	for _, e := range events {
		if e.Action == actionResent {
			times = append(times, e.At)
		}
	}
	if exceeded(limits, times, s.now()) {
		return false, nil
	}
	return true, s.audit(ctx, tx, ActorPerson, actionResent, u.ID, nil)
}

// tellOwner owes the owner of a taken address a word, unless that was done
// often enough.
func (s *Service) tellOwner(ctx context.Context, tx Tx, owner User) error {
	limits := s.o.MailLimits
	mails, err := tx.Mails(ctx, MailQuery{UserID: owner.ID, Kind: MailAccountExists, Limit: mostOf(limits) + 1})
	if err != nil {
		return err
	}
	times := make([]time.Time, len(mails))
	for i, m := range mails {
		times[i] = m.CreatedAt
	}
	if exceeded(limits, times, s.now()) {
		return nil
	}
	return s.owe(ctx, tx, Mail{Kind: MailAccountExists, UserID: owner.ID, RecipientID: owner.ID})
}
