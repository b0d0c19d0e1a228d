package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/web"
)

type userCmd struct {
	List         userListCmd         `cmd:"" help:"List users, newest first."`
	Show         userShowCmd         `cmd:"" help:"Show all that is known about a user."`
	Approve      userApproveCmd      `cmd:"" help:"Let a pending user in. The person is told by mail."`
	Reject       userRejectCmd       `cmd:"" help:"Turn a pending user down. The person is told by mail."`
	Reconsider   userReconsiderCmd   `cmd:"" help:"Take a rejection back: the user is pending again."`
	Verify       userVerifyCmd       `cmd:"" help:"Mark a user's email address as verified without the link."`
	CorrectEmail userCorrectEmailCmd `cmd:"" help:"Correct a mistyped address that is not confirmed yet."`
	Change       userChangeCmd       `cmd:"" help:"Change a user's name or username."`
	Disable      userDisableCmd      `cmd:"" help:"Shut an active user out."`
	Enable       userEnableCmd       `cmd:"" help:"Let a disabled user in again."`
	ChangeEmail  userChangeEmailCmd  `cmd:"" help:"Change an active user's address, once a link to the new one is opened."`
	Notices      userNoticesCmd      `cmd:"" help:"Turn an administrator's notices of users waiting for approval on or off."`
	CreateAdmin  userCreateAdminCmd  `cmd:"" help:"Make an active administrator."`
	Import       userImportCmd       `cmd:"" help:"Store people who have accounts elsewhere, with their password hashes."`
	Export       userExportCmd       `cmd:"" help:"Print users in the form that import reads."`
	Data         userDataCmd         `cmd:"" help:"Print everything stored about a user, for a person who asks for it."`
	SetPassword  userSetPasswordCmd  `cmd:"" help:"Give a user another password."`
	SetRole      userSetRoleCmd      `cmd:"" help:"Change a user's role."`
	Sessions     userSessionsCmd     `cmd:"" help:"List where an administrator is signed in."`
	SignOut      userSignOutCmd      `cmd:"" help:"Sign an administrator out everywhere."`
	Remove       userRemoveCmd       `cmd:"" help:"Remove a user with all personal data."`
	DeleteLapsed userDeleteLapsedCmd `cmd:"" help:"Remove sign-ups nobody confirmed and erase rejected ones, as the settings say."`
}

// userArgument is the help of every USER.
const userArgument = "The user's id, username or email address. A number is an id, and so is id:7."

// findUser returns the user that somebody named on the command line. It never
// guesses: a number that is one user's id and another's username is refused.
func findUser(ctx context.Context, svc *signup.Service, name string) (signup.User, error) {
	id, isID := userID(name)
	if !isID {
		return svc.FindUser(ctx, name)
	}
	byID, err := svc.User(ctx, id)
	if strings.HasPrefix(name, idPrefix) || err != nil && !refusal.Is(err, refusal.UserNotFound) {
		return byID, err
	}
	byName, nameErr := svc.FindUser(ctx, name)
	switch {
	case refusal.Is(nameErr, refusal.UserNotFound):
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

// onUser does something to one user and shows the user as it is now.
func (s *session) onUser(ctx context.Context, name, done string, f func(*signup.Service, int64) (signup.User, error)) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, name)
		if err != nil {
			return err
		}
		if u, err = f(svc, u.ID); err != nil {
			return err
		}
		users, err := listUsers(ctx, svc, u)
		if err != nil {
			return err
		}
		return s.answer(users[0].json(), func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "%s %s (id %d); the status is %s.\n", done, printable(u.Username), u.ID, u.Status())
		})
	})
}

// A listedUser is a user with what the address is used for.
type listedUser struct {
	signup.User
	use signup.AddressUse
}

// listUsers looks up what the addresses of the users are used for.
func listUsers(ctx context.Context, svc *signup.Service, users ...signup.User) ([]listedUser, error) {
	uses, err := svc.As(signup.ActorCLI).AddressUses(ctx, users...)
	listed := make([]listedUser, len(users))
	for i, u := range users {
		listed[i] = listedUser{u, uses[u.EmailKey]}
	}
	return listed, err
}

// json is the user as the API has it.
func (u listedUser) json() web.User { return web.UserJSON(u.User, u.use) }

func usersJSON(users []listedUser) []web.User {
	out := make([]web.User, len(users))
	for i, u := range users {
		out[i] = u.json()
	}
	return out
}

// note is what an administrator should know about the address; "" for nothing.
func (u listedUser) note() string {
	heldBy, others := web.AddressNotes(u.User, u.use)
	switch {
	case heldBy != 0:
		return fmt.Sprintf("user %d has confirmed this address", heldBy)
	case others == 1:
		return "another sign-up has this address"
	case others > 1:
		return fmt.Sprintf("%d other sign-ups have this address", others)
	default:
		return ""
	}
}

type userListCmd struct {
	Status string `enum:"${statuses}," default:"" placeholder:"STATUS" help:"Only with this status: ${statuses_list}."`
	Role   string `enum:"member,admin," default:"" placeholder:"ROLE" help:"Only member or admin."`
	Search string `placeholder:"TEXT" help:"Only with this text in name, username or address."`
	Limit  int    `default:"100" placeholder:"N" help:"Maximum number of results (default ${default})."`
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
		found, total, err := svc.As(signup.ActorCLI).Users(ctx, q)
		if err != nil {
			return err
		}
		users, err := listUsers(ctx, svc, found...)
		if err != nil {
			return err
		}
		if err := s.answer(map[string]any{"users": usersJSON(users), "total": total}, func(w io.Writer) {
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

func userRows(users []listedUser) [][]string {
	rows := [][]string{{"ID", "USERNAME", "NAME", "EMAIL", "STATUS", "ROLE", "SIGNED UP", "NOTE"}}
	for _, u := range users {
		rows = append(rows, []string{
			strconv.FormatInt(u.ID, 10), u.Username, u.Name, u.Email, string(u.Status()), string(u.Role), moment(u.CreatedAt), orDash(u.note()),
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
			lapsed, err := svc.As(signup.ActorCLI).Lapsed(ctx, lapsedShown)
			if err != nil {
				return err
			}
			users, err := listUsers(ctx, svc, lapsed...)
			if err != nil {
				return err
			}
			return s.answer(map[string]any{"users": usersJSON(users)}, func(w io.Writer) { table(w, userRows(users)) })
		}
		return s.deleteLapsed(ctx, svc)
	})
}

func (s *session) deleteLapsed(ctx context.Context, svc *signup.Service) error {
	var n int
	err := s.during(ctx, "deleting lapsed sign-ups", func() (err error) {
		n, err = svc.Post().DeleteLapsed(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("after %s: %w", count(n, "sign-up"), err)
	}
	return s.answer(map[string]any{"deleted": n}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "Deleted %s.\n", count(n, "lapsed sign-up"))
	})
}
