package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/smtp/smtptest"
)

// Whatever the mail server does, a sign-up is answered as fast as ever, and
// its mail arrives once the server is well again.
func TestMailServerFaults(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		healthy := s.medianSignUp("healthy")
		for _, fault := range []struct {
			name  string
			rules []smtptest.Rule // nil: connections are refused
		}{
			{"refuses", nil},
			{"hangs at connect", []smtptest.Rule{smtptest.HangAt(smtptest.Connect)}},
			{"hangs at data", []smtptest.Rule{smtptest.HangAt(smtptest.Body)}},
			{"trickles", []smtptest.Rule{smtptest.TrickleAt(smtptest.Hello, 100*time.Millisecond)}},
			{"4xx at rcpt", []smtptest.Rule{smtptest.ReplyAt(smtptest.Rcpt, "452 4.2.2 mailbox full")}},
			{"421 at mail", []smtptest.Rule{smtptest.ReplyAt(smtptest.Mail, "421 4.3.2 closing")}},
			{"4xx at data", []smtptest.Rule{smtptest.ReplyAt(smtptest.Data, "451 4.3.0 try later")}},
			{"4xx after data", []smtptest.Rule{smtptest.ReplyAt(smtptest.Body, "450 4.7.1 greylisted")}},
			{"drops after data", []smtptest.Rule{smtptest.DropAt(smtptest.Body)}},
		} {
			t.Run(fault.name, func(t *testing.T) {
				s := s.in(t)
				s.mail.Clear()
				s.mail.SetBehaviour(fault.rules...)
				if fault.rules == nil {
					s.mail.Close()
				}
				prefix := strings.ReplaceAll(fault.name, " ", "-")
				// A sign-up that waited for the mail server would take
				// thousands of times as long.
				if faulty := s.medianSignUp(prefix); faulty > 20*healthy {
					t.Errorf("a sign-up takes %v, %v with a healthy mail server", faulty, healthy)
				}
				s.mail.Close() // frees what hangs
				s.mail.SetBehaviour(smtptest.Accept()...)
				s.mail.Open(t)
				s.hurryUntil("every mail", func() bool { return s.arrivedOnce(prefix) })
				s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo(prefix+"-0"))), 200)
			})
		}
	})
}

// timed is how many sign-ups a median is taken of.
const timed = 15

func (s *site) medianSignUp(prefix string) time.Duration {
	s.t.Helper()
	took := make([]time.Duration, timed)
	for i := range took {
		start := time.Now()
		s.signUp(fmt.Sprintf("%s-%d", prefix, i))
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[timed/2]
}

// arrivedOnce reports whether each of the people who were timed got a mail.
func (s *site) arrivedOnce(prefix string) bool {
	for i := range timed {
		if s.countMails(fmt.Sprintf("%s-%d", prefix, i), "token=") == 0 {
			return false
		}
	}
	return true
}

// A repeat is the same mail, with another token; both tokens work until one is used.
func TestMailRepeated(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.mail.SetBehaviour(smtptest.DropAt(smtptest.Body).Times(2))
		s.signUp("ada")
		s.hurryUntil("the mail", func() bool { return len(s.mail.Messages()) > 0 })
		all := append(s.mail.Unanswered(), s.mail.Messages()...)
		if len(all) != 3 {
			t.Fatalf("%d letters, want 3", len(all))
		}
		ids, tokens := map[string]int{}, map[string]int{}
		for _, m := range all {
			ids[m.Header("Message-Id")]++
			tokens[tokenOf(t, m.Links()[0])]++
		}
		if len(ids) != 1 || ids[""] != 0 {
			t.Errorf("Message-IDs %v", ids)
		}
		if len(tokens) != 3 {
			t.Errorf("%d tokens in 3 letters", len(tokens))
		}
		first, last := tokenOf(t, all[0].Links()[0]), tokenOf(t, all[2].Links()[0])
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(first)), 200)
		s.wantProblem(s.post("/api/v1/sign-up/confirm", token(last)), 400, "Invalid or expired sign up token")
	})
}

// A mail that is refused for good is not tried again, and whoever looks sees
// why. One that may pass is seen to be owed still.
func TestMailRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.mail.SetBehaviour(
			smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 no such user").For("rcpt@example.org"),
			smtptest.ReplyAt(smtptest.Data, "554 5.7.1 not here").For("data@example.org"),
			smtptest.ReplyAt(smtptest.Body, "554 5.6.0 looks like spam").For("body@example.org"),
			smtptest.ReplyAt(smtptest.Rcpt, "452 4.2.2 mailbox full").For("full@example.org"),
		)
		for name, want := range map[string]seenMail{
			"rcpt": {State: "failed", Attempts: 1, LastAnswer: "550 5.1.1 no such user"},
			"data": {State: "failed", Attempts: 1, LastAnswer: "554 5.7.1 not here"},
			"body": {State: "failed", Attempts: 1, LastAnswer: "554 5.6.0 looks like spam"},
			"full": {State: "trying", Attempts: 1, LastAnswer: "452 4.2.2 mailbox full"},
		} {
			s.signUp(name)
			s.Eventually("an attempt at "+name, func() bool { return s.seenMails(name)[0].Attempts > 0 })
			s.wantMail(name, want)
			marked := strings.Contains(s.Run("user", "show", name), "Undeliverable:")
			if marked != (name == "rcpt") {
				t.Errorf("%s: the address is marked: %v", name, marked)
			}
		}
		// The undelivered are stuck for nobody: the address can be corrected.
		s.mail.SetBehaviour(smtptest.Accept()...)
		s.hurryUntil("the mail that could wait", func() bool { return s.countMails("full", "token=") == 1 })
		s.settled()
		s.wantMail("rcpt", seenMail{State: "failed", Attempts: 1, LastAnswer: "550 5.1.1 no such user"})
		s.wantStatus(s.admin("PUT", s.pathOf("rcpt")+"/email", map[string]string{"email": "right@example.org"}), 200)
		s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo("right"))), 200)
	})
}

// A seenMail is what an administrator sees of a mail.
type seenMail struct {
	Kind, State string
	Attempts    int
	LastAnswer  string `json:"last_answer"`
}

// wantMail looks at somebody's newest mail through the API and the command line.
func (s *site) wantMail(name string, want seenMail) {
	s.t.Helper()
	r := s.admin("GET", s.pathOf(name), nil)
	s.wantStatus(r, 200)
	var throughAPI struct{ Mails []seenMail }
	s.decode(r.body, &throughAPI)
	for where, got := range map[string]seenMail{"GET": throughAPI.Mails[0], "user show": s.seenMails(name)[0]} {
		if got.State != want.State || got.Attempts != want.Attempts || !strings.Contains(got.LastAnswer, want.LastAnswer) {
			s.t.Errorf("%s of %s: %+v, want %+v", where, name, got, want)
		}
	}
}

func (s *site) seenMails(name string) []seenMail {
	s.t.Helper()
	var shown struct{ Mails []seenMail }
	s.decode(s.Run("user", "show", name, "--json"), &shown)
	return shown.Mails
}

// B09: what was owed before a restart arrives after it, once, and works.
func TestMailAfterRestart(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		s.mail.Close()
		for i := range 5 {
			s.signUp(fmt.Sprintf("early-%d", i))
		}
		s.Eventually("an attempt", func() bool { return s.seenMails("early-0")[0].Attempts > 0 })
		s.restart()
		s.mail.Open(t)
		s.hurryUntil("the mails", func() bool { return len(s.mail.Messages()) >= 5 })
		s.settled()
		for i := range 5 {
			name := fmt.Sprintf("early-%d", i)
			if n := s.countMails(name, "token="); n != 1 {
				t.Errorf("%d mails to %s", n, name)
			}
			s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo(name))), 200)
		}
	})
}

// B10: a mail server that hangs does not keep the program from stopping, nor
// loses the mail.
func TestStopWhileMailHangs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d, "--shutdown-timeout", "500ms")
		s.mail.SetBehaviour(smtptest.HangAt(smtptest.Data))
		s.signUp("ada")
		s.Eventually("the mail server to hang", func() bool {
			return slices.ContainsFunc(s.mail.Transcript(), func(line string) bool { return strings.HasPrefix(line, "DATA") })
		})
		s.wantStatus(s.send("GET", "/healthz", "", nil), 200)
		s.wantStatus(s.send("GET", "/readyz", "", nil), 200)
		start := time.Now()
		if code := s.Stop(); code != exitOK {
			t.Errorf("exit code %d:\n%s", code, s.Stderr)
		}
		// The attempt alone may take 30 s (smtp.Timeouts.Command).
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("stopping took %v", took)
		}
		s.mail.Close()
		s.mail.SetBehaviour(smtptest.Accept()...)
		s.mail.Open(t)
		s.start(s.args...)
		s.hurryUntil("the mail", func() bool { return s.countMails("ada", "token=") == 1 })
	})
}

// B46: while another program holds the database, sign-ups wait or are told to
// come again. Nobody is told a name is taken, or that we failed.
func TestDatabaseLocked(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		conn, err := s.db.Conn(t.Context())
		s.ok(err)
		defer func() { _ = conn.Close() }()
		_, err = conn.ExecContext(t.Context(), d.lock)
		s.ok(err)
		unlock := time.AfterFunc(3*time.Second, func() { // how long the lock is held
			_, _ = conn.ExecContext(context.WithoutCancel(t.Context()), `ROLLBACK`)
		})
		defer unlock.Stop()
		const people = 100
		answers := tally(together(people, func(i int) int { return s.signUpWhenFree(fmt.Sprintf("locked-%d", i)) }))
		if answers[201] != people {
			t.Errorf("answers %v", answers)
		}
		if n := s.query(`SELECT count(*) FROM users WHERE username LIKE 'locked-%'`); n != fmt.Sprint(people) {
			t.Errorf("%s users", n)
		}
	})
}

// signUpWhenFree tries again as long as it is told to.
func (s *site) signUpWhenFree(name string) int {
	for deadline := time.Now().Add(timeout); ; {
		r := s.post("/api/v1/sign-up/request", person(name))
		if r.status != 503 || time.Now().After(deadline) {
			return r.status
		}
		var p problem
		if json.Unmarshal([]byte(r.body), &p) != nil || p.Code != "busy" || r.header.Get("Retry-After") == "" {
			s.t.Errorf("503 without a reason: %s", r.body)
		}
	}
}
