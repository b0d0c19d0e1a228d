package signup

import (
	"context"
	"errors"

	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// Resend requests another link for an unconfirmed sign-up with the address, if
// there is one. Neither the result nor the time it takes reveals whether there
// is: the result is nil unless the address is malformed (refusal.Invalid) or mail
// is not configured (refusal.MailNotConfigured). Post.OweRequestedLinks decides
// what is mailed.
func (s *Service) Resend(ctx context.Context, address string) error {
	email, refused := identity.ParseEmail(address)
	if refused != nil {
		return refused
	}
	if s.o.Letters == nil {
		return errMailNotConfigured()
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.requestLink(ctx, tx, email.Key, "") })
}

// ResendForToken requests another link to the address of an expired token: for the
// token's own sign-up or, if that was deleted or corrected, for another one with
// the address. For any other token it does nothing and returns nil.
func (s *Service) ResendForToken(ctx context.Context, token string) error {
	t, ok := ParseToken(token)
	if !ok {
		return nil
	}
	if s.o.Letters == nil {
		return errMailNotConfigured()
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		stored, err := tx.Token(ctx, t.Hash())
		if err != nil || stored.Used {
			return err
		}
		u, err := ownSignUp(ctx, tx, stored)
		switch {
		case errors.Is(err, errNotSpent):
			return s.requestLink(ctx, tx, stored.EmailKey, "")
		case err != nil || u.Status() != StatusUnconfirmed:
			return err
		}
		return s.askLink(ctx, tx, &u)
	})
	return ignoreNotFound(err)
}

// ResendByTicket requests another link for the ticket's sign-up. It refuses with
// refusal.TicketUnknown, refusal.MailNotConfigured, refusal.Conflict (already
// confirmed) or, before SignUpStatus.ResendAt, refusal.TooSoon.
func (s *Service) ResendByTicket(ctx context.Context, ticket string) error {
	if s.o.Letters == nil {
		return errMailNotConfigured()
	}
	return s.store.Update(ctx, func(tx Tx) error {
		t, u, err := s.readOpenTicket(ctx, tx, ticket)
		switch {
		case err != nil:
			return err
		case s.now().Before(s.resendAt(t)):
			return refusal.New(refusal.TooSoon, "Another link was requested a moment ago")
		}
		t.Resends++
		t.AskedAt = s.now()
		return errors.Join(tx.PutTicket(ctx, t), s.askLink(ctx, tx, &u))
	})
}

// SendLinkAgain requests another link for an unconfirmed user. It refuses with
// refusal.UserNotFound, refusal.MailNotConfigured, or refusal.Conflict when there
// is nothing to confirm.
func (a Admin) SendLinkAgain(ctx context.Context, id int64) (User, error) {
	s := a.s
	if s.o.Letters == nil {
		return User{}, errMailNotConfigured()
	}
	return a.change(ctx, id, func(tx Tx, u *User) error {
		if u.Status() != StatusUnconfirmed || u.isBlank() {
			return refusal.New(refusal.Conflict, "There is nothing to confirm")
		}
		return errors.Join(s.askLink(ctx, tx, u), s.record(ctx, tx, a.by, event.LinkSentAgain, u.ID, nil))
	})
}

// askLink stores with an unconfirmed user that a link was requested, and owes it.
func (s *Service) askLink(ctx context.Context, tx Tx, u *User) error {
	u.LinkAskedAt = s.now()
	if err := update(ctx, tx, u); err != nil {
		return err
	}
	return s.oweLink(ctx, tx, *u)
}

// oweLink owes the user the mail with a link, unless it is already owed. If
// anybody holds the address when the mail is written, it becomes a note to the
// holder.
func (s *Service) oweLink(ctx context.Context, tx Tx, u User) error {
	owed, err := tx.Mails(ctx, MailQuery{UserID: u.ID, State: delivery.Owed})
	if err != nil {
		return err
	}
	for _, m := range owed {
		if m.Kind == MailConfirmation || m.Kind == MailAccountExists {
			return nil
		}
	}
	kind := MailConfirmation
	if u.HoldsAddress() {
		kind = MailAccountExists
	}
	return s.owe(ctx, tx, Mail{Kind: kind, UserID: u.ID, RecipientID: u.ID})
}

// requestLink stores a request for a link, which OweRequestedLinks answers in the
// background.
func (s *Service) requestLink(ctx context.Context, tx Tx, emailKey, usernameKey string) error {
	if s.o.Letters == nil {
		return nil
	}
	return tx.AddLinkRequest(ctx, LinkRequest{Kind: MailConfirmation, EmailKey: emailKey, UsernameKey: usernameKey, At: s.now()})
}

const requestBatch = 20

// OweRequestedLinks owes the mails that Resend, RequestPasswordReset and repeated
// sign-ups requested, and returns the number of requests it answered. Package outbox calls it every
// second.
func (p Post) OweRequestedLinks(ctx context.Context) (int, error) {
	s := p.s
	for total := 0; ; {
		waiting, err := peek(ctx, s, func(r Reader) (Waiting, error) { return r.Waiting(ctx) })
		if err != nil || !waiting.LinkRequests {
			return total, err
		}
		n := 0
		err = s.store.Update(ctx, func(tx Tx) error {
			requests, err := tx.TakeLinkRequests(ctx, requestBatch)
			n = len(requests)
			for _, r := range requests {
				if err == nil {
					err = s.answer(ctx, tx, r)
				}
			}
			return err
		})
		total += n
		if err != nil {
			return total, err
		}
	}
}

// answer owes what a request asks for. It makes no sign-up live longer, or a
// stranger could tell by its username whether it has the address.
func (s *Service) answer(ctx context.Context, tx Tx, r LinkRequest) error {
	switch {
	case r.Kind == MailPasswordReset:
		return s.answerReset(ctx, tx, r)
	case r.UsernameKey != "":
		return s.answerPair(ctx, tx, r)
	}
	if _, err := tx.UserByEmailKey(ctx, r.EmailKey); !errors.Is(err, ErrNotFound) {
		return err // somebody holds the address
	}
	u, err := s.longestWithout(ctx, tx, r.EmailKey)
	if err != nil {
		return ignoreNotFound(err)
	}
	if err = s.oweLink(ctx, tx, u); errors.Is(err, ErrNotFound) {
		return ErrStale // it went meanwhile, and there may be another
	}
	return err
}

// answerPair answers a sign-up that was repeated with another password, or after
// it was confirmed.
func (s *Service) answerPair(ctx context.Context, tx Tx, r LinkRequest) error {
	u, err := tx.UserByUsernameKey(ctx, r.UsernameKey)
	if err != nil || u.EmailKey != r.EmailKey {
		return ignoreNotFound(err)
	}
	if u.Status() == StatusRejected {
		return nil
	}
	return s.oweLink(ctx, tx, u)
}

// maxOpen is how many unconfirmed sign-ups with one address are considered when
// one is chosen.
const maxOpen = 20

// longestWithout returns the unconfirmed sign-up with the address whose last mail
// is the oldest. A link for it can confirm any of them.
func (s *Service) longestWithout(ctx context.Context, tx Tx, emailKey string) (User, error) {
	users, err := tx.Users(ctx, UserQuery{EmailKey: emailKey, Status: StatusUnconfirmed, Limit: maxOpen})
	if err != nil {
		return User{}, err
	}
	var chosen User
	var oldest string
	for _, u := range users {
		mails, err := tx.Mails(ctx, MailQuery{UserID: u.ID, Limit: 1})
		if err != nil {
			return User{}, err
		}
		last := ""
		if len(mails) > 0 {
			last = mails[0].ID // a version 7 UUID, which sorts by time
		}
		if chosen.ID == 0 || last < oldest {
			chosen, oldest = u, last
		}
	}
	if chosen.ID == 0 {
		return User{}, ErrNotFound
	}
	return chosen, nil
}
