package signup

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Approve lets a pending user in and owes him the mail that says so. It is
// idempotent: an active user is left alone, without a second mail.
//
// It refuses with CodeUserNotFound, CodeNotVerified or, for a rejected user,
// CodeConflict.
func (s *Service) Approve(ctx context.Context, id int64, by Actor) (User, error) {
	return s.decide(ctx, id, eventApprove, func(tx Tx, u *User) error {
		u.ApprovedAt, u.ApprovedBy = s.now(), by
		return s.decided(ctx, tx, *u, by, "user.approved", MailApproved)
	})
}

// MaxReasonLength is the limit of a rejection's reason and note in characters.
const MaxReasonLength = 2000

// Reject turns a pending user down. The reason goes to the person by mail, the
// note is for administrators only; both may be empty. It is idempotent and
// refuses like Approve; an active user is a CodeConflict.
func (s *Service) Reject(ctx context.Context, id int64, reason, note string, by Actor) (User, error) {
	var errs Errors
	errs.add(checkReason("reason", reason))
	errs.add(checkReason("note", note))
	if err := errs.orNil(); err != nil {
		return User{}, err
	}
	return s.decide(ctx, id, eventReject, func(tx Tx, u *User) error {
		u.RejectedAt, u.RejectedBy = s.now(), by
		u.RejectionReason, u.RejectionNote = reason, note
		return s.decided(ctx, tx, *u, by, "user.rejected", MailRejected)
	})
}

func checkReason(field, text string) *Error {
	if utf8.RuneCountInString(text) > MaxReasonLength {
		return &Error{Code: CodeInvalid, Field: field, Message: "must be at most 2000 characters"}
	}
	return checkText(field, text)
}

// checkText refuses what cannot be shown: invalid UTF-8 and control characters
// other than tab and line feed.
func checkText(field, text string) *Error {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		return &Error{Code: CodeInvalid, Field: field, Message: "must not contain control characters"}
	}
	return nil
}

// Reconsider takes a rejection back: the user is pending again. It refuses
// with CodeUserNotFound (the data may have been erased meanwhile) or
// CodeConflict when the user is not rejected.
func (s *Service) Reconsider(ctx context.Context, id int64, by Actor) (User, error) {
	return s.decide(ctx, id, eventReconsider, func(tx Tx, u *User) error { return s.reconsider(ctx, tx, u, by) })
}

func (s *Service) reconsider(ctx context.Context, tx Tx, u *User, by Actor) error {
	u.liftRejection()
	u.ApprovalRequired = true
	if err := tx.SupersedeMails(ctx, u.ID, MailRejected, s.now()); err != nil {
		return err
	}
	// The administrators know: one of them did it.
	u.NoticedAt = s.now()
	// What was signed up meanwhile is beside the point, as after a confirmation.
	if err := settleTickets(ctx, tx, u.ID, StatusRejected, nil); err != nil {
		return err
	}
	if err := s.closeOpen(ctx, tx, *u); err != nil {
		return err
	}
	return s.audit(ctx, tx, by, "user.reconsidered", u.ID, nil)
}

// decide applies an event to a user, compare-and-set.
func (s *Service) decide(ctx context.Context, id int64, e event, effects func(Tx, *User) error) (User, error) {
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		takes, err := u.on(e)
		if err != nil || !takes {
			return err
		}
		if err := effects(tx, &u); err != nil {
			return err
		}
		return update(ctx, tx, &u)
	})
	return u, err
}

// decided records a decision: the administrators' notices that still wait are
// beside the point, and the person is told.
func (s *Service) decided(ctx context.Context, tx Tx, u User, by Actor, action string, kind MailKind) error {
	if err := tx.SupersedeMails(ctx, u.ID, MailAdminNotice, s.now()); err != nil {
		return err
	}
	if err := s.audit(ctx, tx, by, action, u.ID, nil); err != nil {
		return err
	}
	return s.owe(ctx, tx, Mail{Kind: kind, UserID: u.ID, RecipientID: u.ID})
}

// VerifyByHand proves the address by an administrator's word. It is idempotent
// and refuses with CodeUserNotFound or with CodeConflict: for a rejected user,
// and where others signed up with the address too, because then only a link
// that is opened tells whose it is.
func (s *Service) VerifyByHand(ctx context.Context, id int64, by Actor) (User, error) {
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		takes, err := u.on(eventVerify)
		if err != nil || !takes {
			return err
		}
		if err := alone(ctx, tx, u); err != nil {
			return err
		}
		before := u.Status()
		u.VerifiedAt = s.now()
		u, err = s.settle(ctx, tx, u, nil, before, by)
		return err
	})
	return u, err
}

// MaxCorrections is how often an address can be corrected before it is proved.
const MaxCorrections = 5

// CorrectEmail gives an unconfirmed user another address: the links to the
// old one die and a confirmation to the new one is owed. It refuses with
// CodeUserNotFound, CodeInvalid, CodeEmailTaken or CodeConflict (already
// confirmed, corrected too often, or somebody else signed up with the old
// address too).
func (s *Service) CorrectEmail(ctx context.Context, id int64, address string, by Actor) (User, error) {
	email, refusal := s.parseReachable(address)
	if refusal != nil {
		return User{}, refusal
	}
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		if takes, err := u.on(eventCorrect); err != nil || !takes {
			return err
		}
		if err := correctable(ctx, tx, u, email); err != nil {
			return err
		}
		u, err = s.correct(ctx, tx, u, email, by)
		return err
	})
	return u, err
}

func correctable(ctx context.Context, tx Tx, u User, email Email) error {
	if u.Corrections >= MaxCorrections {
		return &Error{Code: CodeConflict, Message: "The e-mail address was corrected too often; sign up again"}
	}
	if err := alone(ctx, tx, u); err != nil {
		return err
	}
	holder, err := tx.UserByEmailKey(ctx, email.Key)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil && holder.ID != u.ID {
		return errEmailTaken
	}
	return err
}

// alone refuses a user whose address others signed up with too.
func alone(ctx context.Context, tx Tx, u User) error {
	claims, err := tx.Claims(ctx, u.ID)
	if err == nil && len(claims) > 0 {
		err = &Error{Code: CodeConflict, Message: "Others signed up with this e-mail address too; the link in its mailbox decides"}
	}
	return err
}

func (s *Service) correct(ctx context.Context, tx Tx, u User, email Email, by Actor) (User, error) {
	u.Email, u.EmailKey, u.UndeliverableAt = email.Typed, email.Key, time.Time{}
	u.Corrections++
	err := update(ctx, tx, &u)
	if errors.Is(err, ErrEmailExists) {
		return User{}, errEmailTaken // somebody was faster
	}
	if err != nil {
		return User{}, err
	}
	if err := s.closeOpen(ctx, tx, u); err != nil {
		return User{}, err
	}
	if err := s.audit(ctx, tx, by, "user.email_corrected", u.ID, nil); err != nil {
		return User{}, err
	}
	return u, s.owe(ctx, tx, Mail{Kind: MailConfirmation, UserID: u.ID, RecipientID: u.ID})
}
