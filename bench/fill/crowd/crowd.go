// Package crowd generates, row by row, the contents of the database of a site at
// which people have signed up for years, for a store's Import.
package crowd

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/internal/tables"
)

// A Crowd says how many rows to generate.
type Crowd struct {
	Users   int // the first is an administrator
	Tokens  int // valid tokens, each of another user: of the newest ones, who have not confirmed yet
	Expired int // expired tokens, of the other users
	Now     time.Time

	// Token, if set, is called with each valid token.
	Token func(signup.Token) error
}

// Check returns an error if the numbers are inconsistent.
func (c Crowd) Check() error {
	switch {
	case c.Users < 1 || c.Tokens < 0 || c.Expired < 0:
		return fmt.Errorf("there must be at least one user, and no number can be negative")
	case c.Tokens >= c.Users:
		return fmt.Errorf("each token needs a user other than the administrator: %d tokens need %d users", c.Tokens, c.Tokens+1)
	}
	return nil
}

// Rows returns the number of rows that Load generates.
func (c Crowd) Rows() int { return 4*c.Users + c.Tokens + c.Expired }

// Load generates the rows, and keeps none of them in memory.
func (c Crowd) Load(row func(table string, values []any) error) error {
	for _, t := range []struct {
		name string
		rows int
		make func(id int) ([]any, error)
	}{
		{"users", c.Users, c.user},
		{"sign_up_tokens", c.Tokens + c.Expired, c.token},
		{"mails", c.Users, c.mail},
		{"audit_events", 2 * c.Users, c.event},
		{tables.Counters, 3, c.counter},
	} {
		for id := 1; id <= t.rows; id++ {
			values, err := t.make(id)
			if err == nil {
				err = row(t.name, values)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// token generates the valid tokens first. As in a real site, later rows have
// later times in every table; expired tokens come in the order in which they will
// be deleted.
func (c Crowd) token(n int) ([]any, error) {
	secret := signup.NewToken()
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	if n > c.Tokens {
		p := c.person(1 + (n-c.Tokens)%(c.Users-c.Tokens))
		created := c.Now.Add(-25*time.Hour - kept + share(n-c.Tokens, c.Expired, kept))
		return []any{id.String(), p.id, secret.Hash(), p.email, created, created.Add(24 * time.Hour), n%2 == 0, p.email}, nil
	}
	p := c.person(c.Users - c.Tokens + n)
	if c.Token != nil {
		err = c.Token(secret)
	}
	return []any{id.String(), p.id, secret.Hash(), p.email, p.created, p.created.Add(24 * time.Hour), false, p.email}, err
}

func (c Crowd) mail(n int) ([]any, error) {
	id, err := uuid.NewV7()
	p := c.person(n)
	at := p.created.Add(2 * time.Second)
	return []any{int64(n), id.String(), string(signup.MailConfirmation), p.id, p.id, string(delivery.Sent), int64(1), p.created, at, at, "accepted", "", at, nil}, err
}

func (c Crowd) event(n int) ([]any, error) {
	p := c.person((n + 1) / 2)
	if n%2 == 0 && p.status != signup.StatusUnconfirmed {
		return []any{int64(n), p.created.Add(time.Hour), string(signup.ActorPerson), string(event.Verified), p.id, `{}`, int64(n)}, nil
	}
	return []any{int64(n), p.created, string(signup.ActorPerson), string(event.SignedUp), p.id, `{}`, int64(n)}, nil
}

func (c Crowd) counter(n int) ([]any, error) {
	return [][]any{{"users", int64(c.Users)}, {"mails", int64(c.Users)}, {"audit_events", int64(2 * c.Users)}}[n-1], nil
}

// share returns n of the given number of equal parts of whole.
func share(n, of int, whole time.Duration) time.Duration {
	return time.Duration(float64(whole) * float64(n) / float64(of))
}

// spread maps n to a duration between 0 and longest, always the same one.
func spread(n int, longest time.Duration) time.Duration {
	const steps = 9973
	return longest / steps * time.Duration(n*7919%steps)
}
