package main

import (
	"context"

	"github.com/signup-go/signup"
)

type userSetPasswordCmd struct {
	User          string `arg:"" help:"${user}"`
	PasswordStdin bool   `help:"Read the password from the standard input, its first line."`
}

func (userSetPasswordCmd) Help() string {
	return `For a user who lost the password. All their sessions end. Only an active user can be given one; nobody is told by mail.

The password comes from --password-stdin, else from SIGNUP_PASSWORD or SIGNUP_PASSWORD_FILE; else a random one is made and printed, once.

Examples:

    signup user set-password boss
    pass show signup | signup user set-password boss --password-stdin`
}

// passwordVariable is not that of create-admin: what lies there is an
// administrator's, and must not become somebody else's.
const passwordVariable = variablePrefix + "PASSWORD"

// Run sets the password.
func (c userSetPasswordCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, c.User)
		if err != nil {
			return err
		}
		password, made, err := s.password(passwordVariable, c.PasswordStdin)
		if err != nil {
			return err
		}
		if u, err = svc.As(signup.ActorCLI).SetPassword(ctx, u.ID, password); err != nil {
			return err
		}
		if !made {
			password = ""
		}
		return s.showWithPassword(ctx, svc, "Set the password of", u, password)
	})
}
