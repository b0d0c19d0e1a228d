package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/smtp"
)

type mailCmd struct {
	Test    mailTestCmd    `cmd:"" help:"Send a test mail, now, and say what the mail server answered."`
	Preview mailPreviewCmd `cmd:"" help:"Show what a mail looks like."`
	List    mailListCmd    `cmd:"" help:"List mails and what became of them, newest first."`
	Show    mailShowCmd    `cmd:"" help:"Show a mail with every attempt to send it."`
	Retry   mailRetryCmd   `cmd:"" help:"Send a mail after all that failed or was cancelled."`
	Cancel  mailCancelCmd  `cmd:"" help:"Cancel a mail that is owed."`
}

// sender makes the way out of the configured mail server.
func (c *config) sender() (*smtp.Sender, error) {
	if missing := c.missing("smtp", "mail-from"); len(missing) > 0 {
		return nil, usagef("mail is not configured. Set:\n%s", setThese(missing))
	}
	if c.noMail {
		return nil, usagef("there is no mail: %s is none", c.setting("smtp").where)
	}
	server := *c.smtp
	server.From = c.mailFrom
	sender, err := smtp.New(server)
	if err != nil {
		return nil, usagef("mail: %w", err)
	}
	return sender, nil
}

type mailTestCmd struct {
	Address string `arg:"" help:"Where to send it."`
}

func (mailTestCmd) Help() string {
	return `It goes straight to the mail server, not through the queue, and touches no database.

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
	err = s.during(ctx, "talking to the mail server", func() error { return sender.Send(ctx, letter) })
	if err != nil {
		return fmt.Errorf("the mail was not taken: %w", err)
	}
	return s.answer(map[string]any{"sent": true, "to": letter.To.Email}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "The mail server took the mail for %s.\n", printable(letter.To.Email))
	})
}

func (s *session) testLetter(address string) (signup.Letter, error) {
	email, refusal := signup.ParseEmail(address)
	if refusal != nil {
		return signup.Letter{}, refusal
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

type mailPreviewCmd struct {
	Kind string `arg:"" enum:"confirmation,admin_notice,approved,rejected,account_exists" help:"confirmation, admin_notice, approved, rejected or account_exists."`
	Lang string `default:"en" placeholder:"TAG" help:"Language (${default})."`
	HTML bool   `name:"html" help:"Print the HTML instead of the plain text."`
	Out  string `short:"o" type:"path" placeholder:"DIR" help:"Write subject, text and HTML to files there instead."`
}

func (mailPreviewCmd) Help() string {
	return `Names, addresses and links in it are made up.

Examples:

    signup mail preview confirmation
    signup mail preview rejected --lang de -o /tmp/mails`
}

// previewBase stands in for the base URL when none is set.
const previewBase = "https://app.example.org"

// Run writes the letter.
func (c mailPreviewCmd) Run(s *session) error {
	if err := s.config.err(); err != nil {
		return err
	}
	base := s.config.baseURL
	if base == "" {
		base = previewBase
	}
	writer, err := s.letters(base)
	if err != nil {
		return usageError{err}
	}
	text, err := writer.Write(letters.Sample(signup.MailKind(c.Kind), c.Lang))
	if err != nil {
		return err
	}
	if c.Out != "" {
		return c.save(s, text)
	}
	return s.answer(map[string]string{"subject": text.Subject, "text": text.Plain, "html": text.HTML}, func(w io.Writer) {
		if c.HTML {
			_, _ = io.WriteString(w, text.HTML)
			return
		}
		_, _ = fmt.Fprintf(w, "Subject: %s\n\n%s", text.Subject, text.Plain)
	})
}

// save writes KIND.LANG.subject, .txt and .html.
func (c mailPreviewCmd) save(s *session, text signup.Text) error {
	if err := os.MkdirAll(c.Out, 0o755); err != nil { //nolint:gosec // to be looked at by anybody
		return err
	}
	parts := map[string]string{"subject": text.Subject + "\n", "txt": text.Plain, "html": text.HTML}
	var paths []string
	for ending, content := range parts {
		path := filepath.Join(c.Out, c.Kind+"."+filepath.Base(c.Lang)+"."+ending)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil { //nolint:gosec // the same
			return err
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return s.answer(map[string]any{"files": paths}, func(w io.Writer) {
		_, _ = io.WriteString(w, strings.Join(paths, "\n")+"\n")
	})
}
