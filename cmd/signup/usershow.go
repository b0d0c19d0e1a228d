package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

type userShowCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userShowCmd) Help() string {
	return `The facts with their times, what was required at the sign-up, each mail with the server's last answer, and the audit trail.

Examples:

    signup user show ada@example.org`
}

// A userFile is all that is known about a user.
type userFile struct {
	user  listedUser
	mails []signup.Mail
	audit []signup.AuditEvent
}

// Run shows the user.
func (c userShowCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		f, err := readUserFile(ctx, svc, c.User)
		if err != nil {
			return err
		}
		return s.answer(f.shown(), f.print)
	})
}

func readUserFile(ctx context.Context, svc *signup.Service, name string) (f userFile, err error) {
	u, err := findUser(ctx, svc, name)
	if err != nil {
		return f, err
	}
	users, err := listUsers(ctx, svc, u)
	if err != nil {
		return f, err
	}
	f.user = users[0]
	if f.mails, err = svc.As(signup.ActorCLI).Mails(ctx, signup.MailQuery{UserID: f.user.ID}); err != nil {
		return f, err
	}
	f.audit, err = svc.As(signup.ActorCLI).Audit(ctx, signup.AuditQuery{UserID: f.user.ID})
	return f, err
}

func (f userFile) shown() any { return web.UserDetailJSON(f.user.json(), f.mails, f.audit) }

func (f userFile) print(w io.Writer) {
	table(w, f.facts())
	_, _ = io.WriteString(w, "\nMails:\n")
	table(w, mailRows(f.mails))
	_, _ = io.WriteString(w, "\nAudit trail:\n")
	table(w, eventRows(f.audit))
}

func (f userFile) facts() [][]string {
	u := f.user
	rows := [][]string{
		{"Id:", strconv.FormatInt(u.ID, 10)},
		{"Name:", u.Name},
		{"Username:", u.Username},
		{"Email:", u.Email},
		{"Status:", string(u.Status())},
		{"Role:", string(u.Role)},
		{"Language:", u.Language},
		{"Made by:", string(u.Origin)},
		{"Must verify:", yesNo(u.VerificationRequired)},
		{"Must be approved:", yesNo(u.ApprovalRequired)},
		{"Signed up:", moment(u.CreatedAt)},
		{"Verified:", moment(u.VerifiedAt)},
		{"Approved:", by(u.ApprovedAt, u.ApprovedBy)},
		{"Rejected:", by(u.RejectedAt, u.RejectedBy)},
	}
	if !u.DisabledAt.IsZero() {
		rows = append(rows, []string{"Disabled:", by(u.DisabledAt, u.DisabledBy)})
	}
	if note := u.note(); note != "" {
		rows = append(rows, []string{"Note:", note})
	}
	if u.TermsVersion != "" {
		rows = append(rows, []string{"Terms accepted:", fmt.Sprintf("%s at %s", u.TermsVersion, moment(u.TermsAt))})
	}
	if u.Role == signup.RoleAdmin {
		rows = append(rows, []string{"Notices:", yesNo(!u.NoticesOff)})
	}
	if !u.UndeliverableAt.IsZero() {
		rows = append(rows, []string{"Undeliverable:", moment(u.UndeliverableAt)})
	}
	if !u.RemindedAt.IsZero() {
		rows = append(rows, []string{"Reminded:", moment(u.RemindedAt)})
	}
	if !u.RejectedAt.IsZero() {
		rows = append(rows, []string{"Reason:", orDash(u.RejectionReason)}, []string{"Internal note:", orDash(u.RejectionNote)})
	}
	if len(u.Profile) > 0 {
		profile, _ := json.Marshal(u.Profile)
		rows = append(rows, []string{"Profile:", string(profile)})
	}
	return rows
}

func by(t time.Time, who signup.Actor) string {
	if t.IsZero() {
		return "-"
	}
	return fmt.Sprintf("%s by %s", moment(t), who)
}

func eventsJSON(events []signup.AuditEvent) []web.AuditEvent {
	out := make([]web.AuditEvent, len(events))
	for i, e := range events {
		out[i] = web.AuditJSON(e)
	}
	return out
}

func eventRows(events []signup.AuditEvent) [][]string {
	rows := [][]string{{"ID", "AT", "WHO", "WHAT", "USER", "DETAIL"}}
	for _, e := range events {
		user := "-"
		if e.UserID != 0 {
			user = strconv.FormatInt(e.UserID, 10)
		}
		rows = append(rows, []string{
			strconv.FormatInt(e.ID, 10), moment(e.At), string(e.Actor), string(e.Type), user, orDash(detailText(e.Detail)),
		})
	}
	return rows
}

func detailText(detail map[string]string) string {
	var pairs []string
	for name, value := range detail {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, " ")
}
