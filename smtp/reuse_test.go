package smtp_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

func sendTo(t *testing.T, sender *smtp.Sender, address string) error {
	t.Helper()
	l := letter()
	l.To = signup.Address{Email: address}
	return sender.Send(t.Context(), l)
}

// long keeps idle connections longer than any test runs.
func long(c *smtp.Config) { c.IdleTimeout = time.Hour }

func TestOneConnectionForManyLetters(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.StartTLS(), smtptest.Credentials("u", "p"))
	sender := newSender(t, server, func(c *smtp.Config) { long(c); c.Password = "p" })
	for range 20 {
		if err := sender.Send(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	all := strings.Join(server.Transcript(), "\n")
	if n := server.Connections(); n != 1 || strings.Count(all, "AUTH") != 1 || strings.Count(all, "RSET") != 19 {
		t.Errorf("%d connections for 20 letters:\n%s", n, all)
	}
	if err := sender.Close(); err != nil || !strings.HasSuffix(strings.Join(server.Transcript(), "\n"), "QUIT") {
		t.Errorf("no QUIT: %v", err)
	}
	if err := sender.Send(t.Context(), letter()); err != nil || server.Connections() != 2 {
		t.Errorf("after Close: %v, %d connections", err, server.Connections())
	}
}

// A refused letter neither costs the next one its connection nor affects it.
func TestConnectionSurvivesRefusal(t *testing.T) {
	t.Parallel()
	for _, at := range []smtptest.Step{smtptest.Mail, smtptest.Rcpt, smtptest.Data, smtptest.Body} {
		for _, reply := range []string{"450 4.2.1 later", "550 5.1.1 never"} {
			server := smtptest.New(t)
			server.SetBehaviour(smtptest.ReplyAt(at, reply).Times(1))
			sender := newSender(t, server, long)
			if err := sendTo(t, sender, "first@person.example"); err == nil {
				t.Errorf("%s at %s: sent", reply, at)
			}
			if err := sendTo(t, sender, "second@person.example"); err != nil {
				t.Errorf("%s at %s: the next letter: %v", reply, at, err)
			}
			got := server.Messages()
			if len(got) != 1 || len(got[0].To) != 1 || got[0].To[0] != "second@person.example" || server.Connections() != 1 {
				t.Errorf("%s at %s: %d connections, letters %v", reply, at, server.Connections(), got)
			}
		}
	}
}

// A connection that the server has closed in the meantime is not a failure: the
// letter is sent once over a new connection.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]smtptest.Rule{
		"gone at RSET": smtptest.DropAt(smtptest.Reset).Times(1),
		"421 at RSET":  smtptest.ReplyAt(smtptest.Reset, "421 4.4.2 idle for too long").Times(1),
		"500 at RSET":  smtptest.ReplyAt(smtptest.Reset, "500 5.5.1 what").Times(1),
		"hangs":        smtptest.HangAt(smtptest.Reset).Times(1),
		"gone at MAIL": smtptest.DropAt(smtptest.Mail).Times(1),
		"421 at MAIL":  smtptest.ReplyAt(smtptest.Mail, "421 4.7.0 too many letters").Times(1),
		"gone at RCPT": smtptest.DropAt(smtptest.Rcpt).Times(1),
		"gone at DATA": smtptest.DropAt(smtptest.Data).Times(1),
	} {
		server := smtptest.New(t)
		sender := newSender(t, server, func(c *smtp.Config) { long(c); c.Timeouts.Command = time.Second })
		if err := sendTo(t, sender, "first@person.example"); err != nil {
			t.Fatal(err)
		}
		server.SetBehaviour(rule)
		if err := sendTo(t, sender, "second@person.example"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := server.Messages(); len(got) != 2 || server.Connections() != 2 {
			t.Errorf("%s: %d letters over %d connections", name, len(got), server.Connections())
		}
	}
}

// Once the body of the letter is being sent, the Sender does not retry: that
// might send a second copy.
func TestNoSecondCopy(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, long)
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	server.SetBehaviour(smtptest.DropAt(smtptest.Body).Times(1))
	err := sender.Send(t.Context(), letter())
	checkError(t, "dropped", err, smtp.PhaseData)
	if e := asError(err); e != nil && !strings.Contains(e.Advice(), "may have been taken") {
		t.Errorf("advice: %s", e.Advice())
	}
	if len(server.Messages()) != 1 || len(server.Unanswered()) != 1 || server.Connections() != 1 {
		t.Errorf("%d letters, %d unanswered, %d connections", len(server.Messages()), len(server.Unanswered()), server.Connections())
	}
}

// After a restart of the server all idle connections are stale, and every letter
// still arrives.
func TestRestartedServer(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, long)
	atOnce := func() {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := sender.Send(t.Context(), letter()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	atOnce()
	server.Close()
	server.Open(t)
	atOnce()
	if n := len(server.Messages()); n != 16 {
		t.Errorf("%d letters, want 16", n)
	}
}

func TestConnectionsAreNotReusedForever(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	idle := newSender(t, server, func(c *smtp.Config) { c.IdleTimeout = 10 * time.Millisecond })
	if err := idle.Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return strings.HasSuffix(strings.Join(server.Transcript(), "\n"), "QUIT") })

	never := newSender(t, server, func(c *smtp.Config) { c.IdleTimeout = -1 })
	before := server.Connections()
	for range 3 {
		if err := never.Send(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Connections() - before; n != 3 {
		t.Errorf("without idle time: %d connections for 3 letters", n)
	}

	many := newSender(t, server, long)
	before = server.Connections()
	for range 150 {
		if err := many.Send(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Connections() - before; n != 2 {
		t.Errorf("%d connections for 150 letters, want 2", n)
	}
}

// Idle connections count towards the maximum number of connections.
func TestOpenConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, func(c *smtp.Config) { long(c); c.MaxConnections = 3 })
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			if err := sender.Send(t.Context(), letter()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := server.Connections(); n > 3 {
		t.Errorf("%d connections", n)
	}
}

func TestTurn(t *testing.T) {
	t.Parallel()
	now := noon
	server := smtptest.New(t)
	sender := newSender(t, server, func(c *smtp.Config) { c.Rate = 3; c.Now = func() time.Time { return now } })
	take := func(want time.Duration) {
		t.Helper()
		if got := sender.Turn(); got != want {
			t.Errorf("at %v: wait %v, want %v", now.Sub(noon), got, want)
		}
	}
	take(0)
	now = now.Add(10 * time.Second)
	take(0)
	take(0)
	take(50 * time.Second) // when the first is a minute old
	take(70 * time.Second) // plus a third of a minute for each caller that waits
	now = noon.Add(60 * time.Second)
	take(0)
	take(40 * time.Second)
	now = noon.Add(70 * time.Second)
	take(0)
	take(0)
	for range 1000 {
		if wait := sender.Turn(); wait <= 0 || wait > 10*time.Minute {
			t.Fatalf("wait %v", wait)
		}
	}
	free := newSender(t, server, nil)
	for range 1000 {
		if wait := free.Turn(); wait != 0 {
			t.Fatalf("without a rate: wait %v", wait)
		}
	}
}

// No period of a minute contains more letters than the limit.
func TestTurnsInAnyMinute(t *testing.T) {
	t.Parallel()
	now := noon
	server := smtptest.New(t)
	const rate = 7
	sender := newSender(t, server, func(c *smtp.Config) { c.Rate = rate; c.Now = func() time.Time { return now } })
	var taken []time.Time
	for now.Before(noon.Add(10 * time.Minute)) {
		if sender.Turn() == 0 {
			taken = append(taken, now)
		}
		now = now.Add(time.Second)
	}
	for i := rate; i < len(taken); i++ {
		if d := taken[i].Sub(taken[i-rate]); d < time.Minute {
			t.Errorf("%d letters within %v", rate+1, d)
		}
	}
	if len(taken) != 10*rate {
		t.Errorf("%d letters in ten minutes, want %d", len(taken), 10*rate)
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	plain, utf8 := smtptest.New(t), smtptest.New(t, smtptest.SMTPUTF8())
	for _, tt := range []struct {
		server *smtptest.Server
		after  bool
	}{{plain, false}, {utf8, true}} {
		sender := newSender(t, tt.server, nil)
		if !sender.Reaches("aдa@person.example") {
			t.Error("refused before the server was asked")
		}
		if err := sender.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := sender.Reaches("aдa@person.example"); got != tt.after {
			t.Errorf("reaches %v, want %v", got, tt.after)
		}
		if !sender.Reaches("ada@bücher.example") || !sender.Reaches("ada@person.example") {
			t.Error("an address that does not need SMTPUTF8 is refused")
		}
	}
}
