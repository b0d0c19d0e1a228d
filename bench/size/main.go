// Size measures how the size of the database affects the speed: the same calls of
// the Service with few rows and with many, and while a backlog of expired tokens
// is deleted.
//
//	go run ./bench/size [--database sqlite|postgres|postgres://...] [--rows 10000,1000000]
//
// It creates a database for each size and deletes it again: a file in a temporary
// folder, or a database on a server, which it starts itself by default.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	database := flag.String("database", "postgres", "sqlite, postgres (starts a server), or the URL of a server with a role that may create databases")
	rows := flag.String("rows", "10000,1000000", "comma-separated sizes: number of users, and of tokens, a fifth of them expired")
	round := flag.Duration("round", 5*time.Second, "length of one measurement")
	flag.Parse()
	if err := run(*database, *rows, *round); err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(1)
	}
}

func run(database, rows string, round time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p, err := newHost(database)
	if err != nil {
		return err
	}
	defer p.close()
	fmt.Printf("%s, %s/%s, %d cores, %s, rounds of %s, %d callers\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.name, round, callers)
	for _, text := range strings.Split(rows, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 100 {
			return fmt.Errorf("--rows: %q is not a number of at least 100", text)
		}
		if err := measureSize(ctx, p, n, round); err != nil {
			return fmt.Errorf("%d rows: %w", n, err)
		}
	}
	return nil
}

func measureSize(ctx context.Context, p *host, rows int, round time.Duration) (err error) {
	s, remove, err := p.open(ctx, fmt.Sprintf("signup_size_%d", rows))
	if err != nil {
		return err
	}
	defer remove()
	m := &measurement{ctx: ctx, store: s, round: round}
	if err := m.fill(rows); err != nil {
		return err
	}
	for _, step := range []func() error{m.lookUps, m.adminPages, m.writes, m.deletion} {
		if err := step(); err != nil {
			return err
		}
	}
	fmt.Println()
	return nil
}
