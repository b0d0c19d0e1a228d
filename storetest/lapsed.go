package storetest

import (
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func lapsedTests() []test {
	return []test{
		{"for all facts, ages and mails, exactly the sign-ups that may be removed are listed", lapsedPopulation},
		{"a requested link keeps a sign-up", lapsedLinks},
		{"nothing lapses before the zero time", lapsedNever},
	}
}

// lapsedQuery describes sign-ups that are older than a day at start.
func lapsedQuery() signup.LapsedQuery {
	return signup.LapsedQuery{
		UnconfirmedBefore: start().Add(-24 * time.Hour),
		LinkBefore:        start().Add(-12 * time.Hour),
		RejectedBefore:    start().Add(-48 * time.Hour),
	}
}

// A leftover is a mail that a sign-up may have.
type leftover struct {
	mail  func(m *signup.Mail, admin int64)
	keeps bool // keeps every sign-up
}

func leftovers() []leftover {
	return []leftover{
		{},
		{mail: func(*signup.Mail, int64) {}, keeps: true},
		{mail: func(m *signup.Mail, _ int64) { m.NextAttemptAt = start() }},
		{mail: func(m *signup.Mail, _ int64) {
			m.NextAttemptAt, m.Attempts, m.TryingSince, m.LastAttemptAt = start(), 1, start(), start()
		}, keeps: true},
		{mail: func(m *signup.Mail, _ int64) { m.State, m.EndedAt = delivery.Failed, start() }},
		{mail: func(m *signup.Mail, admin int64) { m.RecipientID = admin }},
	}
}

// lapses implements LapsedQuery in Go, as documented.
func lapses(u signup.User, l leftover, q signup.LapsedQuery) bool {
	if u.Role != signup.RoleMember || u.Origin != signup.OriginSignUp || l.keeps {
		return false
	}
	if u.Status() == signup.StatusRejected {
		return u.RejectedAt.Before(q.RejectedBefore)
	}
	return u.Status() == signup.StatusUnconfirmed && u.ApprovedAt.IsZero() && u.CreatedAt.Before(q.UnconfirmedBefore) &&
		(u.LinkAskedAt.IsZero() || u.LinkAskedAt.Before(q.LinkBefore))
}

// everybody returns a user for each combination of facts and age and, if others
// is set, also of role and origin.
func (s *suite) everybody(others bool) (all []signup.User) {
	q := lapsedQuery()
	ages := []time.Time{q.UnconfirmedBefore.Add(-instant), q.UnconfirmedBefore, start()}
	rejections := []time.Time{q.RejectedBefore.Add(-instant), q.RejectedBefore, start()}
	combinations := allFacts
	if others {
		combinations *= 4
	}
	for bits := range combinations {
		for i := range ages {
			u := s.person()
			setFacts(bits)(&u)
			u.CreatedAt = ages[i]
			if !u.RejectedAt.IsZero() {
				u.RejectedAt = rejections[i]
			}
			if bits&allFacts != 0 {
				admin(&u)
			}
			if bits&(2*allFacts) != 0 {
				u.Origin = signup.OriginOperator
			}
			all = append(all, u)
		}
	}
	return all
}

// populate stores everybody, some with each leftover, and returns the IDs of the
// users that may lapse, in ascending order.
func (s *suite) populate() (allowed []int64) {
	admin := s.createUser(admin)
	for i, l := range leftovers() {
		people := s.everybody(i == 0)
		s.createUsers(people)
		s.update(func(tx signup.Tx) error {
			for _, u := range people {
				if l.mail == nil {
					break
				}
				m := mail(u.ID)
				l.mail(&m, admin.ID)
				if err := tx.AddMail(s.ctx(), m); err != nil {
					return err
				}
			}
			return nil
		})
		for _, u := range people {
			if lapses(u, l, lapsedQuery()) {
				allowed = append(allowed, u.ID)
			}
		}
	}
	return allowed
}

func (s *suite) lapsed(q signup.LapsedQuery, limit int) []int64 {
	s.Helper()
	return userIDs(read(s, func(r signup.Reader) ([]signup.User, error) { return r.Lapsed(s.ctx(), q, limit) }))
}

func lapsedPopulation(s *suite) {
	allowed := s.populate()
	all := s.allUsers()
	q := lapsedQuery()
	s.same("listed", s.lapsed(q, len(all)), allowed)
	s.same("listed in pages", s.lapsedInPages(q, len(allowed)/5), allowed)
	s.same("none asked for", s.lapsed(q, 0), []int64{})
	left := allowed
	for _, id := range all[:len(all)/3] {
		want := []int64{}
		if len(left) > 0 && left[0] == id {
			want, left = left[:1], left[1:]
		}
		q.Only = id
		s.same("only one", s.lapsed(q, 10), want)
	}
}

func (s *suite) lapsedInPages(q signup.LapsedQuery, limit int) (ids []int64) {
	s.Helper()
	for {
		page := s.lapsed(q, limit)
		if len(page) > limit {
			s.Fatalf("a page of %d, limit %d", len(page), limit)
		}
		if len(page) == 0 {
			return ids
		}
		if page[0] <= q.After {
			s.Fatalf("id %d after %d", page[0], q.After)
		}
		ids = append(ids, page...)
		q.After = ids[len(ids)-1]
	}
}

func lapsedLinks(s *suite) {
	q := lapsedQuery()
	old := created(q.UnconfirmedBefore.Add(-instant))
	asked := func(at time.Time) func(*signup.User) { return func(u *signup.User) { u.LinkAskedAt = at } }
	never := s.createUser(old)
	before := s.createUser(old, asked(q.LinkBefore.Add(-instant)))
	s.createUser(old, asked(q.LinkBefore))
	s.createUser(old, asked(start()))
	turnedDown := s.createUser(func(u *signup.User) { u.RejectedAt, u.LinkAskedAt = q.RejectedBefore.Add(-instant), start() })
	s.same("listed", s.lapsed(q, 10), []int64{never.ID, before.ID, turnedDown.ID})
	q.LinkBefore = time.Time{}
	s.same("listed without LinkBefore", s.lapsed(q, 10), []int64{never.ID, turnedDown.ID})
}

func lapsedNever(s *suite) {
	long := start().AddDate(-10, 0, 0)
	s.createUser(created(long))
	s.createUser(func(u *signup.User) { u.CreatedAt, u.RejectedAt = long, long })
	s.same("listed", s.lapsed(signup.LapsedQuery{LinkBefore: start()}, 10), []int64{})
}
