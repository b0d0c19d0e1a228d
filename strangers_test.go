package signup_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// mailsTo delivers and counts what went to an address.
func (w *world) mailsTo(address string) (n int) {
	w.t.Helper()
	for _, m := range w.deliver() {
		if m.Recipient.Email == address {
			n++
		}
	}
	return n
}

// Whoever signs up with somebody's address and withdraws it, again and again,
// has no more mails sent to it than the limits allow, and its owner's own
// sign-up still gets its link.
func TestWithdrawingLiftsNoLimit(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		sent := 0
		for i := range 40 {
			evil := w.ticket(at(fmt.Sprintf("evil%d", i), "ada@example.org"))
			sent += w.mailsTo("ada@example.org")
			w.must(w.CorrectByTicket(w.ctx, evil, fmt.Sprintf("junk%d@evil.example", i)))
			w.clock.advance(10 * time.Second)
		}
		if sent != 5 {
			t.Errorf("%d mails in 400 seconds, want 5", sent)
		}
		w.signUp("ada")
		if n := w.mailsTo("ada@example.org"); n != 0 {
			t.Errorf("%d more at once, want none", n)
		}
		w.clock.advance(time.Hour)
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
	})
}

// What limits no longer look at is forgotten.
func TestOldMailsToAddressesAreForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.signUpAt(fmt.Sprintf("ada%d", i), "ada@example.org")
		}
		w.clock.advance(25 * time.Hour)
		_, err := w.DeleteExpired(w.ctx)
		w.must(err)
		left := -1
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			left, err = tx.DeleteAddressMails(w.ctx, w.clock.Now(), 100)
			return err
		}))
		if left != 0 {
			t.Errorf("%d left", left)
		}
	})
}

// Wrong passwords, which leave events with a user, do not push out those that
// count the links.
func TestFailedSignInsLiftNoLimit(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.deliver()
		links := 0
		for range 3 {
			w.must(w.Resend(w.ctx, "ada@example.org"))
			links += w.mailsTo("ada@example.org")
			for range 60 {
				_, _, err := w.SignIn(w.ctx, "ada", "wrong", "")
				w.refused(err, signup.CodeUnauthorized)
			}
		}
		if links != 1 {
			t.Errorf("%d links within a minute, want 1", links)
		}
	})
}

// Strangers who fill an address keep its owner out for an hour at most, and
// then the link that he asked for is one of his own.
func TestStrangersDoNotKeepTheOwnerOut(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for i := range signup.MaxClaims + 1 {
			w.signUpAt(fmt.Sprintf("evil%d", i), "ada@example.org")
		}
		w.deliver()
		ada := w.ticket(at("ada", "ada@example.org"))
		if n := w.mailsTo("ada@example.org"); n != 0 {
			t.Fatalf("%d mails, want none: there is no room", n)
		}
		w.clock.advance(time.Hour)
		w.must(w.ResendByTicket(w.ctx, ada))
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		if st := w.standing(ada); st.Status != signup.StatusPendingApproval {
			t.Errorf("%+v", st)
		}
		w.status("ada", signup.StatusPendingApproval)
	})
}

// A username is taken by a sign-up whether its address was free or not, so
// that it tells nobody who has an account.
func TestUsernamesDoNotTellOfAddresses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("owner")
		_, err := w.Confirm(w.ctx, w.token("owner@example.org"))
		w.must(err)
		for name, address := range map[string]string{"taken": "owner@example.org", "free": "nobody@example.org"} {
			ticket := w.ticket(at(name, address))
			_, err := w.SignUp(w.ctx, at(name, name+"@evil.example"))
			w.refused(err, signup.CodeUsernameTaken)
			w.must(w.CorrectByTicket(w.ctx, ticket, name+"@elsewhere.example")) // takes its own name along
			_, err = w.SignUp(w.ctx, at(name, name+"@evil.example"))
			w.refused(err, signup.CodeUsernameTaken)
		}
		w.ticket(at("held", "owner@example.org"))
		w.clock.advance(7 * 24 * time.Hour)
		w.signUp("held")
	})
}

// Only the link in the mailbox says whose the address is.
func TestNobodyIsVerifiedByHandWhereOthersSignedUpToo(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUpAt("mallory", "ada@example.org")
		mallory := w.user("mallory").ID
		w.signUp("ada")
		w.signUp("bob")
		_, err := w.VerifyByHand(w.ctx, mallory, "test")
		w.refused(err, signup.CodeConflict)
		if n, err := w.VerifyWaiting(w.ctx, "test"); err != nil || n != 1 {
			t.Errorf("verified %d, %v, want 1", n, err)
		}
		w.status("bob", signup.StatusPendingApproval)
		w.status("mallory", signup.StatusUnconfirmed)
		_, err = w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
	})
}

// The link of a sign-up after a rejection works although the rejected one is
// due to be erased.
func TestReapplicationIsNotErased(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.rejected("ada")
		w.clock.advance(90*24*time.Hour - time.Minute)
		w.signUpAt("ada2", "ada@example.org")
		token := w.token("ada@example.org")
		w.clock.advance(2 * time.Minute)
		if n, err := w.DeleteLapsed(w.ctx); err != nil || n != 0 {
			t.Errorf("deleted %d, %v, want none", n, err)
		}
		_, err := w.Confirm(w.ctx, token)
		w.must(err)
		w.status("ada2", signup.StatusPendingApproval)
	})
}

// rejected signs a person up, confirms and rejects.
func (w *world) rejected(name string) (id int64) {
	w.t.Helper()
	w.signUp(name)
	_, err := w.Confirm(w.ctx, w.token(name+"@example.org"))
	w.must(err)
	id = w.user(name).ID
	_, err = w.Reject(w.ctx, id, "", "", "test")
	w.must(err)
	w.deliver()
	return id
}

// Taking a rejection back closes what was signed up meanwhile: it confirms
// nothing, holds no name, and nobody is asked to confirm it.
func TestTakingARejectionBackClosesWhatIsOpen(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		id := w.rejected("ada")
		again := w.ticket(at("ada2", "ada@example.org"))
		token := w.token("ada@example.org")
		_, err := w.Reconsider(w.ctx, id, "test")
		w.must(err)
		_, err = w.Approve(w.ctx, id, "test")
		w.must(err)
		w.deliver()

		_, err = w.Confirm(w.ctx, token)
		w.refused(err, signup.CodeAlreadyConfirmed)
		w.must(w.Resend(w.ctx, "ada@example.org"))
		if n := w.mailsTo("ada@example.org"); n != 0 {
			t.Errorf("%d mails to a user who is in", n)
		}
		if st := w.standing(again); st.Status != signup.StatusUnconfirmed {
			t.Errorf("the ticket tells of another sign-up: %+v", st)
		}
		w.signUpAt("ada2", "free@example.org")
		w.status("ada", signup.StatusActive)
	})
}

// With verification off there is no proof to compare with: still the link of a
// sign-up that was closed replaces nobody.
func TestTakingBackLetsNobodyReplaceAnUnverifiedUser(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.signUp("ada")
		id := w.user("ada").ID
		_, err := w.Reject(w.ctx, id, "", "", "test")
		w.must(err)
		w.set("signup_require_email_verification", "true")
		w.deliver()
		w.signUpAt("ada2", "ada@example.org")
		token := w.token("ada@example.org")
		_, err = w.Reconsider(w.ctx, id, "test")
		w.must(err)
		_, err = w.Approve(w.ctx, id, "test")
		w.must(err)
		if _, err = w.Confirm(w.ctx, token); signup.Refusals(err) == nil {
			t.Errorf("confirmed: %v", err)
		}
		w.status("ada", signup.StatusActive)
	})
}

// A claim that an older version left open beside a user who is in replaces
// nobody either.
func TestClaimLeftOpenReplacesNobody(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_email_verification", "false")
		w.set("signup_require_admin_approval", "false")
		w.signUp("ada")
		id := w.user("ada").ID
		token := signup.NewToken()
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			err := tx.CreateClaim(w.ctx, signup.Claim{
				ID: "left", UserID: id, Name: "Mallory", Username: "mallory", UsernameKey: "mallory",
				Email: "ada@example.org", Language: "en", CreatedAt: w.clock.Now(),
			})
			if err != nil {
				return err
			}
			_, err = tx.CreateToken(w.ctx, signup.SignUpToken{
				ID: "left", UserID: id, ClaimID: "left", TokenHash: token.Hash(), Address: "ada@example.org",
				CreatedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(time.Hour),
			})
			return err
		}))
		_, err := w.Confirm(w.ctx, token.Reveal())
		w.refused(err, signup.CodeAlreadyConfirmed)
		w.status("ada", signup.StatusActive)
	})
}

// The token of a further sign-up is not the user's, and neither is one that
// went to an address the user no longer has.
func TestUseTokenIsForTheUsersOwn(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUpAt("mallory", "ada@example.org")
		w.deliver()
		w.signUp("ada")
		claimed := w.token("ada@example.org")
		if id, err := w.UseToken(w.ctx, claimed, nil); !signup.IsCode(err, signup.CodeTokenUnknown) || id != 0 {
			t.Errorf("the token of another sign-up: user %d, %v", id, err)
		}
		_, err := w.Confirm(w.ctx, claimed)
		w.must(err)

		w.signUp("bob")
		bob := w.user("bob").ID
		token, _, err := w.CreateToken(w.ctx, bob, "test")
		w.must(err)
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
			u, err := tx.User(w.ctx, bob)
			if err != nil {
				return err
			}
			u.Email, u.EmailKey = "bob@example.net", "bob@example.net"
			return tx.UpdateUser(w.ctx, u)
		}))
		if id, err := w.UseToken(w.ctx, token.Reveal(), nil); !signup.IsCode(err, signup.CodeTokenUnknown) || id != 0 {
			t.Errorf("sent to an old address: user %d, %v", id, err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	limits := func(n int, per time.Duration) []signup.Limit { return []signup.Limit{{N: n, Per: per}} }
	for name, o := range map[string]signup.Options{
		"a limit of none":    {SignUpLimits: limits(0, time.Hour)},
		"a limit in no time": {MailLimits: limits(1, 0)},
		"a negative time":    {SessionIdle: -1},
	} {
		if _, err := signup.New(nil, o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := signup.New(nil, signup.Options{SignUpLimits: limits(1, 1)}); err != nil {
		t.Error(err)
	}
}

// What no database can hold is found in none.
func TestTextsThatCannotBeThere(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, text := range []string{"a\x00b", "a\xffb"} {
			if users, _, err := w.Users(w.ctx, signup.UserQuery{Search: text}); err != nil || len(users) != 0 {
				t.Errorf("users: %d, %v", len(users), err)
			}
			for _, q := range []signup.AuditQuery{{Action: text}, {Actor: signup.Actor(text)}, {Action: text, UserID: 1}} {
				if events, err := w.Audit(w.ctx, q); err != nil || len(events) != 0 {
					t.Errorf("%+v: %d events, %v", q, len(events), err)
				}
			}
			_, err := w.Mail(w.ctx, text)
			w.refused(err, signup.CodeMailNotFound)
			if signup.Refusals(w.RevokeAPIKey(w.ctx, text, "test")) == nil {
				t.Error("a key was revoked, or it is a fault")
			}
		}
	})
}

// What is right is a nil error, and not one that holds a nil refusal.
func TestChecksReturnNil(t *testing.T) {
	check := func() error { return signup.CheckPassword("Passw0rd!ada", signup.PolicyStrict, 8) }
	if err := check(); err != nil {
		t.Error(err)
	}
}
