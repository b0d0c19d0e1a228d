package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/signup-go/signup"
)

func claimTests() []test {
	return []test{
		{"every field comes back", claimComesBack},
		{"Claims lists the user's, oldest first", claimsInOrder},
		{"DeleteClaim removes one and leaves its tokens as they are", deleteClaim},
		{"DeleteClaims removes the user's and leaves tokens as they are", deleteClaims},
	}
}

func (s *suite) claims(userID int64) []signup.Claim {
	s.Helper()
	return read(s, func(r signup.Reader) ([]signup.Claim, error) { return r.Claims(s.ctx(), userID) })
}

func claimComesBack(s *suite) {
	u := s.createUser()
	for _, text := range awkward() {
		c := s.createClaim(u.ID, func(c *signup.Claim) {
			c.Name, c.Username, c.UsernameKey, c.Email = text, text+"1", text+"2", text+"3"
			c.Profile, c.ApprovalRequired = map[string]any{text: text}, true
			c.TermsVersion, c.TermsAt = text, start().Add(instant)
		})
		s.same("claim", read(s, func(r signup.Reader) (signup.Claim, error) { return r.Claim(s.ctx(), c.ID) }), c)
	}
}

func claimsInOrder(s *suite) {
	a, b := s.createUser(), s.createUser()
	var want []signup.Claim
	for _, age := range []time.Duration{2, 1, 3} {
		want = append(want, s.createClaim(a.ID, func(c *signup.Claim) { c.CreatedAt = start().Add(-age * time.Hour) }))
		s.createClaim(b.ID)
	}
	slices.SortFunc(want, func(x, y signup.Claim) int { return x.CreatedAt.Compare(y.CreatedAt) })
	s.same("claims", s.claims(a.ID), want)
}

func (s *suite) claimedToken(userID int64) (signup.Claim, signup.SignUpToken) {
	c := s.createClaim(userID)
	return c, s.createToken(userID, func(t *signup.SignUpToken) { t.ClaimID = c.ID })
}

func deleteClaim(s *suite) {
	u := s.createUser()
	gone, t := s.claimedToken(u.ID)
	kept, _ := s.claimedToken(u.ID)
	s.update(func(tx signup.Tx) error { return tx.DeleteClaim(s.ctx(), gone.ID) })
	s.same("claims", s.claims(u.ID), []signup.Claim{kept})
	s.same("token", s.storedToken(t.TokenHash), t)
	s.refused(signup.ErrNotFound, func(tx signup.Tx) error { return tx.DeleteClaim(s.ctx(), gone.ID) })
}

func deleteClaims(s *suite) {
	a, b := s.createUser(), s.createUser()
	gone, t := s.claimedToken(a.ID)
	s.createClaim(a.ID)
	kept := s.createClaim(b.ID)
	s.update(func(tx signup.Tx) error { return tx.DeleteClaims(s.ctx(), a.ID) })
	s.same("claims", s.claims(a.ID), []signup.Claim{})
	s.same("another user's", s.claims(b.ID), []signup.Claim{kept})
	s.same("token", s.storedToken(t.TokenHash), t)
	err := s.store.View(s.ctx(), func(r signup.Reader) error { return second(r.Claim(s.ctx(), gone.ID)) })
	if !errors.Is(err, signup.ErrNotFound) {
		s.Errorf("Claim: %v, want ErrNotFound", err)
	}
}
