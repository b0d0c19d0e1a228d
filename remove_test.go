package signup_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// Whatever the status, nothing about the person is left, and others can have the
// username and the address.
func TestRemove(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ids := map[string]int64{}
		for _, name := range []string{"unconfirmed", "pending", "active"} {
			w.signUp(name)
			if name != "unconfirmed" {
				_, err := w.Confirm(w.ctx, w.token(name+"@example.org"))
				w.must(err)
			}
			ids[name] = w.user(name).ID
		}
		_, err := w.As("test").Approve(w.ctx, ids["active"])
		w.must(err)
		ids["rejected"] = w.rejected("rejected")
		for name, id := range ids {
			w.must(w.As("test").Remove(w.ctx, id))
			_, err := w.User(w.ctx, id)
			w.refused(err, refusal.UserNotFound)
			events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: id, Type: event.Removed})
			if err != nil || len(events) != 1 || events[0].Actor != "test" {
				t.Errorf("%s: %+v, %v", name, events, err)
			}
			w.refused(w.As("test").Remove(w.ctx, id), refusal.UserNotFound)
		}
		mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{})
		if err != nil || len(mails) != 0 {
			t.Errorf("%d mails are left, %v", len(mails), err)
		}
		w.clock.Advance(time.Hour)
		w.signUp("active")
		_, err = w.Confirm(w.ctx, w.token("active@example.org"))
		w.must(err)
	})
}

// An administrator cannot be removed, so that there is always one.
func TestRemoveRefusesAdministrators(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, name := range []string{"boss", "chief"} {
			_, err := w.As("test").CreateAdmin(w.ctx, at(name, name+"@example.org"))
			w.must(err)
		}
		boss := w.user("boss").ID
		w.refused(w.As("test").Remove(w.ctx, boss), refusal.Conflict)
		w.status("boss", signup.StatusActive)
		_, err := w.As("test").SetRole(w.ctx, boss, signup.RoleMember)
		w.must(err)
		w.must(w.As("test").Remove(w.ctx, boss))
	})
}

// A digest to a chat is stored with some administrator, whose removal must not
// lose it.
func TestRemoveKeepsDigestsToChats(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) { o.Chats = []string{"chat"} })
			w.set("signup_require_email_verification", "false")
			w.set("admin_notice_digest_after", "0")
			for _, name := range []string{"boss", "chief"} {
				_, err := w.As("test").CreateAdmin(w.ctx, at(name, name+"@example.org"))
				w.must(err)
			}
			w.signUp("ada")
			w.deliver()
			for _, name := range []string{"boss", "chief"} {
				id := w.user(name).ID
				if len(w.owedTo("chat")) != 1 {
					t.Fatalf("%d digests to the chat", len(w.owedTo("chat")))
				}
				if name == "chief" {
					break
				}
				_, err := w.As("test").SetRole(w.ctx, id, signup.RoleMember)
				w.must(err)
				w.must(w.As("test").Remove(w.ctx, id))
			}
			w.clock.Advance(2 * time.Hour)
			told := false
			for _, m := range w.deliver() {
				told = told || m.Kind == signup.MailAdminDigest && m.Recipient == signup.Address{}
			}
			if !told {
				t.Error("the chat was not told")
			}
		})
	}
}

// owedTo returns the digests owed to a chat.
func (w *world) owedTo(chat string) (owed []signup.Mail) {
	w.t.Helper()
	mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{Kind: signup.MailAdminDigest, State: delivery.Owed})
	w.must(err)
	for _, m := range mails {
		if m.Channel == chat {
			owed = append(owed, m)
		}
	}
	return owed
}

// The application's row goes in the same transaction; its refusal keeps both.
func TestOnRemoved(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			refuses := true
			var removed []string
			w := newWorld(t, open(t), func(o *signup.Options) {
				o.OnRemoved = func(_ context.Context, _ signup.Tx, u signup.User) error {
					if refuses {
						return refusal.New(refusal.Conflict, "Ada owes us three books")
					}
					removed = append(removed, u.Username)
					return nil
				}
			})
			w.set("signup_require_admin_approval", "false")
			w.signUp("bob")
			w.must(w.As("test").Remove(w.ctx, w.user("bob").ID)) // who was never active
			w.signUp("ada")
			_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
			w.must(err)
			id := w.user("ada").ID
			w.refused(w.As("test").Remove(w.ctx, id), refusal.Conflict)
			w.status("ada", signup.StatusActive)
			w.disable("ada", true) // the application still has her
			w.refused(w.As("test").Remove(w.ctx, id), refusal.Conflict)
			refuses = false
			w.must(w.As("test").Remove(w.ctx, id))
			if fmt.Sprint(removed) != "[ada]" {
				t.Errorf("the application was told of %v", removed)
			}
		})
	}
}
