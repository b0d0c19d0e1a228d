package storetest

import (
	"errors"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

func tokenTests() []test {
	return []test{
		{"CreateToken returns what is stored", tokenComesBack},
		{"an id of 64 and a hash of 128 characters fit, longer are refused", tokenLengths},
		{"a hash or an id is stored once", tokenUnique},
		{"a token is valid before ExpiresAt, unused", validToken},
		{"HasValidToken sees unused, unexpired tokens of the user", hasValidToken},
		{"MarkTokenUsed marks, whatever the state", markTokenUsed},
		{"SpendToken spends once, before ExpiresAt", spendToken},
		{"one of many SpendToken gets it, with its effects", spendRace},
		{"a spent token is unspent when its update fails", spendRolledBack},
		{"SpendUserTokens spends all of one user", spendUserTokens},
		{"DeleteExpiredTokens removes what expired before the cutoff", deleteExpired},
		{"DeleteExpiredTokens keeps to its limit", deleteLimit},
		{"several DeleteExpiredTokens at once remove each token once", deleteRace},
	}
}

func (s *suite) storedToken(hash string) signup.SignUpToken {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.SignUpToken, error) { return r.Token(s.ctx(), hash) })
}

// works reports whether ValidToken finds the hash at now.
func (s *suite) works(hash string, now time.Time) bool {
	s.Helper()
	found := false
	s.view(func(r signup.Reader) error {
		got, err := r.ValidToken(s.ctx(), hash, now)
		if errors.Is(err, signup.ErrNotFound) {
			return nil
		}
		found = got.TokenHash == hash
		return err
	})
	return found
}

func tokenComesBack(s *suite) {
	u := s.createUser()
	for _, address := range awkward() {
		want := token(u.ID)
		want.Address, want.ClaimID = address, newID()
		var got signup.SignUpToken
		s.update(func(tx signup.Tx) (err error) {
			got, err = tx.CreateToken(s.ctx(), want)
			return err
		})
		s.same("created", got, want)
		s.same("stored", s.storedToken(want.TokenHash), want)
	}
	used := s.createToken(u.ID, func(t *signup.SignUpToken) { t.Used = true })
	s.same("used", s.storedToken(used.TokenHash), used)
}

func tokenLengths(s *suite) {
	u := s.createUser()
	s.createToken(u.ID, func(t *signup.SignUpToken) {
		t.ID, t.TokenHash = strings.Repeat("i", 64), strings.Repeat("h", 128)
	})
	for _, change := range []func(*signup.SignUpToken){
		func(t *signup.SignUpToken) { t.ID = strings.Repeat("j", 65) },
		func(t *signup.SignUpToken) { t.TokenHash = strings.Repeat("k", 129) },
	} {
		s.faulty(u.ID, change)
	}
}

// faulty checks that such a token cannot be stored.
func (s *suite) faulty(userID int64, change func(*signup.SignUpToken)) {
	s.Helper()
	t := token(userID)
	change(&t)
	err := s.store.Update(s.ctx(), func(tx signup.Tx) error {
		_, err := tx.CreateToken(s.ctx(), t)
		return err
	})
	if err == nil || errors.Is(err, signup.ErrNotFound) || errors.Is(err, signup.ErrBusy) {
		s.Errorf("CreateToken: %v, want a fault", err)
	}
}

func tokenUnique(s *suite) {
	u := s.createUser()
	first := s.createToken(u.ID)
	s.faulty(u.ID, func(t *signup.SignUpToken) { t.ID = first.ID })
	s.faulty(u.ID, func(t *signup.SignUpToken) { t.TokenHash = first.TokenHash })
	s.same("first", s.storedToken(first.TokenHash), first)
}

func validToken(s *suite) {
	u := s.createUser()
	t := s.createToken(u.ID)
	used := s.createToken(u.ID, func(t *signup.SignUpToken) { t.Used = true })
	for name, c := range map[string]struct {
		hash string
		now  time.Time
		want bool
	}{
		"at the start":       {t.TokenHash, t.CreatedAt, true},
		"just before expiry": {t.TokenHash, t.ExpiresAt.Add(-instant), true},
		"at expiry":          {t.TokenHash, t.ExpiresAt, false},
		"after expiry":       {t.TokenHash, t.ExpiresAt.Add(instant), false},
		"used":               {used.TokenHash, used.CreatedAt, false},
		"another case":       {strings.ToUpper(t.TokenHash), t.CreatedAt, false},
	} {
		s.same(name, s.works(c.hash, c.now), c.want)
	}
}

func hasValidToken(s *suite) {
	a, b := s.createUser(), s.createUser()
	has := func(id int64, now time.Time) bool {
		s.Helper()
		return read(s, func(r signup.Reader) (bool, error) { return r.HasValidToken(s.ctx(), id, now) })
	}
	s.createToken(a.ID, func(t *signup.SignUpToken) { t.Used = true })
	s.same("used only", has(a.ID, start()), false)
	t := s.createToken(a.ID)
	s.same("valid", has(a.ID, t.ExpiresAt.Add(-instant)), true)
	s.same("expired", has(a.ID, t.ExpiresAt), false)
	s.same("another user's", has(b.ID, start()), false)
}

func markTokenUsed(s *suite) {
	u := s.createUser()
	expired := s.createToken(u.ID, func(t *signup.SignUpToken) { t.ExpiresAt = time.UnixMilli(1) })
	want := expired
	want.Used = true
	for range 2 {
		s.update(func(tx signup.Tx) error {
			got, err := tx.MarkTokenUsed(s.ctx(), expired.ID)
			if err == nil {
				s.same("returned", got, want)
			}
			return err
		})
	}
	s.same("stored", s.storedToken(expired.TokenHash), want)
}

func (s *suite) spend(hash string, now time.Time) (got signup.SignUpToken, err error) {
	err = s.store.Update(s.ctx(), func(tx signup.Tx) (err error) {
		got, err = tx.SpendToken(s.ctx(), hash, now)
		return err
	})
	return got, err
}

func spendToken(s *suite) {
	u := s.createUser()
	t, other := s.createToken(u.ID), s.createToken(u.ID)
	if _, err := s.spend(t.TokenHash, t.ExpiresAt); !errors.Is(err, signup.ErrNotFound) {
		s.Fatalf("SpendToken at expiry: %v, want ErrNotFound", err)
	}
	got, err := s.spend(t.TokenHash, t.ExpiresAt.Add(-instant))
	if err != nil {
		s.Fatal(err)
	}
	t.Used = true
	s.same("returned", got, t)
	s.same("stored", s.storedToken(t.TokenHash), t)
	s.same("the other", s.storedToken(other.TokenHash), other)
	if _, err := s.spend(t.TokenHash, t.CreatedAt); !errors.Is(err, signup.ErrNotFound) {
		s.Fatalf("SpendToken again: %v, want ErrNotFound", err)
	}
}

func spendRace(s *suite) {
	u := s.createUser()
	t := s.createToken(u.ID)
	s.oneWins(race(many, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			if _, err := tx.SpendToken(s.ctx(), t.TokenHash, start()); err != nil {
				return err
			}
			return tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorPerson, Action: "spent", UserID: u.ID})
		})
	}), signup.ErrNotFound)
	s.same("effects", len(s.events(signup.AuditQuery{})), 1)
}

func spendRolledBack(s *suite) {
	u := s.createUser()
	t := s.createToken(u.ID)
	fault := errors.New("fault")
	s.refused(fault, func(tx signup.Tx) error {
		if _, err := tx.SpendToken(s.ctx(), t.TokenHash, start()); err != nil {
			return err
		}
		return fault
	})
	s.same("still valid", s.works(t.TokenHash, start()), true)
}

func spendUserTokens(s *suite) {
	a, b := s.createUser(), s.createUser()
	first, second, other := s.createToken(a.ID), s.createToken(a.ID), s.createToken(b.ID)
	s.update(func(tx signup.Tx) error { return tx.SpendUserTokens(s.ctx(), a.ID) })
	s.same("first", s.storedToken(first.TokenHash).Used, true)
	s.same("second", s.storedToken(second.TokenHash).Used, true)
	s.same("another user's", s.storedToken(other.TokenHash), other)
}

func (s *suite) deleteExpired(cutoff time.Time, limit int) (n int) {
	s.Helper()
	s.update(func(tx signup.Tx) (err error) {
		n, err = tx.DeleteExpiredTokens(s.ctx(), cutoff, limit)
		return err
	})
	return n
}

func deleteExpired(s *suite) {
	u := s.createUser()
	cutoff := start()
	expiring := func(at time.Time, used bool) signup.SignUpToken {
		return s.createToken(u.ID, func(t *signup.SignUpToken) { t.ExpiresAt, t.Used = at, used })
	}
	gone := []signup.SignUpToken{expiring(cutoff.Add(-instant), false), expiring(cutoff.Add(-time.Hour), true)}
	kept := []signup.SignUpToken{expiring(cutoff, false), expiring(cutoff, true), expiring(cutoff.Add(instant), false)}
	s.same("removed", s.deleteExpired(cutoff, 100), len(gone))
	s.same("removed again", s.deleteExpired(cutoff, 100), 0)
	for _, t := range kept {
		s.same("kept", s.storedToken(t.TokenHash), t)
	}
	s.view(func(r signup.Reader) error {
		for _, t := range gone {
			if _, err := r.Token(s.ctx(), t.TokenHash); !errors.Is(err, signup.ErrNotFound) {
				s.Errorf("Token: %v, want ErrNotFound", err)
			}
		}
		return nil
	})
	s.same("users", s.allUsers(), []int64{u.ID})
}

// createExpired stores n tokens that expired before start.
func (s *suite) createExpired(n int) {
	u := s.createUser()
	s.update(func(tx signup.Tx) error {
		for i := range n {
			t := token(u.ID)
			t.ExpiresAt = start().Add(-time.Duration(i+1) * instant)
			if _, err := tx.CreateToken(s.ctx(), t); err != nil {
				return err
			}
		}
		return nil
	})
}

func deleteLimit(s *suite) {
	s.createExpired(5)
	for i, want := range []int{0, 2, 2, 1, 0} {
		limit := 2
		if i == 0 {
			limit = 0
		}
		s.same("removed", s.deleteExpired(start(), limit), want)
	}
}

func deleteRace(s *suite) {
	s.createExpired(200)
	removed := make([]int, 4)
	errs := race(len(removed), func(i int) error {
		for {
			var n int
			err := s.store.Update(s.ctx(), func(tx signup.Tx) (err error) {
				n, err = tx.DeleteExpiredTokens(s.ctx(), start(), 7)
				return err
			})
			if removed[i] += n; err != nil || n == 0 {
				return err
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
	// One that skips what another has locked may stop early: the rest is for it.
	s.same("removed", removed[0]+removed[1]+removed[2]+removed[3]+s.deleteExpired(start(), 1000), 200)
}
