package signup_test

import (
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// activeMember signs up and approves a member.
func (w *world) activeMember(name string) signup.User {
	w.t.Helper()
	w.signUp(name)
	_, err := w.As("test").VerifyEmail(w.ctx, w.user(name).ID)
	w.must(err)
	u, err := w.As("test").Approve(w.ctx, w.user(name).ID)
	w.must(err)
	return u
}

// signedIn returns the token of a new session.
func (w *world) signedIn(name, password string) string {
	w.t.Helper()
	token, _, err := w.SignIn(w.ctx, name, password, "")
	w.must(err)
	return token.Reveal()
}

// trail returns the types of the events about a user, newest first.
func (w *world) trail(id int64) []string {
	w.t.Helper()
	events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: id})
	w.must(err)
	actions := make([]string, len(events))
	for i, e := range events {
		actions[i] = string(e.Type)
	}
	return actions
}

func (w *world) activeAdmins() int {
	w.t.Helper()
	n, err := w.As("test").Count(w.ctx, signup.UserQuery{Role: signup.RoleAdmin, Status: signup.StatusActive})
	w.must(err)
	return n
}

// One user becomes an administrator, another stops being one.
func TestSetRole(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss, ada := w.admin("boss"), w.activeMember("ada")
		u, err := w.As("test").SetRole(w.ctx, ada.ID, signup.RoleAdmin)
		if err != nil || u.Role != signup.RoleAdmin || w.user("ada").Role != signup.RoleAdmin {
			t.Fatalf("%s, %v", u.Role, err)
		}
		token := w.signedIn("boss", "Passw0rd!boss")
		_, err = w.As("user:2").SetRole(w.ctx, boss.ID, signup.RoleMember)
		w.must(err)
		if sessions, err := w.As("test").Sessions(w.ctx, boss.ID); len(sessions) != 0 || err != nil {
			t.Errorf("%d sessions are left, %v", len(sessions), err)
		}
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, refusal.Unauthorized)
		_, _, err = w.SignIn(w.ctx, "boss", "Passw0rd!boss", "")
		w.refused(err, refusal.Unauthorized)
		w.signedIn("ada", "Passw0rd!ada")
		w.status("boss", signup.StatusActive)

		// Repeating the call changes nothing, and restoring the role does not
		// restore the session.
		before := w.trail(boss.ID)
		_, err = w.As("test").SetRole(w.ctx, boss.ID, signup.RoleMember)
		w.must(err)
		if after := w.trail(boss.ID); !slices.Equal(before, after) {
			t.Errorf("the trail was %v and is %v", before, after)
		}
		_, err = w.As("test").SetRole(w.ctx, boss.ID, signup.RoleAdmin)
		w.must(err)
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, refusal.Unauthorized)

		events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: boss.ID, Type: "user.role_set"})
		w.must(err)
		if len(events) != 2 || events[1].Actor != "user:2" || events[1].Detail["role"] != "member" || events[0].Detail["role"] != "admin" {
			t.Errorf("the events are %+v", events)
		}
	})
}

func TestSetRoleRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		set := func(id int64, role signup.Role) error {
			_, err := w.As("test").SetRole(w.ctx, id, role)
			return err
		}
		w.refused(set(99, signup.RoleAdmin), refusal.UserNotFound)
		w.refused(set(99, signup.RoleMember), refusal.UserNotFound)
		err := set(boss.ID, "root")
		w.refused(err, refusal.Invalid)
		if field := refusal.Of(err)[0].Field; field != "role" {
			t.Errorf("the field is %q", field)
		}

		// A user who is not active cannot become an administrator.
		w.signUp("ada")
		ada := w.user("ada").ID
		w.refused(set(ada, signup.RoleAdmin), refusal.Conflict)
		_, err = w.As("test").VerifyEmail(w.ctx, ada)
		w.must(err)
		w.refused(set(ada, signup.RoleAdmin), refusal.Conflict)
		_, err = w.As("test").Reject(w.ctx, ada, "", "")
		w.must(err)
		w.refused(set(ada, signup.RoleAdmin), refusal.Conflict)

		// The last active administrator cannot be demoted, whatever other users
		// there are.
		w.activeMember("eve")
		w.refused(set(boss.ID, signup.RoleMember), refusal.Conflict)
		w.admin("chief")
		chief := w.user("chief")
		chief.RejectedAt = w.clock.Now()
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error { return tx.UpdateUser(w.ctx, chief) }))
		w.refused(set(boss.ID, signup.RoleMember), refusal.Conflict)
		w.must(set(chief.ID, signup.RoleMember)) // not active, so not counted as an administrator
		if w.activeAdmins() != 1 {
			t.Errorf("%d administrators", w.activeAdmins())
		}
	})
}

// Two administrators demote each other concurrently: one remains.
func TestConcurrentDemotionsLeaveOneAdministrator(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const admins, rounds = 4, 10
		var ids []int64
		for _, name := range []string{"boss", "chief", "head", "lead"} {
			ids = append(ids, w.admin(name).ID)
		}
		for range rounds {
			refused := 0
			for _, err := range parallel(admins, func(i int) error {
				_, err := w.As("test").SetRole(w.ctx, ids[i], signup.RoleMember)
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
				_, err := w.As("test").SetRole(w.ctx, id, signup.RoleAdmin)
				w.must(err)
			}
		}
	})
}

// A demoted administrator gets no more notices, not even those that were already
// owed.
func TestDemotionEndsNotices(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		chief := w.admin("chief")
		w.set("admin_notice_digest_after", "1")
		for _, name := range []string{"ada", "bob"} { // a notice, and a digest
			w.signUp(name)
			_, err := w.As("test").VerifyEmail(w.ctx, w.user(name).ID)
			w.must(err)
		}
		_, err := w.Post().OweNotices(w.ctx)
		w.must(err)
		_, err = w.As("test").SetRole(w.ctx, chief.ID, signup.RoleMember)
		w.must(err)
		told := map[string]int{}
		count := func() {
			for _, m := range w.deliver() {
				told[m.Recipient.Email]++
			}
		}
		count()
		w.clock.Advance(2 * time.Hour)
		count()
		if told["chief@example.org"] != 0 || told["boss@example.org"] != 2 {
			t.Errorf("told %v", told)
		}
		owed, err := w.As("test").Mails(w.ctx, signup.MailQuery{State: delivery.Owed})
		w.must(err)
		if len(owed) != 0 {
			t.Errorf("%d mails are still owed", len(owed))
		}
	})
}
