// Size measures whether the size of the database is felt: the same calls on
// the Service beside few rows and beside many, and while a backlog of expired
// tokens is deleted.
//
//	go run ./bench/size [--database sqlite|postgres|postgres://...] [--rows 10000,1000000]
//
// It makes a database for each size and removes it again: a file in a temporary
// folder, or a database on a server, by default one that it starts itself.
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
	database := flag.String("database", "postgres", "sqlite, postgres (a server of its own), or the URL of a server by a role that may create databases")
	rows := flag.String("rows", "10000,1000000", "sizes: so many users and as many tokens, a fifth of them expired")
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
	p, err := newPlace(database)
	if err != nil {
		return err
	}
	defer p.close()
	fmt.Printf("%s, %s/%s, %d cores, %s, rounds of %s, %d callers\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.name, round, callers)
	for _, text := range strings.Split(rows, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 100 {
			return fmt.Errorf("--rows: %q is no number from 100 on", text)
		}
		if err := measureSize(ctx, p, n, round); err != nil {
			return fmt.Errorf("%d rows: %w", n, err)
		}
	}
	return nil
}

func measureSize(ctx context.Context, p *place, rows int, round time.Duration) (err error) {
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
