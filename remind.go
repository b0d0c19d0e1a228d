package signup

import (
	"context"
	"time"
)

const remindBite = 100

// OweReminders owes a reminder to everybody whose unconfirmed sign-up will
// lapse before long, once to each, and returns to how many. Nobody is reminded
// of an address that a mail server refused, nor of one that others signed up
// with too: which of them the person is, nobody knows.
func (s *Service) OweReminders(ctx context.Context) (int, error) {
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
		if total += owed; len(users) < remindBite || owed == 0 {
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
		return r.Unreminded(ctx, q, remindBite)
	})
}

// reminderQuery reports false when nobody is ever reminded.
func (s *Service) reminderQuery(ctx context.Context, r Reader) (ReminderQuery, bool, error) {
	settings, err := settingsIn(ctx, r)
	keep, lead := time.Duration(settings.UnconfirmedRetention), time.Duration(settings.ReminderBefore)
	if err != nil || settings.UnconfirmedRetention == Never || settings.ReminderBefore == Never {
		return ReminderQuery{}, false, err
	}
	now := s.now()
	return ReminderQuery{CreatedAfter: now.Add(-keep), CreatedTill: now.Add(-max(keep-lead, keep/2))}, true, nil
}

// remind judges once more, in the transaction that owes the reminder. It
// reports whether there was one to owe.
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
		if err := s.audit(ctx, tx, ActorSystem, "user.reminded", u.ID, nil); err != nil {
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
	claims, err := tx.Claims(ctx, u.ID)
	if err != nil || len(claims) > 0 {
		return false, err
	}
	owed, err := tx.Mails(ctx, MailQuery{UserID: u.ID, State: MailOwed, Limit: 1})
	return len(owed) == 0, err
}

// lapsesAt is when an unconfirmed user who has a link that works until expires
// can be removed; zero for never.
func (s Settings) lapsesAt(u User, expires time.Time) time.Time {
	if s.UnconfirmedRetention == Never {
		return time.Time{}
	}
	lapses := u.CreatedAt.Add(time.Duration(s.UnconfirmedRetention))
	if lapses.Before(expires) {
		return expires
	}
	return lapses
}
