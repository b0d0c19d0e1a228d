package signup_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// A name or a username is changed in any status but rejected, by the rules of
// sign-up, and is found by search.
func TestChange(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.signUp("ada")
		id := w.user("ada").ID
		change := func(name, username string) {
			t.Helper()
			for range 2 { // the second changes nothing
				u, err := w.As("test").Change(w.ctx, id, signup.Changes{Name: &name, Username: &username})
				w.must(err)
				if stored := w.user(username); stored.ID != id || stored.Name != name || stored.Username != username || u.Version != stored.Version {
					t.Errorf("stored %q, %q", stored.Name, stored.Username)
				}
			}
			for _, part := range []string{name, username} {
				if n, err := w.As("test").Count(w.ctx, signup.UserQuery{Search: part}); n != 1 || err != nil {
					t.Errorf("%d users found by %q, %v", n, part, err)
				}
			}
		}
		change("Ada King", "countess")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		change("Ada Lovelace", "Countess")
		_, err = w.As("test").Approve(w.ctx, id)
		w.must(err)
		change("Augusta Ada", "augusta")
		w.disable("augusta", true)
		change("Augusta", "augusta")
		w.disable("augusta", false)
		_, err = w.CheckPassword(w.ctx, "Augusta", "Passw0rd!ada")
		w.must(err)
		w.signUpAt("ada", "new@example.org") // the first username is free again

		var fields []string
		events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: id, Type: event.Changed})
		w.must(err)
		for _, e := range slices.Backward(events) {
			if len(e.Detail) != 1 || e.Actor != "test" {
				t.Errorf("the event is %+v", e)
			}
			fields = append(fields, e.Detail["fields"])
		}
		if got := strings.Join(fields, ", "); got != "name username, name username, name username, name" {
			t.Errorf("changed: %s", got)
		}
	})
}

func TestChangeOfOneThing(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		id, name := w.activeMember("ada").ID, "Ada King"
		u, err := w.As("test").Change(w.ctx, id, signup.Changes{})
		w.must(err)
		if u.Version != w.user("ada").Version || slices.Contains(w.trail(id), "user.changed") {
			t.Error("something was changed")
		}
		_, err = w.As("test").Change(w.ctx, id, signup.Changes{Name: &name})
		w.must(err)
		if u := w.user("ada"); u.Name != name || u.UsernameKey != "ada" {
			t.Errorf("%q, %q", u.Name, u.UsernameKey)
		}
	})
}

func TestChangeRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		change := func(id int64, name, username string) error {
			_, err := w.As("test").Change(w.ctx, id, signup.Changes{Name: &name, Username: &username})
			return err
		}
		w.refused(change(99, "Ada", "ada"), refusal.UserNotFound)
		w.signUp("bob")
		ada := w.activeMember("ada").ID
		err := change(ada, " ", "a b")
		w.refused(err, refusal.Invalid)
		if refused := refusal.Of(err); len(refused) != 2 || refused[0].Field != "name" || refused[1].Field != "username" {
			t.Errorf("refused: %v", err)
		}
		err = change(ada, "Ada", "BOB")
		w.refused(err, refusal.UsernameTaken)
		if refused := refusal.Of(err); refused[0].Field != "username" {
			t.Errorf("the field is %q", refused[0].Field)
		}
		eve := w.rejected("eve")
		w.refused(change(eve, "Eve", "eve2"), refusal.Conflict)
		w.must(change(ada, "Ada", "eve")) // a rejected user has no username
	})
}

// The application is asked for another username, and not for the user's own.
func TestChangeAsksTheApplication(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			id := w.admin("ada").ID
			w = newWorld(t, w.store, has("ada@example.org", "carl"))
			for username, code := range map[string]refusal.Code{"CARL": refusal.UsernameTaken, "Ada": "", "augusta": ""} {
				_, err := w.As("test").Change(w.ctx, id, signup.Changes{Username: &username})
				if code != "" {
					w.refused(err, code)
					continue
				}
				w.must(err)
			}
			w = newWorld(t, w.store, has("ada@example.org", w.user("ada@example.org").Username))
			own := strings.ToUpper(w.user("ada@example.org").Username)
			_, err := w.As("test").Change(w.ctx, id, signup.Changes{Username: &own})
			w.must(err)
		})
	}
}
