package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func accountTokenTests() []test {
	return []test{
		{"every field is read back", accountTokenComesBack},
		{"AccountToken matches the hash exactly", accountTokenLiterally},
		{"a token of a sign-up is none of an account, and the reverse", tokensApart},
		{"SpendAccountToken spends a token once, for its purpose, before ExpiresAt", spendAccountToken},
		{"of concurrent SpendAccountToken exactly one gets the token, with its effects", spendAccountRace},
		{"CloseAccountTokens closes the user's unused tokens with the purpose", closeAccountTokens},
		{"DeleteUser deletes the user's tokens and no others", accountTokensOfGone},
	}
}

// accountToken returns a token of the user that works for an hour from start.
func accountToken(userID int64) signup.AccountToken {
	return signup.AccountToken{
		Hash: newID(), UserID: userID, Purpose: signup.MailPasswordReset, EmailKey: "person@example.org",
		CreatedAt: start(), ExpiresAt: start().Add(time.Hour),
	}
}

func (s *suite) createAccountToken(userID int64, changes ...func(*signup.AccountToken)) signup.AccountToken {
	s.Helper()
	t := accountToken(userID)
	for _, change := range changes {
		change(&t)
	}
	s.update(func(tx signup.Tx) error { return tx.CreateAccountToken(s.ctx(), t) })
	return t
}

func (s *suite) accountToken(hash string) signup.AccountToken {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.AccountToken, error) { return r.AccountToken(s.ctx(), hash) })
}

func (s *suite) spendAccount(hash string, purpose signup.MailKind, now time.Time) (got signup.AccountToken, err error) {
	err = s.store.Update(s.ctx(), func(tx signup.Tx) (err error) {
		got, err = tx.SpendAccountToken(s.ctx(), hash, purpose, now)
		return err
	})
	return got, err
}

func accountTokenComesBack(s *suite) {
	full := filled[signup.AccountToken](s)
	bare := signup.AccountToken{UserID: full.UserID, CreatedAt: start(), ExpiresAt: start()}
	for _, want := range append([]signup.AccountToken{full, bare}, refill(s, full)...) {
		s.update(func(tx signup.Tx) error { return tx.CreateAccountToken(s.ctx(), want) })
		s.same("token", s.accountToken(want.Hash), want)
	}
	for _, text := range awkward()[1:] {
		t := s.createAccountToken(full.UserID, func(t *signup.AccountToken) {
			t.Hash, t.EmailKey, t.Purpose = text, text, signup.MailKind(text)
		})
		s.same("token", s.accountToken(text), t)
	}
}

func accountTokenLiterally(s *suite) {
	t := s.createAccountToken(s.createUser().ID, func(t *signup.AccountToken) { t.Hash = "ab%_" })
	for _, hash := range []string{"AB%_", "abc_", "ab%_ ", "ab"} {
		s.missing(hash, s.store.Peek(s.ctx(), func(r signup.Reader) error { return second(r.AccountToken(s.ctx(), hash)) }))
		s.missing(hash, second(s.spendAccount(hash, t.Purpose, start())))
	}
	s.same("token", s.accountToken("ab%_"), t)
}

func tokensApart(s *suite) {
	u := s.createUser()
	ofSignUp, ofAccount := s.createToken(u.ID), s.createAccountToken(u.ID)
	s.missing("AccountToken", s.store.Peek(s.ctx(), func(r signup.Reader) error { return second(r.AccountToken(s.ctx(), ofSignUp.TokenHash)) }))
	s.missing("Token", s.store.Peek(s.ctx(), func(r signup.Reader) error { return second(r.Token(s.ctx(), ofAccount.Hash)) }))
	s.missing("SpendAccountToken", second(s.spendAccount(ofSignUp.TokenHash, ofAccount.Purpose, start())))
	s.missing("SpendToken", second(s.spend(ofAccount.Hash, start())))
	s.update(func(tx signup.Tx) error { return tx.CloseAccountTokens(s.ctx(), u.ID, ofAccount.Purpose, start()) })
	s.same("the token of the sign-up", s.storedToken(ofSignUp.TokenHash), ofSignUp)
}

func spendAccountToken(s *suite) {
	u := s.createUser()
	t, other := s.createAccountToken(u.ID), s.createAccountToken(u.ID)
	used := s.createAccountToken(u.ID, func(t *signup.AccountToken) { t.UsedAt = start() })
	s.missing("SpendAccountToken at expiry", second(s.spendAccount(t.Hash, t.Purpose, t.ExpiresAt)))
	s.missing("SpendAccountToken after expiry", second(s.spendAccount(t.Hash, t.Purpose, t.ExpiresAt.Add(time.Hour))))
	s.missing("SpendAccountToken of a used token", second(s.spendAccount(used.Hash, used.Purpose, start().Add(instant))))
	s.missing("SpendAccountToken for another purpose", second(s.spendAccount(t.Hash, signup.MailWelcome, start())))
	s.same("not spent", s.accountToken(t.Hash), t)
	s.same("used before", s.accountToken(used.Hash), used)
	t.UsedAt = t.ExpiresAt.Add(-instant)
	got, err := s.spendAccount(t.Hash, t.Purpose, t.UsedAt)
	if err != nil {
		s.Fatal(err)
	}
	s.same("returned", got, t)
	s.same("stored", s.accountToken(t.Hash), t)
	s.same("the other", s.accountToken(other.Hash), other)
	s.missing("SpendAccountToken again", second(s.spendAccount(t.Hash, t.Purpose, t.CreatedAt)))
}

func spendAccountRace(s *suite) {
	u := s.createUser()
	t := s.createAccountToken(u.ID)
	s.oneWins(race(many, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			if _, err := tx.SpendAccountToken(s.ctx(), t.Hash, t.Purpose, start()); err != nil {
				return err
			}
			return tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorPerson, Type: "spent", UserID: u.ID})
		})
	}), signup.ErrNotFound)
	s.same("effects", len(s.events(signup.AuditQuery{})), 1)
}

func closeAccountTokens(s *suite) {
	u, other := s.createUser(), s.createUser()
	expired := func(t *signup.AccountToken) { t.ExpiresAt = start().Add(-time.Hour) }
	closed := []signup.AccountToken{s.createAccountToken(u.ID), s.createAccountToken(u.ID, expired)}
	kept := []signup.AccountToken{
		s.createAccountToken(other.ID),
		s.createAccountToken(u.ID, func(t *signup.AccountToken) { t.Purpose = signup.MailWelcome }),
		s.createAccountToken(u.ID, func(t *signup.AccountToken) { t.UsedAt = start() }),
	}
	now := start().Add(time.Minute)
	s.update(func(tx signup.Tx) error { return tx.CloseAccountTokens(s.ctx(), u.ID, signup.MailPasswordReset, now) })
	for _, t := range closed {
		t.UsedAt = now
		s.same("closed token", s.accountToken(t.Hash), t)
	}
	for _, t := range kept {
		s.same("another token", s.accountToken(t.Hash), t)
	}
}

func accountTokensOfGone(s *suite) {
	gone, other := s.createAccountToken(s.createUser().ID), s.createAccountToken(s.createUser().ID)
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), gone.UserID) })
	s.missing("token", s.store.View(s.ctx(), func(r signup.Reader) error { return second(r.AccountToken(s.ctx(), gone.Hash)) }))
	s.same("another user's token", s.accountToken(other.Hash), other)
}
