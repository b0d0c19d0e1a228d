package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
	"github.com/signup-go/signup/webhook/dispatch"
)

type hookCmd struct {
	Add        hookAddCmd        `cmd:"" help:"Add a web hook and print its secret, once."`
	List       hookListCmd       `cmd:"" help:"List the web hooks, in order of name."`
	Show       hookShowCmd       `cmd:"" help:"Show a web hook, and how much it has not taken yet."`
	Change     hookChangeCmd     `cmd:"" help:"Change the URL or the types of a web hook."`
	Remove     hookRemoveCmd     `cmd:"" help:"Remove a web hook with its deliveries."`
	Enable     hookEnableCmd     `cmd:"" help:"Make a web hook go on where it stopped."`
	Disable    hookDisableCmd    `cmd:"" help:"Send nothing more to a web hook."`
	Rotate     hookRotateCmd     `cmd:"" help:"Replace the secret of a web hook and print the new one, once."`
	Test       hookTestCmd       `cmd:"" help:"Send a test to a web hook."`
	Retry      hookRetryCmd      `cmd:"" help:"Try at once what waits for its next attempt."`
	Replay     hookReplayCmd     `cmd:"" help:"Send the events since a time again."`
	Deliveries hookDeliveriesCmd `cmd:"" help:"List the deliveries of a web hook, newest event first."`
}

type hookAddCmd struct {
	Name  string   `arg:"" help:"Name of the web hook: lower-case letters, digits, hyphens and underscores."`
	URL   string   `arg:"" help:"Where events are posted to."`
	Types []string `placeholder:"TYPE,..." help:"Only events of these types (see signup events --help)."`
}

func (hookAddCmd) Help() string {
	return `It is told of events from now on; signup hook replay sends earlier ones. The secret alone goes to the standard output. It signs the requests as Standard Webhooks describes, and is not shown again.

Examples:

    signup hook add our-app https://app.example.org/hooks/signup --types user.active,user.removed
    signup hook test our-app`
}

// Run adds the hook.
func (c hookAddCmd) Run(ctx context.Context, s *session) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		hook, err := hooks.Add(ctx, signup.ActorCLI, webhook.Hook{Name: c.Name, URL: c.URL, Types: eventTypes(c.Types)})
		if err != nil {
			return err
		}
		return s.answerSecret(hook)
	})
}

// answerSecret prints a new secret.
func (s *session) answerSecret(hook webhook.Hook) error {
	s.hint("Keep this secret: it is shown once.")
	return s.answer(web.NewHookJSON(hook), func(w io.Writer) { _, _ = fmt.Fprintln(w, hook.Secret.Reveal()) })
}

func eventTypes(names []string) []event.Type {
	types := make([]event.Type, len(names))
	for i, name := range names {
		types[i] = event.Type(name)
	}
	return types
}

type hookListCmd struct{}

// Run lists the hooks.
func (hookListCmd) Run(ctx context.Context, s *session) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		list, err := hooks.List(ctx)
		if err != nil {
			return err
		}
		shown := make([]web.Hook, len(list))
		rows := [][]string{{"NAME", "URL", "TYPES", "CREATED", "DECLARED", "DISABLED"}}
		for i, h := range list {
			shown[i] = web.HookJSON(h)
			rows = append(rows, []string{h.Name, h.URL, typesText(h), moment(h.CreatedAt), yesNo(h.Declared), disabledText(h)})
		}
		return s.answer(map[string]any{"web_hooks": shown}, func(w io.Writer) { table(w, rows) })
	})
}

func typesText(h webhook.Hook) string {
	names := make([]string, len(h.Types))
	for i, t := range h.Types {
		names[i] = string(t)
	}
	if len(names) == 0 {
		return "all"
	}
	return strings.Join(names, ",")
}

func disabledText(h webhook.Hook) string {
	if h.Enabled() {
		return "-"
	}
	return moment(h.DisabledAt) + ", " + h.DisabledWhy
}

type hookShowCmd struct {
	Name string `arg:"" help:"Name of the web hook."`
}

// Run shows the hook.
func (c hookShowCmd) Run(ctx context.Context, s *session) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		h, err := hooks.Get(ctx, c.Name)
		if err != nil {
			return err
		}
		owed, err := hooks.CountOwed(ctx, h)
		if err != nil {
			return err
		}
		return s.answer(web.HookDetail{Hook: web.HookJSON(h), Owed: owed}, func(w io.Writer) {
			table(w, [][]string{
				{"name", h.Name},
				{"url", h.URL},
				{"types", typesText(h)},
				{"created", moment(h.CreatedAt)},
				{"declared", yesNo(h.Declared)},
				{"disabled", disabledText(h)},
				{"old secret until", moment(h.OldSecretEndsAt)},
				{"owed", strconv.Itoa(owed)},
			})
		})
	})
}

type hookChangeCmd struct {
	Name  string    `arg:"" help:"Name of the web hook."`
	URL   *string   `name:"url" placeholder:"URL" help:"Where events are posted to."`
	Types *[]string `placeholder:"TYPE,..." help:"Only events of these types; all for every type."`
}

// Run changes the hook.
func (c hookChangeCmd) Run(ctx context.Context, s *session) error {
	var types *[]event.Type
	if c.Types != nil {
		list := eventTypes(*c.Types)
		if len(list) == 1 && list[0] == "all" {
			list = nil
		}
		types = &list
	}
	return s.onHook(ctx, "Changed", func(hooks *webhook.Hooks) (webhook.Hook, error) {
		return hooks.Change(ctx, signup.ActorCLI, c.Name, c.URL, types)
	})
}

type hookRemoveCmd struct {
	Name string `arg:"" help:"Name of the web hook."`
}

// Run removes the hook.
func (c hookRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		if err := hooks.Remove(ctx, signup.ActorCLI, c.Name); err != nil {
			return err
		}
		return s.answer(map[string]any{"name": c.Name, "removed": true}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "Removed the web hook %s.\n", printable(c.Name))
		})
	})
}

type hookEnableCmd struct {
	Name string `arg:"" help:"Name of the web hook."`
}

// Run enables the hook.
func (c hookEnableCmd) Run(ctx context.Context, s *session) error {
	return s.onHook(ctx, "Enabled", func(hooks *webhook.Hooks) (webhook.Hook, error) {
		return hooks.Enable(ctx, signup.ActorCLI, c.Name)
	})
}

type hookDisableCmd struct {
	Name string `arg:"" help:"Name of the web hook."`
}

// Run disables the hook.
func (c hookDisableCmd) Run(ctx context.Context, s *session) error {
	return s.onHook(ctx, "Disabled", func(hooks *webhook.Hooks) (webhook.Hook, error) {
		return hooks.Disable(ctx, signup.ActorCLI, c.Name)
	})
}

type hookRotateCmd struct {
	Name string        `arg:"" help:"Name of the web hook."`
	Keep time.Duration `default:"24h" placeholder:"DURATION" help:"How long requests are signed with the old secret, too (default ${default})."`
}

// Run replaces the secret.
func (c hookRotateCmd) Run(ctx context.Context, s *session) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		hook, err := hooks.Rotate(ctx, signup.ActorCLI, c.Name, c.Keep)
		if err != nil {
			return err
		}
		return s.answerSecret(hook)
	})
}

type hookTestCmd struct {
	Name string `arg:"" help:"Name of the web hook."`
}

func (hookTestCmd) Help() string {
	return `A message of the type web_hook.test is sent from this machine, at once, and not tried again. The exit code is 1 if the receiver does not take it.`
}

// Run sends a test.
func (c hookTestCmd) Run(ctx context.Context, s *session) error {
	return s.withHooks(ctx, func(hooks *webhook.Hooks) error {
		hook, err := hooks.Get(ctx, c.Name)
		if err != nil {
			return err
		}
		a, err := dispatch.New(hooks, dispatch.Options{}).Test(ctx, hook)
		if err != nil {
			return err
		}
		if !a.OK() {
			return fmt.Errorf("the receiver did not take the test: %s", a.Text)
		}
		return s.answer(web.HookTestJSON(a), func(w io.Writer) { _, _ = fmt.Fprintf(w, "The receiver answered %s.\n", a.Text) })
	})
}
