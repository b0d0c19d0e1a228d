package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

type userSessionsCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userSessionsCmd) Help() string {
	return `Examples:

    signup user sessions boss`
}

// Run lists the sessions.
func (c userSessionsCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, c.User)
		if err != nil {
			return err
		}
		sessions, err := svc.As(signup.ActorCLI).Sessions(ctx, u.ID)
		if err != nil {
			return err
		}
		shown := make([]web.Session, len(sessions))
		rows := [][]string{{"SIGNED IN", "LAST USED", "ENDS", "WITH"}}
		for i, o := range sessions {
			shown[i] = web.SessionJSON(o)
			rows = append(rows, []string{moment(o.CreatedAt), moment(o.SeenAt), moment(o.ExpiresAt), printable(o.Agent)})
		}
		return s.answer(map[string]any{"sessions": shown}, func(w io.Writer) { table(w, rows) })
	})
}

type userSignOutCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userSignOutCmd) Help() string {
	return `It ends all sessions of an administrator. The password still works.

Examples:

    signup user sign-out boss`
}

// Run ends the sessions.
func (c userSignOutCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, c.User)
		if err != nil {
			return err
		}
		n, err := svc.As(signup.ActorCLI).EndSessions(ctx, u.ID)
		if err != nil {
			return err
		}
		return s.answer(map[string]any{"ended": n}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "Ended %s of %s.\n", count(n, "session"), printable(u.Username))
		})
	})
}

func (c *config) readSessionIdle(s string) (err error) {
	c.sessionIdle, err = readSpan(s)
	return err
}

func (c *config) readSessionLifetime(s string) (err error) {
	c.sessionLifetime, err = readSpan(s)
	return err
}

// readSpan reads how long something lasts at least.
func readSpan(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Minute {
		return 0, errors.New("must be a duration of at least 1m, such as 2h")
	}
	return d, nil
}
