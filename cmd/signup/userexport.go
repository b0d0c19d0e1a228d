package main

import (
	"bufio"
	"context"
	"encoding/json"

	"github.com/signup-go/signup"
)

type userExportCmd struct {
	Status         string `enum:"${statuses}" default:"active" placeholder:"STATUS" help:"Users with this status: ${statuses_list} (default ${default})."`
	PasswordHashes bool   `help:"Include the password hashes, which are secrets."`
}

func (userExportCmd) Help() string {
	return `It prints one person a line as JSON, oldest first, as signup user import reads them.

Examples:

    signup user export > people.jsonl
    signup user export --password-hashes | ssh other.example.org signup user import -`
}

const exportPage = 1000

// Run prints page by page, so that it needs little memory.
func (c userExportCmd) Run(ctx context.Context, s *session) error {
	out := bufio.NewWriter(s.stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	q := signup.UserQuery{Status: signup.Status(c.Status), OldestFirst: true, Limit: exportPage}
	return s.with(ctx, func(svc *signup.Service) error {
		for {
			users, err := svc.As(signup.ActorCLI).List(ctx, q)
			if err != nil {
				return err
			}
			for _, u := range users {
				if err := lines.Encode(c.person(u)); err != nil {
					return err
				}
				q.After = u.ID
			}
			if len(users) < exportPage {
				return out.Flush()
			}
		}
	})
}

func (c userExportCmd) person(u signup.User) personLine {
	p := personLine{Name: u.Name, Username: u.Username, Email: u.Email, PreferredLanguage: u.Language, Profile: u.Profile}
	if c.PasswordHashes {
		p.PasswordHash = string(u.PasswordHash)
	}
	return p
}
