package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func postTests() []test {
	return []test{
		{"Mails goes on after Before, whatever the mails' ages", mailsBefore},
		{"attempts come back, oldest first, and go with their mail", mailAttempts},
		{"RequeueMail stores as UpdateMail does", requeueMail},
		{"DeleteEndedMails removes what ended before, at most limit", deleteEndedMails},
		{"Unreminded lists exactly those it describes, the oldest first", unreminded},
		{"TakeUnnoticed takes each who waits once, lowest first", takeUnnoticed},
		{"of concurrent calls TakeUnnoticed gives each user to one", takeUnnoticedRace},
		{"CountNoticed counts those after a time, and no further than asked", countNoticed},
	}
}

func mailsBefore(s *suite) {
	u, other := s.createUser(), s.createUser()
	var newest []string
	for i := range 9 { // three of each age
		m := s.addMail(u.ID, func(m *signup.Mail) { m.CreatedAt = start().Add(time.Duration(i/3) * instant) })
		newest = slices.Insert(newest, 0, m.ID)
	}
	s.addMail(other.ID, func(m *signup.Mail) { m.State = signup.MailSent })
	for _, q := range []signup.MailQuery{{Kind: signup.MailConfirmation, State: signup.MailOwed}, {UserID: u.ID}} {
		var paged []string
		for q.Limit = 2; ; q.Before = paged[len(paged)-1] {
			page := mailIDs(s.mails(q))
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
		}
		s.same(fmt.Sprintf("pages of %+v", q), paged, newest)
	}
	s.same("not after a time and before", mailIDs(s.mails(signup.MailQuery{UserID: u.ID, Before: newest[0], CreatedTill: start()})), newest[6:])
	s.view(func(r signup.Reader) error {
		if _, err := r.Mails(s.ctx(), signup.MailQuery{Before: newID()}); !errors.Is(err, signup.ErrNotFound) {
			s.Errorf("before an unknown mail: %v, want ErrNotFound", err)
		}
		return nil
	})
}

func (s *suite) attempts(mailID string) []signup.MailAttempt {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.MailAttempt, error) { return r.MailAttempts(s.ctx(), mailID) })
}

func mailAttempts(s *suite) {
	u := s.createUser()
	m, other := s.addMail(u.ID), s.addMail(u.ID)
	var want []signup.MailAttempt
	outcomes := []signup.Outcome{signup.OutcomeAgain, signup.OutcomeFailed, signup.OutcomeSent}
	for i, answer := range awkward() {
		a := signup.MailAttempt{
			MailID: m.ID, At: start().Add(-time.Duration(i) * time.Hour), Phase: "rcpt", Answer: answer, Outcome: outcomes[i%3],
		}
		want = append(want, a)
		s.update(func(tx signup.Tx) error { return tx.AddMailAttempt(s.ctx(), a) })
	}
	s.same("attempts", s.attempts(m.ID), want)
	s.same("of another", s.attempts(other.ID), []signup.MailAttempt{})
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), u.ID) })
	s.same("of a mail that is gone", s.attempts(m.ID), []signup.MailAttempt{})
}

func requeueMail(s *suite) {
	m := s.addMail(s.createUser().ID, func(m *signup.Mail) {
		m.State, m.Attempts, m.EndedAt, m.TryingSince = signup.MailFailed, 3, start(), start()
	})
	m.State, m.Attempts, m.EndedAt, m.TryingSince = signup.MailOwed, 0, time.Time{}, time.Time{}
	s.update(func(tx signup.Tx) error { return tx.RequeueMail(s.ctx(), m) })
	s.same("mail", s.mail(m.ID), m)
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error {
		return tx.RequeueMail(s.ctx(), signup.Mail{ID: newID(), State: signup.MailOwed})
	})
}

func deleteEndedMails(s *suite) {
	u := s.createUser()
	var old []string
	for i := range 5 {
		m := s.addMail(u.ID, func(m *signup.Mail) {
			m.State, m.EndedAt = signup.MailSent, start().Add(-time.Duration(5-i)*instant)
		})
		old = append(old, m.ID)
		s.update(func(tx signup.Tx) error {
			return tx.AddMailAttempt(s.ctx(), signup.MailAttempt{MailID: m.ID, At: start(), Outcome: signup.OutcomeSent})
		})
	}
	late := s.addMail(u.ID, func(m *signup.Mail) { m.State, m.EndedAt = signup.MailFailed, start() })
	owed := s.addMail(u.ID)
	var counts []int
	for range 4 {
		s.update(func(tx signup.Tx) error {
			n, err := tx.DeleteEndedMails(s.ctx(), start(), 2)
			counts = append(counts, n)
			return err
		})
	}
	s.same("bites", counts, []int{2, 2, 1, 0})
	s.same("left", mailIDs(s.mails(signup.MailQuery{UserID: u.ID})), []string{owed.ID, late.ID})
	s.same("attempts left", s.attempts(old[0]), []signup.MailAttempt{})
}

func unreminded(s *suite) {
	q := signup.ReminderQuery{CreatedAfter: start().Add(-time.Hour), CreatedTill: start()}
	fresh := func(change func(*signup.User)) signup.User {
		return s.createUser(func(u *signup.User) {
			u.CreatedAt = start()
			change(u)
		})
	}
	last := fresh(func(*signup.User) {})
	first := fresh(func(u *signup.User) { u.CreatedAt = q.CreatedAfter.Add(instant) })
	fresh(func(u *signup.User) { u.CreatedAt = q.CreatedAfter })
	fresh(func(u *signup.User) { u.CreatedAt = q.CreatedTill.Add(instant) })
	fresh(func(u *signup.User) { u.RemindedAt = start() })
	fresh(func(u *signup.User) { u.UndeliverableAt = start() })
	fresh(func(u *signup.User) { u.VerifiedAt = start() })
	fresh(func(u *signup.User) { u.VerificationRequired = false })
	fresh(func(u *signup.User) { u.RejectedAt = start() })
	fresh(func(u *signup.User) { u.Role = signup.RoleAdmin })
	fresh(func(u *signup.User) { u.Origin = signup.OriginOperator })
	s.createClaim(fresh(func(*signup.User) {}).ID)
	s.addMail(fresh(func(*signup.User) {}).ID)
	told := fresh(func(*signup.User) {})
	s.addMail(told.ID, func(m *signup.Mail) { m.State = signup.MailFailed })
	list := func(limit int) []int64 {
		return userIDs(read(s, func(r signup.Reader) ([]signup.User, error) { return r.Unreminded(s.ctx(), q, limit) }))
	}
	s.same("listed", list(100), []int64{first.ID, last.ID, told.ID})
	s.same("two", list(2), []int64{first.ID, last.ID})
}

func (s *suite) hasUnnoticed() bool {
	s.Helper()
	return read(s, func(r signup.Reader) (bool, error) { return r.HasUnnoticed(s.ctx()) })
}

func waits(u *signup.User) { u.VerifiedAt = start() }

func takeUnnoticed(s *suite) {
	s.createUser() // unconfirmed
	s.createUser(waits, func(u *signup.User) { u.ApprovedAt = start() })
	s.createUser(waits, func(u *signup.User) { u.RejectedAt = start() })
	s.createUser(waits, func(u *signup.User) { u.NoticedAt = start() })
	s.same("unnoticed", s.hasUnnoticed(), false)
	a, b, c := s.createUser(waits), s.createUser(waits), s.createUser(waits)
	s.same("unnoticed", s.hasUnnoticed(), true)
	var taken [][]int64
	for range 3 {
		s.update(func(tx signup.Tx) error {
			users, err := tx.TakeUnnoticed(s.ctx(), 2, start().Add(time.Hour))
			taken = append(taken, userIDs(users))
			return err
		})
	}
	s.same("taken", taken, [][]int64{{a.ID, b.ID}, {c.ID}, {}})
	s.same("unnoticed", s.hasUnnoticed(), false)
	want := a
	want.NoticedAt, want.Version = start().Add(time.Hour), a.Version+1
	s.same("user", s.user(a.ID), want)
}

func takeUnnoticedRace(s *suite) {
	all := []int64{}
	for range 30 {
		all = append(all, s.createUser(waits).ID)
	}
	taken := make([][]int64, 10)
	for _, err := range race(len(taken), func(i int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			users, err := tx.TakeUnnoticed(s.ctx(), 100, start())
			taken[i] = userIDs(users)
			return err
		})
	}) {
		if err != nil {
			s.Fatal(err)
		}
	}
	got := slices.Concat(taken...)
	slices.Sort(got)
	s.same("taken", got, all)
}

func countNoticed(s *suite) {
	for i := range 4 {
		s.createUser(func(u *signup.User) { u.NoticedAt = start().Add(time.Duration(i) * instant) })
	}
	s.createUser()
	count := func(since time.Time, most int) int {
		return read(s, func(r signup.Reader) (int, error) { return r.CountNoticed(s.ctx(), since, most) })
	}
	s.same("all", count(start().Add(-instant), 10), 4)
	s.same("after", count(start().Add(instant), 10), 2)
	s.same("at most", count(start().Add(-instant), 3), 3)
}
