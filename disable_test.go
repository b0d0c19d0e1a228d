package signup_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// disable disables a user, or enables them again.
func (w *world) disable(name string, disabled bool) signup.User {
	w.t.Helper()
	u, err := w.As("user:1").SetDisabled(w.ctx, w.user(name).ID, disabled)
	w.must(err)
	return u
}

// A disabled user cannot sign in, is told nothing else than for a wrong password,
// and keeps the address and the username; an enabled one is as before.
func TestSetDisabled(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		before := w.activeMember("ada")
		for range 2 { // the second changes nothing
			u := w.disable("ada", true)
			if u.Active() || u.Status() != signup.StatusDisabled || u.DisabledBy != "user:1" || !u.DisabledAt.Equal(w.clock.Now()) {
				t.Fatalf("%s at %s by %s", u.Status(), u.DisabledAt, u.DisabledBy)
			}
			w.status("ada", signup.StatusDisabled)
		}
		if n, err := w.As("test").Count(w.ctx, signup.UserQuery{Status: signup.StatusDisabled}); n != 1 || err != nil {
			t.Errorf("%d are listed as disabled, %v", n, err)
		}
		for _, password := range []string{"Passw0rd!ada", "wrong"} {
			_, err := w.CheckPassword(w.ctx, "ada", password)
			w.refused(err, refusal.WrongPassword)
		}
		_, err := w.SignUp(w.ctx, at("ada", "other@example.org"))
		w.refused(err, refusal.UsernameTaken)
		w.signUpAt("eve", "ada@example.org")
		if sent := w.deliver(); kinds(sent)[signup.MailAccountExists] != 1 || kinds(sent)[signup.MailConfirmation] != 0 {
			t.Errorf("a sign-up with the address was sent %v", kinds(sent))
		}
		w.clock.Advance(1000 * 24 * time.Hour)
		_, err = w.Post().DeleteLapsed(w.ctx)
		w.must(err)
		w.status("ada", signup.StatusDisabled)

		for range 2 {
			w.disable("ada", false)
		}
		after := w.user("ada")
		after.Version = before.Version
		if fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) {
			t.Errorf("the user was %+v and is %+v", before, after)
		}
		_, err = w.CheckPassword(w.ctx, "ada", "Passw0rd!ada")
		w.must(err)
		if trail := w.trail(before.ID); !slices.Equal(trail[:3], []string{"user.enabled", "user.disabled", "user.active"}) {
			t.Errorf("the trail is %v", trail)
		}
	})
}

func TestSetDisabledRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		both := func(id int64, code refusal.Code) {
			t.Helper()
			for _, disabled := range []bool{true, false} {
				_, err := w.As("test").SetDisabled(w.ctx, id, disabled)
				w.refused(err, code)
			}
		}
		both(99, refusal.UserNotFound)
		w.signUp("ada")
		ada := w.user("ada").ID
		both(ada, refusal.Conflict)
		_, err := w.As("test").VerifyEmail(w.ctx, ada)
		w.must(err)
		both(ada, refusal.Conflict)
		_, err = w.As("test").Reject(w.ctx, ada, "", "")
		w.must(err)
		both(ada, refusal.Conflict)

		// The last administrator stays one, and a disabled one does not count.
		disable := func(id int64) error {
			_, err := w.As("test").SetDisabled(w.ctx, id, true)
			return err
		}
		w.refused(disable(boss.ID), refusal.Conflict)
		chief := w.admin("chief")
		w.must(disable(chief.ID))
		w.refused(disable(boss.ID), refusal.Conflict)
		_, err = w.As("test").SetRole(w.ctx, boss.ID, signup.RoleMember)
		w.refused(err, refusal.Conflict)

		// What is done to somebody disabled.
		eve := w.activeMember("eve").ID
		w.must(disable(eve))
		_, err = w.As("test").SetRole(w.ctx, eve, signup.RoleAdmin)
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").Approve(w.ctx, eve)
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").Reject(w.ctx, eve, "", "")
		w.refused(err, refusal.Conflict)
		w.must(w.As("test").Remove(w.ctx, chief.ID))
	})
}

// An administrator who is disabled is signed out and gets no more notices.
func TestDisabledAdministrator(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		chief := w.admin("chief")
		token := w.signedIn("chief", "Passw0rd!chief")
		w.set("admin_notice_digest_after", "1")
		for _, name := range []string{"ada", "bob"} { // a notice, and a digest
			w.signUp(name)
			_, err := w.As("test").VerifyEmail(w.ctx, w.user(name).ID)
			w.must(err)
		}
		_, err := w.Post().OweNotices(w.ctx)
		w.must(err)
		w.disable("chief", true)
		if sessions, err := w.As("test").Sessions(w.ctx, chief.ID); len(sessions) != 0 || err != nil {
			t.Errorf("%d sessions are left, %v", len(sessions), err)
		}
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, refusal.Unauthorized)
		_, _, err = w.SignIn(w.ctx, "chief", "Passw0rd!chief", "")
		w.refused(err, refusal.Unauthorized)
		for range 2 {
			for _, m := range w.deliver() {
				if m.Recipient.Email == "chief@example.org" {
					t.Errorf("a disabled administrator was sent %s", m.Kind)
				}
			}
			w.clock.Advance(2 * time.Hour)
		}
		w.disable("chief", false)
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, refusal.Unauthorized)
		w.signedIn("chief", "Passw0rd!chief")
		if ended := w.trail(chief.ID); !slices.Contains(ended, "session.ended") {
			t.Errorf("the trail is %v", ended)
		}
	})
}

// Who is disabled before the mail goes out is not told that they are in.
func TestDisabledUserIsNotWelcomed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.activeMember("ada")
		w.disable("ada", true)
		if sent := w.deliver(); len(sent) != 0 {
			t.Errorf("sent %v", kinds(sent))
		}
		owed, err := w.As("test").Mails(w.ctx, signup.MailQuery{State: delivery.Owed})
		if err != nil || len(owed) != 0 {
			t.Errorf("%d mails are still owed, %v", len(owed), err)
		}
	})
}

// Administrators disable each other at the same moment: one remains.
func TestConcurrentDisablingLeavesOneAdministrator(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const admins, rounds = 4, 10
		var ids []int64
		for i := range admins {
			ids = append(ids, w.admin(fmt.Sprintf("boss%d", i)).ID)
		}
		for range rounds {
			refused := 0
			for _, err := range parallel(admins, func(i int) error {
				if i%2 == 0 {
					_, err := w.As("test").SetRole(w.ctx, ids[i], signup.RoleMember)
					return err
				}
				_, err := w.As("test").SetDisabled(w.ctx, ids[i], true)
				return err
			}) {
				if err != nil {
					w.refused(err, refusal.Conflict)
					refused++
				}
			}
			if n := w.activeAdmins(); n != 1 || refused != 1 {
				t.Fatalf("%d administrators are left and %d were refused, want one of each", n, refused)
			}
			for _, id := range ids {
				_, err := w.As("test").SetDisabled(w.ctx, id, false)
				w.must(err)
				_, err = w.As("test").SetRole(w.ctx, id, signup.RoleAdmin)
				w.must(err)
			}
		}
	})
}

// A meanwhile is a store in which something happens before an update.
type meanwhile struct {
	signup.Store
	happens func()
}

func (m meanwhile) Update(ctx context.Context, fn func(signup.Tx) error) error {
	m.happens()
	return m.Store.Update(ctx, fn)
}

// A password is right and its hash of another system is about to be replaced, when
// the user is disabled: they are not let in.
func TestDisabledWhileTheHashIsReplaced(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		_, err := w.As("cli").Import(w.ctx, []signup.Registration{imported("carl")}, false)
		w.must(err)
		late := newWorld(t, meanwhile{w.store, func() { w.disable("carl", true) }})
		u, err := late.CheckPassword(w.ctx, "carl", "Analytical-1")
		w.refused(err, refusal.WrongPassword)
		if u.ID != 0 {
			t.Errorf("got user %d, who is %s", u.ID, u.Status())
		}
	})
}
