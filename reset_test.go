package signup_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// resetLinks asks for a link to reset the password of an address, and returns the
// tokens that were mailed there.
func (w *world) resetLinks(address string) (tokens []string) {
	w.t.Helper()
	w.must(w.RequestPasswordReset(w.ctx, address))
	for _, m := range w.deliver() {
		if m.Kind == signup.MailPasswordReset && m.Recipient.Email == address {
			tokens = append(tokens, m.Link)
		}
	}
	return tokens
}

func (w *world) resetLink(address string) string {
	w.t.Helper()
	tokens := w.resetLinks(address)
	if len(tokens) != 1 {
		w.t.Fatalf("%d links to reset the password were mailed to %s", len(tokens), address)
	}
	return tokens[0]
}

// knows reports whether somebody can log in with the password.
func (w *world) knows(name, password string) bool {
	w.t.Helper()
	_, err := w.CheckPassword(w.ctx, name, password)
	if err != nil {
		w.refused(err, refusal.WrongPassword)
	}
	return err == nil
}

// Somebody who forgot the password chooses a new one by the link in a mail.
func TestResetPassword(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		session := w.signedIn("boss", "Passw0rd!boss")
		first := w.resetLink("boss@example.org")
		w.clock.Advance(2 * time.Minute)
		other := w.resetLink("boss@example.org")
		w.refused(w.ResetPassword(w.ctx, first, "short"), refusal.Invalid)
		if !w.knows("boss", "Passw0rd!boss") {
			t.Fatal("the old password does not work, and nobody has chosen another")
		}
		w.must(w.ResetPassword(w.ctx, first, "An0ther!one"))
		if !w.knows("boss", "An0ther!one") || w.knows("boss", "Passw0rd!boss") {
			t.Error("the password is not the new one")
		}
		_, _, err := w.Session(w.ctx, session)
		w.refused(err, refusal.Unauthorized)
		for _, token := range []string{first, other} {
			w.refused(w.ResetPassword(w.ctx, token, "Th1rd!password"), refusal.TokenUnknown)
		}
		want := []string{"session.ended", "user.password_reset", "session.started", "user.active", "user.admin_created"}
		if got := w.trail(boss.ID); !sameTrail(got, want) {
			t.Errorf("the trail is %v, want %v", got, want)
		}
	})
}

func sameTrail(got, want []string) bool {
	slices.Sort(got)
	slices.Sort(want)
	return slices.Equal(got, want)
}

// Only an active user gets a link. Nobody is told who that is.
func TestNoLinkWithoutAnAccount(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("early")
		w.signUp("waiting")
		w.signUp("refused")
		w.deliver()
		for _, name := range []string{"waiting", "refused"} {
			_, err := w.As("test").VerifyEmail(w.ctx, w.user(name).ID)
			w.must(err)
		}
		_, err := w.As("test").Reject(w.ctx, w.user("refused").ID, "", "")
		w.must(err)
		w.clock.Advance(24 * time.Hour)
		for _, name := range []string{"early", "waiting", "refused", "nobody"} {
			if tokens := w.resetLinks(name + "@example.org"); len(tokens) > 0 {
				t.Errorf("%s got a link", name)
			}
		}
		w.refused(w.RequestPasswordReset(w.ctx, "no address"), refusal.Invalid)
		ada := w.activeMember("ada")
		token := w.resetLink(ada.Email)
		w.must(w.As("test").Remove(w.ctx, ada.ID))
		w.refused(w.ResetPassword(w.ctx, token, "An0ther!one"), refusal.TokenUnknown)
	})
}

// A link that was owed to somebody who is not active any more, or whose password
// was set meanwhile, is not mailed.
func TestOutdatedResetIsNotMailed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		mailed := w.resetLink(ada.Email)
		w.clock.Advance(time.Minute)
		w.must(w.RequestPasswordReset(w.ctx, ada.Email))
		w.must(second(w.Post().OweRequestedLinks(w.ctx)))
		w.must(second(w.As("test").SetPassword(w.ctx, ada.ID, "An0ther!one")))
		if got := kinds(w.deliver()); got[signup.MailPasswordReset] != 0 {
			t.Errorf("mailed: %v", got)
		}
		w.refused(w.ResetPassword(w.ctx, mailed, "Th1rd!password"), refusal.TokenUnknown)
	})
}

func TestResetLinkExpires(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		token := w.resetLink(ada.Email)
		w.clock.Advance(time.Hour - time.Millisecond)
		w.refused(w.ResetPassword(w.ctx, token, "short"), refusal.Invalid)
		w.clock.Advance(time.Millisecond)
		w.refused(w.ResetPassword(w.ctx, token, "An0ther!one"), refusal.TokenExpired)
		if n, err := w.Post().DeleteExpired(w.ctx); n != 0 || err != nil {
			t.Errorf("%d tokens deleted at their expiry, %v", n, err)
		}
		w.clock.Advance(time.Millisecond)
		if n, err := w.Post().DeleteExpired(w.ctx); n == 0 || err != nil {
			t.Errorf("%d expired tokens deleted, %v", n, err)
		}
		w.refused(w.ResetPassword(w.ctx, token, "An0ther!one"), refusal.TokenUnknown)
	})
}

// The links of sign-ups and of accounts cannot do what the others do.
func TestResetAndConfirmationAreApart(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("eve")
		confirms := w.token("eve@example.org")
		ada := w.activeMember("ada")
		resets := w.resetLink(ada.Email)
		w.refused(w.ResetPassword(w.ctx, confirms, "An0ther!one"), refusal.TokenUnknown)
		w.refused(second(w.Confirm(w.ctx, resets)), refusal.TokenUnknown)
		w.refused(w.Disown(w.ctx, resets), refusal.TokenUnknown)
		w.must(w.ResendForToken(w.ctx, resets))
		w.refused(second(w.UseToken(w.ctx, resets, nil)), refusal.TokenUnknown)
		w.must(w.ResetPassword(w.ctx, resets, "An0ther!one"))
		w.must(second(w.Confirm(w.ctx, confirms)))
	})
}

// However often strangers ask, a mailbox gets as many mails as the limits allow,
// and there is always a link that works.
func TestResetsAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		w.clock.Advance(24 * time.Hour)
		var last string
		mailed := 0
		for range 24 * 3 {
			for range 3 {
				w.must(w.RequestPasswordReset(w.ctx, ada.Email))
			}
			if tokens := w.resetLinks(ada.Email); len(tokens) > 0 {
				last = tokens[len(tokens)-1]
				mailed += len(tokens)
			}
			w.refused(w.ResetPassword(w.ctx, last, "short"), refusal.Invalid) // the link works
			w.clock.Advance(20 * time.Minute)
		}
		if mailed < 5 || mailed > 10 {
			t.Errorf("%d mails in a day", mailed)
		}
	})
}

// Of people who use one link at once, one succeeds.
func TestOneResetPerLink(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		passwords := []string{"F1rst!password", "Sec0nd!password", "Th1rd!password", "F0urth!password"}
		for range 5 {
			token := w.resetLink(ada.Email)
			errs := parallel(len(passwords), func(i int) error { return w.ResetPassword(w.ctx, token, passwords[i]) })
			won := -1
			for i, err := range errs {
				switch {
				case err == nil && won >= 0:
					t.Error("two succeeded")
				case err == nil:
					won = i
				default:
					w.refused(err, refusal.TokenUnknown)
				}
			}
			for i, password := range passwords {
				if w.knows("ada", password) != (i == won) {
					t.Errorf("number %d won; does number %d have the password: %t", won, i, i != won)
				}
			}
			w.clock.Advance(24 * time.Hour)
		}
	})
}

// Two links of one user, and a password that an administrator sets meanwhile: what
// was done last is the password, and no link is left.
func TestResetsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		for range 5 {
			first := w.resetLink(ada.Email)
			w.clock.Advance(2 * time.Minute)
			other := w.resetLink(ada.Email)
			errs := parallel(3, func(i int) error {
				switch i {
				case 0:
					return w.ResetPassword(w.ctx, first, "F1rst!password")
				case 1:
					return w.ResetPassword(w.ctx, other, "Sec0nd!password")
				default:
					return second(w.As("test").SetPassword(w.ctx, ada.ID, "Th1rd!password"))
				}
			})
			if errs[2] != nil || errs[0] == nil && errs[1] == nil {
				t.Fatalf("the results are %v", errs)
			}
			for _, err := range errs[:2] {
				if err != nil {
					w.refused(err, refusal.TokenUnknown)
				}
			}
			known := 0
			for i, password := range []string{"F1rst!password", "Sec0nd!password", "Th1rd!password"} {
				if w.knows("ada", password) {
					known++
					if errs[i] != nil {
						t.Errorf("a refused password is the one that works: %v", errs[i])
					}
				}
			}
			if known != 1 {
				t.Errorf("%d passwords work", known)
			}
			for _, token := range []string{first, other} {
				w.refused(w.ResetPassword(w.ctx, token, "An0ther!one"), refusal.TokenUnknown)
			}
			w.clock.Advance(24 * time.Hour)
		}
	})
}

// Without a page for it, or without mail, nobody can reset a password.
func TestNoResetWithoutAPage(t *testing.T) {
	w := newWorld(t, openSQLite(t), func(o *signup.Options) { o.Links.ResetPassword = nil })
	w.refused(w.RequestPasswordReset(w.ctx, "ada@example.org"), refusal.MailNotConfigured)
	w = newWorld(t, openSQLite(t), func(o *signup.Options) { o.Letters = nil })
	w.refused(w.RequestPasswordReset(w.ctx, "ada@example.org"), refusal.MailNotConfigured)
}

// A mail that was owed when there was a page fails, instead of having no link.
func TestResetOwedBeforeThePageWent(t *testing.T) {
	store := openSQLite(t)
	w := newWorld(t, store)
	ada := w.activeMember("ada")
	w.must(w.RequestPasswordReset(w.ctx, ada.Email))
	w.must(second(w.Post().OweRequestedLinks(w.ctx)))
	without := newWorld(t, store, func(o *signup.Options) { o.Links.ResetPassword = nil })
	if _, err := without.Post().Compose(w.ctx, w.mailTo("ada", signup.MailPasswordReset).ID); !errors.Is(err, signup.ErrNotWritten) {
		t.Errorf("composed with %v", err)
	}
}

// However many sign up with the address of an account, its owner gets a link to
// reset the password.
func TestSignUpsDoNotKeepAResetBack(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		w.deliver()
		w.clock.Advance(25 * time.Hour)
		for i := range 12 {
			w.must(second(w.SignUp(w.ctx, personAt(fmt.Sprint("stranger", i), ada.Email))))
			w.deliver()
			w.clock.Advance(30 * time.Minute)
		}
		w.resetLink(ada.Email)
	})
}

// Whoever signed up may be somebody else than the owner of the mailbox, who resets
// the password: their browser does not follow the account any longer.
func TestAResetEndsTickets(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ticket := w.ticket(person("ada"))
		w.must(second(w.Confirm(w.ctx, w.token("ada@example.org"))))
		w.must(second(w.As("test").Approve(w.ctx, w.user("ada").ID)))
		w.clock.Advance(time.Hour)
		w.must(second(w.SignUpStatus(w.ctx, ticket)))
		w.must(w.ResetPassword(w.ctx, w.resetLink("ada@example.org"), "An0ther!one"))
		w.refused(second(w.SignUpStatus(w.ctx, ticket)), refusal.TicketUnknown)
	})
}
