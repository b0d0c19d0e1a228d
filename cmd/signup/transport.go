package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/sendmail"
	"github.com/signup-go/signup/smtp"
)

// sender makes the configured way out.
func (c *config) sender() (outbox.Sender, error) {
	if missing := c.missing("smtp", "mail-from"); len(missing) > 0 {
		return nil, usagef("mail is not configured. Set:\n%s", setThese(missing))
	}
	if c.noMail {
		return nil, usagef("there is no mail: %s is none", c.setting("smtp").where)
	}
	head, err := c.letterhead()
	if err != nil {
		return nil, err
	}
	return c.senderWith(head)
}

func (c *config) senderWith(head smtp.Letterhead) (outbox.Sender, error) {
	sender, err := c.newSender(head)
	if err != nil {
		return nil, usageError{c.wrong("smtp", err)}
	}
	return sender, nil
}

func (c *config) newSender(head smtp.Letterhead) (outbox.Sender, error) {
	if c.sendmail != nil {
		command := *c.sendmail
		command.Letterhead = head
		return sendmail.New(command)
	}
	server := *c.smtp
	if server.Username != "" && server.Password == "" && server.TokenFile == "" {
		return nil, errors.New("the mail server's URL has a user, but there is no password: set SIGNUP_SMTP_PASSWORD or SIGNUP_SMTP_PASSWORD_FILE")
	}
	server.From, server.DKIM, server.FeedbackID = head.From, head.DKIM, head.FeedbackID
	return smtp.New(server)
}

// letterhead tries its parts one by one, so that what is wrong has a name.
func (c *config) letterhead() (head smtp.Letterhead, err error) {
	for _, part := range []struct {
		setting string
		read    func(*smtp.Letterhead) error
	}{
		{"mail-from", func(h *smtp.Letterhead) error { h.From = c.mailFrom; return nil }},
		{"feedback-id", func(h *smtp.Letterhead) error { h.FeedbackID = c.feedbackID; return nil }},
		{"dkim-selector", func(*smtp.Letterhead) error { return c.dkim.needsKey(c.dkim.selector) }},
		{"dkim-domain", func(*smtp.Letterhead) error { return c.dkim.needsKey(c.dkim.domain) }},
		{"dkim-key", c.readDKIM},
	} {
		if err = part.read(&head); err == nil {
			_, err = smtp.NewComposer(head)
		}
		if err != nil {
			return head, usageError{c.wrong(part.setting, err)}
		}
	}
	return head, nil
}

func (d dkimConfig) needsKey(value string) error {
	if value != "" && d.keyFile == "" {
		return errors.New("needs dkim-key, the file with the private key")
	}
	return nil
}

func (c *config) readDKIM(head *smtp.Letterhead) (err error) {
	switch {
	case c.dkim.keyFile == "":
		return nil
	case c.dkim.selector == "":
		return errors.New("needs dkim-selector, under which its public half is in the DNS")
	}
	domain := c.dkim.domain
	if domain == "" {
		domain = c.mailFrom.Email[strings.LastIndexByte(c.mailFrom.Email, '@')+1:]
	}
	head.DKIM, err = smtp.ReadDKIM(domain, c.dkim.selector, c.dkim.keyFile)
	return err
}

type dkimConfig struct{ keyFile, domain, selector string }

func (c *config) readMailSettings() {
	c.read("dkim-key", into(&c.dkim.keyFile))
	c.read("dkim-domain", into(&c.dkim.domain))
	c.read("dkim-selector", into(&c.dkim.selector))
	c.read("feedback-id", into(&c.feedbackID))
}

func (c *config) readSendmail(s string) error {
	command, err := sendmail.ParseURL(s)
	if err != nil {
		return err
	}
	if c.setting("smtp-password").value != "" {
		return errors.New("SIGNUP_SMTP_PASSWORD is set, but sendmail takes no password")
	}
	c.sendmail = &command
	return nil
}

// closeSender ends what the sender keeps open.
func closeSender(sender outbox.Sender) {
	if s, ok := sender.(*smtp.Sender); ok {
		_ = s.Close()
	}
}

// reaches is what the Service asks about an address. It is nil when nothing is
// known of what the transport can carry.
func reaches(sender outbox.Sender) func(email string) bool {
	if s, ok := sender.(*smtp.Sender); ok {
		return s.Reaches
	}
	return nil
}

// relayInterval is how often the mail server is looked at when nothing else is
// to be sent.
const relayInterval = time.Hour

// watchRelay looks at the mail server now and every hour, until ctx ends: the
// log says early when it cannot be used, and what it offers is known before
// the first sign-up needs it.
func (s *instance) watchRelay(ctx context.Context) {
	relay, ok := s.sender.(*smtp.Sender)
	if !ok {
		return
	}
	for {
		if err := relay.Check(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the mail server cannot be used at the moment", "error", err, "advice", advice(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(relayInterval):
		}
	}
}

// advice is what the transport says about its failure, or "".
func advice(err error) string {
	var a interface{ Advice() string }
	if errors.As(err, &a) {
		return a.Advice()
	}
	return ""
}

// testMail sends one letter, and says what to do when it cannot.
func testMail(ctx context.Context, sender outbox.Sender, letter signup.Letter) error {
	defer closeSender(sender)
	err := sender.Send(ctx, letter)
	if a := advice(err); err != nil && a != "" {
		return mailTestError{err, a}
	}
	return err
}

// A mailTestError is a failure with what to do about it.
type mailTestError struct {
	error
	advice string
}

func (e mailTestError) Unwrap() error { return e.error }
func (e mailTestError) Error() string { return e.error.Error() + "\n" + e.advice }

// mailWeakness is what insecure=yes gives away, or "".
func (c *config) mailWeakness() string {
	if c.smtp == nil {
		return ""
	}
	return c.smtp.Weakness()
}
