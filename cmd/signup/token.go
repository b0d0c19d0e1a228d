package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/signup-go/signup"
)

type tokenCmd struct {
	Create        tokenCreateCmd        `cmd:"" help:"Make a sign-up token by hand and print it, once."`
	DeleteExpired tokenDeleteExpiredCmd `cmd:"" help:"Remove expired tokens now. The server does it every hour."`
}

type tokenCreateCmd struct {
	User string `arg:"" help:"${user}"`
}

func (tokenCreateCmd) Help() string {
	return `For a user whose mail does not arrive. Only the token goes to the standard output; the link is shown beside it when base-url is set. Anybody who has the token can confirm the address.

Examples:

    signup token create ada
    signup token create ada@example.org --json`
}

// Run makes the token.
func (c tokenCreateCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		u, err := findUser(ctx, svc, c.User)
		if err != nil {
			return err
		}
		token, stored, err := svc.As(signup.ActorCLI).CreateToken(ctx, u.ID)
		if err != nil {
			return err
		}
		link := ""
		if s.config.baseURL != "" {
			link = confirmLink(s.config.baseURL, token)
		}
		err = s.showToken(token, stored, link)
		if !u.VerifiedAt.IsZero() {
			s.hint("%s is verified already: there is nothing left to confirm with it.", u.Username)
		}
		return err
	})
}

// A shownToken is a token for programs.
type shownToken struct {
	Token     string     `json:"token"`
	Link      string     `json:"link,omitempty"` // when the base URL is known
	ID        string     `json:"id"`
	UserID    int64      `json:"user_id"`
	Email     string     `json:"email"`
	ExpiresAt *time.Time `json:"expires_at"`
}

func (s *session) showToken(token signup.Token, stored signup.SignUpToken, link string) error {
	shown := shownToken{token.Reveal(), link, stored.ID, stored.UserID, stored.Address, moments(stored.ExpiresAt)}
	err := s.answer(shown, func(w io.Writer) { _, _ = fmt.Fprintln(w, token.Reveal()) })
	if link != "" {
		s.hint("Link: %s", link)
	} else {
		s.hint("There is no link, for base-url is not set: give --base-url or %s as signup serve has it.", variableOf("base-url"))
	}
	s.hint("It works until %s and is shown once.", moment(stored.ExpiresAt))
	return err
}

type tokenDeleteExpiredCmd struct{}

func (tokenDeleteExpiredCmd) Help() string {
	return `It goes in short transactions, so sign-ups do not wait. When it is interrupted, what was removed stays removed.

Examples:

    signup token delete-expired`
}

// Run removes the tokens.
func (tokenDeleteExpiredCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		var n int
		err := s.during(ctx, "deleting expired tokens", func() (err error) {
			n, err = svc.Post().DeleteExpired(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("after %s: %w", count(n, "token"), err)
		}
		return s.answer(map[string]any{"deleted": n}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "Deleted %s.\n", count(n, "expired token"))
		})
	})
}
