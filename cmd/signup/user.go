package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
)

type userCmd struct {
	List         userListCmd         `cmd:"" help:"List users, newest first."`
	Show         userShowCmd         `cmd:"" help:"Show all that is known about a user."`
	Approve      userApproveCmd      `cmd:"" help:"Let a pending user in. The person is told by mail."`
	Reject       userRejectCmd       `cmd:"" help:"Turn a pending user down. The person is told by mail."`
	Reconsider   userReconsiderCmd   `cmd:"" help:"Take a rejection back: the user is pending again."`
	Verify       userVerifyCmd       `cmd:"" help:"Prove a user's e-mail address by your word, without the link."`
	CorrectEmail userCorrectEmailCmd `cmd:"" help:"Correct a mistyped address that is not confirmed yet."`
	Notices      userNoticesCmd      `cmd:"" help:"Say whether an administrator is told of users who wait for approval."`
	CreateAdmin  userCreateAdminCmd  `cmd:"" help:"Make an active administrator."`
	SetPassword  userSetPasswordCmd  `cmd:"" help:"Give a user another password."`
	SetRole      userSetRoleCmd      `cmd:"" help:"Make an administrator of a user, or a member of an administrator."`
	Sessions     userSessionsCmd     `cmd:"" help:"List where an administrator is signed in."`
	SignOut      userSignOutCmd      `cmd:"" help:"Sign an administrator out everywhere."`
	DeleteLapsed userDeleteLapsedCmd `cmd:"" help:"Remove sign-ups nobody confirmed and erase rejected ones, as the settings say."`
}

// userArgument is the help of every USER.
const userArgument = "The user's id, username or e-mail address. A number is an id; id:7 says so."

// findUser returns the user that somebody named on the command line. It never
// guesses: a number that is one user's id and another's username is refused.
func findUser(ctx context.Context, svc *signup.Service, name string) (signup.User, error) {
	id, isID := userID(name)
	if !isID {
		return svc.FindUser(ctx, name)
	}
	byID, err := svc.User(ctx, id)
	if strings.HasPrefix(name, idPrefix) || err != nil && !signup.IsCode(err, signup.CodeUserNotFound) {
		return byID, err
	}
	byName, nameErr := svc.FindUser(ctx, name)
	switch {
	case signup.IsCode(nameErr, signup.CodeUserNotFound):
		return byID, err
	case nameErr != nil || err != nil || byName.ID == byID.ID:
		return byName, nameErr
	default:
		return signup.User{}, usagef("%s is the id of one user and the username of another: say id:%d or id:%d", name, byID.ID, byName.ID)
	}
}

// idPrefix cannot begin a username.
const idPrefix = "id:"

func userID(name string) (int64, bool) {
	id, err := strconv.ParseInt(strings.TrimPrefix(name, idPrefix), 10, 64)
	return id, err == nil
}

// onUser does something to one user and shows what he is now.
func (s *session) onUser(ctx context.Context, name, done string, f func(*signup.Service, int64) (signup.User, error)) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, name)
		if err != nil {
			return err
		}
		if u, err = f(svc, u.ID); err != nil {
			return err
		}
		return s.answer(showUser(u), func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "%s %s (id %d); the status is %s.\n", done, printable(u.Username), u.ID, u.Status())
		})
	})
}

// A shownUser is a user for programs.
type shownUser struct {
	ID                   int64          `json:"id"`
	Name                 string         `json:"name"`
	Username             string         `json:"username"`
	Email                string         `json:"email"`
	Status               signup.Status  `json:"status"`
	Role                 signup.Role    `json:"role"`
	Origin               signup.Origin  `json:"origin"`
	Language             string         `json:"preferred_language"`
	Profile              map[string]any `json:"profile,omitempty"`
	VerificationRequired bool           `json:"verification_required"`
	ApprovalRequired     bool           `json:"approval_required"`
	CreatedAt            *time.Time     `json:"created_at"`
	TermsVersion         *string        `json:"terms_version"`
	TermsAt              *time.Time     `json:"terms_at"`
	UndeliverableAt      *time.Time     `json:"undeliverable_at"`
	RemindedAt           *time.Time     `json:"reminded_at"`
	Notices              bool           `json:"notices"`
	VerifiedAt           *time.Time     `json:"verified_at"`
	ApprovedAt           *time.Time     `json:"approved_at"`
	ApprovedBy           signup.Actor   `json:"approved_by,omitempty"`
	RejectedAt           *time.Time     `json:"rejected_at"`
	RejectedBy           signup.Actor   `json:"rejected_by,omitempty"`
	RejectionReason      string         `json:"rejection_reason,omitempty"`
	RejectionNote        string         `json:"rejection_note,omitempty"`
}

func showUser(u signup.User) shownUser {
	return shownUser{
		ID: u.ID, Name: u.Name, Username: u.Username, Email: u.Email,
		Status: u.Status(), Role: u.Role, Origin: u.Origin, Language: u.Language, Profile: u.Profile,
		VerificationRequired: u.VerificationRequired, ApprovalRequired: u.ApprovalRequired,
		CreatedAt: moments(u.CreatedAt), VerifiedAt: moments(u.VerifiedAt),
		TermsVersion: textOrNull(u.TermsVersion), TermsAt: moments(u.TermsAt),
		UndeliverableAt: moments(u.UndeliverableAt), RemindedAt: moments(u.RemindedAt),
		Notices:    u.Role == signup.RoleAdmin && !u.NoticesOff,
		ApprovedAt: moments(u.ApprovedAt), ApprovedBy: u.ApprovedBy,
		RejectedAt: moments(u.RejectedAt), RejectedBy: u.RejectedBy,
		RejectionReason: u.RejectionReason, RejectionNote: u.RejectionNote,
	}
}

type userListCmd struct {
	Status string `enum:"unconfirmed,pending_approval,active,rejected," default:"" placeholder:"STATUS" help:"Only unconfirmed, pending_approval, active or rejected."`
	Role   string `enum:"member,admin," default:"" placeholder:"ROLE" help:"Only member or admin."`
	Search string `placeholder:"TEXT" help:"Only with this part in name, username or address."`
	Limit  int    `default:"100" placeholder:"N" help:"At most so many (${default})."`
	Before int64  `placeholder:"ID" help:"Only ids below it: the next page."`
}

func (userListCmd) Help() string {
	return `Examples:

    signup user list --status pending_approval
    signup user list --search example.org --json`
}

// Run lists users.
func (c userListCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 {
		return usagef("--limit must be at least 1")
	}
	q := signup.UserQuery{
		Status: signup.Status(c.Status), Role: signup.Role(c.Role), Search: c.Search, Before: c.Before, Limit: c.Limit,
	}
	return s.with(ctx, func(svc *signup.Service) error {
		users, total, err := svc.Users(ctx, q)
		if err != nil {
			return err
		}
		if err := s.answer(map[string]any{"users": showUsers(users), "total": total}, func(w io.Writer) {
			table(w, userRows(users))
		}); err != nil {
			return err
		}
		if n := len(users); n > 0 && n == c.Limit {
			s.hint("There may be more: add --before %d", users[n-1].ID)
		}
		return nil
	})
}

func showUsers(users []signup.User) []shownUser {
	shown := make([]shownUser, len(users))
	for i, u := range users {
		shown[i] = showUser(u)
	}
	return shown
}

func userRows(users []signup.User) [][]string {
	rows := [][]string{{"ID", "USERNAME", "NAME", "E-MAIL", "STATUS", "ROLE", "SIGNED UP"}}
	for _, u := range users {
		rows = append(rows, []string{
			strconv.FormatInt(u.ID, 10), u.Username, u.Name, u.Email, string(u.Status()), string(u.Role), moment(u.CreatedAt),
		})
	}
	return rows
}

type userDeleteLapsedCmd struct {
	DryRun bool `help:"List who would go, and remove nobody."`
}

func (userDeleteLapsedCmd) Help() string {
	return `The settings unconfirmed_retention and rejected_retention say when. The server does it every hour.

Examples:

    signup user delete-lapsed --dry-run`
}

// lapsedShown is how many a dry run lists at most.
const lapsedShown = 1000

// Run removes, or lists, those who lapsed.
func (c userDeleteLapsedCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		if c.DryRun {
			users, err := svc.Lapsed(ctx, lapsedShown)
			if err != nil {
				return err
			}
			return s.answer(map[string]any{"users": showUsers(users)}, func(w io.Writer) { table(w, userRows(users)) })
		}
		return s.deleteLapsed(ctx, svc)
	})
}

func (s *session) deleteLapsed(ctx context.Context, svc *signup.Service) error {
	var n int
	err := s.during(ctx, "deleting lapsed sign-ups", func() (err error) {
		n, err = svc.DeleteLapsed(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("after %s: %w", count(n, "sign-up"), err)
	}
	return s.answer(map[string]any{"deleted": n}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "Deleted %s.\n", count(n, "lapsed sign-up"))
	})
}
