package signup_test

import (
	"slices"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// After a new password is set, the user can sign in with it, and not with the old
// one.
func TestSetPassword(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		token := w.signedIn("boss", "Passw0rd!boss")
		w.signedIn("boss", "Passw0rd!boss")
		_, err := w.As("test").SetPassword(w.ctx, boss.ID, "An0ther!one")
		w.must(err)
		_, _, err = w.Session(w.ctx, token)
		w.refused(err, refusal.Unauthorized)
		_, _, err = w.SignIn(w.ctx, "boss", "Passw0rd!boss", "")
		w.refused(err, refusal.Unauthorized)
		w.signedIn("boss", "An0ther!one")
		want := []string{"session.started", "session.refused", "user.password_set", "session.ended", "session.started", "session.started", "user.active", "user.admin_created"}
		if got := w.trail(boss.ID); !slices.Equal(got, want) {
			t.Errorf("the trail is %v, want %v", got, want)
		}
	})
}

// An application checks the passwords of members too.
func TestSetPasswordOfAMember(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ada := w.activeMember("ada")
		u, err := w.As("test").SetPassword(w.ctx, ada.ID, "An0ther!one")
		w.must(err)
		for password, want := range map[string]bool{"An0ther!one": true, "Passw0rd!ada": false} {
			if ok, _, err := cheapHasher().Verify(w.ctx, w.user("ada").PasswordHash, password); ok != want || err != nil {
				t.Errorf("%t, %v", ok, err)
			}
		}
		if now := w.user("ada"); now.Version != u.Version || now.Status() != signup.StatusActive || now.Role != signup.RoleMember {
			t.Errorf("returned %+v, but stored %+v", u, now)
		}
	})
}

func TestSetPasswordRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		set := func(id int64, password string) error {
			_, err := w.As("test").SetPassword(w.ctx, id, password)
			return err
		}
		token := w.signedIn("boss", "Passw0rd!boss")
		w.set("password_length_regular_users", "12")
		err := set(boss.ID, "Sh0rt!one")
		w.refused(err, refusal.Invalid)
		if refusal := refusal.Of(err)[0]; refusal.Field != "password" || len(refusal.Rules) != 1 {
			t.Errorf("%+v", refusal)
		}
		_, _, err = w.Session(w.ctx, token)
		w.must(err) // nothing was changed
		w.refused(set(99, "An0ther!one-to-take"), refusal.UserNotFound)

		// The sign-up belongs to the person with the mailbox, and so does its
		// password.
		w.set("password_length_regular_users", "8")
		w.signUp("ada")
		ada := w.user("ada").ID
		w.refused(set(ada, "An0ther!one"), refusal.Conflict)
		_, err = w.As("test").VerifyEmail(w.ctx, ada)
		w.must(err)
		w.refused(set(ada, "An0ther!one"), refusal.Conflict)
		_, err = w.As("test").Reject(w.ctx, ada, "", "")
		w.must(err)
		w.refused(set(ada, "An0ther!one"), refusal.Conflict)
		if ok, _, err := cheapHasher().Verify(w.ctx, w.user("ada").PasswordHash, "Passw0rd!ada"); !ok || err != nil {
			t.Errorf("the password was changed: %v", err)
		}
	})
}
