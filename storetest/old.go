package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func oldTests() (tests []test) {
	for _, o := range oldRows() {
		name := "DeleteOld of " + o.name() + " "
		tests = append(tests,
			test{name + "removes at most limit rows, oldest first, and nothing else", func(s *suite) { s.deletesOld(o) }},
			test{name + "is rolled back with its update", func(s *suite) { s.oldRolledBack(o) }},
			test{name + "may run concurrently", func(s *suite) { s.oldRace(o) }},
		)
	}
	tests = append(tests, test{"DeleteOld of tokens removes at most limit of both tables together", oldTokensOfBoth})
	return append(tests, test{"DeleteOld of mails removes their attempts and leaves mails that are owed", oldMails})
}

// old describes a kind of rows that DeleteOld removes.
type old struct {
	rows signup.OldRows
	of   string                                                  // says which of the rows, where there are several tables of them
	add  func(s *suite, userID int64, at time.Time) (key string) // adds a row that is old from at on
	has  func(s *suite, key string, at time.Time) bool
}

func (o old) name() string { return strings.TrimSpace(string(o.rows) + " " + o.of) }

func oldRows() []old {
	return []old{
		{
			signup.OldTokens, "of sign-ups",
			func(s *suite, userID int64, at time.Time) string {
				return s.createToken(userID, tokenExpires(at), func(t *signup.SignUpToken) { t.Used = at.Second()%2 == 0 }).TokenHash
			},
			func(s *suite, key string, _ time.Time) bool {
				return s.has(func(r signup.Reader) error { return second(r.Token(s.ctx(), key)) })
			},
		},
		{
			signup.OldTokens, "of accounts",
			func(s *suite, userID int64, at time.Time) string {
				return s.createAccountToken(userID, func(t *signup.AccountToken) { t.ExpiresAt = at }).Hash
			},
			func(s *suite, key string, _ time.Time) bool {
				return s.has(func(r signup.Reader) error { return second(r.AccountToken(s.ctx(), key)) })
			},
		},
		{
			signup.OldTickets, "",
			func(s *suite, userID int64, at time.Time) string {
				return s.putTicket(userID, func(t *signup.Ticket) { t.ExpiresAt = at }).Hash
			},
			func(s *suite, key string, _ time.Time) bool {
				return s.has(func(r signup.Reader) error { return second(r.Ticket(s.ctx(), key)) })
			},
		},
		{
			signup.OldSessions, "",
			func(s *suite, userID int64, at time.Time) string {
				return s.createSession(userID, func(s *signup.Session) { s.ExpiresAt = at }).TokenHash
			},
			func(s *suite, key string, _ time.Time) bool {
				return s.has(func(r signup.Reader) error { return second(r.SessionByHash(s.ctx(), key)) })
			},
		},
		{
			signup.OldMails, "",
			func(s *suite, userID int64, at time.Time) string {
				return s.addMail(userID, func(m *signup.Mail) { m.State, m.EndedAt = delivery.Sent, at }).ID
			},
			func(s *suite, key string, _ time.Time) bool {
				return s.has(func(r signup.Reader) error { return second(r.Mail(s.ctx(), key)) })
			},
		},
		{
			signup.OldAddressMails, "",
			func(s *suite, _ int64, at time.Time) string {
				s.addAddressMails("hash", at)
				return "hash"
			},
			func(s *suite, key string, at time.Time) bool {
				for _, t := range s.addressMails(key, 1000) {
					if t.Equal(at) {
						return true
					}
				}
				return false
			},
		},
	}
}

// has reports whether the reading method finds its row.
func (s *suite) has(verb func(signup.Reader) error) bool {
	s.Helper()
	err := s.store.View(s.ctx(), verb)
	if err != nil {
		s.missing("read", err)
	}
	return err == nil
}

func (s *suite) deleteOld(rows signup.OldRows, before time.Time, limit int) int {
	s.Helper()
	return write(s, func(tx signup.Tx) (int, error) { return tx.DeleteOld(s.ctx(), rows, before, limit) })
}

// addOld adds a row for each of the ages before start, in that order.
func (o old) addOld(s *suite, ages ...time.Duration) (keys []string) {
	u := s.createUser()
	for _, age := range ages {
		keys = append(keys, o.add(s, u.ID, start().Add(-age)))
	}
	return keys
}

func (s *suite) deletesOld(o old) {
	ages := []time.Duration{0, 2 * time.Second, time.Hour, -instant, instant, time.Minute, -time.Hour, 3 * time.Second}
	keys := o.addOld(s, ages...)
	others := map[string]string{}
	for _, other := range oldRows() {
		if other.rows != o.rows {
			others[other.name()] = other.add(s, s.createUser().ID, start().Add(-time.Hour))
		}
	}
	check := func(oldest time.Duration) {
		s.Helper()
		for i, age := range ages {
			s.same(fmt.Sprintf("the row of age %v exists", age), o.has(s, keys[i], start().Add(-age)), age <= oldest)
		}
	}
	s.same("none asked for", s.deleteOld(o.rows, start(), 0), 0)
	s.same("none so old", s.deleteOld(o.rows, start().Add(-time.Hour), 10), 0)
	check(time.Hour)
	s.same("how many", s.deleteOld(o.rows, start(), 2), 2)
	check(3 * time.Second)
	s.same("how many", s.deleteOld(o.rows, start(), 2), 2)
	check(instant)
	s.same("how many", s.deleteOld(o.rows, start(), 2), 1)
	check(0)
	s.same("how many", s.deleteOld(o.rows, start(), 2), 0)
	check(0)
	for _, other := range oldRows() {
		if key, ok := others[other.name()]; ok {
			s.same("a row of "+other.name()+" exists", other.has(s, key, start().Add(-time.Hour)), true)
		}
	}
}

func (s *suite) oldRolledBack(o old) {
	keys := o.addOld(s, time.Hour)
	fault := errors.New("fault")
	s.refused(fault, func(tx signup.Tx) error {
		n, err := tx.DeleteOld(s.ctx(), o.rows, start(), 10)
		if err != nil {
			return err
		}
		s.same("how many", n, 1)
		return fault
	})
	s.same("the row exists", o.has(s, keys[0], start().Add(-time.Hour)), true)
}

func (s *suite) oldRace(o old) {
	const n = 40
	ages := []time.Duration{0}
	for i := range n {
		ages = append(ages, time.Duration(i+1)*time.Second)
	}
	keys := o.addOld(s, ages...)
	removed := make([]int, 4)
	errs := race(len(removed), func(i int) error {
		for {
			var n int
			err := s.store.Update(s.ctx(), func(tx signup.Tx) (err error) {
				n, err = tx.DeleteOld(s.ctx(), o.rows, start(), 3)
				return err
			})
			removed[i] += n
			if err != nil || n == 0 || removed[i] > len(ages) {
				return err
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
	// A call that skips rows locked by another one may stop early.
	s.same("removed", removed[0]+removed[1]+removed[2]+removed[3]+s.deleteOld(o.rows, start(), 1000), n)
	s.same("the row that is not old exists", o.has(s, keys[0], start()), true)
}

func oldMails(s *suite) {
	u := s.createUser()
	attempt := func(m signup.Mail) {
		s.updateMail(m, signup.MailAttempt{MailID: m.ID, At: start(), Outcome: delivery.Accepted})
	}
	gone, late, owed := s.addMail(u.ID), s.addMail(u.ID), s.addMail(u.ID)
	gone.State, gone.EndedAt = delivery.Failed, start().Add(-instant)
	late.State, late.EndedAt = delivery.Sent, start()
	attempt(gone)
	attempt(late)
	attempt(owed)
	s.same("how many", s.deleteOld(signup.OldMails, start(), 10), 1)
	s.same("left", len(s.mails(signup.MailQuery{})), 2)
	s.same("attempts of the mail removed", len(s.attempts(gone.ID)), 0)
	s.same("attempts of the later mail", len(s.attempts(late.ID)), 1)
	s.same("attempts of the mail owed", len(s.attempts(owed.ID)), 1)
}

func oldTokensOfBoth(s *suite) {
	for _, o := range oldRows() {
		if o.rows == signup.OldTokens {
			o.addOld(s, time.Hour, time.Minute, 0)
		}
	}
	s.same("how many", s.deleteOld(signup.OldTokens, start(), 3), 3)
	s.same("how many", s.deleteOld(signup.OldTokens, start(), 3), 1)
	s.same("how many", s.deleteOld(signup.OldTokens, start(), 3), 0)
}
