package main

import (
	"context"

	"github.com/signup-go/signup"
)

type userApproveCmd struct {
	User string `arg:"" help:"${user}"`
}

func (userApproveCmd) Help() string {
	return `Approving twice is harmless: there is no second mail.

Examples:

    signup user approve ada
    signup user approve 7 --json`
}

// Run approves.
func (c userApproveCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Approved", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).Approve(ctx, id)
	})
}

type userRejectCmd struct {
	User   string `arg:"" help:"${user}"`
	Reason string `placeholder:"TEXT" help:"Told to the person."`
	Note   string `placeholder:"TEXT" help:"For administrators only."`
}

func (userRejectCmd) Help() string {
	return `Examples:

    signup user reject ada --reason "We only take members of the club." --note "third time"`
}

// Run rejects.
func (c userRejectCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Rejected", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).Reject(ctx, id, c.Reason, c.Note)
	})
}

type userReconsiderCmd struct {
	User string `arg:"" help:"${user}"`
}

// Run takes a rejection back.
func (c userReconsiderCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Reconsidered", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).Reconsider(ctx, id)
	})
}

type userVerifyCmd struct {
	User string `arg:"" help:"${user}"`
}

// Run verifies by hand.
func (c userVerifyCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Verified", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).VerifyEmail(ctx, id)
	})
}

type userCorrectEmailCmd struct {
	User    string `arg:"" help:"${user}"`
	Address string `arg:"" help:"The right address; a new link is mailed to it."`
}

func (userCorrectEmailCmd) Help() string {
	return `Examples:

    signup user correct-email ada@exmaple.org ada@example.org`
}

// Run corrects the address.
func (c userCorrectEmailCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Corrected the address of", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).CorrectEmail(ctx, id, c.Address)
	})
}

type userChangeEmailCmd struct {
	User    string `arg:"" help:"${user}"`
	Address string `arg:"" help:"The new address; a link is mailed to it."`
}

func (userChangeEmailCmd) Help() string {
	return `The user keeps the present address until the link is opened, and the old address is told then. The present address withdraws the change.

Examples:

    signup user change-email ada ada@new.example.org`
}

// Run asks for the change.
func (c userChangeEmailCmd) Run(ctx context.Context, s *session) error {
	return s.onUser(ctx, c.User, "Asked for another address of", func(svc *signup.Service, id int64) (signup.User, error) {
		return svc.As(signup.ActorCLI).ChangeEmail(ctx, id, c.Address)
	})
}
