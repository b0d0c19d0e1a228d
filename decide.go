package signup

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/refusal"
)

// Approve activates a pending user and owes them the mail that says so. It is
// idempotent: for an active user it does nothing and sends no second mail.
//
// It refuses with refusal.UserNotFound, refusal.NotVerified or, for a rejected user,
// refusal.Conflict.
func (a Admin) Approve(ctx context.Context, id int64) (User, error) {
	return a.decide(ctx, id, transitionApprove, func(tx Tx, u *User) error {
		u.ApprovedAt, u.ApprovedBy = a.s.now(), a.by
		return a.decided(ctx, tx, u, event.Approved, MailApproved)
	})
}

// MaxReasonLength is the maximum length of a rejection's reason and note, in
// characters.
const MaxReasonLength = 2000

// Reject rejects a pending user. The reason is mailed to the person; the note is
// for administrators only; both may be empty. The address and the username become
// free again. It is idempotent and refuses like Approve; for an active user it
// refuses with refusal.Conflict.
func (a Admin) Reject(ctx context.Context, id int64, reason, note string) (User, error) {
	var errs refusal.Errors
	errs.Add(checkReason("reason", reason))
	errs.Add(checkReason("note", note))
	if err := errs.OrNil(); err != nil {
		return User{}, err
	}
	return a.decide(ctx, id, transitionReject, func(tx Tx, u *User) error {
		u.RejectedAt, u.RejectedBy = a.s.now(), a.by
		u.RejectionReason, u.RejectionNote = reason, note
		return a.decided(ctx, tx, u, event.Rejected, MailRejected)
	})
}

func checkReason(name, text string) error {
	if utf8.RuneCountInString(text) > MaxReasonLength {
		return refusal.Field(name, "must be at most 2000 characters")
	}
	return field.CheckText(name, text)
}

// Reconsider withdraws a rejection: the user is pending again. It refuses with
// refusal.UserNotFound (the data may have been erased since) or with
// refusal.Conflict if the user is not rejected, or if another user now holds the
// address or has the username.
func (a Admin) Reconsider(ctx context.Context, id int64) (User, error) {
	return a.reconsider(ctx, id, func(User) error { return nil })
}

// defaultUndoRejection is the default of Options.UndoRejection.
const defaultUndoRejection = 30 * 24 * time.Hour

// MayUndo reports whether UndoRejection would accept the user's rejection by its
// age.
func (a Admin) MayUndo(u User) bool {
	return u.Status() == StatusRejected && a.s.now().Sub(u.RejectedAt) < a.s.o.UndoRejection
}

// UndoRejection is Reconsider for rejections younger than
// Options.UndoRejection; it refuses older ones with refusal.Conflict.
func (a Admin) UndoRejection(ctx context.Context, id int64) (User, error) {
	return a.reconsider(ctx, id, func(u User) error {
		if !a.MayUndo(u) {
			return refusal.New(refusal.Conflict, "The rejection is too old to be undone; the person can sign up again")
		}
		return nil
	})
}

func (a Admin) reconsider(ctx context.Context, id int64, check func(User) error) (User, error) {
	s := a.s
	u, err := a.decide(ctx, id, transitionReconsider, func(tx Tx, u *User) error {
		if err := check(*u); err != nil {
			return err
		}
		u.RejectedAt, u.RejectedBy, u.RejectionReason, u.RejectionNote = time.Time{}, "", "", ""
		u.ApprovalRequired = true
		u.NoticedAt = s.now() // an administrator did this, so no notice is needed
		if err := update(ctx, tx, u); err != nil {
			return err
		}
		if err := tx.SupersedeMails(ctx, u.ID, MailRejected, s.now()); err != nil {
			return err
		}
		if u.HoldsAddress() {
			if err := tx.CloseLinksAt(ctx, u.EmailKey, s.now()); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, a.by, event.Reconsidered, u.ID, nil)
	})
	switch {
	case errors.Is(err, ErrEmailTaken):
		err = refusal.New(refusal.Conflict, "Another user has the email address by now")
	case errors.Is(err, ErrUsernameTaken):
		err = refusal.New(refusal.Conflict, "Another user has the username by now")
	}
	return u, err
}

// VerifyEmail marks a user's address as verified without a link. It is
// idempotent. It refuses with refusal.UserNotFound, or with refusal.Conflict for
// a rejected user and for an address that another user holds or signed up with:
// then only a link to the mailbox shows whose it is.
func (a Admin) VerifyEmail(ctx context.Context, id int64) (User, error) {
	s := a.s
	shared := refusal.New(refusal.Conflict, "Other people signed up with this email address too, so only the link in the mail can verify it")
	u, err := a.decide(ctx, id, transitionVerify, func(tx Tx, u *User) error {
		if u.Status() == StatusUnconfirmed {
			n, err := tx.CountUsers(ctx, UserQuery{EmailKey: u.EmailKey, Status: StatusUnconfirmed})
			if err != nil {
				return err
			}
			if n > 1 {
				return shared
			}
		}
		return s.win(ctx, tx, u, a.by)
	})
	if errors.Is(err, ErrEmailTaken) {
		err = shared
	}
	return u, err
}

// decide holds the user's address, applies a transition to the user, and then
// calls effects, which stores the user.
func (a Admin) decide(ctx context.Context, id int64, t transition, effects func(Tx, *User) error) (User, error) {
	s := a.s
	found, err := s.User(ctx, id)
	if err != nil {
		return User{}, err
	}
	var u User
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		if err := tx.HoldAddress(ctx, found.EmailKey); err != nil {
			return err
		}
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		if u.EmailKey != found.EmailKey { // the address has been corrected since
			found = u
			return ErrStale
		}
		takes, err := u.on(t)
		if err != nil || !takes {
			return err
		}
		return effects(tx, &u)
	})
	return u, err
}

// decided stores a decision: it supersedes the administrators' notices that are
// still owed, and owes the person a mail.
func (a Admin) decided(ctx context.Context, tx Tx, u *User, event event.Type, kind MailKind) error {
	s := a.s
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	if err := tx.SupersedeMails(ctx, u.ID, MailAdminNotice, s.now()); err != nil {
		return err
	}
	if err := s.record(ctx, tx, a.by, event, u.ID, nil); err != nil {
		return err
	}
	if err := s.entered(ctx, tx, *u, a.by); err != nil {
		return err
	}
	return s.owe(ctx, tx, Mail{Kind: kind, UserID: u.ID, RecipientID: u.ID})
}

// ApproveWaiting approves all users who are waiting for approval, each in a
// transaction of its own, and returns their number. If it is interrupted,
// finished approvals stay, and the next call does the rest.
func (a Admin) ApproveWaiting(ctx context.Context) (int, error) {
	return a.forAll(ctx, StatusPendingApproval, func(id int64) error {
		_, err := a.Approve(ctx, id)
		return err
	})
}

// VerifyWaiting calls VerifyEmail for all unconfirmed users, in the way of
// ApproveWaiting. Users who also need approval then wait for it.
func (a Admin) VerifyWaiting(ctx context.Context) (int, error) {
	return a.forAll(ctx, StatusUnconfirmed, func(id int64) error {
		_, err := a.VerifyEmail(ctx, id)
		return err
	})
}

// forAll calls do for every user in a status, newest first. It skips users that
// have left the status since.
func (a Admin) forAll(ctx context.Context, status Status, do func(id int64) error) (int, error) {
	done, before := 0, int64(0)
	for {
		users, err := a.List(ctx, UserQuery{Status: status, Before: before, Limit: lapseBatch})
		if err != nil || len(users) == 0 {
			return done, err
		}
		for _, u := range users {
			before = u.ID
			err := do(u.ID)
			if err != nil && refusal.Of(err) == nil {
				return done, err
			}
			if err == nil {
				done++
			}
		}
	}
}
