package main

import (
	"context"
	"fmt"
	"html"
	"io"

	"github.com/google/uuid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
)

type mailCmd struct {
	Test      mailTestCmd      `cmd:"" help:"Send a test mail, now, and say what the mail server answered."`
	TestChats mailTestChatsCmd `cmd:"" help:"Send a test message to every chat of --notify, now."`
	Preview   mailPreviewCmd   `cmd:"" help:"Show what a mail looks like."`
	List      mailListCmd      `cmd:"" help:"List mails and what became of them, newest first."`
	Show      mailShowCmd      `cmd:"" help:"Show a mail with every attempt to send it."`
	Retry     mailRetryCmd     `cmd:"" help:"Retry a mail that failed or was cancelled."`
	Cancel    mailCancelCmd    `cmd:"" help:"Cancel a mail that is owed."`
}

type mailTestCmd struct {
	Address string `arg:"" help:"Where to send it."`
}

func (mailTestCmd) Help() string {
	return `It goes straight to the mail server, not through the queue, and touches no database. When it fails, the answer names the phase (connecting, TLS, greeting, AUTH, MAIL, RCPT or DATA), says why, and what to do.

Examples:

    signup mail test you@example.org`
}

// Run sends the mail.
func (c mailTestCmd) Run(ctx context.Context, s *session) error {
	if err := s.config.err(); err != nil {
		return err
	}
	sender, err := s.config.sender()
	if err != nil {
		return err
	}
	letter, err := s.testLetter(c.Address)
	if err != nil {
		return err
	}
	err = s.during(ctx, "talking to the mail server", func() error { return testMail(ctx, sender, letter) })
	if err != nil {
		return fmt.Errorf("the mail was not taken: %w", err)
	}
	return s.answer(map[string]any{"sent": true, "to": letter.To.Email}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "The mail server took the mail for %s.\n", printable(letter.To.Email))
	})
}

func (s *session) testLetter(address string) (signup.Letter, error) {
	email, refused := identity.ParseEmail(address)
	if refused != nil {
		return signup.Letter{}, refused
	}
	id, err := uuid.NewV7()
	if err != nil {
		return signup.Letter{}, fmt.Errorf("make an id: %w", err)
	}
	text := fmt.Sprintf("This is a test: %s can send mail.\n", s.config.appName)
	return signup.Letter{
		MailID: id.String(), To: signup.Address{Email: email.Typed},
		Text: signup.Text{Subject: "Test mail of " + s.config.appName, Plain: text, HTML: "<p>" + html.EscapeString(text) + "</p>\n"},
	}, nil
}
