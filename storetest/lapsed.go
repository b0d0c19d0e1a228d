package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func lapsedTests() []test {
	return []test{
		{"of all states, ages and leftovers exactly the allowed lapse", lapsedPopulation},
		{"before the zero time nobody lapses", lapsedNever},
		{"a confirmation that races it is never confirmed and then deleted", lapsedRace},
		{"DeleteLapsed takes all with it but audit events", lapsedCascades},
	}
}

// lapsedQuery describes sign-ups older than a day at start.
func lapsedQuery() signup.LapsedQuery {
	return signup.LapsedQuery{
		Now:               start(),
		UnconfirmedBefore: start().Add(-24 * time.Hour),
		RejectedBefore:    start().Add(-48 * time.Hour),
	}
}

// A leftover is what may hang on a user.
type leftover struct {
	token func(*signup.SignUpToken)
	mail  func(m *signup.Mail, admin int64)
	keeps bool // whoever it hangs on
}

func leftovers() []leftover {
	expires := func(at time.Time, used bool) func(*signup.SignUpToken) {
		return func(t *signup.SignUpToken) { t.ExpiresAt, t.Used = at, used }
	}
	return []leftover{
		{},
		{token: expires(start().Add(-time.Hour), false)},
		{token: expires(start(), false)},
		{token: expires(start().Add(instant), false), keeps: true},
		{token: expires(start().Add(time.Hour), true)},
		{mail: func(*signup.Mail, int64) {}, keeps: true},
		{mail: func(m *signup.Mail, _ int64) { m.State = signup.MailFailed }},
		{mail: func(m *signup.Mail, admin int64) { m.RecipientID = admin }},
	}
}

// lapses is the documentation of LapsedQuery once more, in Go.
func lapses(u signup.User, l leftover, q signup.LapsedQuery) bool {
	if u.Role != signup.RoleMember || u.Origin != signup.OriginSignUp || l.keeps {
		return false
	}
	if !u.RejectedAt.IsZero() {
		return u.RejectedAt.Before(q.RejectedBefore)
	}
	return u.VerificationRequired && u.VerifiedAt.IsZero() && u.ApprovedAt.IsZero() &&
		u.CreatedAt.Before(q.UnconfirmedBefore)
}

// everybody is a user for each state and age, and with others also for each
// role and origin.
func (s *suite) everybody(others bool) (all []signup.User) {
	q := lapsedQuery()
	ages := []time.Time{q.UnconfirmedBefore.Add(-instant), q.UnconfirmedBefore, start()}
	rejections := []time.Time{{}, q.RejectedBefore.Add(-instant), q.RejectedBefore, start()}
	combinations := 1 << 4
	if others {
		combinations = 1 << 6
	}
	for bits := range combinations {
		for _, created := range ages {
			for _, rejected := range rejections {
				u := s.person()
				setFacts(&u, bits&15)
				u.CreatedAt, u.RejectedAt = created, rejected
				if bits&16 != 0 {
					u.Role = signup.RoleAdmin
				}
				if bits&32 != 0 {
					u.Origin = signup.OriginOperator
				}
				all = append(all, u)
			}
		}
	}
	return all
}

// populate stores everybody, some with each leftover, and returns all ids and
// those of the users that may lapse, ascending.
func (s *suite) populate() (all, allowed []int64) {
	admin := s.createUser(func(u *signup.User) { u.Role = signup.RoleAdmin })
	all = []int64{admin.ID}
	for i, l := range leftovers() {
		people := s.everybody(i == 0)
		s.update(func(tx signup.Tx) error {
			for i, u := range people {
				created, err := tx.CreateUser(s.ctx(), u)
				if err != nil {
					return err
				}
				people[i].ID = created.ID
				if err := s.leave(tx, created.ID, admin.ID, l); err != nil {
					return err
				}
			}
			return nil
		})
		for _, u := range people {
			all = append(all, u.ID)
			if lapses(u, l, lapsedQuery()) {
				allowed = append(allowed, u.ID)
			}
		}
	}
	return all, allowed
}

func (s *suite) leave(tx signup.Tx, id, admin int64, l leftover) error {
	if l.token != nil {
		t := token(id)
		l.token(&t)
		if _, err := tx.CreateToken(s.ctx(), t); err != nil {
			return err
		}
	}
	if l.mail == nil {
		return nil
	}
	m := mail(id)
	l.mail(&m, admin)
	return tx.AddMail(s.ctx(), m)
}

func (s *suite) lapsed(q signup.LapsedQuery, limit int) []int64 {
	s.Helper()
	return userIDs(read(s, func(r signup.Reader) ([]signup.User, error) { return r.Lapsed(s.ctx(), q, limit) }))
}

func lapsedPopulation(s *suite) {
	all, allowed := s.populate()
	q := lapsedQuery()
	s.same("listed", s.lapsed(q, len(all)), allowed)
	s.same("listed in pages", s.lapsedInPages(q, len(allowed)/5), allowed)
	s.same("listed none", s.lapsed(q, 0), []int64{})

	var deleted []int64
	s.update(func(tx signup.Tx) error {
		deleted = nil
		for _, id := range all {
			err := tx.DeleteLapsed(s.ctx(), id, q)
			if err == nil {
				deleted = append(deleted, id)
			} else if !errors.Is(err, signup.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	s.same("deleted", deleted, allowed)
	s.same("left", s.allUsers(), slices.DeleteFunc(all, func(id int64) bool {
		_, gone := slices.BinarySearch(allowed, id)
		return gone
	}))
	s.same("listed afterwards", s.lapsed(q, len(all)), []int64{})
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

func lapsedNever(s *suite) {
	long := start().AddDate(-10, 0, 0)
	s.createUser(func(u *signup.User) { u.CreatedAt = long })
	s.createUser(func(u *signup.User) { u.CreatedAt, u.RejectedAt = long, long })
	s.same("listed", s.lapsed(signup.LapsedQuery{Now: start()}, 10), []int64{})
}

func lapsedRace(s *suite) {
	q := lapsedQuery()
	for range 100 {
		u := s.createUser(func(u *signup.User) { u.CreatedAt = q.UnconfirmedBefore.Add(-instant) })
		t := s.createToken(u.ID, func(t *signup.SignUpToken) { t.ExpiresAt = q.Now })
		errs := race(2, func(i int) error {
			return s.store.Update(s.ctx(), func(tx signup.Tx) error {
				if i == 0 {
					return tx.DeleteLapsed(s.ctx(), u.ID, q)
				}
				return confirm(s, tx, t, q.Now.Add(-instant))
			})
		})
		s.oneWins(errs, signup.ErrNotFound)
		s.same("the user is there", slices.Contains(s.allUsers(), u.ID), errs[1] == nil)
	}
}

// confirm is what the Service does with a token, in short.
func confirm(s *suite, tx signup.Tx, t signup.SignUpToken, now time.Time) error {
	spent, err := tx.SpendToken(s.ctx(), t.TokenHash, now)
	if err != nil {
		return err
	}
	u, err := tx.User(s.ctx(), spent.UserID)
	if err != nil {
		return err
	}
	u.VerifiedAt = now
	return tx.UpdateUser(s.ctx(), u)
}

func lapsedCascades(s *suite) {
	q := lapsedQuery()
	u := s.createUser(func(u *signup.User) { u.RejectedAt = q.RejectedBefore.Add(-instant) })
	s.reserve("key", u.ID)
	t, c := s.createToken(u.ID, func(t *signup.SignUpToken) { t.Used = true }), s.createClaim(u.ID)
	m := s.addMail(u.ID, func(m *signup.Mail) { m.State = signup.MailFailed })
	s.update(func(tx signup.Tx) error {
		return errors.Join(
			tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: "system", Action: "x", UserID: u.ID}),
			tx.DeleteLapsed(s.ctx(), u.ID, q),
		)
	})
	s.free("key")
	s.view(func(r signup.Reader) error {
		for _, err := range []error{
			second(r.Token(s.ctx(), t.TokenHash)), second(r.Claim(s.ctx(), c.ID)), second(r.Mail(s.ctx(), m.ID)),
		} {
			if !errors.Is(err, signup.ErrNotFound) {
				s.Errorf("%v, want ErrNotFound", err)
			}
		}
		return nil
	})
	s.same("events", len(s.events(signup.AuditQuery{UserID: u.ID})), 1)
}
