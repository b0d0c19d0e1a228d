package signup_test

import (
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// newEmailLink delivers all mails and returns the token of the last link to a new
// address; "" if there is none.
func (w *world) newEmailLink(address string) (token string) {
	w.t.Helper()
	for _, m := range w.deliver() {
		if m.Kind == signup.MailNewEmail && m.Recipient.Email == address {
			token = m.Link
		}
	}
	return token
}

func (w *world) askEmail(id int64, address string) error {
	return second(w.As("test").ChangeEmail(w.ctx, id, address))
}

// asked asks for another address and returns the token of its link.
func (w *world) asked(id int64, address string) string {
	w.t.Helper()
	w.must(w.askEmail(id, address))
	token := w.newEmailLink(address)
	if token == "" {
		w.t.Fatalf("no link was mailed to %s", address)
	}
	return token
}

// An active user gets another address when its owner opens the link there. The
// old address is told, without the new one.
func TestChangeEmail(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		w.clock.Advance(time.Hour)
		reset := w.resetLink(ada.Email)
		token := w.asked(ada.ID, "Ada@new.example.org")
		if u := w.user("ada"); u.Email != "ada@example.org" || u.NewEmail != "Ada@new.example.org" {
			t.Errorf("before the link is opened the address is %s, and %s is to come", u.Email, u.NewEmail)
		}
		w.must(w.ConfirmEmail(w.ctx, token))
		u := w.user("ada")
		if u.ID != ada.ID || u.Email != "Ada@new.example.org" || u.EmailKey != "ada@new.example.org" || u.NewEmail != "" || !u.Active() || !u.VerifiedAt.Equal(w.clock.Now()) {
			t.Errorf("now the user is %+v", u)
		}
		letters := w.deliver()
		if len(letters) != 1 || letters[0].Kind != signup.MailEmailChanged || letters[0].Recipient.Email != "ada@example.org" || letters[0].User.Email != "ada@example.org" {
			t.Errorf("the letters are %+v", letters)
		}
		if !w.knows("ada@new.example.org", "Passw0rd!ada") || w.knows("ada@example.org", "Passw0rd!ada") {
			t.Error("the user cannot log in by the new address, or still by the old one")
		}
		w.refused(w.ConfirmEmail(w.ctx, token), refusal.TokenUnknown)
		w.refused(w.ResetPassword(w.ctx, reset, "An0ther!one"), refusal.TokenUnknown)
		if got := w.trail(ada.ID); got[0] != "user.email_changed" || got[1] != "user.email_change_asked" {
			t.Errorf("the trail is %v", got)
		}
		w.must(second(w.SignUp(w.ctx, personAt("eve", "ada@example.org")))) // the old address is free
		w.must(second(w.Confirm(w.ctx, w.token("ada@example.org"))))
	})
}

func TestChangeEmailRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada, bob := w.activeMember("ada"), w.activeMember("bob")
		w.signUp("early")
		w.refused(w.askEmail(99, "ada@new.example.org"), refusal.UserNotFound)
		w.refused(w.askEmail(ada.ID, "no address"), refusal.Invalid)
		w.refused(w.askEmail(w.user("early").ID, "early@new.example.org"), refusal.Conflict)
		w.refused(w.askEmail(ada.ID, bob.Email), refusal.EmailTaken)
		w.must(w.askEmail(ada.ID, "early@example.org")) // nobody has confirmed it
		w.clock.Advance(time.Hour)
		w.must(w.askEmail(ada.ID, "ADA@example.org")) // another spelling of the own
		w.must(w.ConfirmEmail(w.ctx, w.newEmailLink("ADA@example.org")))
		if u := w.user("ada"); u.Email != "ADA@example.org" {
			t.Errorf("the address is %s", u.Email)
		}
	})
	w := newWorld(t, openSQLite(t), func(o *signup.Options) { o.Links.ConfirmEmail = nil })
	w.refused(w.askEmail(w.activeMember("ada").ID, "ada@new.example.org"), refusal.MailNotConfigured)
}

// The last request counts, and the present address withdraws it.
func TestEmailRequestsReplaceEachOther(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		first := w.asked(ada.ID, "first@example.org")
		w.must(w.askEmail(ada.ID, "other@example.org"))
		w.refused(w.ConfirmEmail(w.ctx, first), refusal.TokenUnknown)
		w.must(w.askEmail(ada.ID, "third@example.org"))
		for _, m := range w.deliver() {
			if m.Recipient.Email == "other@example.org" {
				t.Error("a link was mailed that does not work any more")
			}
		}
		again := w.asked(ada.ID, "first@example.org")
		w.must(w.askEmail(ada.ID, ada.Email))
		w.refused(w.ConfirmEmail(w.ctx, again), refusal.TokenUnknown)
		if u := w.user("ada"); u.Email != ada.Email || u.NewEmail != "" {
			t.Errorf("the address is %s, and %s is to come", u.Email, u.NewEmail)
		}
	})
}

func TestNewEmailLinkExpires(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		token := w.asked(w.activeMember("ada").ID, "ada@new.example.org")
		w.clock.Advance(24 * time.Hour)
		w.refused(w.ConfirmEmail(w.ctx, token), refusal.TokenExpired)
		w.refused(w.ResetPassword(w.ctx, token, "An0ther!one"), refusal.TokenUnknown)
	})
}

// Mails to new addresses count towards the limits of those mailboxes.
func TestNewEmailsAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada, bob, eve := w.activeMember("ada"), w.activeMember("bob"), w.activeMember("eve")
		mailed := 0
		for _, u := range []signup.User{ada, bob, eve} {
			w.must(w.askEmail(u.ID, "wanted@example.org"))
		}
		for _, m := range w.deliver() {
			if m.Recipient.Email == "wanted@example.org" {
				mailed++
			}
		}
		if mailed != 2 {
			t.Errorf("%d mails in a minute", mailed)
		}
		w.must(w.RequestPasswordReset(w.ctx, ada.Email)) // another mailbox
		if got := kinds(w.deliver()); got[signup.MailPasswordReset] != 1 {
			t.Errorf("mailed: %v", got)
		}
	})
}

// Somebody confirms a sign-up with the address meanwhile, or another user gets it:
// one of them holds it, and the other is refused and keeps what they had.
func TestOneGetsTheAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const address = "wanted@example.org"
		ada, bob := w.activeMember("ada"), w.activeMember("bob")
		for range 8 {
			for _, u := range []signup.User{ada, bob} {
				w.must(w.askEmail(u.ID, u.Email)) // start afresh
			}
			adas := w.asked(ada.ID, address)
			w.clock.Advance(time.Minute)
			bobs := w.asked(bob.ID, address)
			w.clock.Advance(time.Hour)
			w.signUpAt("newcomer", address)
			theirs := w.token(address)
			errs := parallel(3, func(i int) error {
				switch i {
				case 0:
					return w.ConfirmEmail(w.ctx, adas)
				case 1:
					return w.ConfirmEmail(w.ctx, bobs)
				default:
					return second(w.Confirm(w.ctx, theirs))
				}
			})
			holder, err := w.FindUser(w.ctx, address)
			w.must(err)
			won := 0
			for i, name := range []string{"ada", "bob", "newcomer"} {
				switch {
				case errs[i] == nil:
					won++
					if holder.Username != name {
						t.Errorf("%s was told to have the address, and %s has it", name, holder.Username)
					}
				case i == 2:
					w.refused(errs[i], refusal.AlreadyConfirmed)
				default:
					w.refused(errs[i], refusal.EmailTaken)
					if u := w.user(name); u.Email != name+"@example.org" || u.NewEmail != address {
						t.Errorf("the loser %s has %s, and %s is to come", name, u.Email, u.NewEmail)
					}
				}
			}
			if won != 1 {
				t.Fatalf("%d got the address: %v", won, errs)
			}
			w.must(w.As("test").Remove(w.ctx, w.user("newcomer").ID))
			if holder.Username != "newcomer" {
				w.must(w.ConfirmEmail(w.ctx, w.asked(holder.ID, holder.Username+"@example.org")))
			}
			w.deliver()
			w.clock.Advance(25 * time.Hour)
		}
	})
}

// A link to another address and one to reset the password, at once.
func TestChangeAndResetAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			u := w.activeMember(name)
			w.clock.Advance(time.Hour)
			reset, change := w.resetLink(u.Email), w.asked(u.ID, name+"@new.example.org")
			errs := parallel(2, func(i int) error {
				if i == 0 {
					return w.ResetPassword(w.ctx, reset, "An0ther!one")
				}
				return w.ConfirmEmail(w.ctx, change)
			})
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("reset: %v, change: %v", errs[0], errs[1])
			}
			for _, err := range errs {
				if err != nil {
					w.refused(err, refusal.TokenUnknown)
				}
			}
			if w.knows(name, "An0ther!one") != (errs[0] == nil) || (w.user(name).Email == name+"@new.example.org") != (errs[1] == nil) {
				t.Errorf("after %v the user is %+v", errs, w.user(name))
			}
		}
	})
}

// Whoever had a change requested may be the one from whom the account is taken
// back, so another password ends it, and so does disabling.
func TestAnAccountTakenBackKeepsItsAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for name, takeBack := range map[string]func(u signup.User) error{
			"reset": func(u signup.User) error { return w.ResetPassword(w.ctx, w.resetLink(u.Email), "An0ther!one") },
			"set":   func(u signup.User) error { return second(w.As("test").SetPassword(w.ctx, u.ID, "An0ther!one")) },
			"disabled": func(u signup.User) error {
				w.disable(u.Username, true)
				return second(w.As("test").SetDisabled(w.ctx, u.ID, false))
			},
		} {
			u := w.activeMember(name)
			w.clock.Advance(time.Hour)
			change, reset := w.asked(u.ID, name+"@evil.example.org"), w.resetLink(u.Email)
			w.clock.Advance(10 * time.Minute)
			w.must(takeBack(u))
			w.refused(w.ConfirmEmail(w.ctx, change), refusal.TokenUnknown)
			w.refused(w.ResetPassword(w.ctx, reset, "Th1rd!password"), refusal.TokenUnknown)
			if u := w.user(name); u.Email != name+"@example.org" || u.NewEmail != "" {
				t.Errorf("%s: the address is %s, and %s is to come", name, u.Email, u.NewEmail)
			}
		}
	})
}

// The owner of the first address is told, even if its server takes no mail until
// the address has been changed once more.
func TestTheFirstOwnerIsTold(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		w.must(w.ConfirmEmail(w.ctx, w.asked(ada.ID, "ada@evil.example.org")))
		w.clock.Advance(time.Minute)
		w.must(w.askEmail(ada.ID, "ada@worse.example.org"))
		var told []string
		for _, m := range w.owedOf(signup.MailNewEmail) {
			letter, err := w.Post().Compose(w.ctx, m)
			w.must(err)
			w.must(w.ConfirmEmail(w.ctx, letter.Plain))
			w.must(w.Post().MailSent(w.ctx, m, "250 OK"))
		}
		w.disable("ada", true)
		for _, m := range w.deliver() {
			if m.Kind == signup.MailEmailChanged {
				told = append(told, m.Recipient.Email)
			}
		}
		if len(told) != 1 || told[0] != ada.Email {
			t.Errorf("told: %q", told)
		}
	})
}

func (w *world) owedOf(kind signup.MailKind) (ids []string) {
	w.t.Helper()
	mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{Kind: kind, State: delivery.Owed})
	w.must(err)
	for _, m := range mails {
		ids = append(ids, m.ID)
	}
	return ids
}

// The trail tells of a change that was withdrawn.
func TestWithdrawnChangeIsRecorded(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		w.must(w.askEmail(ada.ID, ada.Email)) // nothing to withdraw
		w.must(w.askEmail(ada.ID, "ada@new.example.org"))
		w.must(w.askEmail(ada.ID, ada.Email))
		events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: ada.ID, Type: event.EmailChangeAsked})
		w.must(err)
		if len(events) != 2 || events[0].Detail["change"] != "withdrawn" {
			t.Errorf("the trail has %+v", events)
		}
	})
}
