package signup_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

func TestMainRoad(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		admin := w.admin("boss")
		receipt := w.signUp("ada")
		if !receipt.EmailVerificationRequired || !receipt.AdminApprovalRequired {
			t.Fatalf("receipt %+v, want both required", receipt)
		}
		w.status("ada", signup.StatusUnconfirmed)

		got, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		if got.Status != signup.StatusPendingApproval || !got.AdminApprovalRequired {
			t.Fatalf("confirmed %+v, want pending approval", got)
		}
		notices := w.deliver()
		if len(notices) != 1 || notices[0].Kind != signup.MailAdminNotice || notices[0].Recipient.Email != admin.Email {
			t.Fatalf("sent %+v, want one notice to the administrator", notices)
		}

		ada, err := w.Approve(w.ctx, w.user("ada").ID, "user:1")
		w.must(err)
		if !ada.Active() || ada.ApprovedBy != "user:1" || !ada.ApprovedAt.Equal(w.clock.Now()) {
			t.Fatalf("approved %+v", ada)
		}
		if sent := kinds(w.deliver()); sent[signup.MailApproved] != 1 || len(sent) != 1 {
			t.Fatalf("sent %v, want the approval", sent)
		}
	})
}

// What the settings required at sign-up is what counts, however they change.
func TestRequirementsAreThoseOfTheSignUp(t *testing.T) {
	for _, c := range []struct {
		verification, approval string
		first, afterConfirm    signup.Status
	}{
		{"false", "false", signup.StatusActive, signup.StatusActive},
		{"false", "true", signup.StatusPendingApproval, signup.StatusPendingApproval},
		{"true", "false", signup.StatusUnconfirmed, signup.StatusActive},
		{"true", "true", signup.StatusUnconfirmed, signup.StatusPendingApproval},
	} {
		t.Run("verification "+c.verification+", approval "+c.approval, func(t *testing.T) {
			onEach(t, func(t *testing.T, w *world) {
				w.set("signup_require_email_verification", c.verification)
				w.set("signup_require_admin_approval", c.approval)
				w.signUp("ada")
				w.status("ada", c.first)
				letters := w.deliver()
				w.set("signup_require_email_verification", flip(c.verification))
				w.set("signup_require_admin_approval", flip(c.approval))
				w.status("ada", c.first)
				if c.first == signup.StatusUnconfirmed {
					_, err := w.Confirm(w.ctx, letters[0].Link)
					w.must(err)
				}
				w.status("ada", c.afterConfirm)
			})
		})
	}
}

func flip(b string) string {
	if b == "true" {
		return "false"
	}
	return "true"
}

func TestTokenIsSpentOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.signUp("ada")
		token := w.token("ada@example.org")
		_, err := w.Confirm(w.ctx, token)
		w.must(err)
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, signup.CodeAlreadyConfirmed)
		w.clock.advance(time.Hour)
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, signup.CodeAlreadyConfirmed)
		_, err = w.Approve(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, signup.CodeAlreadyConfirmed)
		w.status("ada", signup.StatusActive)
	})
}

func TestEveryTokenWorksUntilOneIsUsed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		first := w.token("ada@example.org")
		w.must(w.Resend(w.ctx, " ADA@Example.Org "))
		second := w.token("ada@example.org")
		w.clock.advance(time.Minute)
		w.must(w.Resend(w.ctx, "ada@example.org"))
		third := w.token("ada@example.org")
		_, err := w.Confirm(w.ctx, second)
		w.must(err)
		for _, token := range []string{first, third} {
			_, err := w.Confirm(w.ctx, token)
			w.refused(err, signup.CodeAlreadyConfirmed)
		}
	})
}

func TestTokenExpires(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		token := w.token("ada@example.org")
		w.clock.advance(24 * time.Hour)
		_, err := w.Confirm(w.ctx, token)
		w.refused(err, signup.CodeTokenExpired)

		w.must(w.ResendForToken(w.ctx, token))
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
	})
}

// An expired sign-up that the clean-up took leaves the address free (B06).
func TestLapsedSignUpFreesItsNames(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		token := w.token("ada@example.org")
		w.clock.advance(8 * 24 * time.Hour)
		n, err := w.DeleteExpired(w.ctx)
		w.must(err)
		if n != 1 {
			t.Fatalf("deleted %d tokens, want 1", n)
		}
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, signup.CodeTokenUnknown)
		if n, err = w.DeleteLapsed(w.ctx); err != nil || n != 1 {
			t.Fatalf("deleted %d users, %v, want 1", n, err)
		}
		w.signUp("ada")
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
	})
}

func TestHostCanKeepLapsedSignUps(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) {
				o.Keep = func(u signup.User) bool { return u.Username == "ada" }
			})
			w.signUp("ada")
			w.signUp("bob")
			w.deliver()
			w.clock.advance(8 * 24 * time.Hour)
			if listed, err := w.Lapsed(w.ctx, 10); err != nil || len(listed) != 1 {
				t.Fatalf("%d would lapse, %v, want 1", len(listed), err)
			}
			if n, err := w.DeleteLapsed(w.ctx); err != nil || n != 1 {
				t.Fatalf("deleted %d, %v, want 1", n, err)
			}
			w.status("ada", signup.StatusUnconfirmed)
		})
	}
}

// 50 callers, one token: one winner, its effects once (B04).
func TestOneWinnerPerToken(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.signUp("ada")
		token := w.token("ada@example.org")
		wins := 0
		for _, err := range parallel(50, func(int) error { _, err := w.Confirm(w.ctx, token); return err }) {
			if err == nil {
				wins++
				continue
			}
			w.refused(err, signup.CodeAlreadyConfirmed)
		}
		if wins != 1 {
			t.Fatalf("%d callers won, want 1", wins)
		}
		if sent := w.deliver(); len(sent) != 1 || sent[0].Kind != signup.MailAdminNotice {
			t.Fatalf("sent %v, want one notice", kinds(sent))
		}
	})
}

func parallel(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			errs[i] = f(i)
		})
	}
	start.Done()
	done.Wait()
	return errs
}

func TestOneRowPerAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		spellings := []string{"ada@example.org", "Ada@Example.ORG"}
		for _, err := range parallel(50, func(i int) error {
			r := personAt("ada"+string(rune('a'+i%26))+string(rune('a'+i/26)), spellings[i%2])
			_, err := w.SignUp(w.ctx, r)
			return err
		}) {
			w.must(err)
		}
		if _, total, err := w.Users(w.ctx, signup.UserQuery{}); err != nil || total != 1 {
			t.Fatalf("%d rows, %v, want 1", total, err)
		}
		if n := len(w.deliver()); n > signup.MaxClaims+1 {
			t.Fatalf("%d mails to one address, want at most %d", n, signup.MaxClaims+1)
		}
	})
}

func TestOneRowPerUsername(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		wins := 0
		for _, err := range parallel(50, func(i int) error {
			r := personAt("ada", string(rune('a'+i%26))+string(rune('a'+i/26))+"@example.org")
			if i%2 == 0 {
				r.Username = "ADA"
			}
			_, err := w.SignUp(w.ctx, r)
			return err
		}) {
			if err == nil {
				wins++
				continue
			}
			w.refused(err, signup.CodeUsernameTaken)
		}
		if _, total, err := w.Users(w.ctx, signup.UserQuery{}); err != nil || total != 1 || wins != 1 {
			t.Fatalf("%d rows, %d wins, %v, want 1 of each", total, wins, err)
		}
	})
}

// Whoever signs up first with somebody's address cannot keep the owner out
// nor get in by the owner's link (B28).
func TestOwnerOfTheMailboxWins(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		thief, owner := personAt("thief", "v@example.org"), personAt("owner", "V@example.org")
		_, err := w.SignUp(w.ctx, thief)
		w.must(err)
		thiefs := w.token("v@example.org")
		_, err = w.SignUp(w.ctx, owner)
		w.must(err)
		owners := w.token("V@example.org")
		w.clock.advance(time.Minute)
		_, err = w.SignUp(w.ctx, signup.Registration{
			Name: "Thief", Username: "thief2", Email: "v@example.org", Password: "Passw0rd!thief2",
		})
		w.must(err)

		_, err = w.Confirm(w.ctx, owners)
		w.must(err)
		u := w.user("v@example.org")
		if u.Username != "owner" || u.Email != "V@example.org" {
			t.Fatalf("the account is %s's at %s, want the owner's", u.Username, u.Email)
		}
		ok, _, err := cheapHasher().Verify(w.ctx, u.PasswordHash, owner.Password)
		if err != nil || !ok {
			t.Fatalf("the owner's password does not work: %v", err)
		}
		_, err = w.Confirm(w.ctx, thiefs)
		w.refused(err, signup.CodeAlreadyConfirmed)
		w.must(w.Resend(w.ctx, "v@example.org"))
		if n := kinds(w.deliver())[signup.MailConfirmation]; n != 0 {
			t.Fatalf("%d more confirmations were sent, want none", n)
		}
		// The names that lost are free again.
		w.signUp("thief")
	})
}

func TestTakenAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.deliver()

		again := personAt("other", "ADA@example.org")
		receipt, err := w.SignUp(w.ctx, again)
		w.must(err)
		if want := (signup.Receipt{EmailVerificationRequired: true, AdminApprovalRequired: true}); receipt != want {
			t.Fatalf("receipt %+v tells that the address is taken", receipt)
		}
		letters := w.deliver()
		if len(letters) != 1 || letters[0].Kind != signup.MailAccountExists || letters[0].Recipient.Email != "ada@example.org" {
			t.Fatalf("sent %+v, want a word to the owner's own spelling", letters)
		}
		if len(letters) > 0 && letters[0].User.Username != "ada" {
			t.Fatalf("the letter speaks of %s", letters[0].User.Username)
		}

		// Who forgot all about it gets the mail too, whatever the answer.
		w.clock.advance(time.Hour)
		_, err = w.SignUp(w.ctx, person("ada"))
		w.refused(err, signup.CodeUsernameTaken)
		if sent := kinds(w.deliver()); sent[signup.MailAccountExists] != 1 {
			t.Fatalf("sent %v, want a word to the owner", sent)
		}

		w.set("conceal_emails", "false")
		_, err = w.SignUp(w.ctx, again)
		w.refused(err, signup.CodeEmailTaken)
		_, total, err := w.Users(w.ctx, signup.UserQuery{})
		w.must(err)
		if total != 1 {
			t.Fatalf("%d users, want 1", total)
		}
	})
}

// Without concealment an unconfirmed address is taken only while its link works.
func TestTakenAddressWithoutConcealment(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("conceal_emails", "false")
		w.signUp("ada")
		again := personAt("other", "ada@example.org")
		_, err := w.SignUp(w.ctx, again)
		w.refused(err, signup.CodeEmailTaken)
		w.deliver()
		_, err = w.SignUp(w.ctx, again)
		w.refused(err, signup.CodeEmailTaken)
		w.clock.advance(25 * time.Hour)
		_, err = w.SignUp(w.ctx, again)
		w.must(err)
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.status("other", signup.StatusPendingApproval)
	})
}

func TestNothingRemainsOfARefusedSignUp(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			noMail := newWorld(t, store, func(o *signup.Options) { o.Letters = nil })
			_, err := noMail.SignUp(noMail.ctx, person("ada"))
			noMail.refused(err, signup.CodeMailNotConfigured)

			w := newWorld(t, store)
			w.set("signup_enabled", "false")
			_, err = w.SignUp(w.ctx, person("ada"))
			w.refused(err, signup.CodeSignUpDisabled)
			w.set("signup_enabled", "true")
			_, err = w.SignUp(w.ctx, signup.Registration{Name: "\r\n", Username: "a b", Email: "x", Password: "short"})
			var fields []string
			for _, e := range signup.Refusals(err) {
				fields = append(fields, e.Field)
			}
			if len(fields) != 4 {
				t.Fatalf("refused %v, want name, username, email and password", fields)
			}
			if _, total, err := w.Users(w.ctx, signup.UserQuery{}); err != nil || total != 0 {
				t.Fatalf("%d users, %v, want none", total, err)
			}
			w.signUp("ada")
		})
	}
}

func TestApproveIsIdempotent(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.user("ada").ID
		_, err := w.Approve(w.ctx, id, "test")
		w.refused(err, signup.CodeNotVerified)
		_, err = w.VerifyByHand(w.ctx, id, "test")
		w.must(err)
		for _, err := range parallel(10, func(int) error { _, err := w.Approve(w.ctx, id, "test"); return err }) {
			w.must(err)
		}
		if n := kinds(w.deliver())[signup.MailApproved]; n != 1 {
			t.Fatalf("%d approvals were mailed, want 1", n)
		}
		_, err = w.Reject(w.ctx, id, "", "", "test")
		w.refused(err, signup.CodeConflict)
		_, err = w.Approve(w.ctx, 4711, "test")
		w.refused(err, signup.CodeUserNotFound)
	})
}

func TestRejection(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		id := w.user("ada").ID
		_, err = w.Reject(w.ctx, id, "too early", "knows nobody here", "user:1")
		w.must(err)
		letters := w.deliver()
		if len(letters) != 1 || letters[0].Kind != signup.MailRejected || letters[0].Reason != "too early" {
			t.Fatalf("sent %+v, want the rejection with its public reason", letters)
		}
		_, err = w.Reject(w.ctx, id, "again", "", "user:1")
		w.must(err)
		if n := len(w.deliver()); n != 0 {
			t.Fatalf("%d mails after the second rejection, want none", n)
		}
		_, err = w.Approve(w.ctx, id, "user:1")
		w.refused(err, signup.CodeConflict)

		_, err = w.Reconsider(w.ctx, id, "user:1")
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		_, err = w.Approve(w.ctx, id, "user:1")
		w.must(err)
		w.status("ada", signup.StatusActive)
		_, err = w.Reconsider(w.ctx, id, "user:1")
		w.refused(err, signup.CodeConflict)
	})
}

// A rejection taken back before its mail went out is never told.
func TestRejectionTakenBackIsNotTold(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		id := w.user("ada").ID
		_, err := w.Reject(w.ctx, id, "", "", "test")
		w.must(err)
		_, err = w.Reconsider(w.ctx, id, "test")
		w.must(err)
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v, want nothing", kinds(sent))
		}
	})
}

func TestReapplying(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		id := w.user("ada").ID
		_, err = w.Reject(w.ctx, id, "no", "", "test")
		w.must(err)
		w.deliver()

		w.set("reapply_after", `"48h"`)
		w.signUpAt("ada2", "ada@example.org")
		if sent := kinds(w.deliver()); sent[signup.MailAccountExists] != 1 || len(sent) != 1 {
			t.Fatalf("sent %v within the wait, want a word to the owner", sent)
		}
		w.clock.advance(48 * time.Hour)
		w.signUpAt("ada2", "ada@example.org")
		w.status("ada@example.org", signup.StatusRejected)
		// Whatever the settings say now, who was rejected needs an approval.
		w.set("signup_require_admin_approval", "false")
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		u := w.user("ada2")
		if u.ID != id || u.Status() != signup.StatusPendingApproval || u.RejectionReason != "" {
			t.Fatalf("after reapplying: %+v", u)
		}

		_, err = w.Reject(w.ctx, id, "no", "", "test")
		w.must(err)
		w.deliver()
		w.set("reapply_after", `"never"`)
		w.clock.advance(1000 * time.Hour)
		w.signUpAt("ada3", "ada@example.org")
		if sent := kinds(w.deliver()); sent[signup.MailConfirmation] != 0 {
			t.Fatalf("sent %v, want no confirmation", sent)
		}
		w.clock.advance(90 * 24 * time.Hour)
		if n, err := w.DeleteLapsed(w.ctx); err != nil || n != 1 {
			t.Fatalf("erased %d, %v, want 1", n, err)
		}
		_, err = w.Reconsider(w.ctx, id, "test")
		w.refused(err, signup.CodeUserNotFound)
	})
}

func (w *world) signUpAt(username, address string) {
	w.t.Helper()
	_, err := w.SignUp(w.ctx, personAt(username, address))
	w.must(err)
}

// A token proves the address it was sent to and no other (B29).
func TestCorrectedAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		old := w.token("ada@example.org")
		id := w.user("ada").ID
		_, err := w.CorrectEmail(w.ctx, id, "victim@example.org", "test")
		w.must(err)
		_, err = w.Confirm(w.ctx, old)
		w.refused(err, signup.CodeTokenUnknown)
		w.status("ada", signup.StatusUnconfirmed)
		_, err = w.Confirm(w.ctx, w.token("victim@example.org"))
		w.must(err)
		_, err = w.CorrectEmail(w.ctx, id, "third@example.org", "test")
		w.refused(err, signup.CodeConflict)
	})
}

func TestCorrectionsAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.signUp("bob")
		id := w.user("ada").ID
		_, err := w.CorrectEmail(w.ctx, id, "BOB@example.org", "test")
		w.refused(err, signup.CodeEmailTaken)
		for i := range signup.MaxCorrections {
			_, err := w.CorrectEmail(w.ctx, id, string(rune('a'+i))+"@example.org", "test")
			w.must(err)
		}
		_, err = w.CorrectEmail(w.ctx, id, "z@example.org", "test")
		w.refused(err, signup.CodeConflict)
	})
}

func TestParallelCorrections(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.user("ada").ID
		addresses := []string{"a@example.org", "victim@example.org"}
		parallel(50, func(i int) error { _, err := w.CorrectEmail(w.ctx, id, addresses[i%2], "test"); return err })
		var confirmed string
		for _, m := range w.deliver() {
			if _, err := w.Confirm(w.ctx, m.Link); err == nil {
				confirmed = m.Recipient.Email
			}
		}
		u := w.user("ada")
		if u.Email != confirmed {
			t.Fatalf("verified is %s, but the link went to %s", u.Email, confirmed)
		}
	})
}

func TestNoticesOnlyOnEntering(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_admin_approval", "false")
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.admin("boss")
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v, want nothing: nobody waits", kinds(sent))
		}
		w.set("signup_require_admin_approval", "true")
		w.admin("chief")
		w.signUp("bob")
		if n := kinds(w.deliver())[signup.MailAdminNotice]; n != 0 {
			t.Fatalf("%d notices before the address is proved", n)
		}
		_, err = w.VerifyByHand(w.ctx, w.user("bob").ID, "test")
		w.must(err)
		if n := kinds(w.deliver())[signup.MailAdminNotice]; n != 2 {
			t.Fatalf("%d notices, want one for each administrator", n)
		}
	})
}

func TestAPIKeys(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		key, _, err := w.CreateAPIKey(w.ctx, "ci", signup.ActorCLI)
		w.must(err)
		by, err := w.Authenticate(w.ctx, key.Reveal())
		w.must(err)
		if by != "key:ci" {
			t.Fatalf("acts as %q", by)
		}
		_, _, err = w.CreateAPIKey(w.ctx, "ci", signup.ActorCLI)
		w.refused(err, signup.CodeConflict)
		w.must(w.RevokeAPIKey(w.ctx, "ci", signup.ActorCLI))
		_, err = w.Authenticate(w.ctx, key.Reveal())
		w.refused(err, signup.CodeUnauthorized)
		w.refused(w.RevokeAPIKey(w.ctx, "ci", signup.ActorCLI), signup.CodeInvalid)
		for _, junk := range []string{"", "signup_", "signup_x", "Bearer x"} {
			_, err := w.Authenticate(w.ctx, junk)
			w.refused(err, signup.CodeUnauthorized)
		}
	})
}

// Where nothing has to be proved, a later sign-up takes over a rejected one,
// but not the proof of the person before.
func TestProofIsNotInherited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		_, err = w.Reject(w.ctx, w.user("ada").ID, "", "", "test")
		w.must(err)
		w.set("signup_require_email_verification", "false")
		w.signUpAt("bob", "ada@example.org")
		if u := w.user("bob"); !u.VerifiedAt.IsZero() || u.Status() != signup.StatusPendingApproval {
			t.Fatalf("verified at %v, %s; want an unproved address that waits for approval", u.VerifiedAt, u.Status())
		}
	})
}

// Nobody can have a stranger's mailbox filled (B07).
func TestMailsToStrangersAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		sent := func(every time.Duration, tries int, ask func()) (n int) {
			for range tries {
				ask()
				n += len(w.deliver())
				w.clock.advance(every)
			}
			return n
		}
		w.signUp("ada")
		w.deliver()
		resend := func() { w.must(w.Resend(w.ctx, "ada@example.org")) }
		if n := sent(time.Second, 30, resend); n != 1 {
			t.Errorf("%d links in half a minute, want 1", n)
		}
		w.clock.advance(time.Minute)
		if n := sent(time.Minute, 50, resend); n != 4 {
			t.Errorf("%d more links in the hour, want 4", n)
		}
		w.clock.advance(time.Hour)
		if n := sent(10*time.Minute, 100, resend); n != 5 {
			t.Errorf("%d more links in the day, want 5", n)
		}

		_, err := w.VerifyByHand(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		w.deliver()
		i := 0
		if n := sent(time.Second, 30, func() { i++; w.signUpAt(fmt.Sprintf("other%d", i), "ada@example.org") }); n != 1 {
			t.Errorf("%d notes to the owner in half a minute, want 1", n)
		}
		if n := sent(time.Hour, 3, resend); n != 0 {
			t.Errorf("%d links to a verified address, want none", n)
		}
	})
}

// An address has room for so many open sign-ups; the oldest makes way after an
// hour, and its name is free when it would have lapsed.
func TestClaimsAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		claim := func(i int) int {
			w.signUpAt(fmt.Sprintf("ada%d", i), "ada@example.org")
			return len(w.deliver())
		}
		for i := range signup.MaxClaims + 1 {
			if n := claim(i); n != 1 {
				t.Fatalf("sign-up %d: %d mails, want 1", i, n)
			}
			w.clock.advance(10 * time.Minute)
		}
		if n := claim(10); n != 0 {
			t.Fatalf("one sign-up too many: %d mails, want none", n)
		}
		_, err := w.SignUp(w.ctx, person("ada10")) // as if there had been room
		w.refused(err, signup.CodeUsernameTaken)
		w.clock.advance(time.Hour)
		if n := claim(11); n != 1 {
			t.Fatalf("after an hour: %d mails, want 1", n)
		}
		_, err = w.SignUp(w.ctx, person("ada1")) // who made way, and is held
		w.refused(err, signup.CodeUsernameTaken)
		w.clock.advance(7 * 24 * time.Hour)
		w.signUp("ada1")
	})
}

// A host application can change a user by itself: no mail tells what is not so
// any more.
func TestMailThatIsNotTrueIsNotSent(t *testing.T) {
	edit := func(w *world, name string, change func(*signup.User)) {
		u := w.user(name)
		change(&u)
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error { return tx.UpdateUser(w.ctx, u) }))
	}
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		edit(w, "boss", func(u *signup.User) { u.Role = signup.RoleMember })
		if sent := kinds(w.deliver()); len(sent) != 0 {
			t.Errorf("sent %v to somebody who is no administrator", sent)
		}
		_, err := w.Approve(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		edit(w, "ada", func(u *signup.User) { u.RejectedAt = w.clock.Now() })
		if sent := kinds(w.deliver()); len(sent) != 0 {
			t.Errorf("sent %v to somebody who is not active", sent)
		}
	})
}

func TestWhatIsBesideThePointIsSuperseded(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.signUp("ada")
		u, err := w.VerifyByHand(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		_, err = w.OweNotices(w.ctx)
		w.must(err)
		_, err = w.Approve(w.ctx, u.ID, "test")
		w.must(err)
		mails, err := w.Mails(w.ctx, signup.MailQuery{UserID: u.ID})
		w.must(err)
		states := map[signup.MailKind]signup.MailState{}
		for _, m := range mails {
			states[m.Kind] = m.State
		}
		if states[signup.MailConfirmation] != signup.MailSuperseded || states[signup.MailAdminNotice] != signup.MailSuperseded || states[signup.MailApproved] != signup.MailOwed {
			t.Fatalf("mails are %v", states)
		}
		if _, err := w.Compose(w.ctx, mails[len(mails)-1].ID); !errors.Is(err, signup.ErrNotOwed) {
			t.Fatalf("composed a superseded mail: %v", err)
		}
	})
}

// Somebody who waits already is not announced again.
func TestVerifyingWhoWaitsTellsNobody(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		if n := len(w.deliver()); n != 1 {
			t.Fatalf("%d notices, want 1", n)
		}
		_, err := w.VerifyByHand(w.ctx, w.user("ada").ID, "test")
		w.must(err)
		if n := len(w.deliver()); n != 0 {
			t.Fatalf("%d more notices, want none", n)
		}
	})
}

// The number of administrators is theirs to choose (B37).
func TestAnyNumberOfAdministrators(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		for i := range 50 {
			w.admin(fmt.Sprintf("boss%d", i))
		}
		w.signUp("bob")
		_, err = w.Confirm(w.ctx, w.token("bob@example.org"))
		w.must(err)
		if n := kinds(w.deliver())[signup.MailAdminNotice]; n != 50 {
			t.Fatalf("%d notices, want 50", n)
		}
	})
}

// A link that was replaced by a correction asks for no more mail.
func TestSupersededLinkBringsNoMail(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		old := w.token("ada@example.org")
		_, err := w.CorrectEmail(w.ctx, w.user("ada").ID, "ada@example.net", "test")
		w.must(err)
		w.deliver()
		w.must(w.ResendForToken(w.ctx, old))
		w.must(w.ResendForToken(w.ctx, "junk"))
		if n := len(w.deliver()); n != 0 {
			t.Fatalf("%d mails, want none", n)
		}
	})
}

// Others' sign-ups for the old address must not be lost by a correction.
func TestCorrectionLeavesClaimsAlone(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.signUpAt("owner", "ada@example.org")
		_, err := w.CorrectEmail(w.ctx, w.user("ada").ID, "ada@example.net", "test")
		w.refused(err, signup.CodeConflict)
	})
}

// Where nothing is mailed to prove an address, there is nothing to conceal.
func TestNothingIsConcealedWithoutVerification(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		_, err := w.SignUp(w.ctx, personAt("other", "ADA@example.org"))
		w.refused(err, signup.CodeEmailTaken)
	})
}

func TestSentMailIsNotComposedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.deliver()
		mails, err := w.Mails(w.ctx, signup.MailQuery{UserID: w.user("ada").ID})
		w.must(err)
		if _, err := w.Compose(w.ctx, mails[0].ID); !errors.Is(err, signup.ErrNotOwed) {
			t.Fatalf("composed a mail that was sent: %v", err)
		}
	})
}
