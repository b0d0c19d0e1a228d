package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func mailTests() []test {
	return []test{
		{"every field comes back", mailComesBack},
		{"Mails selects by user, kind, state and time", mailFilters},
		{"Mails comes newest first, at most Limit or 100", mailPages},
		{"UpdateMail stores how it went and nothing else", updateMail},
		{"SupersedeMails ends owed mails of one kind about one user", supersedeMails},
	}
}

func (s *suite) mail(id string) signup.Mail {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.Mail, error) { return r.Mail(s.ctx(), id) })
}

func (s *suite) mails(q signup.MailQuery) []signup.Mail {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.Mail, error) { return r.Mails(s.ctx(), q) })
}

func mailComesBack(s *suite) {
	about, to := s.createUser(), s.createUser()
	for _, state := range mailStates() {
		for _, kind := range mailKinds() {
			m := s.addMail(about.ID, func(m *signup.Mail) {
				m.Kind, m.State, m.RecipientID, m.ClaimID, m.Attempts = kind, state, to.ID, newID(), 3
				m.LastAttemptAt, m.EndedAt = start().Add(time.Second), start().Add(time.Minute)
				m.TryingSince, m.NextAttemptAt, m.Channel = start().Add(instant), start().Add(time.Hour), "chat-1"
				m.LastAnswer = "250 2.0.0 Ok: 🧵"
			})
			s.same("mail", s.mail(m.ID), m)
		}
	}
	bare := s.addMail(about.ID)
	s.same("bare mail", s.mail(bare.ID), bare)
}

func mailStates() []signup.MailState {
	return []signup.MailState{signup.MailOwed, signup.MailSent, signup.MailFailed, signup.MailSuperseded, signup.MailCancelled}
}

func mailKinds() []signup.MailKind {
	return []signup.MailKind{
		signup.MailConfirmation, signup.MailAdminNotice, signup.MailApproved, signup.MailRejected, signup.MailAccountExists,
		signup.MailReminder, signup.MailWelcome, signup.MailAdminDigest,
	}
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

// mailPopulation is a mail of each user, kind, state and age; no two of one age.
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
					m.Attempts = n % 2
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
}

func updateMail(s *suite) {
	a, b := s.createUser(), s.createUser()
	m, other := s.addMail(a.ID), s.addMail(a.ID)
	sent := signup.Mail{
		ID: m.ID, State: signup.MailSent, Attempts: 2, LastAttemptAt: start().Add(time.Second),
		EndedAt: start().Add(time.Minute), LastAnswer: "250 Ok",
		TryingSince: start().Add(instant), NextAttemptAt: start().Add(time.Hour),
		Kind: signup.MailApproved, UserID: b.ID, RecipientID: b.ID, ClaimID: newID(), CreatedAt: start().Add(time.Hour),
	}
	s.update(func(tx signup.Tx) error { return tx.UpdateMail(s.ctx(), sent) })
	want := m
	want.State, want.Attempts, want.LastAttemptAt, want.EndedAt, want.LastAnswer = sent.State, sent.Attempts, sent.LastAttemptAt, sent.EndedAt, sent.LastAnswer
	want.TryingSince, want.NextAttemptAt = sent.TryingSince, sent.NextAttemptAt
	s.same("mail", s.mail(m.ID), want)
	s.same("the other", s.mail(other.ID), other)
	s.update(func(tx signup.Tx) error { return tx.UpdateMail(s.ctx(), m) })
	s.same("mail taken back", s.mail(m.ID), m)
}

func supersedeMails(s *suite) {
	all := s.mailPopulation()
	now := start().Add(time.Hour)
	s.update(func(tx signup.Tx) error {
		return tx.SupersedeMails(s.ctx(), all[0].UserID, signup.MailConfirmation, now)
	})
	for _, m := range all {
		if m.UserID == all[0].UserID && m.Kind == signup.MailConfirmation && m.State == signup.MailOwed {
			m.State, m.EndedAt = signup.MailSuperseded, now
		}
		s.same("mail", s.mail(m.ID), m)
	}
}
