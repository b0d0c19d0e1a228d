package smtp_test

import (
	"strings"
	"testing"

	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

// Every failure that an operator can fix comes with advice.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule   smtptest.Rule
		phase  smtp.Phase
		advice string
	}{
		{smtptest.ReplyAt(smtptest.Connect, "554 5.7.1 blocked"), smtp.PhaseHello, "may be blocked"},
		{smtptest.HangAt(smtptest.Connect), smtp.PhaseHello, "tls=implicit"},
		{smtptest.DropAt(smtptest.Connect), smtp.PhaseHello, "no mail server"},
		{smtptest.ReplyAt(smtptest.StartTLSStep, "454 4.7.0 not now"), smtp.PhaseTLS, "would not start TLS"},
		{smtptest.ReplyAt(smtptest.Auth, "535 5.7.8 no"), smtp.PhaseAuth, "app password"},
		{smtptest.ReplyAt(smtptest.Auth, "534 5.7.9 other mechanism"), smtp.PhaseAuth, "auth=login"},
		{smtptest.ReplyAt(smtptest.Auth, "454 4.7.0 temporary"), smtp.PhaseAuth, "at the moment"},
		{smtptest.DropAt(smtptest.Auth), smtp.PhaseAuth, "cut off"},
		{smtptest.ReplyAt(smtptest.Mail, "530 5.7.0 log in"), smtp.PhaseMail, "SIGNUP_SMTP_PASSWORD"},
		{smtptest.ReplyAt(smtptest.Mail, "553 5.7.1 not yours"), smtp.PhaseMail, "mail-from"},
		{smtptest.ReplyAt(smtptest.Mail, "451 4.7.1 rate"), smtp.PhaseMail, "rate=N"},
		{smtptest.ReplyAt(smtptest.Rcpt, "554 5.7.1 relay access denied"), smtp.PhaseRcpt, "relay for us"},
		{smtptest.ReplyAt(smtptest.Rcpt, "451 4.7.1 greylisted"), smtp.PhaseRcpt, "greylisting"},
		{smtptest.DropAt(smtptest.Rcpt), smtp.PhaseRcpt, "cut off"},
		{smtptest.ReplyAt(smtptest.Body, "554 5.7.1 spam"), smtp.PhaseData, "SPF, DKIM and DMARC"},
		{smtptest.ReplyAt(smtptest.Body, "452 4.3.1 full"), smtp.PhaseData, "now"},
		{smtptest.DropAt(smtptest.Body), smtp.PhaseData, "may have been taken"},
		{smtptest.DropAt(smtptest.Data), smtp.PhaseData, "cut off"},
	} {
		server := smtptest.New(t, smtptest.StartTLS(), smtptest.Credentials("u", "p"))
		server.SetBehaviour(tt.rule)
		sender := newSender(t, server, func(c *smtp.Config) { hasty(c); c.Password = "p" })
		wantAdvice(t, sender.Send(t.Context(), letter()), tt.phase, tt.advice)
	}
}

func TestAdviceBeforeAnyAnswer(t *testing.T) {
	t.Parallel()
	closed, plain := smtptest.New(t), smtptest.New(t)
	closed.Close()
	wantAdvice(t, newSender(t, closed, nil).Send(t.Context(), letter()), smtp.PhaseDial, "nothing listens")
	noTLS := newSender(t, plain, func(c *smtp.Config) { c.TLS = smtp.TLSStartTLS })
	wantAdvice(t, noTLS.Send(t.Context(), letter()), smtp.PhaseTLS, "tls=none")
	nowhere := newSender(t, plain, func(c *smtp.Config) { c.Host, c.TLS = "mail.invalid", smtp.TLSStartTLS })
	wantAdvice(t, nowhere.Send(t.Context(), letter()), smtp.PhaseDial, "name of the mail server", "no such host")
	l := letter()
	l.To.Email = "aдa@person.example"
	wantAdvice(t, newSender(t, plain, nil).Send(t.Context(), l), smtp.PhaseMail, "SMTPUTF8")
	l.To.Email = "nobody"
	wantAdvice(t, newSender(t, plain, nil).Send(t.Context(), l), smtp.PhaseRcpt, "not an address")
}

// wantAdvice fails unless the advice contains one of the pieces.
func wantAdvice(t *testing.T, err error, phase smtp.Phase, oneOf ...string) {
	t.Helper()
	checkError(t, oneOf[0], err, phase)
	e := asError(err)
	if e == nil {
		return
	}
	for _, want := range oneOf {
		if strings.Contains(e.Advice(), want) {
			return
		}
	}
	t.Errorf("%v: advice %q, want %q", err, e.Advice(), oneOf)
}
