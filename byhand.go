package signup

import (
	"context"
	"time"
)

// What administrators do on their pages, beside the decisions.

// DefaultUndoRejection is how long a rejection can be undone on the
// administrators' pages.
const DefaultUndoRejection = 30 * 24 * time.Hour

// MayUndo reports whether UndoRejection would take the user's rejection back.
func (s *Service) MayUndo(u User) bool {
	return u.Status() == StatusRejected && s.now().Sub(u.RejectedAt) < s.o.UndoRejection
}

// UndoRejection is Reconsider for rejections younger than
// Options.UndoRejection; it refuses older ones with CodeConflict.
func (s *Service) UndoRejection(ctx context.Context, id int64, by Actor) (User, error) {
	return s.decide(ctx, id, eventReconsider, func(tx Tx, u *User) error {
		if !s.MayUndo(*u) {
			return &Error{Code: CodeConflict, Message: "The rejection is too old to be undone; the person can sign up again"}
		}
		return s.reconsider(ctx, tx, u, by)
	})
}

// SendLinkAgain owes an unconfirmed user a new confirmation, and one for every
// other sign-up open at the address, whatever Options.MailLimits say. It
// refuses with CodeUserNotFound, CodeMailNotConfigured, or CodeConflict when
// there is nothing to confirm.
func (s *Service) SendLinkAgain(ctx context.Context, id int64, by Actor) (User, error) {
	if s.o.Letters == nil {
		return User{}, errMailNotConfigured
	}
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		open, err := openSignUps(ctx, tx, u)
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return &Error{Code: CodeConflict, Message: "There is nothing to confirm"}
		}
		if err := s.oweLinks(ctx, tx, u, open); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "user.link_sent_again", u.ID, nil)
	})
	return u, err
}

// oweLinks owes a confirmation for each open sign-up that is not owed one.
func (s *Service) oweLinks(ctx context.Context, tx Tx, u User, open map[string]bool) error {
	owed, err := tx.Mails(ctx, MailQuery{UserID: u.ID, Kind: MailConfirmation, State: MailOwed})
	if err != nil {
		return err
	}
	for _, m := range owed {
		delete(open, m.ClaimID)
	}
	for claimID := range open {
		err := s.owe(ctx, tx, Mail{Kind: MailConfirmation, UserID: u.ID, RecipientID: u.ID, ClaimID: claimID})
		if err != nil {
			return err
		}
	}
	return nil
}

// UserList is Users without the count, which goes through everybody.
func (s *Service) UserList(ctx context.Context, q UserQuery) ([]User, error) {
	return peek(ctx, s, func(r Reader) ([]User, error) { return r.Users(ctx, q) })
}

// Waiting lists users of one status, the oldest first.
func (s *Service) Waiting(ctx context.Context, q WaitingQuery) ([]User, error) {
	return peek(ctx, s, func(r Reader) ([]User, error) { return r.Waiting(ctx, q) })
}

// CountUsers counts what q selects.
func (s *Service) CountUsers(ctx context.Context, q UserQuery) (int, error) {
	return peek(ctx, s, func(r Reader) (int, error) { return r.CountUsers(ctx, q) })
}

// LatestMails returns the last few mails about each of the users, newest
// first, of one moment.
func (s *Service) LatestMails(ctx context.Context, users []User, few int) (map[int64][]Mail, error) {
	var mails map[int64][]Mail
	err := s.store.View(ctx, func(r Reader) error {
		mails = make(map[int64][]Mail, len(users))
		for _, u := range users {
			list, err := r.Mails(ctx, MailQuery{UserID: u.ID, Limit: few})
			if err != nil {
				return err
			}
			mails[u.ID] = list
		}
		return nil
	})
	return mails, err
}

// CountByDay counts the events of each action on each day (UTC) from the day
// of since on, today included.
func (s *Service) CountByDay(ctx context.Context, since time.Time, actions ...string) ([]DayCount, error) {
	var days []DayCount
	today := s.now().Truncate(24 * time.Hour)
	err := s.store.View(ctx, func(r Reader) error {
		days = nil
		for day := since.UTC().Truncate(24 * time.Hour); !day.After(today); day = day.Add(24 * time.Hour) {
			c := DayCount{Day: day, Counts: make([]int, len(actions))}
			for i, action := range actions {
				n, err := r.CountEvents(ctx, action, day, day.Add(24*time.Hour))
				if err != nil {
					return err
				}
				c.Counts[i] = n
			}
			days = append(days, c)
		}
		return nil
	})
	return days, err
}

// A DayCount says how often something happened on a day.
type DayCount struct {
	Day    time.Time // its beginning, UTC
	Counts []int     // in the order of the actions asked for
}

// ApproveWaiting approves everybody who waits for it, one transaction each, and
// returns how many. Cut short, what it did stays done, and the next call goes on.
func (s *Service) ApproveWaiting(ctx context.Context, by Actor) (int, error) {
	return s.forAll(ctx, StatusPendingApproval, func(id int64) error {
		_, err := s.Approve(ctx, id, by)
		return err
	})
}

// VerifyWaiting is VerifyByHand for everybody who is unconfirmed, as
// ApproveWaiting does it. Those who also need an approval wait for that next.
func (s *Service) VerifyWaiting(ctx context.Context, by Actor) (int, error) {
	return s.forAll(ctx, StatusUnconfirmed, func(id int64) error {
		_, err := s.VerifyByHand(ctx, id, by)
		return err
	})
}

// forAll does something to everybody in a status, newest first. Those who left
// it meanwhile are passed over.
func (s *Service) forAll(ctx context.Context, status Status, do func(id int64) error) (int, error) {
	done, before := 0, int64(0)
	for {
		users, err := s.UserList(ctx, UserQuery{Status: status, Before: before, Limit: lapseBite})
		if err != nil || len(users) == 0 {
			return done, err
		}
		for _, u := range users {
			before = u.ID
			err := do(u.ID)
			if err != nil && Refusals(err) == nil {
				return done, err
			}
			if err == nil {
				done++
			}
		}
	}
}
