package main

import (
	"context"
	"fmt"
	"io"

	"github.com/signup-go/signup"
)

type userRemoveCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userRemoveCmd) Help() string {
	return `It cannot be undone. Sessions and mails go with the user; nobody is mailed; the audit trail keeps the id. The username and the address are free again. An administrator must become a member first.

Examples:

    signup user remove ada
    signup user remove id:7`
}

// Run removes the user.
func (c userRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, c.User)
		if err != nil {
			return err
		}
		if err := svc.As(signup.ActorCLI).Remove(ctx, u.ID); err != nil {
			return err
		}
		return s.answer(map[string]any{"removed": u.ID}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "Removed %s (id %d).\n", printable(u.Username), u.ID)
		})
	})
}
