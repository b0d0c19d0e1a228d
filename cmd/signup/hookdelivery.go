package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
	"github.com/signup-go/signup/webhook/dispatch"
)

type hookRetryCmd struct {
	Name string `arg:"" help:"Name of the web hook."`
}

// Run makes what is owed due.
func (c hookRetryCmd) Run(ctx context.Context, s *session) error {
	return s.onHook(ctx, "Trying again:", func(hooks *webhook.Hooks) (webhook.Hook, error) {
		return hooks.Retry(ctx, signup.ActorCLI, c.Name)
	})
}

type hookReplayCmd struct {
	Name  string `arg:"" help:"Name of the web hook."`
	Since string `required:"" placeholder:"TIME" help:"Events at this time or later, such as 2026-01-31T12:00:00Z, or a duration ago, such as 48h."`
}

func (hookReplayCmd) Help() string {
	return `Events from before the hook was added are sent, too. They have the same ids as the first time, so a receiver that remembers ids passes over those it knows.

Examples:

    signup hook replay our-app --since 2026-01-31T12:00:00Z
    signup hook replay our-app --since 48h`
}

// Run sends events again.
func (c hookReplayCmd) Run(ctx context.Context, s *session) error {
	since, err := time.Parse(time.RFC3339, c.Since)
	if ago, errAgo := time.ParseDuration(c.Since); errAgo == nil && ago > 0 {
		since, err = time.Now().Add(-ago), nil
	}
	if err != nil {
		return usagef("--since must be a time such as 2026-01-31T12:00:00Z or a duration such as 48h")
	}
	return s.onHook(ctx, "Sending again to", func(hooks *webhook.Hooks) (webhook.Hook, error) {
		return hooks.Replay(ctx, signup.ActorCLI, c.Name, since)
	})
}

type hookDeliveriesCmd struct {
	Name   string `arg:"" help:"Name of the web hook."`
	Owed   bool   `help:"Only those that the receiver has not taken yet."`
	Limit  int    `default:"100" placeholder:"N" help:"Maximum number of results (default ${default})."`
	Before int64  `placeholder:"POSITION" help:"Only those with a smaller position: the next page."`
}

// Run lists deliveries.
func (c hookDeliveriesCmd) Run(ctx context.Context, s *session) error {
	if c.Limit < 1 {
		return usagef("--limit must be at least 1")
	}
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		found, err := hooks.Deliveries(ctx, c.Name, webhook.Query{Owed: c.Owed, Before: c.Before, Limit: c.Limit})
		if err != nil {
			return err
		}
		shown := make([]web.HookDelivery, len(found))
		rows := [][]string{{"POSITION", "TYPE", "USER", "STATE", "CREATED", "ATTEMPTS", "LAST ATTEMPT", "NEXT ATTEMPT", "LAST ANSWER"}}
		for i, d := range found {
			shown[i] = web.HookDeliveryJSON(d)
			rows = append(rows, []string{
				strconv.FormatInt(d.Position, 10), string(d.Type), strconv.FormatInt(d.UserID, 10), d.State(), moment(d.CreatedAt),
				strconv.Itoa(d.Attempts), moment(d.LastAttemptAt), moment(d.NextAttemptAt), orDash(d.LastAnswer),
			})
		}
		return s.answer(map[string]any{"deliveries": shown}, func(w io.Writer) { table(w, rows) })
	})
}

// onHook runs a verb on a hook and says that it is done.
func (s *session) onHook(ctx context.Context, done string, f func(*webhook.Hooks) (webhook.Hook, error)) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		hook, err := f(hooks)
		if err != nil {
			return err
		}
		return s.answer(web.HookJSON(hook), func(w io.Writer) { _, _ = fmt.Fprintf(w, "%s the web hook %s.\n", done, printable(hook.Name)) })
	})
}

// withHooks runs f on the web hooks as a command has them.
func (s *session) withHooks(ctx context.Context, f func(*webhook.Hooks) error) error {
	return s.withOpened(ctx, openExisting, func(db *database, svc *signup.Service) error {
		return f(webhook.New(db.store, svc, webhook.Options{Allow: s.config.webHookAllow, Log: s.commandLog()}))
	})
}

// setUpHooks makes the declared web hooks exist.
func (s *instance) setUpHooks(ctx context.Context) error {
	s.hooks = webhook.New(s.db.store, s.svc, webhook.Options{Allow: s.config.webHookAllow, Log: s.log})
	s.sendHooks = dispatch.New(s.hooks, dispatch.Options{Log: s.log, Data: func(ctx context.Context, e signup.AuditEvent) (any, error) {
		return web.ShowEvent(ctx, s.svc, e)
	}})
	return s.hooks.Declare(ctx, s.config.webHooks)
}
