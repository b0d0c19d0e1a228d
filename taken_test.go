package signup_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/refusal"
)

// has is an Options.Taken of an application that has these.
func has(email, username string) func(*signup.Options) {
	return func(o *signup.Options) {
		o.Taken = func(_ context.Context, e, u string) (string, error) {
			switch {
			case strings.EqualFold(u, username):
				return "username", nil
			case strings.EqualFold(e, email):
				return "email", nil
			}
			return "", nil
		}
	}
}

func TestTaken(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), has("ada@example.org", "ada"))
			for _, address := range []string{"ada@example.org", "free@example.org"} {
				_, err := w.SignUp(w.ctx, at("Ada", address))
				w.refused(err, refusal.UsernameTaken)
			}
			if n, err := w.As("test").Count(w.ctx, signup.UserQuery{}); n != 0 || err != nil {
				t.Fatalf("%d users, %v", n, err)
			}

			// The address is concealed: the mailbox gets a note, and no link, ever.
			evil := w.ticket(at("evil", "Ada@example.org"))
			eve := w.ticket(at("eve", "eve@example.org"))
			w.deliver()
			w.must(w.CorrectByTicket(w.ctx, eve, "ada@example.org"))
			for range 48 {
				for _, m := range w.deliver() {
					if m.Kind != signup.MailAccountExists || !strings.EqualFold(m.Recipient.Email, "ada@example.org") || m.Recipient.Name != "" || m.User.Username != "" || m.Link != "/login" {
						t.Fatalf("mailed %+v, want a note that names nobody", m)
					}
				}
				w.clock.Advance(time.Hour)
				w.must(w.Resend(w.ctx, "ada@example.org"))
				if err := w.ResendByTicket(w.ctx, evil); !refusal.Is(err, refusal.TooSoon) {
					w.must(err)
				}
				_, err := w.Post().OweReminders(w.ctx)
				w.must(err)
			}
			w.wantsStatus(evil, signup.StatusUnconfirmed, delivery.Sent)
			w.wantsStatus(eve, signup.StatusUnconfirmed, delivery.Sent)

			_, err := w.As("test").CorrectEmail(w.ctx, w.user("eve").ID, "ada@example.org")
			w.refused(err, refusal.EmailTaken)
			w.set("conceal_emails", "false")
			_, err = w.SignUp(w.ctx, at("bob", "ada@example.org"))
			w.refused(err, refusal.EmailTaken)
			bob := w.ticket(at("bob", "bob@example.org"))
			w.refused(w.CorrectByTicket(w.ctx, bob, "ada@example.org"), refusal.EmailTaken)
			again := at("bob", "ada@example.org")
			again.Ticket = bob
			_, err = w.SignUp(w.ctx, again)
			w.refused(err, refusal.EmailTaken)
		})
	}
}

// Who signed up here, and then became a member of the application, can repeat the
// sign-up: what the application has is theirs.
func TestTakenByOneself(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			members := map[string]bool{}
			w := newWorld(t, open(t), func(o *signup.Options) {
				o.OnActive = func(_ context.Context, _ signup.Tx, u signup.User) error { members[u.Username] = true; return nil }
				o.Taken = func(_ context.Context, _, username string) (string, error) {
					if members[username] {
						return "username", nil
					}
					return "", nil
				}
			})
			w.set("signup_require_admin_approval", "false")
			w.signUp("ada")
			_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
			w.must(err)
			w.signUp("ada")
		})
	}
}

// A fault of the application is a fault of the sign-up, and nothing is stored.
func TestTakenFails(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			fault := errors.New("the application's database is gone")
			answer := func() (string, error) { return "", fault }
			w := newWorld(t, open(t), func(o *signup.Options) {
				o.Taken = func(context.Context, string, string) (string, error) { return answer() }
			})
			if _, err := w.SignUp(w.ctx, at("ada", "ada@example.org")); !errors.Is(err, fault) {
				t.Errorf("%v, want the fault", err)
			}
			answer = func() (string, error) { return "", nil }
			w.signUp("ada")
			id := w.mailTo("ada", signup.MailConfirmation).ID
			answer = func() (string, error) { return "phone", nil }
			if _, err := w.Post().Compose(w.ctx, id); err == nil || !strings.Contains(err.Error(), "phone") {
				t.Errorf("%v, want what is wrong with the answer", err)
			}
			answer = func() (string, error) { return "", nil }
			if n := len(w.deliver()); n != 1 {
				t.Errorf("%d mails, want 1", n)
			}
		})
	}
}
