package signup

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Lapsed lists, without removing any, up to limit users that DeleteLapsed
// would remove now.
func (s *Service) Lapsed(ctx context.Context, limit int) ([]User, error) {
	users, err := s.lapsed(ctx, 0, limit)
	return slices.DeleteFunc(users, s.o.Keep), err
}

// lapsed also lists those whom Options.Keep keeps, by id, above one.
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
		Now:               now,
		UnconfirmedBefore: before(now, settings.UnconfirmedRetention),
		RejectedBefore:    before(now, settings.RejectedRetention),
	}, err
}

// before is the time d ago, or the zero time, before which nothing happened.
func before(now time.Time, d Duration) time.Time {
	if d == Never {
		return time.Time{}
	}
	return now.Add(-time.Duration(d))
}

const lapseBite = 100

// DeleteLapsed removes sign-ups that nobody confirmed and erases rejected ones,
// after the times the settings give. Each is judged again in the transaction
// that removes it, and leaves an audit event. It returns how many went.
func (s *Service) DeleteLapsed(ctx context.Context) (int, error) {
	total, after := 0, int64(0)
	for {
		users, err := s.lapsed(ctx, after, lapseBite)
		if err != nil || len(users) == 0 {
			return total, err
		}
		for _, u := range users {
			gone, err := s.deleteLapsed(ctx, u)
			if err != nil {
				return total, err
			}
			if after = u.ID; gone {
				total++
			}
		}
	}
}

func (s *Service) deleteLapsed(ctx context.Context, u User) (bool, error) {
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = tx.User(ctx, u.ID); err != nil {
			return err
		}
		if s.o.Keep(u) {
			return ErrNotFound
		}
		q, err := s.lapsedQuery(ctx, tx)
		if err != nil {
			return err
		}
		if err := tx.DeleteLapsed(ctx, u.ID, q); err != nil {
			return err
		}
		return s.audit(ctx, tx, ActorSystem, "user.lapsed", u.ID, map[string]string{"status": string(u.Status())})
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
