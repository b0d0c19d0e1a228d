// Fill quickly fills an empty database with generated people and tokens, for load
// tests:
//
//	go run ./bench/fill --database sqlite:big.db --users 1000000 --tokens 200000 --expired 50000 --tokens-out tokens.txt
//
// It creates one administrator. Most of the other users are active; some wait for
// approval, were rejected or are unconfirmed. No password works for them, and no
// mail is owed to anybody.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/bench/fill/crowd"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/sqlite"
)

func main() {
	database := flag.String("database", "", "sqlite:PATH or postgres://...; must be empty")
	users := flag.Int("users", 1000, "number of users")
	tokens := flag.Int("tokens", 100, "number of users with a valid token")
	expired := flag.Int("expired", 0, "number of expired tokens")
	out := flag.String("tokens-out", "", "file for the valid tokens, one per line")
	flag.Parse()
	c := crowd.Crowd{Users: *users, Tokens: *tokens, Expired: *expired, Now: time.Now().UTC()}
	if err := runUntilInterrupt(*database, c, *out); err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

func runUntilInterrupt(database string, c crowd.Crowd, out string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return run(ctx, database, c, out)
}

func run(ctx context.Context, database string, c crowd.Crowd, out string) (err error) {
	if err := c.Check(); err != nil {
		return err
	}
	s, err := open(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	if out == "" {
		return load(ctx, s, c)
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	c.Token = func(t signup.Token) error {
		_, err := w.WriteString(t.Reveal() + "\n")
		return err
	}
	return errors.Join(load(ctx, s, c), w.Flush(), f.Close())
}

func load(ctx context.Context, s store, c crowd.Crowd) error {
	b := newBar(c.Rows())
	err := s.Import(ctx, func(row func(string, []any) error) error {
		return c.Load(func(table string, values []any) error {
			b.step(table)
			return row(table, values)
		})
	})
	if err == nil {
		b.end()
	}
	return err
}

type store interface {
	Migrate(context.Context) error
	Import(context.Context, func(row func(table string, values []any) error) error) error
	Close() error
}

func open(ctx context.Context, database string) (store, error) {
	scheme, path, _ := strings.Cut(database, ":")
	switch scheme {
	case "sqlite":
		return sqlite.Open(ctx, path, sqlite.Options{})
	case "postgres", "postgresql":
		return postgres.Open(ctx, database, postgres.Options{})
	default:
		return nil, errors.New("--database must be sqlite:PATH or postgres://USER@HOST/NAME")
	}
}
