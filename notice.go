package signup

import (
	"context"
	"errors"
	"time"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// A noticeAudience is the recipients of notices about users who wait for
// approval.
type noticeAudience struct {
	admins []User   // active administrators who want notices
	chats  []string // Options.Chats
	anchor int64    // an active administrator as the user of digests to chats; 0 for none
}

func (a noticeAudience) empty() bool { return len(a.admins) == 0 && len(a.chats) == 0 }

const allAdmins = 100_000

func (s *Service) noticeAudience(ctx context.Context, r Reader) (noticeAudience, error) {
	a := noticeAudience{chats: s.o.Chats}
	admins, err := r.Users(ctx, UserQuery{Role: RoleAdmin, Status: StatusActive, Limit: allAdmins})
	for _, u := range admins {
		a.anchor = u.ID
		if wantsNotices(u) {
			a.admins = append(a.admins, u)
		}
	}
	return a, err
}

func wantsNotices(u User) bool { return u.Role == RoleAdmin && u.Active() && !u.NoticesOff }

const noticeBatch = 100

// OweNotices owes administrators a notice about each user who waits for approval
// and has not been announced yet, and returns the number of users. The first few
// in a period get a notice each and the others share a digest, as the settings
// say. Package outbox calls it every second.
//
// Confirmations only store that the user waits. Notices are owed here, later, so
// that many concurrent confirmations do not pay for them.
func (p Post) OweNotices(ctx context.Context) (int, error) {
	s := p.s
	if s.o.Letters == nil {
		return 0, nil
	}
	for total := 0; ; {
		if due, err := s.noticesDue(ctx); err != nil || !due {
			return total, err
		}
		n := 0
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			n, err = s.oweNotices(ctx, tx)
			return err
		})
		total += n
		if err != nil || n < noticeBatch {
			return total, err
		}
	}
}

// noticesDue reports whether a user waits unannounced and there is somebody to
// notify. If there is nobody, it logs a warning once.
func (s *Service) noticesDue(ctx context.Context) (due bool, err error) {
	var a noticeAudience
	err = s.store.Peek(ctx, func(r Reader) (err error) {
		waiting, err := r.Waiting(ctx)
		due = waiting.Unnoticed
		if err != nil || !due {
			return err
		}
		a, err = s.noticeAudience(ctx, r)
		return err
	})
	if err != nil || !due {
		return false, err
	}
	if a.empty() && !s.noAdmins.Swap(true) {
		s.o.Log.WarnContext(ctx, "a user waits for approval and there is no administrator to tell")
	}
	if !a.empty() {
		s.noAdmins.Store(false)
	}
	return !a.empty(), nil
}

func (s *Service) oweNotices(ctx context.Context, tx Tx) (int, error) {
	settings, err := settingsIn(ctx, tx)
	if err != nil {
		return 0, err
	}
	a, err := s.noticeAudience(ctx, tx)
	if err != nil || a.empty() {
		return 0, err
	}
	limit := noticeBatch
	if a.anchor == 0 { // nobody can get a digest: the other users wait until more notices are allowed
		settings.NoticeDigestAfter = max(settings.NoticeDigestAfter, 1)
		single, err := s.singles(ctx, tx, settings, 0)
		limit = min(single, noticeBatch-1)
		if err != nil || limit == 0 {
			return 0, err
		}
	}
	users, err := tx.TakeUnnoticed(ctx, limit, s.now())
	if err != nil || len(users) == 0 {
		return 0, err
	}
	single := len(users)
	if a.anchor != 0 {
		if single, err = s.singles(ctx, tx, settings, len(users)); err != nil {
			return 0, err
		}
	}
	for _, u := range users[:min(single, len(users))] {
		if err := s.oweNotice(ctx, tx, a, u); err != nil {
			return 0, err
		}
	}
	if single >= len(users) {
		return len(users), nil
	}
	return len(users), s.oweDigests(ctx, tx, a, settings)
}

// singles returns how many users may be announced individually now, given how
// many this transaction has already taken.
func (s *Service) singles(ctx context.Context, tx Tx, settings Settings, taken int) (int, error) {
	most := settings.NoticeDigestAfter
	noticed, err := tx.CountNoticed(ctx, s.now().Add(-time.Duration(settings.NoticeInterval)), most+taken)
	return max(most-(noticed-taken), 0), err
}

func (s *Service) oweNotice(ctx context.Context, tx Tx, a noticeAudience, u User) error {
	var errs []error
	for _, admin := range a.admins {
		err := s.owe(ctx, tx, Mail{Kind: MailAdminNotice, UserID: u.ID, RecipientID: admin.ID})
		errs = append(errs, ignoreNotFound(err)) // an administrator who was deleted since
	}
	for _, chat := range a.chats {
		errs = append(errs, s.owe(ctx, tx, Mail{Kind: MailAdminNotice, UserID: u.ID, RecipientID: u.ID, Channel: chat}))
	}
	return errors.Join(errs...)
}

// oweDigests owes a digest to every recipient who is not already owed an
// unwritten one. It is due at the end of the interval.
func (s *Service) oweDigests(ctx context.Context, tx Tx, a noticeAudience, settings Settings) error {
	due := s.now().Add(time.Duration(settings.NoticeInterval))
	var errs []error
	for _, admin := range a.admins {
		errs = append(errs, s.oweDigest(ctx, tx, Mail{UserID: admin.ID, NextAttemptAt: due}))
	}
	for _, chat := range a.chats {
		errs = append(errs, s.oweDigest(ctx, tx, Mail{UserID: a.anchor, Channel: chat, NextAttemptAt: due}))
	}
	return errors.Join(errs...)
}

func (s *Service) oweDigest(ctx context.Context, tx Tx, m Mail) error {
	// Compose locks this user while it counts: a digest still owed here will
	// include these people, or its LastAttemptAt is already set.
	if _, err := tx.User(ctx, m.UserID); err != nil {
		return ignoreNotFound(err)
	}
	owed, err := tx.Mails(ctx, MailQuery{UserID: m.UserID, Kind: MailAdminDigest, State: delivery.Owed})
	if err != nil {
		return err
	}
	for _, o := range owed {
		if o.Channel == m.Channel && o.LastAttemptAt.IsZero() {
			return nil
		}
	}
	m.Kind, m.RecipientID = MailAdminDigest, m.UserID
	return s.owe(ctx, tx, m)
}

func ignoreNotFound(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// maxNamed is the number of people that a digest names.
const maxNamed = 10

// composeDigest counts the users who wait, and stores that the digest has been
// written.
func (s *Service) composeDigest(ctx context.Context, tx Tx, d draft, msg Message) (Message, error) {
	users, err := tx.Users(ctx, UserQuery{Status: StatusPendingApproval, Limit: maxNamed})
	if err != nil {
		return msg, err
	}
	msg.Waiting, msg.User = d.waiting, Person{}
	for _, u := range users {
		msg.People = append(msg.People, personOf(u))
	}
	switch {
	case s.o.Links.Waiting != nil:
		msg.Link = s.o.Links.Waiting()
	case len(users) > 0:
		msg.Link = s.o.Links.Review(users[0])
	}
	d.mail.LastAttemptAt = s.now()
	return msg, tx.UpdateMail(ctx, d.mail)
}

// SetNotices sets whether an administrator gets notices about sign-ups that wait
// for approval. It is idempotent. It refuses with refusal.UserNotFound, or with
// refusal.Conflict when the user is not an administrator.
func (a Admin) SetNotices(ctx context.Context, id int64, on bool) (User, error) {
	what := event.NoticesOff
	if on {
		what = event.NoticesOn
	}
	return a.change(ctx, id, func(tx Tx, u *User) error {
		if u.Role != RoleAdmin {
			return refusal.New(refusal.Conflict, "Only administrators get notices")
		}
		if u.NoticesOff == !on {
			return nil
		}
		u.NoticesOff = !on
		return errors.Join(update(ctx, tx, u), a.s.record(ctx, tx, a.by, what, u.ID, nil))
	})
}
