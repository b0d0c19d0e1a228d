package storetest

import (
	"errors"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

func userTests() []test {
	return []test{
		{"CreateUser returns the stored user, with an id and version 1", createReturns},
		{"every method that returns users reads every field back", everyField},
		{"zero fields are read back", zeroUser},
		{"times are read back equal and in UTC", timesInUTC},
		{"any text is read back", anyText},
		{"nil, empty and nested profiles are read back", profiles},
		{"ids grow and are never reused", idsGrow},
		{"UpdateUser stores all fields but ID and CreatedAt", updateAll},
		{"UpdateUser increments the version", updateVersion},
		{"DeleteUser removes everything that belongs to the user except events", deleteCascades},
		{"a name of 250 characters of four bytes fits", longNames},
		{"UserByUsernameKey prefers the user who is not rejected, then the latest", byUsername},
	}
}

func createReturns(s *suite) {
	u := s.person()
	u.ID, u.Version = 77_777, 42 // the store sets both
	got := write(s, func(tx signup.Tx) (signup.User, error) { return tx.CreateUser(s.ctx(), u) })
	if got.ID <= 0 || got.Version != 1 {
		s.Fatalf("id %d, version %d", got.ID, got.Version)
	}
	s.same("user read", s.user(got.ID), got)
	u.ID, u.Version = got.ID, 1
	s.same("user created", got, u)
}

// everyField checks that each method that returns users returns every field, by
// setting every field that such a user can have.
func everyField(s *suite) {
	ctx := s.ctx()
	full := func(changes ...func(*signup.User)) signup.User {
		s.Helper()
		var u signup.User
		s.fill(&u)
		for _, change := range changes {
			change(&u)
		}
		got := s.createUser(func(p *signup.User) { *p = u })
		u.ID, u.Version = got.ID, 1
		s.same("created", got, u)
		return u
	}
	one := func(what string, want signup.User, verb func(signup.Reader) (signup.User, error)) {
		s.Helper()
		s.same(what, read(s, verb), want)
		s.same(what+" in Update", write(s, func(tx signup.Tx) (signup.User, error) { return verb(tx) }), want)
	}
	list := func(what string, want signup.User, verb func(signup.Reader) ([]signup.User, error)) {
		s.Helper()
		s.same(what, read(s, verb), []signup.User{want})
	}
	u := full()
	one("by id", u, func(r signup.Reader) (signup.User, error) { return r.User(ctx, u.ID) })
	one("by username", u, func(r signup.Reader) (signup.User, error) { return r.UserByUsernameKey(ctx, u.UsernameKey) })
	list("in a list", u, func(r signup.Reader) ([]signup.User, error) {
		return r.Users(ctx, signup.UserQuery{EmailKey: u.EmailKey})
	})

	holds := full(func(u *signup.User) { u.RejectedAt = time.Time{} })
	one("by address", holds, func(r signup.Reader) (signup.User, error) { return r.UserByEmailKey(ctx, holds.EmailKey) })

	lapses := full(func(u *signup.User) { u.Role, u.Origin = signup.RoleMember, signup.OriginSignUp })
	list("lapsed", lapses, func(r signup.Reader) ([]signup.User, error) {
		return r.Lapsed(ctx, signup.LapsedQuery{RejectedBefore: lapses.RejectedAt.Add(instant), Only: lapses.ID}, 1)
	})

	unreminded := full(func(u *signup.User) {
		u.Role, u.Origin, u.VerificationRequired = signup.RoleMember, signup.OriginSignUp, true
		u.RejectedAt, u.VerifiedAt, u.RemindedAt, u.UndeliverableAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	})
	list("unreminded", unreminded, func(r signup.Reader) ([]signup.User, error) {
		return r.Unreminded(ctx, signup.ReminderQuery{CreatedAfter: u.CreatedAt, CreatedTill: unreminded.CreatedAt}, 10)
	})

	waits := full(func(u *signup.User) {
		u.ApprovalRequired = true
		u.RejectedAt, u.ApprovedAt, u.NoticedAt = time.Time{}, time.Time{}, time.Time{}
	})
	waits.NoticedAt, waits.Version = start(), 2
	list("unnoticed", waits, func(signup.Reader) ([]signup.User, error) {
		return write(s, func(tx signup.Tx) ([]signup.User, error) { return tx.TakeUnnoticed(ctx, 10, start()) }), nil
	})
	s.same("noticed", s.user(waits.ID), waits)
}

func zeroUser(s *suite) {
	want := signup.User{Role: signup.RoleMember, Origin: signup.OriginSignUp, CreatedAt: start()}
	got := s.createUser(func(u *signup.User) { *u = want })
	want.ID, want.Version = got.ID, 1
	s.same("created", got, want)
	s.same("stored", s.user(got.ID), want)
}

func timesInUTC(s *suite) {
	for _, at := range []time.Time{
		start(), time.Unix(0, 0).UTC(), time.UnixMilli(-1).UTC(), time.UnixMilli(1).UTC(),
		time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
	} {
		u := s.createUser(func(u *signup.User) { u.CreatedAt, u.VerifiedAt, u.TermsAt = at, at, at })
		s.same(at.String(), s.user(u.ID), u)
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
		s.sameProfile(u.ID, profile)
		if err := s.updateUser(u.ID, func(u *signup.User) { u.Profile = map[string]any{"other": "one"} }); err != nil {
			s.Fatal(err)
		}
		if err := s.updateUser(u.ID, func(u *signup.User) { u.Profile = profile }); err != nil {
			s.Fatal(err)
		}
		s.sameProfile(u.ID, profile)
	}
}

func (s *suite) sameProfile(id int64, want map[string]any) {
	s.Helper()
	got := s.user(id).Profile
	s.same("profile", got, want)
	if (got == nil) != (want == nil) {
		s.Errorf("a profile with nil %v was read back with nil %v", want == nil, got == nil)
	}
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
	u, other := s.createUser(), s.createUser()
	for _, changed := range refill(s, u) {
		stored := s.user(u.ID)
		changed.ID, changed.Version = u.ID, stored.Version
		s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), changed) })
		want := with(changed, u, "CreatedAt")
		want.Version++
		s.same("updated", s.user(u.ID), want)
		s.same("the other", s.user(other.ID), other)
	}
	cleared := signup.User{ID: u.ID, Version: s.user(u.ID).Version, Role: signup.RoleMember, Origin: signup.OriginSignUp}
	s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), cleared) })
	cleared.CreatedAt = u.CreatedAt
	cleared.Version++
	s.same("cleared", s.user(u.ID), cleared)
}

func updateVersion(s *suite) {
	u := s.createUser()
	for range 3 {
		s.update(func(tx signup.Tx) error { return tx.UpdateUser(s.ctx(), u) })
		u.Version++
		s.same("user", s.user(u.ID), u)
	}
}

func deleteCascades(s *suite) {
	ctx := s.ctx()
	gone, stays := s.createUser(verified), s.createUser(verified)
	goneToken, staysToken := s.createToken(gone.ID), s.createToken(stays.ID, tokenTo(gone.EmailKey))
	goneTicket, staysTicket := s.putTicket(gone.ID), s.putTicket(stays.ID)
	goneSession, staysSession := s.createSession(gone.ID), s.createSession(stays.ID)
	about := s.addMail(gone.ID, func(m *signup.Mail) { m.RecipientID = stays.ID })
	to := s.addMail(stays.ID, func(m *signup.Mail) { m.RecipientID = gone.ID })
	own := s.addMail(stays.ID)
	for _, m := range []signup.Mail{about, to, own} {
		s.updateMail(m, signup.MailAttempt{MailID: m.ID, At: start(), Outcome: delivery.TryAgain})
	}
	s.addEvents(signup.AuditEvent{At: start(), Actor: signup.ActorCLI, Type: "x", UserID: gone.ID})
	s.addAddressMails("hash", start())
	request := signup.LinkRequest{EmailKey: gone.EmailKey, UsernameKey: gone.UsernameKey, At: start()}
	s.addLinkRequests(request)
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(ctx, gone.ID) })

	s.view(func(r signup.Reader) error {
		for name, err := range map[string]error{
			"user":       second(r.User(ctx, gone.ID)),
			"address":    second(r.UserByEmailKey(ctx, gone.EmailKey)),
			"username":   second(r.UserByUsernameKey(ctx, gone.UsernameKey)),
			"token":      second(r.Token(ctx, goneToken.TokenHash)),
			"ticket":     second(r.Ticket(ctx, goneTicket.Hash)),
			"session":    second(r.SessionByHash(ctx, goneSession.TokenHash)),
			"mail about": second(r.Mail(ctx, about.ID)),
			"mail to":    second(r.Mail(ctx, to.ID)),
		} {
			s.missing(name, err)
		}
		return errors.Join(
			second(r.UserByUsernameKey(ctx, stays.UsernameKey)),
			second(r.UserByEmailKey(ctx, stays.EmailKey)),
			second(r.Token(ctx, staysToken.TokenHash)),
			second(r.Ticket(ctx, staysTicket.Hash)),
			second(r.SessionByHash(ctx, staysSession.TokenHash)),
			second(r.Mail(ctx, own.ID)),
		)
	})
	s.same("attempts of the mail about the user", len(s.attempts(about.ID)), 0)
	s.same("attempts of the mail to the user", len(s.attempts(to.ID)), 0)
	s.same("attempts of the other mail", len(s.attempts(own.ID)), 1)
	s.same("events of the user", len(s.events(signup.AuditQuery{UserID: gone.ID})), 1)
	s.same("address mails", s.addressMails("hash", 10), []time.Time{start()})
	s.same("link requests", s.takeLinkRequests(10), []signup.LinkRequest{request})
	s.same("users", s.allUsers(), []int64{stays.ID})
}

func longNames(s *suite) {
	long := strings.Repeat("🧵", 250)
	u := s.createUser(func(u *signup.User) {
		u.Name, u.Username, u.UsernameKey, u.Email, u.EmailKey = long, long, long, long, long
	})
	s.same("user", s.user(u.ID), u)
}

func byUsername(s *suite) {
	find := func() int64 {
		s.Helper()
		u := read(s, func(r signup.Reader) (signup.User, error) { return r.UserByUsernameKey(s.ctx(), "key") })
		inUpdate := write(s, func(tx signup.Tx) (signup.User, error) { return tx.UserByUsernameKey(s.ctx(), "key") })
		s.same("in Update", inUpdate, u)
		return u.ID
	}
	s.createUser(username("key"), rejected)
	latest := s.createUser(username("key"), rejected)
	s.createUser(rejected)
	s.same("the latest of the rejected", find(), latest.ID)
	current := s.createUser(username("key"))
	s.same("the one who is not rejected", find(), current.ID)
	s.update(func(tx signup.Tx) error { return tx.DeleteUser(s.ctx(), current.ID) })
	for _, u := range []signup.User{latest} {
		if err := s.updateUser(u.ID, func(u *signup.User) { u.RejectedAt = time.Time{} }); err != nil {
			s.Fatal(err)
		}
	}
	s.createUser(username("key"), rejected)
	s.same("the one who is not rejected, although a rejected one is later", find(), latest.ID)
}
