// Package crowd makes up what is in the database of a site that people have
// signed up at for years, row by row, for a store's Import.
package crowd

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/tables"
)

// A Crowd says how much there is to be.
type Crowd struct {
	Users   int // the first is an administrator
	Tokens  int // that work, each of another user: the newest ones, who have not confirmed yet
	Expired int // tokens, of the others
	Now     time.Time

	// Token, if set, is told each token that works.
	Token func(signup.Token) error
}

// Check refuses what does not fit together.
func (c Crowd) Check() error {
	switch {
	case c.Users < 1 || c.Tokens < 0 || c.Expired < 0:
		return fmt.Errorf("there must be one user at least, and no number can be negative")
	case c.Tokens >= c.Users:
		return fmt.Errorf("each token needs a user, and there is an administrator: %d tokens take %d users", c.Tokens, c.Tokens+1)
	}
	return nil
}

// Rows is how many rows Load makes.
func (c Crowd) Rows() int { return 5*c.Users + c.Tokens + c.Expired }

// Load makes the rows. It keeps none of them.
func (c Crowd) Load(row func(table string, values []any) error) error {
	for _, t := range []struct {
		name string
		rows int
		make func(id int) ([]any, error)
	}{
		{"users", c.Users, c.user},
		{"usernames", c.Users, c.username},
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

func (c Crowd) username(id int) ([]any, error) {
	p := c.person(id)
	return []any{p.username, int64(id)}, nil
}

// token makes those that work first. As in a site that lives, what was made
// later is further on in every table: the expired ones in the order in which
// they are deleted.
func (c Crowd) token(n int) ([]any, error) {
	secret := signup.NewToken()
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	if n > c.Tokens {
		p := c.person(1 + (n-c.Tokens)%(c.Users-c.Tokens))
		created := c.Now.Add(-25*time.Hour - kept + share(n-c.Tokens, c.Expired, kept))
		return []any{id.String(), p.id, "", secret.Hash(), p.email, created, created.Add(signup.DefaultTokenLifetime), n%2 == 0}, nil
	}
	p := c.person(c.Users - c.Tokens + n)
	if c.Token != nil {
		err = c.Token(secret)
	}
	return []any{id.String(), p.id, "", secret.Hash(), p.email, p.created, p.created.Add(signup.DefaultTokenLifetime), false}, err
}

func (c Crowd) mail(n int) ([]any, error) {
	id, err := uuid.NewV7()
	p := c.person(n)
	at := p.created.Add(2 * time.Second)
	return []any{int64(n), id.String(), "confirmation", p.id, p.id, "", "sent", int64(1), p.created, at, at, "accepted", "", at, nil}, err
}

func (c Crowd) event(n int) ([]any, error) {
	p := c.person((n + 1) / 2)
	if n%2 == 0 && p.status != signup.StatusUnconfirmed {
		return []any{int64(n), p.created.Add(time.Hour), "person", "user.verified", p.id, `{}`}, nil
	}
	return []any{int64(n), p.created, "person", "user.signed_up", p.id, `{}`}, nil
}

func (c Crowd) counter(n int) ([]any, error) {
	return [][]any{{"users", int64(c.Users)}, {"mails", int64(c.Users)}, {"audit_events", int64(2 * c.Users)}}[n-1], nil
}

// share is the nth of so many equal parts.
func share(n, of int, whole time.Duration) time.Duration {
	return time.Duration(float64(whole) * float64(n) / float64(of))
}

// spread takes n to some time between 0 and the longest, ever the same.
func spread(n int, longest time.Duration) time.Duration {
	const steps = 9973
	return longest / steps * time.Duration(n*7919%steps)
}
