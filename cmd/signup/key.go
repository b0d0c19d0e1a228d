package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make an API key and print it, once."`
	List   keyListCmd   `cmd:"" help:"List the keys, oldest first."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key, at once."`
}

type keyCreateCmd struct {
	Name string `required:"" placeholder:"NAME" help:"What the key is for; the audit trail shows it."`
}

func (keyCreateCmd) Help() string {
	return `The key alone goes to the standard output. Only its hash is kept: nobody can read it again.

Examples:

    signup key create --name backoffice
    KEY=$(signup key create --name ci)
    curl -X PUT -H "Authorization: Bearer $KEY" https://signup.example.org/api/v1/users/7/approve`
}

// Run makes the key.
func (c keyCreateCmd) Run(ctx context.Context, s *session) error {
	return s.withNew(ctx, func(svc *signup.Service) error {
		key, stored, err := svc.As(signup.ActorCLI).CreateAPIKey(ctx, c.Name)
		if err != nil {
			return err
		}
		shown := showKey(stored)
		shown.Key = key.Reveal()
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
		shown := make([]shownKey, len(keys))
		rows := [][]string{{"NAME", "CREATED", "REVOKED"}}
		for i, k := range keys {
			shown[i] = showKey(k)
			rows = append(rows, []string{k.Name, moment(k.CreatedAt), moment(k.RevokedAt)})
		}
		return s.answer(map[string]any{"keys": shown}, func(w io.Writer) { table(w, rows) })
	})
}

type keyRevokeCmd struct {
	Name string `arg:"" help:"Name of the key."`
}

// Run revokes the key.
func (c keyRevokeCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		err := svc.As(signup.ActorCLI).RevokeAPIKey(ctx, c.Name)
		if refusal.Is(err, refusal.Invalid) {
			return notFoundError{err}
		}
		if err != nil {
			return err
		}
		return s.answer(map[string]any{"name": c.Name, "revoked": true}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "Revoked the key %s.\n", printable(c.Name))
		})
	})
}

// A shownKey is an API key for programs; Key is there only when it was made.
type shownKey struct {
	Key       string     `json:"key,omitempty"`
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt *time.Time `json:"created_at"`
	RevokedAt *time.Time `json:"revoked_at"`
}

func showKey(k signup.APIKey) shownKey {
	return shownKey{ID: k.ID, Name: k.Name, CreatedAt: moments(k.CreatedAt), RevokedAt: moments(k.RevokedAt)}
}
