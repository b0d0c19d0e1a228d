// Bench compares the program, as people run it, with the cheapest thing that
// could do the same. It reports ratios within one run, because machines differ
// and drift. It builds the program, starts it on loopback, and stops what it
// started.
//
//	go run ./bench [-round 4s] [-rounds 3] [-only pages,mails]
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	round := flag.Duration("round", 4*time.Second, "length of one round")
	rounds := flag.Int("rounds", 3, "rounds of each measurement; the median is reported")
	only := flag.String("only", "", "comma-separated measurements to run: "+strings.Join(slices.Sorted(maps.Keys(new(bench).measurements())), ", "))
	empty := flag.Bool("empty", false, "serve an empty handler (used by the bench itself)")
	flag.Parse()
	if *empty {
		serveEmpty()
		return
	}
	if err := run(*round, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(round time.Duration, rounds int, only string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{ctx: ctx, round: round, rounds: rounds, only: only}
	return b.run()
}

func serveEmpty() {
	listener, err := listen()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadRequest) }),
		ReadHeaderTimeout: time.Minute,
	}
	_ = server.Serve(listener)
}

type bench struct {
	ctx    context.Context
	round  time.Duration
	rounds int
	only   string // names of measurements; "" means all
	dir    string
	binary string
}

func (b *bench) run() (err error) {
	if b.dir, err = os.MkdirTemp("", "signup-bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if err := b.build(); err != nil {
		return err
	}
	fmt.Printf("%s, %s/%s, %d cores, %d rounds of %s, medians\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.rounds, b.round)
	for _, d := range []func() (database, error){b.sqlite, b.postgres} {
		if err := b.measure(d); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measure(open func() (database, error)) error {
	d, err := open()
	if err != nil {
		return err
	}
	defer d.stop()
	fmt.Printf("## %s\n\n", d.name)
	names := []string{"start", "sign-ups", "confirms", "rejections", "pages", "mails"}
	if b.only != "" {
		names = strings.Split(b.only, ",")
	}
	for _, name := range names {
		measure, ok := b.measurements()[name]
		if !ok {
			return fmt.Errorf("-only: unknown measurement %q", name)
		}
		if err := measure(d); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}

func (b *bench) measurements() map[string]func(database) error {
	return map[string]func(database) error{
		"start": b.start, "sign-ups": b.signUps, "confirms": b.confirms, "rejections": b.rejections, "pages": b.pages, "mails": b.mails,
	}
}

// A load keeps the machine busy with one operation and returns the operations per
// second.
type load func() (perSecond float64, err error)

// beside runs two loads alternately and prints the medians and their ratio.
func (b *bench) beside(name string, ours load, bareName string, bare load) error {
	var a, c, ratios []float64
	for range b.rounds {
		x, err := ours()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		y, err := bare()
		if err != nil {
			return fmt.Errorf("%s: %w", bareName, err)
		}
		a, c, ratios = append(a, x), append(c, y), append(ratios, x/y)
	}
	fmt.Printf("%-34s %10.1f/s\n%-34s %10.1f/s\n%-34s %10.2f\n\n",
		name, median(a), bareName, median(c), "ratio, pair by pair", median(ratios))
	return nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
