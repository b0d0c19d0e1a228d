package signup_test

import (
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// Only an active user gets in, by username or address, and every refusal is the
// same.
func TestCheckPassword(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		refused := func(login, password string) {
			t.Helper()
			u, err := w.CheckPassword(w.ctx, login, password)
			w.refused(err, refusal.WrongPassword)
			if u.ID != 0 || err.Error() != "Username or password is wrong" {
				t.Errorf("%s: %v, %v", login, u.ID, err)
			}
		}
		refused("ada", "Passw0rd!ada") // unconfirmed
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		refused("ada", "Passw0rd!ada") // pending
		_, err = w.As("test").Approve(w.ctx, w.user("ada").ID)
		w.must(err)
		for _, login := range []string{"ada", "ADA", "ada@example.org", "Ada@Example.org"} {
			if u, err := w.CheckPassword(w.ctx, login, "Passw0rd!ada"); err != nil || u.Username != "ada" {
				t.Errorf("%s: %s, %v", login, u.Username, err)
			}
		}
		for _, login := range []string{"ada", "nobody", "", "a b", "nobody@example.org", strings.Repeat("x", 5000)} {
			refused(login, "wrong")
		}
		refused("ada", strings.Repeat("x", 5000))

		// A stranger's sign-up with the address changes nothing.
		w.signUpAt("evil", "ada@example.org")
		refused("ada@example.org", "Passw0rd!evil")
		refused("evil", "Passw0rd!evil")

		_, err = w.As("cli").Import(w.ctx, []signup.Registration{imported("carl")}, false)
		w.must(err)
		refused("carl", "Analytical-2")
		for range 2 {
			u, err := w.CheckPassword(w.ctx, "carl", "Analytical-1")
			w.must(err)
			if stored := w.user("carl"); !strings.HasPrefix(string(stored.PasswordHash), "$argon2id$") || stored.PasswordHash != u.PasswordHash {
				t.Error("the imported hash was not replaced")
			}
		}
	})
}
