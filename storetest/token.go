package storetest

import (
	"errors"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
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
		{"CloseLinksAt marks the tokens with the address used, whosever they are", closeTokens},
		{"SupersedeLinks supersedes the owed mails with a link about one user", supersedeLinks},
		{"CloseLinksAt supersedes the owed mails with a link about every user with the address", closeMails},
	}
}

// token returns a token of the user that works for an hour from start.
func token(userID int64) signup.SignUpToken {
	return signup.SignUpToken{
		ID:        newID(),
		UserID:    userID,
		TokenHash: strings.ReplaceAll(newID()+newID(), "-", ""),
		Address:   "Person@example.org",
		EmailKey:  "person@example.org",
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

func tokenTo(emailKey string) func(*signup.SignUpToken) {
	return func(t *signup.SignUpToken) { t.EmailKey = emailKey }
}

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
		t := s.createToken(full.UserID, func(t *signup.SignUpToken) { t.Address, t.EmailKey, t.TokenHash = text, text, text })
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
	t := s.createToken(u.ID)
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

const closedAddress = "closed@example.org"

func closeTokens(s *suite) {
	to := tokenTo(closedAddress)
	u, other := s.createUser(address(closedAddress)), s.createUser()
	closed := []signup.SignUpToken{
		s.createToken(u.ID, to),
		s.createToken(u.ID, to, tokenExpires(start().Add(-time.Hour))),
		s.createToken(other.ID, to),
	}
	kept := []signup.SignUpToken{s.createToken(u.ID), s.createToken(other.ID), s.createToken(u.ID, to, tokenUsed)}
	s.update(func(tx signup.Tx) error { return tx.SupersedeLinks(s.ctx(), u.ID, start()) })
	for _, t := range append(closed, kept...) {
		s.same("token before", s.storedToken(t.TokenHash), t)
	}
	s.update(func(tx signup.Tx) error { return tx.CloseLinksAt(s.ctx(), closedAddress, start()) })
	for _, t := range closed {
		t.Used = true
		s.same("closed token", s.storedToken(t.TokenHash), t)
	}
	for _, t := range kept {
		s.same("another token", s.storedToken(t.TokenHash), t)
	}
}

func supersedeLinks(s *suite) {
	u := s.createUser()
	s.supersedes([]signup.User{u}, []signup.User{s.createUser(address(u.EmailKey))}, func(tx signup.Tx, now time.Time) error {
		return tx.SupersedeLinks(s.ctx(), u.ID, now)
	})
}

func closeMails(s *suite) {
	at := address(closedAddress)
	users := []signup.User{s.createUser(at), s.createUser(at), s.createUser(at, active), s.createUser(at, rejected)}
	s.supersedes(users, []signup.User{s.createUser()}, func(tx signup.Tx, now time.Time) error {
		return tx.CloseLinksAt(s.ctx(), closedAddress, now)
	})
}

// supersedes checks that the verb supersedes the owed mails with a link about the
// users, and no others.
func (s *suite) supersedes(users, others []signup.User, verb func(signup.Tx, time.Time) error) {
	s.Helper()
	now := start().Add(time.Hour)
	var all []signup.Mail
	for i, u := range append(users, others...) {
		for _, m := range s.eachMail(u.ID, s.createUser().ID) {
			if i < len(users) && m.State == delivery.Owed && hasLink(m.Kind) {
				m.State, m.EndedAt = delivery.Superseded, now
			}
			all = append(all, m)
		}
	}
	s.update(func(tx signup.Tx) error { return verb(tx, now) })
	for _, m := range all {
		s.same("mail", s.mail(m.ID), m)
	}
}

// hasLink reports whether mails of the kind contain a link for the sign-up, or
// inform the holder of the address about it instead.
func hasLink(kind signup.MailKind) bool {
	return kind == signup.MailConfirmation || kind == signup.MailReminder || kind == signup.MailAccountExists
}
