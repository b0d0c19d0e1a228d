package signup_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// bcryptHash is the bcrypt hash of "Analytical-1", at a low cost.
const bcryptHash = "$2b$05$abcdefghijklmnopqrstuuvJFPtAoiaUj7gtmoNW0Yrxmn/0H6YFi"

func imported(username string) signup.Registration {
	return signup.Registration{Name: username, Username: username, Email: username + "@example.org", PasswordHash: bcryptHash}
}

func TestImport(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("taken")
		w.signUp("ada")
		stranger := w.ticket(at("stranger", "bob@example.org"))
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		held := imported("another")
		held.Email = "Ada@Example.org"
		twice := imported("BOB")
		twice.Email = "bob2@example.org"
		people := []signup.Registration{
			imported("bob"), imported("taken"), held, twice,
			{Name: "Eve", Username: "eve", Email: "eve@example.org", PasswordHash: "plain"},
			{Name: " ", Username: "a b", Email: "x", PasswordHash: bcryptHash, PreferredLanguage: "de"},
			{Name: "Carl", Username: "carl", Email: "carl@example.org", PasswordHash: bcryptHash, PreferredLanguage: "de"},
		}
		want := []refusal.Code{"", refusal.UsernameTaken, refusal.EmailTaken, refusal.UsernameTaken, refusal.Invalid, refusal.Invalid, ""}
		for _, dryRun := range []bool{true, false} {
			before, err := w.As("cli").Count(w.ctx, signup.UserQuery{})
			w.must(err)
			refused, err := w.As("cli").Import(w.ctx, people, dryRun)
			w.must(err)
			for i, code := range want {
				if code == "" && refused[i] != nil || code != "" && !refusal.Is(refused[i], code) {
					t.Errorf("dry run %v, person %d: %v, want %q", dryRun, i, refused[i], code)
				}
			}
			if n := len(refusal.Of(refused[5])); n != 3 {
				t.Errorf("%d refusals of one person, want 3: %v", n, refused[5])
			}
			if strings.Contains(fmt.Sprint(refused), "plain") {
				t.Error("a refusal shows the hash")
			}
			after, err := w.As("cli").Count(w.ctx, signup.UserQuery{})
			w.must(err)
			if added := after - before; dryRun && added != 0 || !dryRun && added != 2 {
				t.Errorf("dry run %v: %d users added", dryRun, added)
			}
		}
		w.status("bob", signup.StatusActive)
		if u := w.user("carl"); u.Language != "de" || u.Origin != signup.OriginOperator || u.Role != signup.RoleMember || string(u.PasswordHash) != bcryptHash {
			t.Errorf("%+v", u)
		}
		for _, typ := range []event.Type{event.Imported, event.Active} {
			if got, err := w.As("cli").Audit(w.ctx, signup.AuditQuery{Type: typ, UserID: w.user("bob").ID}); len(got) != 1 || got[0].Actor != "cli" || err != nil {
				t.Errorf("%s: %+v, %v", typ, got, err)
			}
		}
		// The address is bob's now: the stranger's sign-up gets no link, and nobody is mailed about the import.
		for _, m := range w.deliver() {
			if m.Kind == signup.MailConfirmation && m.Recipient.Email == "bob@example.org" || m.Kind == signup.MailWelcome {
				t.Errorf("mailed %+v", m)
			}
		}
		w.clock.Advance(settled)
		w.wantsStatus(stranger, signup.StatusUnconfirmed, delivery.Sent)

		again, err := w.As("cli").Import(w.ctx, people[:1], false)
		if err != nil || !refusal.Is(again[0], refusal.UsernameTaken) {
			t.Errorf("again: %v, %v", again, err)
		}
	})
}

// An imported administrator-to-be signs in with the old password, whose hash is
// then one of argon2id.
func TestImportedHashIsReplacedAtSignIn(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		_, err := w.As("cli").Import(w.ctx, []signup.Registration{imported("ada")}, false)
		w.must(err)
		_, err = w.As("cli").SetRole(w.ctx, w.user("ada").ID, signup.RoleAdmin)
		w.must(err)
		_, _, err = w.SignIn(w.ctx, "ada", "Analytical-2", "")
		w.refused(err, refusal.Unauthorized)
		for range 2 {
			_, _, err = w.SignIn(w.ctx, "ada", "Analytical-1", "")
			w.must(err)
			if hash := string(w.user("ada").PasswordHash); !strings.HasPrefix(hash, "$argon2id$") {
				t.Errorf("the hash is %.10s", hash)
			}
		}
	})
}

// A sign-up takes no hash: it would be a password that nobody typed.
func TestSignUpIgnoresPasswordHash(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		r := imported("ada")
		_, err := w.SignUp(w.ctx, r)
		w.refused(err, refusal.Invalid)
		r.Password = "Passw0rd!ada"
		_, err = w.SignUp(w.ctx, r)
		w.must(err)
		w.wantsPassword("ada", "Passw0rd!ada")
	})
}

// Concurrent imports of the same people, in different orders, store each once.
func TestConcurrentImports(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		const n = 250
		people := make([]signup.Registration, n)
		for i := range people {
			people[i] = imported(fmt.Sprintf("p%03d", i))
		}
		backwards := make([]signup.Registration, n)
		for i, p := range people {
			backwards[n-1-i] = p
		}
		errs := make(chan error, 2)
		stored := make(chan int, 2)
		for _, list := range [][]signup.Registration{people, backwards} {
			go func() {
				refused, err := w.As("cli").Import(w.ctx, list, false)
				count := 0
				for _, e := range refused {
					if e == nil {
						count++
					}
				}
				stored <- count
				errs <- err
			}()
		}
		total := <-stored + <-stored
		w.must(<-errs)
		w.must(<-errs)
		if total != n {
			t.Errorf("stored %d, want %d", total, n)
		}
	})
}

// A hash that the store cannot keep is a refusal of one person, not the end of the import.
func TestImportHostileHashes(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		key := "c2FsdHNhbHRzYWx0c2FsdA=="
		for name, salt := range map[string]string{"long": strings.Repeat("s", 600), "nul": "a\x00b", "utf8": "a\xffb"} {
			evil := imported("evil" + name)
			evil.PasswordHash = password.Hash("pbkdf2_sha256$1$" + salt + "$" + key)
			refused, err := w.As("cli").Import(w.ctx, []signup.Registration{imported("good" + name), evil}, false)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !refusal.Is(refused[1], refusal.Invalid) || refused[0] != nil {
				t.Errorf("%s: %v", name, refused)
			}
		}
	})
}

// A hook that fails with an error of the store refuses nobody: its row must not
// be stored without the application's.
func TestImportWhenOnActiveFails(t *testing.T) {
	for _, taken := range []error{signup.ErrEmailTaken, signup.ErrUsernameTaken} {
		for name, open := range databases {
			t.Run(name+"/"+taken.Error(), func(t *testing.T) {
				w := newWorld(t, open(t), func(o *signup.Options) {
					o.OnActive = func(context.Context, signup.Tx, signup.User) error { return fmt.Errorf("host: %w", taken) }
				})
				if refused, err := w.As("cli").Import(w.ctx, []signup.Registration{imported("bob")}, false); !errors.Is(err, taken) {
					t.Errorf("%v, %v, want the error of the hook", refused, err)
				}
				if n, err := w.As("cli").Count(w.ctx, signup.UserQuery{}); n != 0 || err != nil {
					t.Errorf("%d users are stored, %v", n, err)
				}
			})
		}
	}
}
