package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

type userCreateAdminCmd struct {
	Name          string `placeholder:"NAME" help:"Display name; the username when it is left out."`
	Username      string `required:"" placeholder:"NAME" help:"Username."`
	Email         string `required:"" placeholder:"ADDRESS" help:"Email address; notices of sign-ups waiting for approval go there."`
	Language      string `placeholder:"TAG" help:"Language of the mails, such as de."`
	PasswordStdin bool   `help:"Read the password from the standard input, its first line."`
}

func (userCreateAdminCmd) Help() string {
	return `The password comes from --password-stdin, else from SIGNUP_ADMIN_PASSWORD or SIGNUP_ADMIN_PASSWORD_FILE; else a random one is made and printed, once.

Examples:

    signup user create-admin --username ada --email ada@example.org
    pass show signup | signup user create-admin --username ada --email ada@example.org --password-stdin`
}

const adminPasswordVariable = variablePrefix + "ADMIN_PASSWORD"

// Run makes the administrator.
func (c userCreateAdminCmd) Run(ctx context.Context, s *session) error {
	if c.Name == "" {
		c.Name = c.Username
	}
	password, made, err := s.password(adminPasswordVariable, c.PasswordStdin)
	if err != nil {
		return err
	}
	return s.withNew(ctx, func(svc *signup.Service) error {
		u, err := svc.As(signup.ActorCLI).CreateAdmin(ctx, signup.Registration{
			Name: c.Name, Username: c.Username, Email: c.Email, PreferredLanguage: c.Language, Password: password,
		})
		if err != nil {
			return err
		}
		if !made {
			password = ""
		}
		return s.showWithPassword(ctx, svc, "Made the administrator", u, password)
	})
}

// showWithPassword shows what was done to a user, and the password unless that
// is "": only one that was made here is printed.
func (s *session) showWithPassword(ctx context.Context, svc *signup.Service, done string, u signup.User, password string) error {
	users, err := listUsers(ctx, svc, u)
	if err != nil {
		return err
	}
	shown := struct {
		web.User
		Password string `json:"password,omitempty"`
	}{users[0].json(), password}
	return s.answer(shown, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s %s (id %d).\n", done, printable(u.Username), u.ID)
		if password != "" {
			_, _ = fmt.Fprintf(w, "Password, shown once: %s\n", password)
		}
	})
}

// password finds the password, or makes one.
func (s *session) password(variable string, fromStdin bool) (password string, made bool, err error) {
	if fromStdin {
		password, err = firstLine(s.stdin)
		return password, false, err
	}
	password, where, err := newVariables(s.environ).get(variable)
	if err != nil {
		return "", false, usageError{err}
	}
	if where == "" {
		return newPassword(), true, nil
	}
	return password, false, nil
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxValue)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usagef("the password is missing on the standard input")
	}
	return line, nil
}

// newPassword makes one that every policy takes: 26 random letters and digits
// (130 bits, see rand.Text) and what "strict" wants besides.
func newPassword() string { return rand.Text() + "-7a" }
