package main

import (
	"context"

	"github.com/signup-go/signup"
)

type userDisableCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userDisableCmd) Help() string {
	return `The user keeps the address and the username, but cannot sign in any more; all sessions end. Nobody is mailed. The last administrator cannot be disabled.

Examples:

    signup user disable ada`
}

// Run disables.
func (c userDisableCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Disabled", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).SetDisabled(ctx, id, true)
	})
}

type userEnableCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userEnableCmd) Help() string {
	return `The user can sign in again, with the password from before. Nobody is mailed.

Examples:

    signup user enable ada`
}

// Run enables.
func (c userEnableCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Enabled", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).SetDisabled(ctx, id, false)
	})
}

type userChangeCmd struct {
	User     string  `arg:"" help:"${user}"`
	Name     *string `placeholder:"NAME" help:"The new display name."`
	Username *string `placeholder:"USERNAME" help:"The new username, with which the user signs in from now on."`
}

func (userChangeCmd) Help() string {
	return `What is left out stays as it is. The rules are those of sign-up. Nobody is mailed.

Examples:

    signup user change ada --name "Ada Lovelace"
    signup user change ada --username countess`
}

// Run changes name or username.
func (c userChangeCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Changed", func(svc *signup.Service, id int64) (signup.User, error) {
		if c.Name == nil && c.Username == nil {
			return signup.User{}, usagef("say what to change: --name, --username or both")
		}
		return svc.As(signup.ActorCLI).Change(ctx, id, signup.Changes{Name: c.Name, Username: c.Username})
	})
}
