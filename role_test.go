package signup_test

import (
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// activeMember signs up, and is let in.
func (w *world) activeMember(name string) signup.User {
	w.t.Helper()
	w.signUp(name)
	_, err := w.VerifyByHand(w.ctx, w.user(name).ID, "test")
	w.must(err)
	u, err := w.Approve(w.ctx, w.user(name).ID, "test")
	w.must(err)
	return u
}

// signedIn is the token of a new session.
func (w *world) signedIn(name, password string) string {
	w.t.Helper()
	token, _, err := w.SignIn(w.ctx, name, password, "")
	w.must(err)
	return token.Reveal()
}

// trail are the actions on a user, newest first.
func (w *world) trail(id int64) []string {
	w.t.Helper()
	events, err := w.Audit(w.ctx, signup.AuditQuery{UserID: id})
	w.must(err)
	actions := make([]string, len(events))
	for i, e := range events {
		actions[i] = e.Action
	}
	return actions
}

func (w *world) activeAdmins() int {
	w.t.Helper()
	n, err := w.CountUsers(w.ctx, signup.UserQuery{Role: signup.RoleAdmin, Status: signup.StatusActive})
	w.must(err)
	return n
}

// One comes, another leaves.
func TestSetRole(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss, ada := w.admin("boss"), w.activeMember("ada")
		u, err := w.SetRole(w.ctx, ada.ID, signup.RoleAdmin, "test")
		if err != nil || u.Role != signup.RoleAdmin || w.user("ada").Role != signup.RoleAdmin {
			t.Fatalf("%s, %v", u.Role, err)
		}
		token := w.signedIn("boss", "Passw0rd!boss")
		_, err = w.SetRole(w.ctx, boss.ID, signup.RoleMember, "user:2")
		w.must(err)
		if sessions, err := w.Sessions(w.ctx, boss.ID); len(sessions) != 0 || err != nil {
			t.Errorf("%d sessions are left, %v", len(sessions), err)
		}
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, signup.CodeUnauthorized)
		_, _, err = w.SignIn(w.ctx, "boss", "Passw0rd!boss", "")
		w.refused(err, signup.CodeUnauthorized)
		w.signedIn("ada", "Passw0rd!ada")
		w.status("boss", signup.StatusActive)

		// A second time changes nothing, and the session that ended does not
		// come back with the role.
		before := w.trail(boss.ID)
		_, err = w.SetRole(w.ctx, boss.ID, signup.RoleMember, "test")
		w.must(err)
		if after := w.trail(boss.ID); !slices.Equal(before, after) {
			t.Errorf("the trail was %v and is %v", before, after)
		}
		_, err = w.SetRole(w.ctx, boss.ID, signup.RoleAdmin, "test")
		w.must(err)
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, signup.CodeUnauthorized)

		events, err := w.Audit(w.ctx, signup.AuditQuery{UserID: boss.ID, Action: "user.role_set"})
		w.must(err)
		if len(events) != 2 || events[1].Actor != "user:2" || events[1].Detail["role"] != "member" || events[0].Detail["role"] != "admin" {
			t.Errorf("the trail has %+v", events)
		}
	})
}

func TestSetRoleRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		set := func(id int64, role signup.Role) error {
			_, err := w.SetRole(w.ctx, id, role, "test")
			return err
		}
		w.refused(set(99, signup.RoleAdmin), signup.CodeUserNotFound)
		w.refused(set(99, signup.RoleMember), signup.CodeUserNotFound)
		err := set(boss.ID, "root")
		w.refused(err, signup.CodeInvalid)
		if field := signup.Refusals(err)[0].Field; field != "role" {
			t.Errorf("the field to blame is %q", field)
		}

		// Whoever is not let in is no administrator.
		w.signUp("ada")
		ada := w.user("ada").ID
		w.refused(set(ada, signup.RoleAdmin), signup.CodeConflict)
		_, err = w.VerifyByHand(w.ctx, ada, "test")
		w.must(err)
		w.refused(set(ada, signup.RoleAdmin), signup.CodeConflict)
		_, err = w.Reject(w.ctx, ada, "", "", "test")
		w.must(err)
		w.refused(set(ada, signup.RoleAdmin), signup.CodeConflict)

		// The last one stays, whoever else there is.
		w.activeMember("eve")
		w.refused(set(boss.ID, signup.RoleMember), signup.CodeConflict)
		w.admin("chief")
		chief := w.user("chief")
		chief.RejectedAt = w.clock.Now()
		w.must(w.store.Update(w.ctx, func(tx signup.Tx) error { return tx.UpdateUser(w.ctx, chief) }))
		w.refused(set(boss.ID, signup.RoleMember), signup.CodeConflict)
		w.must(set(chief.ID, signup.RoleMember)) // he was let in nowhere
		if w.activeAdmins() != 1 {
			t.Errorf("%d administrators", w.activeAdmins())
		}
	})
}

// Two administrators demote each other at the same moment: one stays.
func TestOneAdministratorStays(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const admins, rounds = 4, 10
		var ids []int64
		for _, name := range []string{"boss", "chief", "head", "lead"} {
			ids = append(ids, w.admin(name).ID)
		}
		for range rounds {
			refused := 0
			for _, err := range parallel(admins, func(i int) error {
				_, err := w.SetRole(w.ctx, ids[i], signup.RoleMember, "test")
				return err
			}) {
				if err != nil {
					w.refused(err, signup.CodeConflict)
					refused++
				}
			}
			if n := w.activeAdmins(); n != 1 || refused != 1 {
				t.Fatalf("%d administrators are left and %d were refused, want one of each", n, refused)
			}
			for _, id := range ids {
				_, err := w.SetRole(w.ctx, id, signup.RoleAdmin, "test")
				w.must(err)
			}
		}
	})
}

// Whoever is no administrator any more is not told of those who wait, also not
// of those he was owed word of.
func TestDemotionEndsNotices(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		chief := w.admin("chief")
		w.set("admin_notice_digest_after", "1")
		for _, name := range []string{"ada", "bob"} { // a notice, and a digest
			w.signUp(name)
			_, err := w.VerifyByHand(w.ctx, w.user(name).ID, "test")
			w.must(err)
		}
		_, err := w.OweNotices(w.ctx)
		w.must(err)
		_, err = w.SetRole(w.ctx, chief.ID, signup.RoleMember, "test")
		w.must(err)
		told := map[string]int{}
		count := func() {
			for _, m := range w.deliver() {
				told[m.Recipient.Email]++
			}
		}
		count()
		w.clock.advance(2 * time.Hour)
		count()
		if told["chief@example.org"] != 0 || told["boss@example.org"] != 2 {
			t.Errorf("told %v", told)
		}
		owed, err := w.Mails(w.ctx, signup.MailQuery{State: signup.MailOwed})
		w.must(err)
		if len(owed) != 0 {
			t.Errorf("%d mails are still owed", len(owed))
		}
	})
}
