package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		at        smtptest.Step
		reply     string
		phase     smtp.Phase
		code      int
		permanent bool
	}{
		{smtptest.Connect, "421 4.3.2 closed", smtp.PhaseHello, 421, false},
		{smtptest.Connect, "554 5.7.1 go away", smtp.PhaseHello, 554, false},
		{smtptest.Hello, "550 5.7.1 who", smtp.PhaseHello, 550, false},
		{smtptest.Mail, "451 4.3.0 later", smtp.PhaseMail, 451, false},
		{smtptest.Mail, "550 5.1.0 sender", smtp.PhaseMail, 550, true},
		{smtptest.Mail, "530 5.7.0 authenticate", smtp.PhaseMail, 530, false},
		{smtptest.Rcpt, "450 4.2.1 later", smtp.PhaseRcpt, 450, false},
		{smtptest.Rcpt, "550-5.1.1 no such\r\n550 5.1.1 user", smtp.PhaseRcpt, 550, true},
		{smtptest.Data, "452 4.3.1 full", smtp.PhaseData, 452, false},
		{smtptest.Data, "554 5.5.1 none", smtp.PhaseData, 554, true},
		{smtptest.Body, "451 4.7.1 greylisted", smtp.PhaseData, 451, false},
		{smtptest.Body, "550 5.7.1 spam", smtp.PhaseData, 550, true},
	}
	for _, tt := range tests {
		server := smtptest.New(t)
		server.SetBehaviour(smtptest.ReplyAt(tt.at, tt.reply))
		err := newSender(t, server, nil).Send(t.Context(), letter())
		checkError(t, tt.reply, err, tt.phase)
		if e := asError(err); e != nil && (e.Code != tt.code || e.Permanent() != tt.permanent) {
			t.Errorf("%s: code %d, permanent %v", tt.reply, e.Code, e.Permanent())
		}
		if len(server.Messages()) != 0 {
			t.Errorf("%s: a letter was accepted", tt.reply)
		}
	}
}

func TestUnresponsiveServer(t *testing.T) {
	t.Parallel()
	phases := map[smtptest.Step]smtp.Phase{
		smtptest.Connect: smtp.PhaseHello, smtptest.Hello: smtp.PhaseHello, smtptest.Mail: smtp.PhaseMail,
		smtptest.Rcpt: smtp.PhaseRcpt, smtptest.Data: smtp.PhaseData, smtptest.Body: smtp.PhaseData,
	}
	for at, phase := range phases {
		for what, rule := range map[string]smtptest.Rule{
			"hangs":    smtptest.HangAt(at),
			"trickles": smtptest.TrickleAt(at, 10*time.Millisecond),
			"drops":    smtptest.DropAt(at),
		} {
			t.Run(string(at)+" "+what, func(t *testing.T) {
				t.Parallel()
				server := smtptest.New(t)
				server.SetBehaviour(rule)
				start := time.Now()
				err := newSender(t, server, hasty).Send(t.Context(), letter())
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("took %v", took)
				}
				checkError(t, what, err, phase)
				if e := asError(err); e != nil && (e.Permanent() || e.Code != 0) {
					t.Errorf("permanent %v, code %d", e.Permanent(), e.Code)
				}
			})
		}
	}
}

func TestErrorsAfterAcceptanceAreIgnored(t *testing.T) {
	t.Parallel()
	for _, rule := range []smtptest.Rule{
		smtptest.DropAt(smtptest.Accepted), smtptest.DropAt(smtptest.Quit), smtptest.HangAt(smtptest.Quit),
		smtptest.ReplyAt(smtptest.Quit, "550 no"), smtptest.TrickleAt(smtptest.Quit, 10*time.Millisecond),
	} {
		server := smtptest.New(t)
		server.SetBehaviour(rule)
		if err := newSender(t, server, hasty).Send(t.Context(), letter()); err != nil {
			t.Errorf("%+v: %v", rule, err)
		}
		if len(server.Messages()) != 1 {
			t.Errorf("%+v: %d letters", rule, len(server.Messages()))
		}
	}
}

func TestDropBeforeAnswerKeepsMessageID(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	server.SetBehaviour(smtptest.DropAt(smtptest.Body).For("ADA@person.example").Times(1))
	sender := newSender(t, server, nil)
	checkError(t, "dropped", sender.Send(t.Context(), letter()), smtp.PhaseData)
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	first, second := server.Unanswered()[0].Header("Message-ID"), server.Messages()[0].Header("Message-ID")
	if first == "" || first != second {
		t.Errorf("message IDs %q and %q", first, second)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, at := range []smtptest.Step{smtptest.Connect, smtptest.Rcpt, smtptest.Body} {
		server := smtptest.New(t)
		server.SetBehaviour(smtptest.HangAt(at))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- newSender(t, server, nil).Send(ctx, letter()) }()
		await(t, func() bool { return server.Connections() == 1 })
		cancel()
		err := <-done
		if e := asError(err); !errors.Is(err, context.Canceled) || e == nil || e.Permanent() {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, nil)
	server.Close()
	err := sender.Send(t.Context(), letter())
	checkError(t, "refused", err, smtp.PhaseDial)
	if want := "smtp " + server.Addr() + ": connecting failed: "; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%q does not begin with %q", err, want)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("aB3_-", 9)[:43]
	tests := []struct{ reply, want string }{
		{"550 5.1.1 no such user", "550 5.1.1 no such user"},
		{"550 \x1b[2Jred\x00 \xff\u202e", "550 [2Jred"},
		{"550-first\r\n550 second", "550 first second"},
		{"550 spam: https://app.example/verify?token=" + token, "550 spam: https://app.example/verify?token=[...]"},
		{"550 " + strings.Repeat("é ", 400), "550 " + strings.TrimSpace(strings.Repeat("é ", 100))},
	}
	for _, tt := range tests {
		server := smtptest.New(t)
		server.SetBehaviour(smtptest.ReplyAt(smtptest.Body, tt.reply))
		err := newSender(t, server, nil).Send(t.Context(), letter())
		if got := strings.TrimSpace(err.Error()); got != "smtp "+server.Addr()+": DATA failed: "+tt.want {
			t.Errorf("%q", got)
		}
		if e := asError(err); len(e.Text) > 300 {
			t.Errorf("text of %d bytes", len(e.Text))
		}
	}
}

func TestErrorInLogs(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	server.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 no such user"))
	err := newSender(t, server, nil).Send(t.Context(), letter())
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("not sent", "mail", asError(err))
	want := `mail.phase=rcpt mail.host=` + server.Addr() + ` mail.code=550 mail.permanent=true mail.reason="550 5.1.1 no such user"`
	if !strings.Contains(log.String(), want) {
		t.Errorf("%s", log.String())
	}
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	server.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "250 "+strings.Repeat("x", 2<<20)))
	checkError(t, "endless", newSender(t, server, nil).Send(t.Context(), letter()), smtp.PhaseRcpt)
}

// Failures because of the sender, the relay or the letter say nothing about the
// address.
func TestNoSuchAddress(t *testing.T) {
	t.Parallel()
	for reply, want := range map[smtptest.Rule]bool{
		smtptest.ReplyAt(smtptest.Rcpt, "550 no such user"):                                    true,
		smtptest.ReplyAt(smtptest.Rcpt, "550 5.1.1 no such user"):                              true,
		smtptest.ReplyAt(smtptest.Rcpt, "552 5.2.1 mailbox disabled"):                          true,
		smtptest.ReplyAt(smtptest.Rcpt, "550 5.4.1 Recipient address rejected: Access denied"): true,
		smtptest.ReplyAt(smtptest.Rcpt, "554 5.7.1 Relay access denied"):                       false,
		smtptest.ReplyAt(smtptest.Rcpt, "503 5.5.1 MAIL first"):                                false,
		smtptest.ReplyAt(smtptest.Rcpt, "450 4.1.1 perhaps later"):                             false,
		smtptest.ReplyAt(smtptest.Mail, "550 5.1.8 bad sender"):                                false,
		smtptest.ReplyAt(smtptest.Body, "554 spam"):                                            false,
		smtptest.ReplyAt(smtptest.Body, "550 5.7.1 spam"):                                      false,
		smtptest.ReplyAt(smtptest.Body, "550 5.1.1 no such user after all"):                    true,
	} {
		server := smtptest.New(t)
		server.SetBehaviour(reply)
		if e := asError(newSender(t, server, nil).Send(t.Context(), letter())); e == nil || e.NoSuchAddress() != want {
			t.Errorf("%v: no such address is not %v", e, want)
		}
	}
}
