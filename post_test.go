package signup_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// mailTo returns the newest mail of a kind about the user.
func (w *world) mailTo(name string, kind signup.MailKind) signup.MailRecord {
	w.t.Helper()
	mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{UserID: w.user(name).ID, Kind: kind, Limit: 1})
	w.must(err)
	if len(mails) == 0 {
		w.t.Fatalf("%s is owed no %s", name, kind)
	}
	m, err := w.As("test").Mail(w.ctx, mails[0].ID)
	w.must(err)
	return m
}

// fail records a failed attempt to send a mail.
func (w *world) fail(id string, f signup.Failure) signup.Mail {
	w.t.Helper()
	m, err := w.Post().MailFailed(w.ctx, id, f)
	w.must(err)
	return m
}

var refusedAtRcpt = signup.Failure{Phase: "rcpt", Answer: "550 no such user", Permanent: true, NoSuchAddress: true}

func hourly(int) time.Duration { return time.Hour }

func TestDeliveryLog(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.mailTo("ada", signup.MailConfirmation).ID
		start := w.clock.Now()
		w.fail(id, signup.Failure{Phase: "rcpt", Answer: "451 later", Wait: func(n int) time.Duration { return time.Duration(n) * time.Minute }})
		m := w.mailTo("ada", signup.MailConfirmation)
		if m.Progress() != "trying" || m.Attempts != 1 || !m.NextAttemptAt.Equal(start.Add(time.Minute)) {
			t.Fatalf("after one attempt: %+v", m)
		}
		w.clock.Advance(time.Minute)
		w.must(w.Post().MailSent(w.ctx, id, "250 ok"))
		m = w.mailTo("ada", signup.MailConfirmation)
		want := []signup.MailAttempt{
			{MailID: id, At: start, Phase: "rcpt", Answer: "451 later", Outcome: delivery.TryAgain},
			{MailID: id, At: start.Add(time.Minute), Answer: "250 ok", Outcome: delivery.Accepted},
		}
		if !slices.Equal(m.Log, want) || m.Progress() != "sent" || !m.NextAttemptAt.IsZero() || !m.EndedAt.Equal(w.clock.Now()) {
			t.Fatalf("%+v, want the log %+v", m, want)
		}
		_, err := w.As("test").Mail(w.ctx, "nonsense")
		w.refused(err, refusal.MailNotFound)
	})
}

func TestMailsByProgress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, name := range []string{"ann", "bob", "cid"} {
			w.signUp(name)
		}
		w.fail(w.mailTo("bob", signup.MailConfirmation).ID, signup.Failure{Answer: "451 later"})
		w.fail(w.mailTo("cid", signup.MailConfirmation).ID, refusedAtRcpt)
		yes, no := true, false
		for progress, q := range map[string]signup.MailQuery{
			"owed":   {State: delivery.Owed, Tried: &no},
			"trying": {State: delivery.Owed, Tried: &yes},
			"failed": {State: delivery.Failed},
		} {
			want := w.user(map[string]string{"owed": "ann", "trying": "bob", "failed": "cid"}[progress]).ID
			mails, err := w.As("test").Mails(w.ctx, q)
			w.must(err)
			if len(mails) != 1 || mails[0].UserID != want || mails[0].Progress() != progress {
				t.Errorf("%s: %+v", progress, mails)
			}
		}
		_, err := w.As("test").Mails(w.ctx, signup.MailQuery{Before: "nonsense"})
		w.refused(err, refusal.Invalid)
	})
}

// A mail is retried for a day after the first attempt, however long it waited for
// that attempt.
func TestMailFailsAfterADayOfRetries(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.mailTo("ada", signup.MailConfirmation).ID
		w.clock.Advance(72 * time.Hour)
		first := w.clock.Now()
		m := w.fail(id, signup.Failure{Answer: "451 later", Wait: hourly})
		for m.State == delivery.Owed {
			w.clock.Advance(m.NextAttemptAt.Sub(w.clock.Now()))
			m = w.fail(id, signup.Failure{Answer: "451 later", Wait: hourly})
		}
		if tried := w.clock.Now().Sub(first); m.State != delivery.Failed || tried != 24*time.Hour {
			t.Fatalf("%s after %v", m.State, tried)
		}
	})
}

func TestRetryMailResetsAttempts(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.mailTo("ada", signup.MailConfirmation).ID
		_, err := w.As("test").RetryMail(w.ctx, id)
		w.refused(err, refusal.Conflict)
		w.fail(id, refusedAtRcpt)
		w.clock.Advance(30 * time.Hour)
		m, err := w.As("test").RetryMail(w.ctx, id)
		w.must(err)
		if m.ID != id || m.Progress() != "owed" {
			t.Fatalf("%+v", m)
		}
		m = w.fail(id, signup.Failure{Answer: "451 later", Wait: hourly})
		if m.State != delivery.Owed || m.Attempts != 1 {
			t.Fatalf("the first attempt after the retry ended it: %+v", m)
		}
		w.token("ada@example.org")
		_, err = w.As("test").RetryMail(w.ctx, id)
		w.refused(err, refusal.Conflict)
		if log := w.mailTo("ada", signup.MailConfirmation).Log; len(log) != 3 {
			t.Fatalf("%d attempts in the log, want 3", len(log))
		}
		if !w.audited("ada", event.MailRetried) {
			t.Error("the retry is not in the audit trail")
		}
		_, err = w.As("test").RetryMail(w.ctx, "nonsense")
		w.refused(err, refusal.MailNotFound)
	})
}

func (w *world) audited(name string, event event.Type) bool {
	w.t.Helper()
	events, err := w.As("test").Audit(w.ctx, signup.AuditQuery{UserID: w.user(name).ID})
	w.must(err)
	return slices.ContainsFunc(events, func(e signup.AuditEvent) bool { return e.Type == event })
}

// A mail whose content is no longer true cannot be retried.
func TestRetryOfOutdatedMailIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.mailTo("ada", signup.MailConfirmation).ID
		w.fail(id, refusedAtRcpt)
		_, err := w.As("test").VerifyEmail(w.ctx, w.user("ada").ID)
		w.must(err)
		_, err = w.As("test").RetryMail(w.ctx, id)
		w.refused(err, refusal.Conflict)
	})
}

func TestCancelledMailIsNotSent(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		id := w.mailTo("ada", signup.MailConfirmation).ID
		m, err := w.As("test").CancelMail(w.ctx, id)
		w.must(err)
		if m.State != delivery.Cancelled || m.EndedAt.IsZero() || len(w.deliver()) != 0 {
			t.Fatalf("%+v", m)
		}
		_, err = w.As("test").CancelMail(w.ctx, id)
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").CancelMail(w.ctx, "nonsense")
		w.refused(err, refusal.MailNotFound)
		if !w.audited("ada", event.MailCancelled) {
			t.Error("not in the audit trail")
		}
		// It was being sent when it was cancelled, and the server accepted it.
		w.fail(id, signup.Failure{Answer: "451 later"})
		if m := w.mailTo("ada", signup.MailConfirmation); m.State != delivery.Cancelled || len(m.Log) != 1 {
			t.Fatalf("%+v", m)
		}
		_, err = w.As("test").RetryMail(w.ctx, id)
		w.must(err)
		w.token("ada@example.org")
	})
}

func TestRefusedAddressIsNoted(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		confirmation := func() string { return w.mailTo("ada", signup.MailConfirmation).ID }
		w.fail(confirmation(), signup.Failure{Phase: "rcpt", Answer: "451 later"})
		w.fail(confirmation(), signup.Failure{Phase: "rcpt", Answer: "554 relay access denied", Permanent: true})
		if !w.user("ada").UndeliverableAt.IsZero() {
			t.Fatal("marked although the address was not refused")
		}
		_, err := w.As("test").RetryMail(w.ctx, confirmation())
		w.must(err)
		w.fail(confirmation(), refusedAtRcpt)
		if !w.user("ada").UndeliverableAt.Equal(w.clock.Now()) {
			t.Fatal("not marked")
		}

		_, err = w.As("test").CorrectEmail(w.ctx, w.user("ada").ID, "ada@example.net")
		w.must(err)
		if !w.user("ada").UndeliverableAt.IsZero() {
			t.Fatal("still marked after the correction")
		}
		w.fail(confirmation(), signup.Failure{Phase: "data", Answer: "554 no", Permanent: true, NoSuchAddress: true})
		if w.user("ada").UndeliverableAt.IsZero() {
			t.Fatal("not marked again")
		}
		w.must(w.Resend(w.ctx, "ada@example.net"))
		token := w.token("ada@example.net")
		if !w.user("ada").UndeliverableAt.IsZero() {
			t.Fatal("still marked although a mail arrived")
		}
		_, err = w.Confirm(w.ctx, token)
		w.must(err)
	})
}

// A mail to the old address fails after the correction of the address.
func TestLateRefusalDoesNotMarkTheNewAddress(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		old := w.mailTo("ada", signup.MailConfirmation).ID
		_, err := w.As("test").CorrectEmail(w.ctx, w.user("ada").ID, "ada@example.net")
		w.must(err)
		w.fail(old, refusedAtRcpt)
		if !w.user("ada").UndeliverableAt.IsZero() {
			t.Fatal("the new address is marked because the old one was refused")
		}
	})
}

func TestEndedMailsAreDeleted(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.token("ada@example.org")
		w.signUp("bob") // stays owed
		w.clock.Advance(89 * 24 * time.Hour)
		if n, err := w.Post().DeleteEndedMails(w.ctx); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		w.clock.Advance(48 * time.Hour)
		w.set("mail_retention", `"never"`)
		if n, err := w.Post().DeleteEndedMails(w.ctx); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		w.set("mail_retention", `"2160h"`)
		if n, err := w.Post().DeleteEndedMails(w.ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		w.mailTo("bob", signup.MailConfirmation)
	})
}

func (w *world) reminders() int {
	w.t.Helper()
	n, err := w.Post().OweReminders(w.ctx)
	w.must(err)
	return n
}

func TestOneReminderBeforeASignUpLapses(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.deliver()
		w.clock.Advance(5*24*time.Hour - time.Second)
		if n := w.reminders(); n != 0 {
			t.Fatalf("%d reminders before their time", n)
		}
		w.clock.Advance(time.Second)
		other := newWorld(t, w.store, func(o *signup.Options) { o.Now = w.clock.Now })
		owed := make([]int, 10)
		parallel(len(owed), func(i int) (err error) {
			owed[i], err = []*world{w, other}[i%2].Post().OweReminders(w.ctx)
			return err
		})
		sent := w.deliver()
		if len(sent) != 1 || sent[0].Kind != signup.MailReminder {
			t.Fatalf("sent %v, want one reminder; %v", kinds(sent), owed)
		}
		m := sent[0]
		if lapses := w.user("ada").CreatedAt.Add(7 * 24 * time.Hour); !m.LapsesAt.Equal(lapses) || !m.ExpiresAt.Equal(w.clock.Now().Add(m.Lifetime)) {
			t.Fatalf("%+v", m)
		}
		if n := w.reminders(); n != 0 || w.user("ada").RemindedAt.IsZero() {
			t.Fatalf("%d further reminders", n)
		}
		_, err := w.Confirm(w.ctx, m.Link)
		w.must(err)
		w.status("ada", signup.StatusPendingApproval)
	})
}

func TestConfirmationSupersedesReminder(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("ada")
		w.set("token_lifetime", `"720h"`)
		token := w.token("ada@example.org")
		w.clock.Advance(6 * 24 * time.Hour)
		if n := w.reminders(); n != 1 {
			t.Fatalf("%d reminders, want 1", n)
		}
		_, err := w.Confirm(w.ctx, token)
		w.must(err)
		if m := w.mailTo("ada", signup.MailReminder); m.State != delivery.Superseded {
			t.Fatalf("the reminder is %s", m.State)
		}
	})
}

func TestUsersWhoAreNotReminded(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.signUp("gone") // a server refuses the address
		w.fail(w.mailTo("gone", signup.MailConfirmation).ID, refusedAtRcpt)
		w.signUp("twin")
		again := person("twin2")
		again.Email = "twin@example.org"
		_, err := w.SignUp(w.ctx, again)
		w.must(err)
		w.signUp("done")
		_, err = w.Confirm(w.ctx, w.token("done@example.org"))
		w.must(err)
		w.signUp("late")
		w.deliver()
		w.signUp("owed") // is still owed the first mail
		w.clock.Advance(6 * 24 * time.Hour)
		w.set("reminder_before", `"never"`)
		if n := w.reminders(); n != 0 {
			t.Fatalf("%d reminders while reminders are off", n)
		}
		w.set("reminder_before", `"48h"`)
		w.set("unconfirmed_retention", `"never"`)
		if n := w.reminders(); n != 0 {
			t.Fatalf("%d reminders although no sign-up lapses", n)
		}
		w.set("unconfirmed_retention", `"168h"`)
		if n := w.reminders(); n != 2 || w.user("late").RemindedAt.IsZero() || w.user("twin2").RemindedAt.IsZero() {
			t.Fatalf("%d reminders, want one for late and one for the latest of the two with one address", n)
		}
	})
}

// If the retention is no longer than reminder_before, the reminder comes after
// half of it.
func TestReminderWithAShortRetention(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("unconfirmed_retention", `"24h"`)
		w.set("token_lifetime", `"5m"`)
		w.signUp("ada")
		w.deliver()
		w.clock.Advance(11 * time.Hour)
		if n := w.reminders(); n != 0 {
			t.Fatal("too early")
		}
		w.clock.Advance(time.Hour)
		if n := w.reminders(); n != 1 {
			t.Fatalf("%d reminders, want 1", n)
		}
	})
}

func TestWelcomeWhenNothingIsRequired(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("signup_require_admin_approval", "false")
		w.signUp("ada")
		_, err := w.Confirm(w.ctx, w.token("ada@example.org"))
		w.must(err)
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v although the page already says so", kinds(sent))
		}
		w.set("signup_require_email_verification", "false")
		w.signUp("bob")
		sent := w.deliver()
		if len(sent) != 1 || sent[0].Kind != signup.MailWelcome || sent[0].Recipient.Email != "bob@example.org" || sent[0].Link != "/login" {
			t.Fatalf("sent %+v, want one welcome", sent)
		}
	})
}

// wait signs up users waits<from> to waits<to-1>, who then wait for approval.
func (w *world) wait(from, to int) {
	w.t.Helper()
	for i := from; i < to; i++ {
		name := fmt.Sprintf("waits%d", i)
		w.signUp(name)
		_, err := w.As("test").VerifyEmail(w.ctx, w.user(name).ID)
		w.must(err)
	}
}

func TestManyNoticesBecomeADigest(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.admin("boss")
		w.admin("chief")
		w.wait(0, 7)
		if got := kinds(w.deliver()); got[signup.MailAdminNotice] != 10 || got[signup.MailAdminDigest] != 0 {
			t.Fatalf("sent %v, want five notices to each of two", got)
		}
		w.clock.Advance(30 * time.Minute)
		w.wait(7, 20)
		w.deliver() // adds to the digests that are collecting
		w.clock.Advance(30 * time.Minute)
		sent := w.deliver()
		if got := kinds(sent); len(sent) != 2 || got[signup.MailAdminDigest] != 2 {
			t.Fatalf("sent %v, want one digest to each", got)
		}
		d := sent[0]
		if d.Waiting != 20 || len(d.People) != 10 || d.People[0].Username != "waits19" || d.Link != "/review/waits19" || d.User != (signup.Person{}) {
			t.Fatalf("%+v", d)
		}
		w.wait(20, 21) // 13 in the last hour: another digest, an hour later
		if sent := w.deliver(); len(sent) != 0 {
			t.Fatalf("sent %v within the interval", kinds(sent))
		}
		w.clock.Advance(time.Hour)
		if got := kinds(w.deliver()); got[signup.MailAdminDigest] != 2 {
			t.Fatalf("sent %v, want a digest to each", got)
		}
		w.clock.Advance(2 * time.Hour)
		w.wait(21, 22)
		if got := kinds(w.deliver()); got[signup.MailAdminNotice] != 2 || len(got) != 1 {
			t.Fatalf("sent %v, want a notice to each after a quiet period", got)
		}
	})
}

// A digest is not sent if no user waits any more.
func TestEmptyDigestIsSuperseded(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("admin_notice_digest_after", "0")
		w.admin("boss")
		w.wait(0, 1)
		w.deliver()
		_, err := w.As("test").Approve(w.ctx, w.user("waits0").ID)
		w.must(err)
		w.clock.Advance(2 * time.Hour)
		if got := kinds(w.deliver()); got[signup.MailAdminDigest] != 0 {
			t.Fatalf("sent %v", got)
		}
		if m := w.mailTo("boss", signup.MailAdminDigest); m.State != delivery.Superseded {
			t.Fatalf("the digest is %s", m.State)
		}
	})
}

func TestAdministratorsCanOptOut(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		boss := w.admin("boss")
		w.admin("chief")
		_, err := w.As("test").SetNotices(w.ctx, boss.ID, false)
		w.must(err)
		w.wait(0, 1)
		if sent := w.deliver(); len(sent) != 1 || sent[0].Recipient.Email != "chief@example.org" {
			t.Fatalf("sent %+v, want one notice to chief", sent)
		}
		_, err = w.As("test").SetNotices(w.ctx, boss.ID, true)
		w.must(err)
		w.wait(1, 2)
		_, err = w.Post().OweNotices(w.ctx)
		w.must(err)
		_, err = w.As("test").SetNotices(w.ctx, boss.ID, false) // after it was owed
		w.must(err)
		if sent := w.deliver(); len(sent) != 1 || !w.audited("boss", event.NoticesOff) {
			t.Fatalf("sent %v, want one notice", kinds(sent))
		}
		_, err = w.As("test").SetNotices(w.ctx, w.user("waits0").ID, false)
		w.refused(err, refusal.Conflict)
		_, err = w.As("test").SetNotices(w.ctx, 1<<40, false)
		w.refused(err, refusal.UserNotFound)
	})
}

// Every user who waits is announced in the end, even if there was no
// administrator at first, and also when a rejected person signs up again. A
// withdrawn rejection is not announced, because an administrator did it.
func TestEveryWaitingUserIsAnnounced(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.wait(0, 1)
		if sent := kinds(w.deliver()); len(sent) != 0 {
			t.Fatalf("sent %v", sent)
		}
		w.admin("boss")
		if sent := kinds(w.deliver()); sent[signup.MailAdminNotice] != 1 {
			t.Fatalf("sent %v, want a notice about the user who waited before", sent)
		}
		id := w.user("waits0").ID
		_, err := w.As("test").Reject(w.ctx, id, "", "")
		w.must(err)
		_, err = w.As("test").Reconsider(w.ctx, id)
		w.must(err)
		if sent := kinds(w.deliver()); sent[signup.MailAdminNotice] != 0 {
			t.Fatalf("sent %v although an administrator did it", sent)
		}
		_, err = w.As("test").Reject(w.ctx, id, "", "")
		w.must(err)
		again := person("comesback")
		again.Email = "waits0@example.org"
		_, err = w.SignUp(w.ctx, again)
		w.must(err)
		_, err = w.Confirm(w.ctx, w.token("waits0@example.org"))
		w.must(err)
		if sent := kinds(w.deliver()); sent[signup.MailAdminNotice] != 1 {
			t.Fatalf("sent %v, want a notice about the second sign-up", sent)
		}
	})
}

func TestNoticesToChats(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), func(o *signup.Options) { o.Chats = []string{"ntfy-1", "slack-2"} })
			w.wait(0, 3)
			w.deliver()
			got := w.chatted()
			if len(got) != 6 {
				t.Fatalf("%v, want three notices to each chat, although there is no administrator", got)
			}
			w.wait(3, 8) // without an administrator the sixth is announced later
			w.deliver()
			if got := w.chatted(); len(got) != 10 {
				t.Fatalf("%d notices, want 10", len(got))
			}
			w.admin("boss")
			w.deliver()
			w.clock.Advance(time.Hour)
			sent := kinds(w.deliver())
			if sent[signup.MailAdminDigest] != 3 {
				t.Fatalf("sent %v, want a digest to each chat and to the administrator", sent)
			}
			for _, m := range w.chatted() {
				l, err := w.Post().Compose(w.ctx, m.ID)
				if !errors.Is(err, signup.ErrNotOwed) {
					t.Fatal(l, err)
				}
			}
		})
	}
}

func TestChatNames(t *testing.T) {
	for name, ok := range map[string]bool{"": false, strings.Repeat("é", 64): true, strings.Repeat("é", 65): false} {
		if _, err := signup.New(openSQLite(t), signup.Options{Chats: []string{"good", name}}); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// chatted returns the mails to chats.
func (w *world) chatted() (list []signup.Mail) {
	w.t.Helper()
	mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{Limit: 1000})
	w.must(err)
	for _, m := range mails {
		if m.Channel != "" {
			list = append(list, m)
		}
	}
	return list
}

// A digest that has been written but not sent does not mention users who start to
// wait after that: another digest is owed for them.
func TestDigestAfterOneThatWasWritten(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("admin_notice_digest_after", "0")
		w.admin("boss")
		tokens := map[string]string{}
		for _, name := range []string{"ada", "bob"} {
			w.signUp(name)
			tokens[name] = w.token(name + "@example.org")
		}
		digest := func(name string) string {
			_, err := w.Confirm(w.ctx, tokens[name])
			w.must(err)
			_, err = w.Post().OweNotices(w.ctx)
			w.must(err)
			w.clock.Advance(time.Hour)
			mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{Kind: signup.MailAdminDigest, State: delivery.Owed})
			w.must(err)
			return mails[0].ID // the newest
		}
		first := digest("ada")
		_, err := w.Post().Compose(w.ctx, first)
		w.must(err)
		second := digest("bob")
		if second == first {
			t.Fatal("bob will not be announced")
		}
		w.test.Letters()
		_, err = w.Post().Compose(w.ctx, second)
		w.must(err)
		if n := w.test.Letters()[0].Waiting; n != 2 {
			t.Errorf("it counts %d, want 2", n)
		}
	})
}

// Confirmations, notices and digests run concurrently on several instances: every
// waiting user is announced, and none twice.
func TestConcurrentNoticesAnnounceEveryUserOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.set("admin_notice_interval", `"1m"`)
		w.set("admin_notice_digest_after", "3")
		w.admin("boss")
		const n = 40
		tokens := make([]string, n)
		for i := range n {
			name := fmt.Sprintf("ada%d", i)
			w.signUp(name)
			tokens[i] = w.token(name + "@example.org")
		}
		told := &teller{}
		second := newWorld(t, w.store, func(o *signup.Options) { o.Now, o.Letters = w.clock.Now, told })
		var confirming, telling sync.WaitGroup
		stop := make(chan struct{})
		for range 2 {
			telling.Go(func() {
				for done := false; !done; {
					select {
					case <-stop:
						done = true // one more round for the last confirmations
					default:
					}
					second.tell(w)
				}
			})
		}
		for part := range 4 {
			confirming.Go(func() {
				for i := part; i < n; i += 4 {
					if _, err := w.Confirm(w.ctx, tokens[i]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		confirming.Wait()
		close(stop)
		telling.Wait()
		second.tell(w)
		w.clock.Advance(time.Minute)
		second.tell(w)
		told.mu.Lock()
		defer told.mu.Unlock()
		if told.notices < 3 || told.counted == 0 {
			t.Errorf("%d notices, a digest counted %d: the test is too short to prove anything", told.notices, told.counted)
		}
		mails, err := w.As("test").Mails(w.ctx, signup.MailQuery{Kind: signup.MailAdminNotice, Limit: 1000})
		w.must(err)
		announced := map[int64]bool{}
		for _, m := range mails {
			if announced[m.UserID] {
				t.Errorf("user %d was announced twice", m.UserID)
			}
			announced[m.UserID] = true
		}
		digests, err := w.As("test").Mails(w.ctx, signup.MailQuery{Kind: signup.MailAdminDigest, State: delivery.Sent, Limit: 1000})
		w.must(err)
		for i := range n { // announced by a notice, or counted by a later digest
			u := w.user(fmt.Sprintf("ada%d", i))
			counted := slices.ContainsFunc(digests, func(m signup.Mail) bool { return !m.LastAttemptAt.Before(u.NoticedAt) })
			if u.NoticedAt.IsZero() || !announced[u.ID] && !counted {
				t.Errorf("%s was not announced", u.Username)
			}
		}
	})
}

// tell sends notices as the outbox does, while the clock advances.
func (w *world) tell(clocked *world) {
	if _, err := w.Post().OweNotices(w.ctx); err != nil {
		w.t.Error(err)
	}
	ids, err := w.Post().OwedMails(w.ctx, 0)
	if err != nil {
		w.t.Error(err)
	}
	for _, id := range ids {
		if _, err := w.Post().Compose(w.ctx, id); err == nil {
			_ = w.Post().MailSent(w.ctx, id, "accepted")
		}
	}
	clocked.clock.Advance(10 * time.Second)
}

// A teller records what administrators were told.
type teller struct {
	mu      sync.Mutex
	notices int
	counted int
}

func (p *teller) Write(m signup.Message) (signup.Text, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch m.Kind {
	case signup.MailAdminNotice:
		p.notices++
	case signup.MailAdminDigest:
		p.counted = max(p.counted, m.Waiting)
	}
	return signup.Text{Subject: string(m.Kind), Plain: m.Link}, nil
}
