package signup

import (
	"context"
	"errors"
	"time"
)

// An audience is who hears of those who wait for approval.
type audience struct {
	admins []User   // active, and wanting notices
	chats  []string // Options.Chats
	anchor int64    // any active administrator, for a digest to a chat to hang on; 0 for none
}

func (a audience) empty() bool { return len(a.admins) == 0 && len(a.chats) == 0 }

const allAdmins = 100_000

func (s *Service) audience(ctx context.Context, r Reader) (audience, error) {
	a := audience{chats: s.o.Chats}
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

const noticeBite = 100

// OweNotices owes the administrators word of everybody who waits for approval
// and whom they have not been owed word of, and returns of how many. The first
// few within a while are told of one by one, all others by a digest; the
// settings say how many. Package outbox calls it every second.
//
// Who waits is a fact of its own that the confirmation stores, so that a storm
// of confirmations costs no more than the confirmations.
func (s *Service) OweNotices(ctx context.Context) (int, error) {
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
		if total += n; err != nil || n < noticeBite {
			return total, err
		}
	}
}

// noticesDue reports whether somebody waits unnoticed and somebody is there to
// be told. It warns, once, when nobody is.
func (s *Service) noticesDue(ctx context.Context) (due bool, err error) {
	var a audience
	err = s.store.Peek(ctx, func(r Reader) (err error) {
		if due, err = r.HasUnnoticed(ctx); err != nil || !due {
			return err
		}
		a, err = s.audience(ctx, r)
		return err
	})
	if err != nil || !due {
		return false, err
	}
	if a.empty() && !s.lonely.Swap(true) {
		s.o.Log.WarnContext(ctx, "a user waits for approval and there is no administrator to tell")
	}
	if !a.empty() {
		s.lonely.Store(false)
	}
	return !a.empty(), nil
}

func (s *Service) oweNotices(ctx context.Context, tx Tx) (int, error) {
	settings, err := settingsIn(ctx, tx)
	if err != nil {
		return 0, err
	}
	a, err := s.audience(ctx, tx)
	if err != nil || a.empty() {
		return 0, err
	}
	limit := noticeBite
	if a.anchor == 0 { // no digest: the others wait for their turn
		settings.NoticeDigestAfter = max(settings.NoticeDigestAfter, 1)
		single, err := s.singles(ctx, tx, settings, 0)
		if limit = min(single, noticeBite-1); err != nil || limit == 0 {
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

// singles is how many can be told of one by one now, when so many were taken
// in this transaction already.
func (s *Service) singles(ctx context.Context, tx Tx, settings Settings, taken int) (int, error) {
	most := settings.NoticeDigestAfter
	noticed, err := tx.CountNoticed(ctx, s.now().Add(-time.Duration(settings.NoticeInterval)), most+taken)
	return max(most-(noticed-taken), 0), err
}

func (s *Service) oweNotice(ctx context.Context, tx Tx, a audience, u User) error {
	var errs []error
	for _, admin := range a.admins {
		errs = append(errs, s.owe(ctx, tx, Mail{Kind: MailAdminNotice, UserID: u.ID, RecipientID: admin.ID}))
	}
	for _, chat := range a.chats {
		errs = append(errs, s.owe(ctx, tx, Mail{Kind: MailAdminNotice, UserID: u.ID, RecipientID: u.ID, Channel: chat}))
	}
	return errors.Join(errs...)
}

// oweDigests owes everybody a digest who is not owed one that is still to be
// written. It goes out when the interval is over.
func (s *Service) oweDigests(ctx context.Context, tx Tx, a audience, settings Settings) error {
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
	// Whoever writes a digest holds the user it is about until he has counted:
	// either it has not been written, and will count those of now, or it shows.
	if _, err := tx.User(ctx, m.UserID); err != nil {
		return ignoreNotFound(err)
	}
	owed, err := tx.Mails(ctx, MailQuery{UserID: m.UserID, Kind: MailAdminDigest, State: MailOwed})
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

// maxNamed is how many a digest names.
const maxNamed = 10

// composeDigest counts who waits, and notes that this was done.
func (s *Service) composeDigest(ctx context.Context, tx Tx, d draft, msg Message) (Message, error) {
	users, err := tx.Users(ctx, UserQuery{Status: StatusPendingApproval, Limit: maxNamed})
	if err != nil {
		return msg, err
	}
	msg.Waiting, msg.User = d.waiting, Person{}
	for _, u := range users {
		msg.People = append(msg.People, Person{Name: u.Name, Username: u.Username, Email: u.Email})
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

// SetNotices says whether an administrator wants notices of those who wait. It
// is idempotent and refuses with CodeUserNotFound, or CodeConflict when the
// user is no administrator.
func (s *Service) SetNotices(ctx context.Context, id int64, on bool, by Actor) (User, error) {
	var u User
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if u, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		if u.Role != RoleAdmin {
			return &Error{Code: CodeConflict, Message: "Only administrators get notices"}
		}
		if u.NoticesOff == !on {
			return nil
		}
		u.NoticesOff = !on
		if err := update(ctx, tx, &u); err != nil {
			return err
		}
		action := map[bool]string{true: "user.notices_on", false: "user.notices_off"}[on]
		return s.audit(ctx, tx, by, action, u.ID, nil)
	})
	return u, err
}
