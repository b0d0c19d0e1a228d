package main

import (
	"context"
	"fmt"

	"github.com/signup-go/signup"
)

type userSetRoleCmd struct {
	User string      `arg:"" help:"${user}"`
	Role signup.Role `arg:"" name:"member|admin" enum:"member,admin" help:"member or admin."`
}

func (userSetRoleCmd) Help() string {
	return `An administrator who becomes a member is signed out, gets no more notices, and stays an active user. The last administrator must stay one: make another first. Only an active user can become one, and signs in with the password they have.

Examples:

    signup user set-role ada admin
    signup user set-role boss member`
}

// Run sets the role.
func (c userSetRoleCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, fmt.Sprintf("Gave the role %s to", c.Role), func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).SetRole(ctx, id, c.Role)
	})
}
