package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/signup-go/signup/smtp/smtptest"
	"github.com/signup-go/signup/web"
)

// A followed mail is one as `signup mail show --json` has it.
type followed = web.MailDetail

// said is what JSON may leave out with null.
func said(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func (s *site) mailList(args ...string) []web.Mail {
	s.t.Helper()
	var got struct{ Mails []web.Mail }
	s.decode(s.Run(append([]string{"mail", "list", "--json"}, args...)...), &got)
	return got.Mails
}

func (s *site) follow(id string) (m followed) {
	s.t.Helper()
	s.decode(s.Run("mail", "show", id, "--json"), &m)
	return m
}

// A mail is followed from the refusal to the retry, on the command line and by
// the API.
func TestMailLog(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.mail.SetBehaviour(
			smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 no such user").For("lost@example.org"),
			smtptest.ReplyAt(smtptest.Body, "451 4.7.1 greylisted").For("late@example.org"),
		)
		s.signUp("lost")
		s.signUp("late")
		s.Eventually("an attempt at each", func() bool {
			return len(s.mailList("--state", "failed")) == 1 && len(s.mailList("--state", "trying", "--user", "late")) == 1
		})
		lost := s.follow(s.mailList("--user", "lost")[0].ID)
		if a := lost.Log[0]; len(lost.Log) != 1 || lost.State != "failed" || said(a.Phase) != "rcpt" || !strings.Contains(said(a.Answer), "550 5.1.1 no such user") || a.Outcome != "failed" {
			t.Errorf("%+v", lost)
		}
		late := s.follow(s.mailList("--user", "late")[0].ID)
		if a := late.Log[0]; said(a.Phase) != "data" || a.Outcome != "again" || late.NextAttemptAt == nil || late.NextAttemptAt.Sub(a.At).Seconds() < 9 {
			t.Errorf("%+v", late)
		}
		if u := s.user("lost"); u.UndeliverableAt == nil {
			t.Errorf("%+v", u)
		}
		if out := s.Run("user", "show", "lost"); !strings.Contains(out, "Undeliverable:") || !strings.Contains(out, lost.ID) {
			t.Errorf("user show:\n%s", out)
		}
		if out := s.Run("mail", "show", lost.ID); !strings.Contains(out, "550 5.1.1 no such user") || !strings.Contains(out, "rcpt") {
			t.Errorf("mail show:\n%s", out)
		}

		s.mail.SetBehaviour(smtptest.Accept()...)
		s.Run("mail", "retry", lost.ID)
		s.Eventually("the retry", func() bool { return s.follow(lost.ID).State == "sent" })
		if got := s.follow(lost.ID); len(got.Log) != 2 || got.Log[1].Outcome != "sent" || said(got.Log[1].Answer) != "250 2.0.0 queued" || s.user("lost").UndeliverableAt != nil {
			t.Errorf("%+v, %+v", got, s.user("lost"))
		}
		s.wantStatus(s.send("POST", "/api/v1/sign-up/confirm", "application/json", s.json(token(s.tokenTo("lost")))), 200)

		s.wantStatus(s.admin("PUT", "/api/v1/mails/"+late.ID+"/cancel", nil), 200)
		s.exec(s.make.hurry)
		s.settled()
		if got := s.follow(late.ID); got.State != "cancelled" || len(got.Log) != 1 || s.countMails("late", "") != 0 {
			t.Errorf("%+v", got)
		}
		s.wantStatus(s.admin("PUT", "/api/v1/mails/"+late.ID+"/retry", nil), 200)
		s.tokenTo("late")
		for _, tt := range []struct {
			verb, id string
			code     int
		}{
			{"retry", late.ID, exitRefused},
			{"cancel", late.ID, exitRefused},
			{"show", "nonsense", exitNotFound},
			{"retry", "nonsense", exitNotFound},
			{"cancel", "nonsense", exitNotFound},
		} {
			if code, _, stderr := s.CLI("mail", tt.verb, tt.id); code != tt.code {
				t.Errorf("mail %s %s: exit code %d\n%s", tt.verb, tt.id, code, stderr)
			}
		}
	})
}

// A refused address is corrected: it is good again, the old link is dead, and
// there is an end to corrections.
func TestCorrectingARefusedAddress(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.signUp("ada")
		old := s.tokenTo("ada")
		s.settled()
		s.mail.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 no such user").For("ada@example.org"))
		s.wantStatus(s.post("/api/v1/sign-up/resend", map[string]string{"email": "ada@example.org"}), 202)
		s.Eventually("the mark", func() bool { return s.user("ada").UndeliverableAt != nil })
		s.Run("user", "correct-email", "ada", "ada-1@example.org")
		if u := s.user("ada"); u.UndeliverableAt != nil || u.Email != "ada-1@example.org" {
			t.Errorf("%+v", u)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(old)), 400)
		fresh := s.tokenTo("ada-1")
		for _, address := range []string{"ada-2", "ada-3", "ada-4", "ada-5"} {
			s.Run("user", "correct-email", "ada", address+"@example.org")
		}
		if code, _, stderr := s.CLI("user", "correct-email", "ada", "ada-6@example.org"); code != exitRefused || !strings.Contains(stderr, "too often") {
			t.Errorf("the sixth correction: exit code %d, %s", code, stderr)
		}
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(fresh)), 400)
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo("ada-5"))), 200)
	})
}

// What the sendmail command says of the mailbox counts as much.
func TestSendmailRefusesAnAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sendmail")
	writeScript(t, path, "cat >/dev/null\necho 'no such user' >&2\nexit 67")
	s := openSite(t, sqliteMake, "--smtp", "sendmail:"+path)
	s.signUp("ada")
	s.Eventually("the mark", func() bool { return s.user("ada").UndeliverableAt != nil })
	m := s.follow(s.mailList("--user", "ada")[0].ID)
	if m.State != "failed" || len(m.Log) != 1 || said(m.Log[0].Phase) != "rcpt" || !strings.Contains(said(m.LastAnswer), "no such user") {
		t.Errorf("%+v", m)
	}
}

// Beyond the number in the settings, one digest tells of the rest; an
// administrator who wants no notices gets none.
func TestDigest(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		s.Run("user", "create-admin", "--username", "quiet", "--email", "quiet@example.org")
		s.Run("user", "notices", "quiet", "off")
		s.Run("settings", "set", "admin_notice_digest_after=1", "admin_notice_interval=1m")
		for _, name := range []string{"first", "second", "third"} {
			s.confirmed(name)
			s.Eventually("the notice", func() bool {
				return s.query(`SELECT count(*) FROM users WHERE status = 'pending_approval' AND noticed_at IS NULL`) == "0"
			})
		}
		s.mailTo("boss", "first")
		digests := s.mailList("--kind", "admin_digest")
		if len(digests) != 1 || digests[0].State != "owed" || digests[0].NextAttemptAt == nil {
			t.Fatalf("%+v", digests)
		}
		s.Eventually("the wait", func() bool {
			return s.query(`SELECT count(*) FROM river_job WHERE kind = 'signup_mail' AND state = 'scheduled'`) == "1"
		})
		s.exec(`UPDATE mails SET next_attempt_at = created_at WHERE kind = 'admin_digest'`)
		s.hurryUntil("the digest", func() bool { return s.countMails("boss", "3 sign-ups wait") == 1 })
		s.settled()
		if n := s.countMails("boss", ""); n != 2 {
			t.Errorf("%d mails to boss, want a notice and a digest", n)
		}
		if n := s.countMails("quiet", ""); n != 0 {
			t.Errorf("%d mails to quiet", n)
		}
		if out := s.Run("user", "show", "quiet"); !strings.Contains(out, "Notices:") {
			t.Errorf("user show:\n%s", out)
		}
		if code, _, _ := s.CLI("user", "notices", "first", "off"); code != exitRefused {
			t.Errorf("notices of a member: exit code %d", code)
		}
		s.wantStatus(s.admin("PUT", s.pathOf("quiet")+"/notices", map[string]bool{"enabled": true}), http.StatusOK)
		s.Run("settings", "set", "admin_notice_digest_after=100")
		s.confirmed("fourth")
		s.mailTo("quiet", "fourth")
	})
}
