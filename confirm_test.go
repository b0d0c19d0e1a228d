package signup_test

import (
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// openLinks signs several people up with one address and returns their links and
// tickets by username.
func (w *world) openLinks(address string, names ...string) (links, tickets map[string]string) {
	w.t.Helper()
	links, tickets = map[string]string{}, map[string]string{}
	for _, name := range names {
		tickets[name] = w.ticket(at(name, address))
		for _, m := range w.deliver() {
			links[m.User.Username] = m.Link
		}
		w.clock.Advance(time.Minute)
	}
	return links, tickets
}

// A token alone confirms its own sign-up, even if other people signed up too.
func TestConfirmConfirmsTheTokensOwnSignUp(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		links, _ := w.openLinks("ada@example.org", "evil", "ada")
		if u, err := w.SignUpOfToken(w.ctx, links["ada"]); err != nil || u.Username != "ada" {
			t.Fatalf("%+v, %v", u, err)
		}
		_, err := w.Confirm(w.ctx, links["ada"])
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		w.status("evil", signup.StatusUnconfirmed)
	})
}

func TestConfirmNeedsProofAmongSeveral(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) { o.ConfirmNeedsProof = true })
			w.signUp("alone")
			_, err := w.Confirm(w.ctx, w.token("alone@example.org"))
			w.must(err)
			links, _ := w.openLinks("ada@example.org", "evil", "ada")
			_, err = w.Confirm(w.ctx, links["ada"])
			w.refused(err, refusal.PasswordRequired)
			_, err = w.ConfirmAs(w.ctx, links["ada"], signup.Claimant{Password: "Passw0rd!ada"})
			w.must(err)
			w.status("ada", signup.StatusPendingApproval)
		})
	}
}

func TestConfirmByPassword(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		links, tickets := w.openLinks("ada@example.org", "evil", "ada")
		w.signUp("other")
		other := w.token("other@example.org")
		for name, c := range map[string]signup.Claimant{
			"a wrong password":                             {Username: "ada", Password: "Passw0rd!evil"},
			"nobody's username":                            {Username: "nobody", Password: "Passw0rd!ada"},
			"a malformed username":                         {Username: "a b", Password: "Passw0rd!ada"},
			"a user of another address":                    {Username: "other", Password: "Passw0rd!other"},
			"the token's own, but the password of another": {Password: "Passw0rd!ada"},
		} {
			_, err := w.ConfirmAs(w.ctx, links["evil"], c)
			if !refusal.Is(err, refusal.WrongPassword) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, ticket := range []string{"nonsense", w.ticket(person("elsewhere"))} {
			_, err := w.ConfirmAs(w.ctx, links["evil"], signup.Claimant{Ticket: ticket})
			w.refused(err, refusal.TicketUnknown)
		}
		_, err := w.ConfirmAs(w.ctx, other, signup.Claimant{Ticket: tickets["ada"]})
		w.refused(err, refusal.TicketUnknown)
		_, err = w.ConfirmAs(w.ctx, links["evil"], signup.Claimant{Username: "ada", Password: "Passw0rd!ada"})
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		w.status("evil", signup.StatusUnconfirmed)
		w.status("other", signup.StatusUnconfirmed)
	})
}

// A person who has the mailbox but not the password takes the sign-up over by
// setting a new password, and the person who signed up is locked out.
func TestConfirmWithANewPassword(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		links, tickets := w.openLinks("ada@example.org", "ada")
		_, err := w.ConfirmAs(w.ctx, links["ada"], signup.Claimant{NewPassword: "short"})
		w.refused(err, refusal.Invalid)
		w.wantsStatus(tickets["ada"], signup.StatusUnconfirmed, delivery.Sent)
		_, err = w.ConfirmAs(w.ctx, links["ada"], signup.Claimant{NewPassword: "An0ther!one"})
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		w.wantsPassword("ada", "An0ther!one")
		if !w.audited("ada", event.PasswordChosen) {
			t.Error("it recorded no event")
		}
		_, err = w.SignUpStatus(w.ctx, tickets["ada"]) // of whoever made it
		w.refused(err, refusal.TicketUnknown)
	})
}

// A token verifies the address it was sent to: it confirms neither a sign-up
// whose address has since been corrected, nor a sign-up with another address
// (B29).
func TestTokenConfirmsOnlyItsAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		links, tickets := w.openLinks("mine@evil.example", "evil", "evil2")
		w.must(w.CorrectByTicket(w.ctx, tickets["evil"], "victim@example.org"))
		for _, link := range links {
			for _, c := range []signup.Claimant{{Ticket: tickets["evil"]}, {Username: "evil", Password: "Passw0rd!evil"}} {
				if _, err := w.ConfirmAs(w.ctx, link, c); err == nil {
					t.Error("an address that got no mail was confirmed")
				}
			}
		}
		w.status("evil", signup.StatusUnconfirmed)
	})
}

// Becoming active records exactly one event, however it happens.
func TestBecomingActiveRecordsOneEvent(t *testing.T) {
	ways := map[string]func(w *world){
		"nothing required": func(w *world) {
			w.set("signup_require_email_verification", "false")
			w.set("signup_require_admin_approval", "false")
			w.signUp("ada")
			_, err := w.As("test").VerifyEmail(w.ctx, w.user("ada").ID)
			w.must(err)
		},
		"confirmed": func(w *world) {
			w.set("signup_require_admin_approval", "false")
			w.signUp("ada")
			_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
			w.must(err)
		},
		"verified by an administrator": func(w *world) {
			w.set("signup_require_admin_approval", "false")
			w.signUp("ada")
			_, err := w.As("test").VerifyEmail(w.ctx, w.user("ada").ID)
			w.must(err)
		},
		"approved": func(w *world) { w.activeMember("ada") },
		"approved after a rejection": func(w *world) {
			id := w.rejected("ada")
			_, err := w.As("test").Reconsider(w.ctx, id)
			w.must(err)
			for range 2 {
				_, err = w.As("test").Approve(w.ctx, id)
				w.must(err)
			}
		},
		"an administrator": func(w *world) { w.admin("ada") },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, w *world) {
				way(w)
				events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: w.user("ada").ID, Type: event.Active})
				if err != nil || len(events) != 1 {
					t.Errorf("%d events, %v, want 1", len(events), err)
				}
			})
		})
	}
}

// A browser can correct its own sign-up by sending the form again with the same
// username.
func TestSigningUpAgainWithTheTicket(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.ticket(at("ada", "typo@example.org"))
		old := w.token("typo@example.org")
		w.clock.Advance(time.Minute)
		r := at("ADA", "ada@example.org")
		r.Name, r.Password, r.Ticket = "Ada Lovelace", "An0ther!one", ada
		w.must(second(w.SignUp(w.ctx, r)))
		u := w.user("ada")
		if u.Name != "Ada Lovelace" || u.Email != "ada@example.org" || u.Corrections != 1 || w.count(signup.StatusUnconfirmed) != 1 {
			t.Fatalf("%+v", u)
		}
		w.wantsPassword("ada", "An0ther!one")
		_, err := w.Confirm(w.ctx, old)
		w.refused(err, refusal.TokenUnknown)
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)

		// A confirmed sign-up cannot be corrected this way, nor can somebody
		// else's.
		r.Name = "Somebody else"
		r.Password = "Passw0rd!third"
		_, err = w.SignUp(w.ctx, r)
		w.refused(err, refusal.UsernameTaken)
		bob := w.ticket(person("bob"))
		r.Ticket = bob
		_, err = w.SignUp(w.ctx, r)
		w.refused(err, refusal.UsernameTaken)
		if u := w.user("ada"); u.Name != "Ada Lovelace" {
			t.Errorf("%+v", u)
		}
	})
}

// Every type of event and kind of mail that is used is in the documented lists.
func TestListsAreComplete(t *testing.T) {
	for _, info := range event.All() {
		if info.Doc == "" {
			t.Errorf("%s is not described", info.Type)
		}
	}
	for _, info := range signup.MailKinds() {
		if info.Doc == "" {
			t.Errorf("%s is not described", info.Kind)
		}
	}
	onEach(t, func(t *testing.T, w *world) {
		id := w.rejected("ada")
		_, err := w.As("test").Reconsider(w.ctx, id)
		w.must(err)
		events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{})
		w.must(err)
		for _, e := range events {
			if !slices.ContainsFunc(event.All(), func(i event.Info) bool { return i.Type == e.Type }) {
				t.Errorf("%s is not in the list", e.Type)
			}
		}
	})
}

// What a repeated sign-up is told is what it needs, whatever the settings require
// by now.
func TestRepetitionTellsWhatTheFirstNeeds(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		first := w.signUp("ada")
		w.set("signup_require_email_verification", "false")
		w.set("signup_require_admin_approval", "false")
		if again := w.signUp("ada"); again != first {
			t.Errorf("%+v, want %+v", again, first)
		}
		active := w.signUp("bob")
		w.set("signup_require_email_verification", "true")
		if again := w.signUp("bob"); again != active {
			t.Errorf("%+v, want %+v", again, active)
		}
	})
}

// Who makes an administrator holds the address first, as confirmations do: or
// both wait for each other.
func TestCreateAdminHoldsTheAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		made := make(chan error, 1)
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			if err := tx.HoldAddress(w.ctx, "ada@example.org"); err != nil {
				return err
			}
			if _, err := tx.Settings(w.ctx); err != nil { // the address is held now
				return err
			}
			go func() {
				_, err := w.As("test").CreateAdmin(w.ctx, person("ada"))
				made <- err
			}()
			select {
			case err := <-made:
				made <- err
				t.Errorf("it did not wait, %v", err)
			case <-time.After(200 * time.Millisecond):
			}
			return nil
		}))
		w.must(<-made)
	})
}
