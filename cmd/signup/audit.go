package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

type auditCmd struct {
	User   string `placeholder:"USER" help:"Only about this user: id, username or email address."`
	Limit  int    `default:"100" placeholder:"N" help:"Maximum number of results (default ${default})."`
	Before int64  `placeholder:"ID" help:"Only events with a smaller id: the next page."`
}

// Help lists every type of event.
func (auditCmd) Help() string {
	var b strings.Builder
	_, _ = b.WriteString(`Events outlive the user they are about; then --user takes only the id.

Examples:

    signup audit --user ada
    signup audit --limit 1000 --json

The types of events:
`)
	for _, e := range event.All() {
		_, _ = fmt.Fprintf(&b, "\n    %-24s%s", e.Type, e.Doc)
	}
	return b.String()
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
		events, err := svc.As(signup.ActorCLI).Audit(ctx, q)
		if err != nil {
			return err
		}
		return s.answer(map[string]any{"events": eventsJSON(events)}, func(w io.Writer) { table(w, eventRows(events)) })
	})
}

// auditedUser is the id of a user who may be gone.
func auditedUser(ctx context.Context, svc *signup.Service, name string) (int64, error) {
	u, err := findUser(ctx, svc, name)
	if id, isID := userID(name); isID && refusal.Is(err, refusal.UserNotFound) {
		return id, nil
	}
	return u.ID, err
}
