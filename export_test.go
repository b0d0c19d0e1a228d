package signup_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// Everything about one person is in the export, and nothing about others.
func TestExport(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		w.signedIn("boss", "Passw0rd!boss")
		w.signUp("bob")
		w.activeMember("ada")
		w.deliver()
		w.signedIn("boss", "Passw0rd!boss")
		ada := w.user("ada")
		d, err := w.As("user:1").Export(w.ctx, ada.ID)
		w.must(err)
		if d.User.Email != "ada@example.org" || d.User.PasswordHash != "" || len(d.Sessions) != 0 {
			t.Errorf("the user is %+v with %d sessions", d.User, len(d.Sessions))
		}
		stored, err := w.As("test").Mails(w.ctx, signup.MailQuery{UserID: ada.ID})
		w.must(err)
		if len(d.Mails) != len(stored) || len(d.Mails) == 0 {
			t.Fatalf("%d mails, want %d", len(d.Mails), len(stored))
		}
		attempts := 0
		for _, m := range d.Mails {
			attempts += len(m.Log)
			if m.UserID != ada.ID {
				t.Errorf("a mail about user %d", m.UserID)
			}
		}
		if attempts == 0 {
			t.Error("no attempts")
		}
		var trail []string
		for _, e := range d.Events {
			trail = append(trail, string(e.Type))
		}
		if want := w.trail(ada.ID); !slices.Equal(trail, want) || trail[0] != "user.exported" || d.Events[0].Actor != "user:1" {
			t.Errorf("the events are %v, want %v", trail, want)
		}
		d, err = w.As("test").Export(w.ctx, boss.ID)
		w.must(err)
		if len(d.Sessions) != 2 || d.Sessions[0].TokenHash != "" || d.Sessions[0].CreatedAt.IsZero() {
			t.Errorf("the sessions are %+v", d.Sessions)
		}
		_, err = w.As("test").Export(w.ctx, 99)
		w.refused(err, refusal.UserNotFound)
	})
}

// A long history is complete.
func TestExportOfALongHistory(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	w.admin("boss")
	ada := w.activeMember("ada").ID
	const many = 2345
	w.must(w.store.Update(w.ctx, func(tx signup.Tx) error {
		for i := range many {
			err := tx.AddAudit(w.ctx, signup.AuditEvent{At: w.clock.Now(), Actor: "test", Type: event.LinkSentAgain, UserID: ada})
			if err != nil {
				return err
			}
			if err := tx.AddMail(w.ctx, signup.Mail{
				ID: fmt.Sprintf("mail-%d", i), Kind: signup.MailApproved, UserID: ada, RecipientID: ada,
				State: delivery.Sent, CreatedAt: w.clock.Now(), EndedAt: w.clock.Now(),
			}); err != nil {
				return err
			}
		}
		return nil
	}))
	d, err := w.As("test").Export(w.ctx, ada)
	w.must(err)
	ids := map[string]bool{}
	for _, m := range d.Mails {
		ids[m.ID] = true
	}
	events := map[int64]bool{}
	for _, e := range d.Events {
		events[e.ID] = true
	}
	if len(ids) != len(d.Mails) || len(ids) < many || len(events) != len(d.Events) || len(events) < many {
		t.Errorf("%d mails and %d events", len(ids), len(events))
	}
}
