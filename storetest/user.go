package storetest

import (
	"errors"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

func userTests() []test {
	return []test{
		{"CreateUser returns what is stored, with id and version 1", createReturns},
		{"every field comes back", everyField},
		{"times come back equal, in UTC", timesInUTC},
		{"any text comes back", anyText},
		{"a nil, an empty and a nested profile come back", profiles},
		{"CreateUser refuses a second user of an address, and the transaction goes on", emailExists},
		{"one of many CreateUser of an address wins", createRace},
		{"ids grow and are never given out again", idsGrow},
		{"UpdateUser stores all but ID and CreatedAt", updateAll},
		{"UpdateUser refuses another user's address", updateEmailExists},
		{"DeleteUser takes all with it but audit events", deleteCascades},
		{"a name of 250 characters of four bytes fits", longNames},
	}
}

func createReturns(s *suite) {
	u := s.person()
	u.ID, u.Version = 77_777, 42 // both are the store's to give
	var got signup.User
	s.update(func(tx signup.Tx) (err error) {
		got, err = tx.CreateUser(s.ctx(), u)
		return err
	})
	if got.ID <= 0 || got.Version != 1 {
		s.Fatalf("id %d, version %d", got.ID, got.Version)
	}
	s.same("user read", s.user(got.ID), got)
	u.ID, u.Version = got.ID, 1
	s.same("user created", got, u)
}

// full has every field set, to values unlike each other.
func (s *suite) full() signup.User {
	u := s.person()
	u.UsernameKey, u.EmailKey = u.Username+"-key", u.Email+"-key"
	u.Profile = map[string]any{"city": "Zürich", "height": 1.86}
	u.Role, u.Origin, u.Language = signup.RoleAdmin, signup.OriginOperator, "de-CH"
	u.VerifiedAt = start().Add(1 * time.Minute)
	u.ApprovedAt = start().Add(2 * time.Minute)
	u.RejectedAt = start().Add(3 * time.Minute)
	u.ApprovedBy, u.RejectedBy = "user:1", "key:ci"
	u.RejectionReason, u.RejectionNote = "reason", "note"
	u.Corrections = 3
	u.TermsVersion, u.TermsAt = "2026-01", start().Add(3*instant)
	return u
}

func everyField(s *suite) {
	want := s.full()
	got := s.createUser(func(u *signup.User) { *u = want })
	want.ID, want.Version = got.ID, 1
	s.same("by id", s.user(got.ID), want)
	s.same("by address", read(s, func(r signup.Reader) (signup.User, error) {
		return r.UserByEmailKey(s.ctx(), want.EmailKey)
	}), want)
}

func timesInUTC(s *suite) {
	zurich := time.FixedZone("CET", 3600)
	for _, at := range []time.Time{
		start(), time.Unix(0, 0), time.UnixMilli(-1), time.UnixMilli(1).In(zurich),
		time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
	} {
		u := s.createUser(func(u *signup.User) { u.CreatedAt, u.VerifiedAt = at, at })
		got := s.user(u.ID)
		for name, back := range map[string]time.Time{"created": got.CreatedAt, "verified": got.VerifiedAt} {
			if !back.Equal(at) || back.Location() != time.UTC {
				s.Errorf("%s: %v came back as %v", name, at, back)
			}
		}
		if !got.ApprovedAt.IsZero() || !got.RejectedAt.IsZero() {
			s.Errorf("zero times came back as %v, %v", got.ApprovedAt, got.RejectedAt)
		}
	}
}

func anyText(s *suite) {
	for _, text := range awkward() {
		u := s.createUser(func(u *signup.User) {
			u.Name, u.Username, u.UsernameKey, u.Email, u.EmailKey = text, text, text, text, text
			u.RejectionReason, u.RejectionNote = text, strings.Repeat(text, 100)
			u.Profile = map[string]any{text: text}
		})
		s.same("user", s.user(u.ID), u)
	}
}

func profiles(s *suite) {
	for _, profile := range []map[string]any{
		nil,
		{},
		{"a": nil, "b": true, "c": 1.5, "d": "x", "e": []any{"y", 2.0}, "f": map[string]any{"g": "h"}},
	} {
		u := s.createUser(func(u *signup.User) { u.Profile = profile })
		got := s.user(u.ID).Profile
		s.same("profile", got, profile)
		if (got == nil) != (profile == nil) {
			s.Errorf("nil %v came back as nil %v", profile == nil, got == nil)
		}
	}
}

func emailExists(s *suite) {
	first := s.createUser()
	s.update(func(tx signup.Tx) error {
		again := s.person()
		again.EmailKey = first.EmailKey
		if _, err := tx.CreateUser(s.ctx(), again); !errors.Is(err, signup.ErrEmailExists) {
			s.Errorf("CreateUser: %v, want ErrEmailExists", err)
		}
		return tx.CreateClaim(s.ctx(), claim(first.ID))
	})
	s.same("users", s.allUsers(), []int64{first.ID})
	s.same("claims", len(s.claims(first.ID)), 1)
}

func createRace(s *suite) {
	people := make([]signup.User, many)
	for i := range people {
		people[i] = s.person()
		people[i].EmailKey = "same@example.org"
	}
	s.oneWins(race(many, func(i int) error {
		return s.store.Update(s.ctx(), func(tx signup.Tx) error {
			_, err := tx.CreateUser(s.ctx(), people[i])
			return err
		})
	}), signup.ErrEmailExists)
	s.same("users", len(s.allUsers()), 1)
}

func idsGrow(s *suite) {
	last := s.createUser().ID
	for range 3 {
		next := s.createUser().ID
		if next <= last {
			s.Fatalf("id %d after %d", next, last)
		}
		s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), next) })
		last = next
	}
}

func updateAll(s *suite) {
	u := s.createUser()
	other := s.createUser()
	want := s.full()
	want.ID, want.Version, want.CreatedAt = u.ID, u.Version, start().Add(time.Hour)
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), want) })
	want.Version, want.CreatedAt = u.Version+1, u.CreatedAt
	s.same("updated", s.user(u.ID), want)
	s.same("the other", s.user(other.ID), other)

	cleared := s.person()
	cleared.ID, cleared.Version = u.ID, want.Version
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), cleared) })
	cleared.Version++
	s.same("facts taken back", s.user(u.ID), cleared)
}

func updateEmailExists(s *suite) {
	a, b := s.createUser(), s.createUser()
	s.refused(signup.ErrEmailExists, func(tx signup.Tx) error {
		u := b
		u.EmailKey = a.EmailKey
		return tx.UpdateUser(s.ctx(), u)
	})
	s.same("user", s.user(b.ID), b)
}

func deleteCascades(s *suite) {
	gone, stays := s.createUser(), s.createUser()
	for _, u := range []signup.User{gone, stays} {
		s.update(func(tx signup.Tx) error { return tx.ReserveUsername(s.ctx(), u.UsernameKey, u.ID, start()) })
	}
	goneToken, staysToken := s.createToken(gone.ID), s.createToken(stays.ID)
	goneClaim, staysClaim := s.createClaim(gone.ID), s.createClaim(stays.ID)
	about := s.addMail(gone.ID, func(m *signup.Mail) { m.RecipientID = stays.ID })
	to := s.addMail(stays.ID, func(m *signup.Mail) { m.RecipientID = gone.ID })
	own := s.addMail(stays.ID)
	s.update(func(tx signup.Tx) error {
		return tx.AddAudit(s.ctx(), signup.AuditEvent{At: start(), Actor: "cli", Action: "x", UserID: gone.ID})
	})
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), gone.ID) })

	ctx := s.ctx()
	s.view(func(r signup.Reader) error {
		for name, err := range map[string]error{
			"user":       second(r.User(ctx, gone.ID)),
			"address":    second(r.UserByEmailKey(ctx, gone.EmailKey)),
			"username":   second(r.UserByUsernameKey(ctx, gone.UsernameKey)),
			"token":      second(r.Token(ctx, goneToken.TokenHash)),
			"claim":      second(r.Claim(ctx, goneClaim.ID)),
			"mail about": second(r.Mail(ctx, about.ID)),
			"mail to":    second(r.Mail(ctx, to.ID)),
		} {
			if !errors.Is(err, signup.ErrNotFound) {
				s.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		return errors.Join(
			second(r.UserByUsernameKey(ctx, stays.UsernameKey)),
			second(r.Token(ctx, staysToken.TokenHash)),
			second(r.Claim(ctx, staysClaim.ID)),
			second(r.Mail(ctx, own.ID)),
		)
	})
	s.same("events of the user", len(s.events(signup.AuditQuery{UserID: gone.ID})), 1)
	s.same("users", s.allUsers(), []int64{stays.ID})
}

func longNames(s *suite) {
	long := strings.Repeat("🧵", 250)
	u := s.createUser(func(u *signup.User) {
		u.Name, u.Username, u.UsernameKey, u.Email, u.EmailKey = long, long, long, long, long
	})
	s.same("user", s.user(u.ID), u)
}
