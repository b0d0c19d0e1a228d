package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func mailTests() []test {
	return []test{
		{"every field is read back", mailComesBack},
		{"AddMail replaces the mail with the same id", replaceMail},
		{"Mails selects by user, kind, state, attempts and time", mailFilters},
		{"Mails returns the newest first, at most Limit or 100", mailPages},
		{"Mails continues after Before, whatever the ages of the mails", mailsBefore},
		{"UpdateMail stores the documented fields and no others", updateMail},
		{"UpdateMail stores every field of the attempts", attemptsComeBack},
		{"UpdateMail adds attempts to the earlier ones", mailAttempts},
		{"SupersedeMails ends owed mails of one kind about one user", supersedeMails},
	}
}

// mail returns a mail owed to the user about themselves.
func mail(userID int64) signup.Mail {
	return signup.Mail{
		ID:          newID(),
		Kind:        signup.MailConfirmation,
		UserID:      userID,
		RecipientID: userID,
		State:       delivery.Owed,
		CreatedAt:   start(),
	}
}

func (s *suite) addMail(userID int64, changes ...func(*signup.Mail)) signup.Mail {
	s.Helper()
	m := mail(userID)
	for _, change := range changes {
		change(&m)
	}
	s.update(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), m) })
	return m
}

func (s *suite) updateMail(m signup.Mail, attempts ...signup.MailAttempt) {
	s.Helper()
	s.update(func(tx signup.Tx) error { return tx.UpdateMail(s.ctx(), m, attempts...) })
}

func (s *suite) mail(id string) signup.Mail {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.Mail, error) { return r.Mail(s.ctx(), id) })
}

func (s *suite) mails(q signup.MailQuery) []signup.Mail {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.Mail, error) { return r.Mails(s.ctx(), q) })
}

func (s *suite) attempts(mailID string) []signup.MailAttempt {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.MailAttempt, error) { return r.MailAttempts(s.ctx(), mailID) })
}

func mailStates() []delivery.State {
	return []delivery.State{delivery.Owed, delivery.Sent, delivery.Failed, delivery.Superseded, delivery.Cancelled}
}

func mailKinds() []signup.MailKind {
	return []signup.MailKind{
		signup.MailConfirmation, signup.MailAdminNotice, signup.MailApproved, signup.MailRejected, signup.MailAccountExists,
		signup.MailReminder, signup.MailWelcome, signup.MailAdminDigest, signup.MailPasswordReset,
		signup.MailNewEmail, signup.MailEmailChanged,
	}
}

func outcomes() []delivery.Outcome {
	return []delivery.Outcome{delivery.TryAgain, delivery.NeverAgain, delivery.Accepted}
}

func mailComesBack(s *suite) {
	full := filled[signup.Mail](s)
	for _, state := range mailStates() {
		for _, kind := range mailKinds() {
			want := full
			want.ID, want.State, want.Kind, want.LastAnswer = newID(), state, kind, s.text()
			s.update(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), want) })
			s.same("mail", s.mail(want.ID), want)
			s.same("in Update", write(s, func(tx signup.Tx) (signup.Mail, error) { return tx.Mail(s.ctx(), want.ID) }), want)
			s.same("in a list", s.mails(signup.MailQuery{State: state, Kind: kind}), []signup.Mail{want})
		}
	}
	bare := s.addMail(full.UserID)
	s.same("bare mail", s.mail(bare.ID), bare)
}

func replaceMail(s *suite) {
	m, other := filled[signup.Mail](s), filled[signup.Mail](s)
	add := func(m signup.Mail) {
		s.Helper()
		s.update(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), m) })
	}
	add(m)
	add(other)
	for _, changed := range refill(s, m) {
		changed.ID = m.ID
		add(changed)
		s.same("mail", s.mail(m.ID), changed)
	}
	cleared := mail(m.UserID)
	cleared.ID = m.ID
	add(cleared)
	s.same("cleared", s.mail(m.ID), cleared)
	s.same("the other", s.mail(other.ID), other)
	s.same("mails", len(s.mails(signup.MailQuery{})), 2)
}

func mailFilters(s *suite) {
	all := s.mailPopulation()
	for _, user := range []int64{0, all[0].UserID, nobody} {
		for _, kind := range append(mailKinds(), "") {
			for _, state := range append(mailStates(), "") {
				for _, till := range []time.Time{{}, start(), start().Add(-instant), start().Add(time.Hour)} {
					for _, tried := range []*bool{nil, new(true), new(false)} {
						q := signup.MailQuery{UserID: user, Kind: kind, State: state, Tried: tried, CreatedTill: till, Limit: 1000}
						s.same(fmt.Sprintf("%+v", q), mailIDs(s.mails(q)), matchingMails(all, q))
					}
				}
			}
		}
	}
}

// mailPopulation adds a mail of each user, kind and state. No two have the same
// age.
func (s *suite) mailPopulation() (all []signup.Mail) {
	a, b := s.createUser(), s.createUser()
	n := 0
	s.update(func(tx signup.Tx) error {
		all, n = nil, 0
		for _, user := range []int64{a.ID, b.ID} {
			for _, kind := range mailKinds() {
				for _, state := range mailStates() {
					m := mail(user)
					m.Kind, m.State, m.CreatedAt = kind, state, start().Add(time.Duration(n-20)*instant)
					if n%2 == 1 {
						m.Attempts, m.TryingSince, m.LastAttemptAt = 1, m.CreatedAt, m.CreatedAt
					}
					if err := tx.AddMail(s.ctx(), m); err != nil {
						return err
					}
					all = append(all, m)
					n++
				}
			}
		}
		return nil
	})
	return all
}

func matchingMails(all []signup.Mail, q signup.MailQuery) []string {
	ids := []string{}
	for _, m := range slices.Backward(all) {
		if (q.UserID == 0 || q.UserID == m.UserID) && (q.Kind == "" || q.Kind == m.Kind) &&
			(q.State == "" || q.State == m.State) && (q.Tried == nil || *q.Tried == (m.Attempts > 0)) && (q.CreatedTill.IsZero() || !m.CreatedAt.After(q.CreatedTill)) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func mailIDs(mails []signup.Mail) []string {
	ids := []string{}
	for _, m := range mails {
		ids = append(ids, m.ID)
	}
	return ids
}

func mailPages(s *suite) {
	u := s.createUser()
	var newest []string
	s.update(func(tx signup.Tx) error {
		newest = nil
		for i := range 101 {
			m := mail(u.ID)
			m.CreatedAt = start().Add(time.Duration(i) * instant)
			if err := tx.AddMail(s.ctx(), m); err != nil {
				return err
			}
			newest = slices.Insert(newest, 0, m.ID)
		}
		return nil
	})
	s.same("three", mailIDs(s.mails(signup.MailQuery{Limit: 3})), newest[:3])
	s.same("without a limit", mailIDs(s.mails(signup.MailQuery{})), newest[:100])
	s.same("of the user", mailIDs(s.mails(signup.MailQuery{UserID: u.ID})), newest[:100])
	s.same("many", mailIDs(s.mails(signup.MailQuery{Limit: 1000})), newest)
}

func mailsBefore(s *suite) {
	u, other := s.createUser(), s.createUser()
	var newest []string
	for i := range 9 { // three of each age
		m := s.addMail(u.ID, func(m *signup.Mail) { m.CreatedAt = start().Add(time.Duration(i/3) * instant) })
		newest = slices.Insert(newest, 0, m.ID)
	}
	s.addMail(other.ID, func(m *signup.Mail) { m.State = delivery.Sent })
	for _, q := range []signup.MailQuery{{Kind: signup.MailConfirmation, State: delivery.Owed}, {UserID: u.ID}} {
		var paged []string
		for q.Limit = 2; len(paged) <= len(newest); q.Before = paged[len(paged)-1] {
			page := mailIDs(s.mails(q))
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
		}
		s.same(fmt.Sprintf("pages of %+v", q), paged, newest)
	}
	s.same("not after a time and before", mailIDs(s.mails(signup.MailQuery{UserID: u.ID, Before: newest[0], CreatedTill: start()})), newest[6:])
	s.missing("before an unknown mail", s.store.View(s.ctx(), func(r signup.Reader) error {
		return second(r.Mails(s.ctx(), signup.MailQuery{Before: newID()}))
	}))
}

func updateMail(s *suite) {
	m, other := filled[signup.Mail](s), filled[signup.Mail](s)
	s.update(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), m) })
	s.update(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), other) })
	stored := []string{"Kind", "State", "Attempts", "TryingSince", "LastAttemptAt", "NextAttemptAt", "EndedAt", "LastAnswer"}
	for _, changed := range refill(s, m) {
		changed.ID = m.ID
		s.updateMail(changed)
		s.same("mail", s.mail(m.ID), with(m, changed, stored...))
	}
	cleared := signup.Mail{ID: m.ID, Kind: signup.MailConfirmation, State: delivery.Owed}
	s.updateMail(cleared)
	s.same("cleared", s.mail(m.ID), with(m, cleared, stored...))
	s.same("the other", s.mail(other.ID), other)
	s.same("attempts", len(s.attempts(m.ID)), 0)
}

func attemptsComeBack(s *suite) {
	m, other := s.addMail(s.createUser().ID), s.addMail(s.createUser().ID)
	var want []signup.MailAttempt
	a := signup.MailAttempt{}
	for range 2 * len(awkward()) {
		s.fill(&a)
		a.MailID = m.ID
		want = append(want, a)
	}
	for _, outcome := range outcomes() {
		s.fill(&a)
		a.MailID, a.Phase, a.Answer, a.Outcome = m.ID, "", "", outcome
		want = append(want, a)
	}
	s.updateMail(m, want...)
	s.same("attempts", s.attempts(m.ID), want)
	s.same("of another mail", len(s.attempts(other.ID)), 0)
}

func mailAttempts(s *suite) {
	m := s.addMail(s.createUser().ID)
	var want []signup.MailAttempt
	for i := range 4 {
		a := signup.MailAttempt{MailID: m.ID, At: start().Add(time.Duration(i) * instant), Outcome: delivery.TryAgain}
		m.Attempts++
		m.LastAttemptAt = a.At
		if i%2 == 0 {
			s.updateMail(m, a)
		} else {
			b := a
			b.Answer = "again"
			s.updateMail(m, a, b)
			want = append(want, a)
			a = b
		}
		want = append(want, a)
	}
	s.same("attempts", s.attempts(m.ID), want)
	s.same("mail", s.mail(m.ID), m)
}

// eachMail adds a mail of each kind and state.
func (s *suite) eachMail(userID, recipientID int64) (all []signup.Mail) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		all = nil
		for _, kind := range mailKinds() {
			for _, state := range mailStates() {
				m := mail(userID)
				m.RecipientID, m.Kind, m.State = recipientID, kind, state
				if state != delivery.Owed {
					m.EndedAt = start()
				}
				if err := tx.AddMail(s.ctx(), m); err != nil {
					return err
				}
				all = append(all, m)
			}
		}
		return nil
	})
	return all
}

func supersedeMails(s *suite) {
	all := s.mailPopulation()
	now := start().Add(time.Hour)
	s.update(func(tx signup.Tx) error {
		return tx.SupersedeMails(s.ctx(), all[0].UserID, signup.MailConfirmation, now)
	})
	for _, m := range all {
		if m.UserID == all[0].UserID && m.Kind == signup.MailConfirmation && m.State == delivery.Owed {
			m.State, m.EndedAt = delivery.Superseded, now
		}
		s.same("mail", s.mail(m.ID), m)
	}
}
