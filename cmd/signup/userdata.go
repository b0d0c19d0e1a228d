package main

import (
	"context"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

type userDataCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userDataCmd) Help() string {
	return `For a person who asks for their data (articles 15 and 20 of the GDPR). It prints one JSON object with everything stored about the user: account, mails with every attempt, sessions, and events; no secrets and no hashes. The audit trail records it.

Examples:

    signup user data ada > ada.json`
}

// Run prints the data.
func (c userDataCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, c.User)
		if err != nil {
			return err
		}
		d, err := svc.As(signup.ActorCLI).Export(ctx, u.ID)
		if err != nil {
			return err
		}
		return s.printJSON(web.UserExportJSON(d))
	})
}
