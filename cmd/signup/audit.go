package main

import (
	"context"
	"io"

	"github.com/signup-go/signup"
)

type auditCmd struct {
	User   string `placeholder:"USER" help:"Only about this user: id, username or e-mail address."`
	Limit  int    `default:"100" placeholder:"N" help:"At most so many (${default})."`
	Before int64  `placeholder:"ID" help:"Only events below it: the next page."`
}

func (auditCmd) Help() string {
	return `Events outlive the user they are about; then --user takes the id alone.

Examples:

    signup audit --user ada
    signup audit --limit 1000 --json`
}

// Run lists the trail.
func (c auditCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 {
		return usagef("--limit must be at least 1")
	}
	return s.with(ctx, func(svc *signup.Service) error {
		q := signup.AuditQuery{Before: c.Before, Limit: c.Limit}
		if c.User != "" {
			id, err := auditedUser(ctx, svc, c.User)
			if err != nil {
				return err
			}
			q.UserID = id
		}
		events, err := svc.Audit(ctx, q)
		if err != nil {
			return err
		}
		return s.answer(map[string]any{"events": showEvents(events)}, func(w io.Writer) { table(w, eventRows(events)) })
	})
}

// auditedUser is the id of a user who may be gone.
func auditedUser(ctx context.Context, svc *signup.Service, name string) (int64, error) {
	u, err := findUser(ctx, svc, name)
	if id, isID := userID(name); isID && signup.IsCode(err, signup.CodeUserNotFound) {
		return id, nil
	}
	return u.ID, err
}
