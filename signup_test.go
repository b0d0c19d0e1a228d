package signup_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

func TestSignUpConfirmApprove(t *testing.T) {
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

		ada, err := w.As("user:1").Approve(w.ctx, w.user("ada").ID)
		w.must(err)
		if !ada.Active() || ada.ApprovedBy != "user:1" || !ada.ApprovedAt.Equal(w.clock.Now()) {
			t.Fatalf("approved %+v", ada)
		}
		if sent := kinds(w.deliver()); sent[signup.MailApproved] != 1 || len(sent) != 1 {
			t.Fatalf("sent %v, want the approval", sent)
		}
	})
}

// The settings at the time of sign-up decide what is required, however they
// change later.
func TestRequirementsAreFixedAtSignUp(t *testing.T) {
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
		w.refused(err, refusal.AlreadyConfirmed)
		w.clock.Advance(time.Hour)
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, refusal.AlreadyConfirmed)
		_, err = w.As("test").Approve(w.ctx, w.user("ada").ID)
		w.must(err)
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, refusal.AlreadyConfirmed)
		w.status("ada", signup.StatusActive)
	})
}

func TestEveryTokenWorksUntilOneIsUsed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		first := w.token("ada@example.org")
		w.must(w.Resend(w.ctx, " ADA@Example.Org "))
		second := w.token("ada@example.org")
		w.clock.Advance(time.Minute)
		w.must(w.Resend(w.ctx, "ada@example.org"))
		third := w.token("ada@example.org")
		_, err := w.Confirm(w.ctx, second)
		w.must(err)
		for _, token := range []string{first, third} {
			_, err := w.Confirm(w.ctx, token)
			w.refused(err, refusal.AlreadyConfirmed)
		}
	})
}

func TestTokenExpires(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		token := w.token("ada@example.org")
		w.clock.Advance(24 * time.Hour)
		_, err := w.Confirm(w.ctx, token)
		w.refused(err, refusal.TokenExpired)

		w.must(w.ResendForToken(w.ctx, token))
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
	})
}

// Deleting an expired sign-up frees its address and username (B06).
func TestLapsedSignUpFreesItsNames(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		token := w.token("ada@example.org")
		w.clock.Advance(8 * 24 * time.Hour)
		n, err := w.Post().DeleteExpired(w.ctx)
		w.must(err)
		if n != 1 {
			t.Fatalf("deleted %d tokens, want 1", n)
		}
		_, err = w.Confirm(w.ctx, token)
		w.refused(err, refusal.TokenUnknown)
		if n, err = w.Post().DeleteLapsed(w.ctx); err != nil || n != 1 {
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
			w.clock.Advance(8 * 24 * time.Hour)
			if listed, err := w.As("test").Lapsed(w.ctx, 10); err != nil || len(listed) != 1 {
				t.Fatalf("%d would lapse, %v, want 1", len(listed), err)
			}
			if n, err := w.Post().DeleteLapsed(w.ctx); err != nil || n != 1 {
				t.Fatalf("deleted %d, %v, want 1", n, err)
			}
			w.status("ada", signup.StatusUnconfirmed)
		})
	}
}

// 50 concurrent callers with one token: one succeeds, and its effects happen once
// (B04).
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
			w.refused(err, refusal.AlreadyConfirmed)
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

// Any number of people can sign up with an address, even concurrently, but only
// one of them can hold it.
func TestOneHolderPerAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		spellings := []string{"ada@example.org", "Ada@Example.ORG"}
		for _, err := range parallel(50, func(i int) error {
			r := personAt("ada"+string(rune('a'+i%26))+string(rune('a'+i/26)), spellings[i%2])
			_, err := w.SignUp(w.ctx, r)
			return err
		}) {
			w.must(err)
		}
		if n, err := w.As("test").Count(w.ctx, signup.UserQuery{EmailKey: "ada@example.org"}); err != nil || n != 50 {
			t.Fatalf("%d rows, %v, want 50", n, err)
		}
		letters := w.deliver()
		if len(letters) != 2 {
			t.Fatalf("%d mails immediately, want 2", len(letters))
		}
		won := 0
		for i, err := range parallel(10, func(i int) error { _, err := w.Confirm(w.ctx, letters[i%2].Link); return err }) {
			if err == nil {
				won++
				continue
			}
			if !refusal.Is(err, refusal.AlreadyConfirmed) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if won != 1 || w.count(signup.StatusPendingApproval) != 1 || w.count(signup.StatusUnconfirmed) != 49 {
			t.Fatalf("%d won, %d pending, %d unconfirmed", won, w.count(signup.StatusPendingApproval), w.count(signup.StatusUnconfirmed))
		}
	})
}

func (w *world) count(status signup.Status) int {
	w.t.Helper()
	n, err := w.As("test").Count(w.ctx, signup.UserQuery{Status: status})
	w.must(err)
	return n
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
			w.refused(err, refusal.UsernameTaken)
		}
		if _, total, err := w.As("test").Users(w.ctx, signup.UserQuery{}); err != nil || total != 1 || wins != 1 {
			t.Fatalf("%d rows, %d wins, %v, want 1 of each", total, wins, err)
		}
	})
}

// A stranger who signs up first with somebody's address can neither lock the
// owner out nor get in through the owner's link (B28).
func TestOwnerOfTheMailboxWins(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		thief, owner := personAt("thief", "v@example.org"), personAt("owner", "V@example.org")
		_, err := w.SignUp(w.ctx, thief)
		w.must(err)
		thiefs := w.token("v@example.org")
		_, err = w.SignUp(w.ctx, owner)
		w.must(err)
		owners := w.token("V@example.org")
		w.clock.Advance(time.Minute)
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
		w.refused(err, refusal.AlreadyConfirmed)
		w.must(w.Resend(w.ctx, "v@example.org"))
		if n := kinds(w.deliver())[signup.MailConfirmation]; n != 0 {
			t.Fatalf("%d more confirmations were sent, want none", n)
		}
		// The usernames that lost become free when they would have expired
		// anyway.
		_, err = w.SignUp(w.ctx, person("thief"))
		w.refused(err, refusal.UsernameTaken)
		w.clock.Advance(9 * 24 * time.Hour)
		if n, err := w.Post().DeleteLapsed(w.ctx); err != nil || n != 2 {
			t.Fatalf("%d lapsed, %v, want 2", n, err)
		}
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
			t.Fatalf("sent %+v, want a note to the owner's own spelling", letters)
		}
		if len(letters) > 0 && letters[0].User.Username != "ada" {
			t.Fatalf("the letter speaks of %s", letters[0].User.Username)
		}

		// An owner who forgot about the account gets the note too. The answer does
		// not tell whether the password is right.
		for _, password := range []string{"Passw0rd!forgotten", "Passw0rd!ada"} {
			w.clock.Advance(time.Hour)
			r := person("ada")
			r.Password = password
			_, err = w.SignUp(w.ctx, r)
			w.refused(err, refusal.UsernameTaken)
			if sent := kinds(w.deliver()); sent[signup.MailAccountExists] != 1 {
				t.Fatalf("sent %v, want a note to the owner", sent)
			}
		}

		w.set("conceal_emails", "false")
		_, err = w.SignUp(w.ctx, personAt("third", "ADA@example.org"))
		w.refused(err, refusal.EmailTaken)
		if w.count(signup.StatusPendingApproval) != 1 || w.count(signup.StatusUnconfirmed) != 1 {
			t.Fatal("the refused sign-up left a row, or the concealed one did not")
		}
	})
}

// Without concealment, an address is taken once somebody has verified it.
func TestTakenAddressWithoutConcealment(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("conceal_emails", "false")
		w.signUp("ada")
		w.signUpAt("other", "ada@example.org")
		tokens := map[string]string{}
		for _, m := range w.deliver() {
			tokens[m.User.Username] = m.Link
		}
		_, err := w.Confirm(w.ctx, tokens["other"])
		w.must(err)
		_, err = w.SignUp(w.ctx, personAt("third", "ada@example.org"))
		w.refused(err, refusal.EmailTaken)
		w.status("other", signup.StatusPendingApproval)
		w.status("ada", signup.StatusUnconfirmed)
	})
}

func TestRefusedSignUpStoresNothing(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			noMail := newWorld(t, store, func(o *signup.Options) { o.Letters = nil })
			_, err := noMail.SignUp(noMail.ctx, person("ada"))
			noMail.refused(err, refusal.MailNotConfigured)

			w := newWorld(t, store)
			w.set("signup_enabled", "false")
			_, err = w.SignUp(w.ctx, person("ada"))
			w.refused(err, refusal.SignUpDisabled)
			w.set("signup_enabled", "true")
			_, err = w.SignUp(w.ctx, signup.Registration{Name: "\r\n", Username: "a b", Email: "x", Password: "short"})
			var fields []string
			for _, e := range refusal.Of(err) {
				fields = append(fields, e.Field)
			}
			if len(fields) != 4 {
				t.Fatalf("refused %v, want name, username, email and password", fields)
			}
			if _, total, err := w.As("test").Users(w.ctx, signup.UserQuery{}); err != nil || total != 0 {
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
		_, err := w.As("test").Approve(w.ctx, id)
		w.refused(err, refusal.NotVerified)
		_, err = w.As("test").VerifyEmail(w.ctx, id)
		w.must(err)
		for _, err := range parallel(10, func(int) error { _, err := w.As("test").Approve(w.ctx, id); return err }) {
			w.must(err)
		}
		if n := kinds(w.deliver())[signup.MailApproved]; n != 1 {
			t.Fatalf("%d approvals were mailed, want 1", n)
		}
		_, err = w.As("test").Reject(w.ctx, id, "", "")
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").Approve(w.ctx, 4711)
		w.refused(err, refusal.UserNotFound)
	})
}

func TestRejection(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		id := w.user("ada").ID
		_, err = w.As("user:1").Reject(w.ctx, id, "too early", "knows nobody here")
		w.must(err)
		letters := w.deliver()
		if len(letters) != 1 || letters[0].Kind != signup.MailRejected || letters[0].Reason != "too early" {
			t.Fatalf("sent %+v, want the rejection with its public reason", letters)
		}
		_, err = w.As("user:1").Reject(w.ctx, id, "again", "")
		w.must(err)
		if n := len(w.deliver()); n != 0 {
			t.Fatalf("%d mails after the second rejection, want none", n)
		}
		_, err = w.As("user:1").Approve(w.ctx, id)
		w.refused(err, refusal.Conflict)

		_, err = w.As("user:1").Reconsider(w.ctx, id)
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
		_, err = w.As("user:1").Approve(w.ctx, id)
		w.must(err)
		w.status("ada", signup.StatusActive)
		_, err = w.As("user:1").Reconsider(w.ctx, id)
		w.refused(err, refusal.Conflict)
	})
}

// If a rejection is withdrawn before its mail was sent, the mail is not sent.
func TestWithdrawnRejectionIsNotMailed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		id := w.user("ada").ID
		_, err := w.As("test").Reject(w.ctx, id, "", "")
		w.must(err)
		_, err = w.As("test").Reconsider(w.ctx, id)
		w.must(err)
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v, want nothing", kinds(sent))
		}
	})
}

// A rejected person can sign up again. It is a new sign-up, and it requires
// approval whatever the settings say.
func TestReapplying(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		id := w.rejected("ada")
		w.set("reapply_after", `"48h"`)
		w.signUpAt("ada2", "ada@example.org")
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v within the wait, want nothing", kinds(sent))
		}
		w.clock.Advance(48 * time.Hour)
		w.must(w.Resend(w.ctx, "ada@example.org"))
		w.set("signup_require_admin_approval", "false")
		w.signUpAt("ada3", "ada@example.org")
		tokens := map[string]string{}
		for _, m := range w.deliver() {
			tokens[m.User.Username] = m.Link
		}
		_, err := w.Confirm(w.ctx, tokens["ada3"])
		w.must(err)
		u := w.user("ada3")
		if u.ID == id || u.Status() != signup.StatusPendingApproval {
			t.Fatalf("after signing up again: %+v", u)
		}
		if old, err := w.User(w.ctx, id); err != nil || old.Status() != signup.StatusRejected || old.RejectionReason != "no" {
			t.Fatalf("the rejected one: %+v, %v", old, err)
		}
		_, err = w.As("test").Reconsider(w.ctx, id)
		w.refused(err, refusal.Conflict) // another user holds the address
		w.status("ada3", signup.StatusPendingApproval)

		w.set("reapply_after", `"never"`)
		_, err = w.As("test").Reject(w.ctx, u.ID, "no", "")
		w.must(err)
		w.deliver()
		w.signUpAt("ada4", "ada@example.org")
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v, want nothing", kinds(sent))
		}
		w.clock.Advance(100 * 24 * time.Hour)
		if n, err := w.Post().DeleteLapsed(w.ctx); err != nil || n != 4 {
			t.Fatalf("erased %d, %v, want 4", n, err)
		}
		_, err = w.As("test").Reconsider(w.ctx, id)
		w.refused(err, refusal.UserNotFound)
	})
}

// A rejected user's username is free for others. A user who takes it keeps it.
func TestReconsiderNeedsTheUsername(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		id := w.rejected("ada")
		w.signUpAt("Ada", "other@example.org")
		_, err := w.As("test").Reconsider(w.ctx, id)
		w.refused(err, refusal.Conflict)
		if u, err := w.User(w.ctx, id); err != nil || u.Status() != signup.StatusRejected {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

func (w *world) signUpAt(username, address string) {
	w.t.Helper()
	_, err := w.SignUp(w.ctx, personAt(username, address))
	w.must(err)
}

// A token verifies only the address it was sent to (B29).
func TestCorrectedAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		old := w.token("ada@example.org")
		id := w.user("ada").ID
		_, err := w.As("test").CorrectEmail(w.ctx, id, "victim@example.org")
		w.must(err)
		_, err = w.Confirm(w.ctx, old)
		w.refused(err, refusal.TokenUnknown)
		w.status("ada", signup.StatusUnconfirmed)
		_, err = w.Confirm(w.ctx, w.token("victim@example.org"))
		w.must(err)
		_, err = w.As("test").CorrectEmail(w.ctx, id, "third@example.org")
		w.refused(err, refusal.Conflict)
	})
}

func TestCorrectionsAreLimited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.signUp("bob")
		id := w.user("ada").ID
		_, err := w.Confirm(w.ctx, w.token("bob@example.org"))
		w.must(err)
		_, err = w.As("test").CorrectEmail(w.ctx, id, "BOB@example.org")
		w.refused(err, refusal.EmailTaken)
		for i := range 5 {
			_, err := w.As("test").CorrectEmail(w.ctx, id, string(rune('a'+i))+"@example.org")
			w.must(err)
		}
		_, err = w.As("test").CorrectEmail(w.ctx, id, "z@example.org")
		w.refused(err, refusal.TooManyCorrections)
	})
}

func TestParallelCorrections(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.user("ada").ID
		addresses := []string{"a@example.org", "victim@example.org"}
		parallel(50, func(i int) error { _, err := w.As("test").CorrectEmail(w.ctx, id, addresses[i%2]); return err })
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

func TestNoticesOnlyWhenAUserStartsToWait(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_admin_approval", "false")
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.admin("boss")
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v, want nothing: no user waits", kinds(sent))
		}
		w.set("signup_require_admin_approval", "true")
		w.admin("chief")
		w.signUp("bob")
		if n := kinds(w.deliver())[signup.MailAdminNotice]; n != 0 {
			t.Fatalf("%d notices before the address is verified", n)
		}
		_, err = w.As("test").VerifyEmail(w.ctx, w.user("bob").ID)
		w.must(err)
		if n := kinds(w.deliver())[signup.MailAdminNotice]; n != 2 {
			t.Fatalf("%d notices, want one for each administrator", n)
		}
	})
}

func TestAPIKeys(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		key, _, err := w.As(signup.ActorCLI).CreateAPIKey(w.ctx, signup.APIKey{Name: "ci", Scopes: "read approve"})
		w.must(err)
		by, err := w.Authenticate(w.ctx, key.Reveal(), scope.Read)
		w.must(err)
		if by != "key:ci" {
			t.Fatalf("the actor is %q", by)
		}
		_, _, err = w.As(signup.ActorCLI).CreateAPIKey(w.ctx, signup.APIKey{Name: "ci", Scopes: "read approve"})
		w.refused(err, refusal.Conflict)
		w.must(w.As(signup.ActorCLI).RevokeAPIKey(w.ctx, "ci"))
		_, err = w.Authenticate(w.ctx, key.Reveal(), scope.Read)
		w.refused(err, refusal.Unauthorized)
		w.refused(w.As(signup.ActorCLI).RevokeAPIKey(w.ctx, "ci"), refusal.KeyNotFound)
		for _, junk := range []string{"", "signup_", "signup_x", "Bearer x"} {
			_, err := w.Authenticate(w.ctx, junk, scope.Read)
			w.refused(err, refusal.Unauthorized)
		}
	})
}

// Without required verification, a later sign-up can take over the address of a
// rejected one, but not the earlier person's verification.
func TestVerificationIsNotInherited(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.rejected("ada")
		w.set("signup_require_email_verification", "false")
		w.set("signup_require_admin_approval", "false")
		w.signUpAt("bob", "ada@example.org")
		if u := w.user("bob"); !u.VerifiedAt.IsZero() || u.Status() != signup.StatusPendingApproval {
			t.Fatalf("verified at %v, %s; want an unverified address that waits for approval", u.VerifiedAt, u.Status())
		}
	})
}

// Nobody can have a stranger's mailbox filled (B07, F15): mails are counted,
// whatever caused them, and under every sub-address of the mailbox, which get
// half of what the mailbox may.
func TestMailsToStrangersAreLimited(t *testing.T) {
	i := 0
	for cause, ask := range map[string]func(w *world){
		"resend": func(w *world) { w.must(w.Resend(w.ctx, "ada@example.org")) },
		"sign-up": func(w *world) {
			i++
			w.signUpAt(fmt.Sprintf("other%d", i), "ada@example.org")
		},
		"sign-up with sub-addresses": func(w *world) {
			i++
			w.signUpAt(fmt.Sprintf("other%d", i), fmt.Sprintf("ada+%d@example.org", i))
		},
		"correction": func(w *world) {
			i++
			w.must(w.CorrectByTicket(w.ctx, w.ticket(person(fmt.Sprintf("other%d", i))), "Ada@example.org"))
		},
	} {
		t.Run(cause, func(t *testing.T) {
			onEach(t, func(t *testing.T, w *world) {
				sent := func(every time.Duration, tries int) (n int) {
					for range tries {
						ask(w)
						for _, m := range w.deliver() {
							if strings.HasPrefix(strings.ToLower(m.Recipient.Email), "ada") {
								n++
							}
						}
						w.clock.Advance(every)
					}
					return n
				}
				w.signUp("ada")
				hour, day := 3, 5
				if cause == "sign-up with sub-addresses" {
					hour, day = 1, 3
				}
				if n := sent(time.Second, 20); n != 2 {
					t.Errorf("%d mails in 20 seconds, want 2", n)
				}
				w.clock.Advance(time.Minute)
				if n := sent(time.Minute, 20); n != hour {
					t.Errorf("%d more mails in the hour, want %d", n, hour)
				}
				w.clock.Advance(time.Hour)
				if n := sent(10*time.Minute, 30); n != day {
					t.Errorf("%d more mails in the day, want %d", n, day)
				}
				_, err := w.As("test").VerifyEmail(w.ctx, w.user("ada").ID)
				if n := sent(time.Hour, 3); n != 0 {
					t.Errorf("%d notes to the holder on top of these, want none; %v", n, err)
				}
			})
		})
	}
}

// A stranger who requests a link for an address causes one mail, not one for each
// sign-up with the address.
func TestOneRequestIsOneMail(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.signUpAt(fmt.Sprintf("ada%d", i), "ada@example.org")
			w.deliver()
			w.clock.Advance(time.Hour)
		}
		w.clock.Advance(24 * time.Hour)
		w.deliver()
		for range 3 {
			w.must(w.Resend(w.ctx, "ada@example.org"))
		}
		if n := len(w.deliver()); n != 1 {
			t.Errorf("%d mails, want 1", n)
		}
	})
}

// Repeating a sign-up has the same result as the first one (a double click, or a
// client that retries).
func TestRepeatedSignUpIsTheFirst(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, err := range parallel(20, func(int) error { _, err := w.SignUp(w.ctx, person("ada")); return err }) {
			w.must(err)
		}
		if n := len(w.deliver()); n != 1 || w.count(signup.StatusUnconfirmed) != 1 {
			t.Errorf("%d mails, %d rows, want 1 of each", n, w.count(signup.StatusUnconfirmed))
		}
		w.clock.Advance(24 * time.Hour)
		w.signUp("ada") // the link has expired
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
	})
}

// An application can change a user directly. A mail that is no longer true is not
// sent.
func TestOutdatedMailIsNotSent(t *testing.T) {
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
			t.Errorf("sent %v to somebody who is not an administrator", sent)
		}
		_, err := w.As("test").Approve(w.ctx, w.user("ada").ID)
		w.must(err)
		edit(w, "ada", func(u *signup.User) { u.RejectedAt = w.clock.Now() })
		if sent := kinds(w.deliver()); len(sent) != 0 {
			t.Errorf("sent %v to somebody who is not active", sent)
		}
	})
}

func TestOutdatedMailsAreSuperseded(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.signUp("ada")
		u, err := w.As("test").VerifyEmail(w.ctx, w.user("ada").ID)
		w.must(err)
		_, err = w.Post().OweNotices(w.ctx)
		w.must(err)
		_, err = w.As("test").Approve(w.ctx, u.ID)
		w.must(err)
		mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{UserID: u.ID})
		w.must(err)
		states := map[signup.MailKind]delivery.State{}
		for _, m := range mails {
			states[m.Kind] = m.State
		}
		if states[signup.MailConfirmation] != delivery.Superseded || states[signup.MailAdminNotice] != delivery.Superseded || states[signup.MailApproved] != delivery.Owed {
			t.Fatalf("mails are %v", states)
		}
		if _, err := w.Post().Compose(w.ctx, mails[len(mails)-1].ID); !errors.Is(err, signup.ErrNotOwed) {
			t.Fatalf("composed a superseded mail: %v", err)
		}
	})
}

// A user who already waits is not announced again.
func TestVerifyingAWaitingUserSendsNoNotice(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		if n := len(w.deliver()); n != 1 {
			t.Fatalf("%d notices, want 1", n)
		}
		_, err := w.As("test").VerifyEmail(w.ctx, w.user("ada").ID)
		w.must(err)
		if n := len(w.deliver()); n != 0 {
			t.Fatalf("%d more notices, want none", n)
		}
	})
}

// There is no limit on the number of administrators (B37).
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

// A link that was superseded by a correction cannot be used to request another
// mail.
func TestSupersededLinkCausesNoMail(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		old := w.token("ada@example.org")
		_, err := w.As("test").CorrectEmail(w.ctx, w.user("ada").ID, "ada@example.net")
		w.must(err)
		w.deliver()
		w.must(w.ResendForToken(w.ctx, old))
		w.must(w.ResendForToken(w.ctx, "junk"))
		if n := len(w.deliver()); n != 0 {
			t.Fatalf("%d mails, want none", n)
		}
	})
}

// A correction does not affect other sign-ups with the old address.
func TestCorrectionLeavesOthersAlone(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.signUpAt("owner", "ada@example.org")
		links := map[string]string{}
		for _, m := range w.deliver() {
			links[m.User.Username] = m.Link
		}
		_, err := w.As("test").CorrectEmail(w.ctx, w.user("ada").ID, "ada@example.net")
		w.must(err)
		_, err = w.Confirm(w.ctx, links["ada"])
		w.refused(err, refusal.TokenUnknown)
		_, err = w.Confirm(w.ctx, links["owner"])
		w.must(err)
		w.status("owner", signup.StatusPendingApproval)
	})
}

// Without required verification, taken addresses are not concealed.
func TestNothingIsConcealedWithoutVerification(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		_, err := w.SignUp(w.ctx, personAt("other", "ADA@example.org"))
		w.refused(err, refusal.EmailTaken)
	})
}

func TestSentMailIsNotComposedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.deliver()
		mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{UserID: w.user("ada").ID})
		w.must(err)
		if _, err := w.Post().Compose(w.ctx, mails[0].ID); !errors.Is(err, signup.ErrNotOwed) {
			t.Fatalf("composed a mail that was sent: %v", err)
		}
	})
}

// Who is told that a username is taken, and whose sign-up then finds it free again,
// signs up.
func TestSignUpWhileTheUsernameBecomesFree(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			hasher := password.NewHasher(password.Params{Memory: 16 * 1024, Time: 1, Threads: 1}, 0, 0)
			hashes := 0
			w := newWorld(t, open(t), func(o *signup.Options) { o.Hasher = hasher })
			w.signUp("ada")
			hasher.After = func() {
				if hashes++; hashes == 2 { // between the look at the username and the answer
					w.must(w.As("test").Remove(w.ctx, w.user("ada").ID))
				}
			}
			w.must(second(w.SignUp(w.ctx, personAt("ada", "other@example.org"))))
			if u := w.user("ada"); u.Email != "other@example.org" || hashes != 2 {
				t.Errorf("%d hashes, and the user is %+v", hashes, u)
			}
		})
	}
}
