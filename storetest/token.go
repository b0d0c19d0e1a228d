package storetest

import (
	"errors"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

func tokenTests() []test {
	return []test{
		{"every field is read back", tokenComesBack},
		{"an id of 64 and a hash of 128 characters fit; longer ones are refused", tokenLengths},
		{"ids and hashes are unique", tokenUnique},
		{"Token matches the hash exactly", tokenLiterally},
		{"MarkTokenUsed marks a token in any state", markTokenUsed},
		{"SpendToken spends a token once, before ExpiresAt", spendToken},
		{"of concurrent SpendToken exactly one gets the token, with its effects", spendRace},
		{"a spent token is unused again if its update fails", spendRolledBack},
		{"CloseLinks marks the tokens of one user used", closeTokens},
		{"CloseLinksAt marks the tokens of every user with the address used", closeTokensAt},
		{"CloseLinks supersedes the owed mails with a link about one user", closeMails},
		{"CloseLinksAt supersedes the owed mails with a link about every user with the address", closeMailsAt},
	}
}

// token returns a token of the user that works for an hour from start.
func token(userID int64) signup.SignUpToken {
	return signup.SignUpToken{
		ID:        newID(),
		UserID:    userID,
		TokenHash: strings.ReplaceAll(newID()+newID(), "-", ""),
		Address:   "person@example.org",
		CreatedAt: start(),
		ExpiresAt: start().Add(time.Hour),
	}
}

func (s *suite) createToken(userID int64, changes ...func(*signup.SignUpToken)) signup.SignUpToken {
	s.Helper()
	t := token(userID)
	for _, change := range changes {
		change(&t)
	}
	return write(s, func(tx signup.Tx) (signup.SignUpToken, error) { return tx.CreateToken(s.ctx(), t) })
}

func (s *suite) storedToken(hash string) signup.SignUpToken {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.SignUpToken, error) { return r.Token(s.ctx(), hash) })
}

func tokenUsed(t *signup.SignUpToken) { t.Used = true }

func tokenExpires(at time.Time) func(*signup.SignUpToken) {
	return func(t *signup.SignUpToken) { t.ExpiresAt = at }
}

func tokenComesBack(s *suite) {
	full := filled[signup.SignUpToken](s)
	for _, want := range append([]signup.SignUpToken{full}, refill(s, full)...) {
		got := write(s, func(tx signup.Tx) (signup.SignUpToken, error) { return tx.CreateToken(s.ctx(), want) })
		s.same("created", got, want)
		s.same("stored", s.storedToken(want.TokenHash), want)
		want.Used = true
		marked := write(s, func(tx signup.Tx) (signup.SignUpToken, error) { return tx.MarkTokenUsed(s.ctx(), want.ID) })
		s.same("marked", marked, want)
	}
	for _, text := range awkward() {
		t := s.createToken(full.UserID, func(t *signup.SignUpToken) { t.Address, t.TokenHash = text, text })
		s.same("token", s.storedToken(text), t)
	}
}

func tokenLengths(s *suite) {
	u := s.createUser()
	s.createToken(u.ID, func(t *signup.SignUpToken) {
		t.ID, t.TokenHash = strings.Repeat("i", 64), strings.Repeat("h", 128)
	})
	s.faulty(u.ID, func(t *signup.SignUpToken) { t.ID = strings.Repeat("j", 65) })
	s.faulty(u.ID, func(t *signup.SignUpToken) { t.TokenHash = strings.Repeat("k", 129) })
}

// faulty checks that a token with this change cannot be stored.
func (s *suite) faulty(userID int64, change func(*signup.SignUpToken)) {
	s.Helper()
	t := token(userID)
	change(&t)
	err := s.store.Update(s.ctx(), func(tx signup.Tx) error { return second(tx.CreateToken(s.ctx(), t)) })
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

func tokenLiterally(s *suite) {
	t := s.createToken(s.createUser().ID, func(t *signup.SignUpToken) { t.TokenHash = "ab%_" })
	for _, hash := range []string{"AB%_", "abc_", "ab%_ ", "ab"} {
		s.missing(hash, s.store.Peek(s.ctx(), func(r signup.Reader) error { return second(r.Token(s.ctx(), hash)) }))
		s.missing(hash, second(s.spend(hash, start())))
	}
	s.same("token", s.storedToken("ab%_"), t)
}

func markTokenUsed(s *suite) {
	u := s.createUser()
	expired, other := s.createToken(u.ID, tokenExpires(time.UnixMilli(1).UTC())), s.createToken(u.ID)
	want := expired
	want.Used = true
	for range 2 {
		got := write(s, func(tx signup.Tx) (signup.SignUpToken, error) { return tx.MarkTokenUsed(s.ctx(), expired.ID) })
		s.same("returned", got, want)
	}
	s.same("stored", s.storedToken(expired.TokenHash), want)
	s.same("the other", s.storedToken(other.TokenHash), other)
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
	t := s.createToken(u.ID, func(t *signup.SignUpToken) { t.Address = "Person@example.org" })
	other, used := s.createToken(u.ID), s.createToken(u.ID, tokenUsed)
	s.missing("SpendToken at expiry", second(s.spend(t.TokenHash, t.ExpiresAt)))
	s.missing("SpendToken after expiry", second(s.spend(t.TokenHash, t.ExpiresAt.Add(time.Hour))))
	s.missing("SpendToken of a used token", second(s.spend(used.TokenHash, start())))
	s.same("not spent", s.storedToken(t.TokenHash), t)
	got, err := s.spend(t.TokenHash, t.ExpiresAt.Add(-instant))
	if err != nil {
		s.Fatal(err)
	}
	t.Used = true
	s.same("returned", got, t)
	s.same("stored", s.storedToken(t.TokenHash), t)
	s.same("the other", s.storedToken(other.TokenHash), other)
	s.missing("SpendToken again", second(s.spend(t.TokenHash, t.CreatedAt)))
}

func spendRace(s *suite) {
	u := s.createUser()
	t := s.createToken(u.ID)
	s.oneWins(race(many, func(int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			if _, err := tx.SpendToken(s.ctx(), t.TokenHash, start()); err != nil {
				return err
			}
			return tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: signup.ActorPerson, Type: "spent", UserID: u.ID})
		})
	}), signup.ErrNotFound)
	s.same("effects", len(s.events(signup.AuditQuery{})), 1)
}

func spendRolledBack(s *suite) {
	t := s.createToken(s.createUser().ID)
	fault := errors.New("fault")
	s.refused(fault, func(tx signup.Tx) error {
		if _, err := tx.SpendToken(s.ctx(), t.TokenHash, start()); err != nil {
			return err
		}
		return fault
	})
	if _, err := s.spend(t.TokenHash, start()); err != nil {
		s.Fatalf("SpendToken after a rollback: %v", err)
	}
}

// links are tokens and mails of users, and which of them are to be closed.
type links struct {
	closed, kept []signup.SignUpToken
	ended, owed  []signup.Mail
}

// linksOf makes tokens and mails of each kind and state. Those of the first n
// users are to be closed.
func (s *suite) linksOf(n int, users ...signup.User) (l links) {
	s.Helper()
	for i, u := range users {
		tokens := []signup.SignUpToken{s.createToken(u.ID), s.createToken(u.ID, tokenExpires(start().Add(-time.Hour)))}
		if i < n {
			l.closed = append(l.closed, tokens...)
		} else {
			l.kept = append(l.kept, tokens...)
		}
		l.kept = append(l.kept, s.createToken(u.ID, tokenUsed))
		recipient := s.createUser()
		for _, m := range s.eachMail(u.ID, recipient.ID) {
			if i < n && m.State == signup.MailOwed && hasLink(m.Kind) {
				l.ended = append(l.ended, m)
			} else {
				l.owed = append(l.owed, m)
			}
		}
	}
	return l
}

// hasLink reports whether mails of the kind contain a link for the sign-up, or
// inform the holder of the address about it instead.
func hasLink(kind signup.MailKind) bool {
	return kind == signup.MailConfirmation || kind == signup.MailReminder || kind == signup.MailAccountExists
}

func (s *suite) checkTokens(l links) {
	s.Helper()
	for _, t := range l.closed {
		t.Used = true
		s.same("closed token", s.storedToken(t.TokenHash), t)
	}
	for _, t := range l.kept {
		s.same("another token", s.storedToken(t.TokenHash), t)
	}
}

func (s *suite) checkMails(l links, now time.Time) {
	s.Helper()
	for _, m := range l.ended {
		m.State, m.EndedAt = signup.MailSuperseded, now
		s.same("superseded mail", s.mail(m.ID), m)
	}
	for _, m := range l.owed {
		s.same("another mail", s.mail(m.ID), m)
	}
}

// closing makes the links of two users and closes those of the first.
func (s *suite) closing(now time.Time) links {
	s.Helper()
	a := s.createUser()
	b := s.createUser(address(a.EmailKey))
	l := s.linksOf(1, a, b)
	s.update(func(tx signup.Tx) error { return tx.CloseLinks(s.ctx(), a.ID, now) })
	return l
}

// closingAt makes the links of every kind of user with an address and of a user
// with another address, and closes those at the first address.
func (s *suite) closingAt(now time.Time) links {
	s.Helper()
	const key = "closed@example.org"
	l := s.linksOf(4, s.createUser(address(key)), s.createUser(address(key)), s.createUser(address(key), active),
		s.createUser(address(key), rejected), s.createUser())
	s.update(func(tx signup.Tx) error { return tx.CloseLinksAt(s.ctx(), key, now) })
	return l
}

func closeTokens(s *suite)   { s.checkTokens(s.closing(start())) }
func closeTokensAt(s *suite) { s.checkTokens(s.closingAt(start())) }

func closeMails(s *suite) {
	now := start().Add(time.Hour)
	s.checkMails(s.closing(now), now)
}

func closeMailsAt(s *suite) {
	now := start().Add(time.Hour)
	s.checkMails(s.closingAt(now), now)
}
