package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

func mailsJSON(mails []signup.Mail) []web.Mail {
	out := make([]web.Mail, len(mails))
	for i, m := range mails {
		out[i] = web.MailJSON(m)
	}
	return out
}

func mailRows(mails []signup.Mail) [][]string {
	rows := [][]string{{"ID", "OWED SINCE", "KIND", "STATE", "USER", "TO", "ATTEMPTS", "LAST ATTEMPT", "NEXT ATTEMPT", "LAST ANSWER"}}
	for _, m := range mails {
		rows = append(rows, []string{
			m.ID, moment(m.CreatedAt), string(m.Kind), m.Progress(), strconv.FormatInt(m.UserID, 10), recipientOf(m),
			strconv.Itoa(m.Attempts), moment(m.LastAttemptAt), moment(m.NextAttemptAt), orDash(m.LastAnswer),
		})
	}
	return rows
}

func recipientOf(m signup.Mail) string {
	if m.Channel != "" {
		return m.Channel
	}
	return strconv.FormatInt(m.RecipientID, 10)
}

type mailListCmd struct {
	State  string `enum:"${mailstates}," default:"" placeholder:"STATE" help:"Only in this state: ${mailstates_list}. Mails that are owed were not tried yet."`
	Kind   string `enum:"${kinds}," default:"" placeholder:"KIND" help:"Only of this kind: ${kinds_list}."`
	User   string `placeholder:"USER" help:"Only about this user: id, username or email address."`
	Limit  int    `default:"100" placeholder:"N" help:"Maximum number of results (default ${default})."`
	Before string `placeholder:"ID" help:"Only mails older than the one with this id: the next page."`
}

func (mailListCmd) Help() string {
	return `Nothing of a mail's content is kept, only what became of it.

Examples:

    signup mail list --state failed
    signup mail list --user ada@example.org --json`
}

// Run lists mails.
func (c mailListCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 {
		return usagef("--limit must be at least 1")
	}
	q := web.MailsInState(signup.MailQuery{Kind: signup.MailKind(c.Kind), Before: c.Before, Limit: c.Limit}, c.State)
	return s.with(ctx, func(svc *signup.Service) error {
		if c.User != "" {
			u, err := findUser(ctx, svc, c.User)
			if err != nil {
				return err
			}
			q.UserID = u.ID
		}
		mails, err := svc.As(signup.ActorCLI).Mails(ctx, q)
		if err != nil {
			return err
		}
		if err := s.answer(map[string]any{"mails": mailsJSON(mails)}, func(w io.Writer) { table(w, mailRows(mails)) }); err != nil {
			return err
		}
		if n := len(mails); n > 0 && n == c.Limit {
			s.hint("There may be more: add --before %s", mails[n-1].ID)
		}
		return nil
	})
}

type mailShowCmd struct {
	ID string `arg:"" help:"The mail's id, as signup mail list shows it."`
}

// Run shows the mail.
func (c mailShowCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		m, err := svc.As(signup.ActorCLI).Mail(ctx, c.ID)
		if err != nil {
			return err
		}
		return s.answer(web.MailDetailJSON(m), func(w io.Writer) { printMail(w, m) })
	})
}

func printMail(w io.Writer, m signup.MailRecord) {
	table(w, [][]string{
		{"Id:", m.ID},
		{"Kind:", string(m.Kind)},
		{"State:", m.Progress()},
		{"About user:", strconv.FormatInt(m.UserID, 10)},
		{"To:", recipientOf(m.Mail)},
		{"Owed since:", moment(m.CreatedAt)},
		{"Next attempt:", moment(m.NextAttemptAt)},
		{"Ended:", moment(m.EndedAt)},
	})
	_, _ = io.WriteString(w, "\nAttempts:\n")
	rows := [][]string{{"AT", "OUTCOME", "PHASE", "ANSWER"}}
	for _, a := range m.Log {
		rows = append(rows, []string{moment(a.At), string(a.Outcome), orDash(a.Phase), orDash(a.Answer)})
	}
	table(w, rows)
}

type mailRetryCmd struct {
	ID string `arg:"" help:"The mail's id."`
}

func (mailRetryCmd) Help() string {
	return `The running server sends it, under the id it had, as if it had never been tried.

Examples:

    signup mail list --state failed
    signup mail retry 019abcde-0000-7000-8000-000000000000`
}

// Run owes the mail again.
func (c mailRetryCmd) Run(ctx context.Context, s *session) error {
	return s.onMail(ctx, c.ID, "Owed again", signup.Admin.RetryMail)
}

type mailCancelCmd struct {
	ID string `arg:"" help:"The mail's id."`
}

// Run cancels the mail.
func (c mailCancelCmd) Run(ctx context.Context, s *session) error {
	return s.onMail(ctx, c.ID, "Cancelled", signup.Admin.CancelMail)
}

// onMail does something to one mail and shows what it is now.
func (s *session) onMail(ctx context.Context, id, done string, f func(signup.Admin, context.Context, string) (signup.Mail, error)) error {
	return s.with(ctx, func(svc *signup.Service) error {
		m, err := f(svc.As(signup.ActorCLI), ctx, id)
		if err != nil {
			return err
		}
		return s.answer(web.MailJSON(m), func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "%s: mail %s (%s).\n", done, m.ID, m.Kind)
		})
	})
}

type userNoticesCmd struct {
	User string `arg:"" help:"${user}"`
	Want string `arg:"" name:"on|off" enum:"on,off" help:"on or off."`
}

func (userNoticesCmd) Help() string {
	return `Examples:

    signup user notices root off`
}

// Run switches the notices.
func (c userNoticesCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Notices "+c.Want+" for", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).SetNotices(ctx, id, c.Want == "on")
	})
}
