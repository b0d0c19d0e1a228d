package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/scope"
	"github.com/signup-go/signup/web"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make an API key and print it, once."`
	List   keyListCmd   `cmd:"" help:"List the keys, oldest first."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key, at once."`
}

type keyCreateCmd struct {
	Name      string        `required:"" placeholder:"NAME" help:"What the key is for; the audit trail shows it."`
	Scopes    string        `name:"scopes" default:"admin" placeholder:"SCOPES" help:"What the key may do, with commas: read, approve, check-password, or admin for everything (the default)."`
	ExpiresIn time.Duration `placeholder:"DURATION" help:"How long the key works, such as 2160h; for ever unless given."`
}

func (keyCreateCmd) Help() string {
	return `The key alone goes to the standard output. Only its hash is kept: nobody can read it again.

Examples:

    signup key create --name backoffice
    signup key create --name our-app --scopes read,check-password --expires-in 8760h
    KEY=$(signup key create --name ci)
    curl -X PUT -H "Authorization: Bearer $KEY" https://signup.example.org/api/v1/users/7/approve`
}

// Run makes the key.
func (c keyCreateCmd) Run(ctx context.Context, s *session) error {
	scopes, err := scope.Parse(c.Scopes)
	if err != nil {
		return usagef("--scopes: %w", err)
	}
	if c.ExpiresIn < 0 {
		return usagef("--expires-in: must be a duration such as 2160h")
	}
	wanted := signup.APIKey{Name: c.Name, Scopes: scopes}
	if c.ExpiresIn > 0 {
		wanted.EndsAt = time.Now().Add(c.ExpiresIn)
	}
	return s.withNew(ctx, func(svc *signup.Service) error {
		key, stored, err := svc.As(signup.ActorCLI).CreateAPIKey(ctx, wanted)
		if err != nil {
			return err
		}
		shown := web.CreatedAPIKey{Key: key.Reveal(), APIKey: web.APIKeyJSON(stored)}
		s.hint("Keep this key: it is shown once.")
		return s.answer(shown, func(w io.Writer) { _, _ = fmt.Fprintln(w, key.Reveal()) })
	})
}

type keyListCmd struct{}

// Run lists the keys.
func (keyListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		keys, err := svc.As(signup.ActorCLI).APIKeys(ctx)
		if err != nil {
			return err
		}
		shown := make([]web.APIKey, len(keys))
		rows := [][]string{{"NAME", "SCOPES", "CREATED", "BY", "EXPIRES", "LAST USED", "REVOKED"}}
		for i, k := range keys {
			shown[i] = web.APIKeyJSON(k)
			rows = append(rows, []string{k.Name, string(k.Scopes), moment(k.CreatedAt), orDash(string(k.CreatedBy)), moment(k.EndsAt), moment(k.UsedAt), moment(k.RevokedAt)})
		}
		return s.answer(map[string]any{"keys": shown}, func(w io.Writer) { table(w, rows) })
	})
}

type keyRevokeCmd struct {
	Name string `arg:"" help:"Name of the key, or its id."`
}

// Run revokes the key.
func (c keyRevokeCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		if err := svc.As(signup.ActorCLI).RevokeAPIKey(ctx, c.Name); err != nil {
			return err
		}
		return s.answer(map[string]any{"name": c.Name, "revoked": true}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "Revoked the key %s.\n", printable(c.Name))
		})
	})
}
