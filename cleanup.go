package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/event"
)

// Expired rows are deleted in small batches, each a short transaction followed
// by a pause three times as long, so that a sign-up waits for one small batch
// at most.
const (
	firstBatch = 20 // rows
	mostBatch  = 500
	leastBatch = 10

	batchTime = 3 * time.Millisecond // target duration of a batch, including its commit
	longRest  = 3 * time.Second
)

// inBatches calls batch, which deletes up to limit rows, in successive
// transactions until a batch comes back short. It returns the total number of
// rows deleted.
func (s *Service) inBatches(ctx context.Context, batch func(tx Tx, limit int) (int, error)) (total int, err error) {
	for limit := firstBatch; ; {
		n := 0
		var turn time.Time // when the transaction started to run
		began := time.Now()
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			turn = time.Now()
			n, err = batch(tx, limit)
			return err
		})
		total += n
		if err != nil || n < limit {
			return total, err
		}
		limit = nextBatch(limit, time.Since(turn))
		if err := rest(ctx, min(3*time.Since(began), longRest)); err != nil {
			return total, err
		}
	}
}

// nextBatch returns the size of the next batch, given the size and duration of
// the last.
func nextBatch(limit int, took time.Duration) int {
	switch {
	case took > batchTime:
		limit /= 2
	case took < batchTime/2:
		limit *= 2
	}
	return max(leastBatch, min(limit, mostBatch))
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// deleteOld deletes the rows of one kind that were obsolete at the given time.
func (p Post) deleteOld(ctx context.Context, rows OldRows, before time.Time) (int, error) {
	return p.s.inBatches(ctx, func(tx Tx, limit int) (int, error) { return tx.DeleteOld(ctx, rows, before, limit) })
}

// DeleteExpired deletes all tokens, of sign-ups and of accounts, and tickets whose
// ExpiresAt is in the past, and the address mails that no limit counts any more. It
// returns the number of tokens deleted. If it is interrupted, what it has deleted
// stays deleted.
func (p Post) DeleteExpired(ctx context.Context) (int, error) {
	now := p.s.now()
	tokens, err := p.deleteOld(ctx, OldTokens, now)
	if err == nil {
		_, err = p.deleteOld(ctx, OldTickets, now)
	}
	if err == nil {
		_, err = p.deleteOld(ctx, OldAddressMails, now.Add(-longest(p.s.o.MailLimits)))
	}
	return tokens, err
}

// DeleteExpiredSessions deletes the sessions that have expired and returns their
// number.
func (p Post) DeleteExpiredSessions(ctx context.Context) (int, error) {
	return p.deleteOld(ctx, OldSessions, p.s.now())
}

// DeleteEndedMails deletes the records of mails that ended longer ago than
// Settings.MailRetention, and returns their number.
func (p Post) DeleteEndedMails(ctx context.Context) (int, error) {
	settings, err := p.s.Settings(ctx)
	if err != nil || settings.MailRetention == never {
		return 0, err
	}
	return p.deleteOld(ctx, OldMails, before(p.s.now(), settings.MailRetention))
}

const lapseBatch = 100

// DeleteLapsed deletes unconfirmed sign-ups and erases rejected ones, once they
// are older than the settings allow. Each is checked again in the transaction
// that deletes it, and each deletion records an event. It returns the number of
// users deleted.
func (p Post) DeleteLapsed(ctx context.Context) (int, error) {
	s := p.s
	total, after := 0, int64(0)
	for {
		users, err := s.lapsed(ctx, after, lapseBatch)
		if err != nil || len(users) == 0 {
			return total, err
		}
		for _, u := range users {
			after = u.ID
			gone, err := s.deleteLapsed(ctx, u.ID)
			if err != nil {
				return total, err
			}
			if gone {
				total++
			}
		}
	}
}

// Lapsed returns up to limit users that DeleteLapsed would delete now.
func (a Admin) Lapsed(ctx context.Context, limit int) ([]User, error) {
	var lapsed []User
	after := int64(0)
	for {
		users, err := a.s.lapsed(ctx, after, lapseBatch)
		if err != nil || len(users) == 0 {
			return lapsed, err
		}
		for _, u := range users {
			after = u.ID
			if !a.s.o.Keep(u) {
				lapsed = append(lapsed, u)
			}
			if len(lapsed) == limit {
				return lapsed, nil
			}
		}
	}
}

// lapsed returns candidates in order of ID, starting above after. Options.Keep is
// not applied yet.
func (s *Service) lapsed(ctx context.Context, after int64, limit int) ([]User, error) {
	var users []User
	err := s.store.View(ctx, func(r Reader) error {
		q, err := s.lapsedQuery(ctx, r)
		if err != nil {
			return err
		}
		q.After = after
		users, err = r.Lapsed(ctx, q, limit)
		return err
	})
	return users, err
}

func (s *Service) lapsedQuery(ctx context.Context, r Reader) (LapsedQuery, error) {
	settings, err := settingsIn(ctx, r)
	now := s.now()
	return LapsedQuery{
		UnconfirmedBefore: before(now, settings.UnconfirmedRetention),
		LinkBefore:        now.Add(-settings.linkMayWork(s.o)),
		RejectedBefore:    before(now, settings.RejectedRetention),
	}, err
}

// linkMayWork returns the longest time for which a link may work after it was
// requested: its lifetime starts when its letter is written, which the mail
// limits may delay.
func (s Settings) linkMayWork(o Options) time.Duration {
	return time.Duration(s.TokenLifetime) + longest(o.MailLimits)
}

// before returns now minus d, or for never the zero time, which matches no row.
func before(now time.Time, d Duration) time.Time {
	if d == never {
		return time.Time{}
	}
	return now.Add(-time.Duration(d))
}

func (s *Service) deleteLapsed(ctx context.Context, id int64) (gone bool, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		gone = false
		u, err := tx.User(ctx, id)
		if err != nil || s.o.Keep(u) {
			return ignoreNotFound(err)
		}
		q, err := s.lapsedQuery(ctx, tx)
		if err != nil {
			return err
		}
		q.Only = id
		still, err := tx.Lapsed(ctx, q, 1)
		if err != nil || len(still) == 0 {
			return err
		}
		gone = true
		return errors.Join(
			s.record(ctx, tx, ActorSystem, event.Lapsed, id, map[string]string{"status": string(u.Status())}),
			tx.DeleteUser(ctx, id),
		)
	})
	return gone && err == nil, err
}

const remindBatch = 100

// OweReminders owes a reminder, once, to each unconfirmed user whose sign-up is
// about to lapse, and returns the number of reminders. Of several sign-ups with
// one address only the latest is reminded, because its link can confirm any of
// them.
func (p Post) OweReminders(ctx context.Context) (int, error) {
	s := p.s
	if s.o.Letters == nil {
		return 0, nil
	}
	total := 0
	for {
		users, err := s.unreminded(ctx)
		if err != nil {
			return total, err
		}
		owed := 0
		for _, u := range users {
			ok, err := s.remind(ctx, u.ID)
			if err != nil {
				return total, err
			}
			if ok {
				owed++
			}
		}
		total += owed
		if len(users) < remindBatch || owed == 0 {
			return total, nil
		}
	}
}

func (s *Service) unreminded(ctx context.Context) ([]User, error) {
	return peek(ctx, s, func(r Reader) ([]User, error) {
		q, ok, err := s.reminderQuery(ctx, r)
		if err != nil || !ok {
			return nil, err
		}
		return r.Unreminded(ctx, q, remindBatch)
	})
}

// reminderQuery reports false when the settings turn reminders off.
func (s *Service) reminderQuery(ctx context.Context, r Reader) (ReminderQuery, bool, error) {
	settings, err := settingsIn(ctx, r)
	keep, lead := time.Duration(settings.UnconfirmedRetention), time.Duration(settings.ReminderBefore)
	if err != nil || settings.UnconfirmedRetention == never || settings.ReminderBefore == never {
		return ReminderQuery{}, false, err
	}
	now := s.now()
	return ReminderQuery{CreatedAfter: now.Add(-keep), CreatedTill: now.Add(-max(keep-lead, keep/2))}, true, nil
}

// remind checks again, in the transaction that owes the reminder, and reports
// whether it owed one.
func (s *Service) remind(ctx context.Context, id int64) (owed bool, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		owed = false
		u, err := tx.User(ctx, id)
		if err != nil {
			return ignoreNotFound(err)
		}
		if owed, err = remindable(ctx, tx, u); err != nil || !owed {
			return err
		}
		u.RemindedAt = s.now()
		if err := update(ctx, tx, &u); err != nil {
			return err
		}
		if err := s.record(ctx, tx, ActorSystem, event.Reminded, u.ID, nil); err != nil {
			return err
		}
		return s.owe(ctx, tx, Mail{Kind: MailReminder, UserID: u.ID, RecipientID: u.ID})
	})
	return owed && err == nil, err
}

func remindable(ctx context.Context, tx Tx, u User) (bool, error) {
	if u.Status() != StatusUnconfirmed || !u.RemindedAt.IsZero() || !u.UndeliverableAt.IsZero() {
		return false, nil
	}
	if _, err := tx.UserByEmailKey(ctx, u.EmailKey); !errors.Is(err, ErrNotFound) {
		return false, err
	}
	owed, err := owes(ctx, tx, u.ID, "")
	return !owed, err
}

// lapsesAt returns when an unconfirmed user can be deleted, or zero for never. It
// says the same as LapsedQuery.
func (s *Service) lapsesAt(u User, settings Settings) time.Time {
	if settings.UnconfirmedRetention == never {
		return time.Time{}
	}
	lapses := u.CreatedAt.Add(time.Duration(settings.UnconfirmedRetention))
	return later(lapses, u.LinkAskedAt.Add(settings.linkMayWork(s.o)))
}
