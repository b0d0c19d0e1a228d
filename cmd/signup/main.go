// Command signup runs a sign-up system and administers it. See
// `signup --help`.
package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	// Package chat's library uses it as it is, which is without any limit.
	http.DefaultClient.Timeout = time.Minute
	if os.Getenv("GOGC") == "" {
		// Each password's memory is collected once it is hashed: the collector
		// need not run in the middle of the next as well.
		debug.SetGCPercent(200)
	}
	p := program{
		args:    os.Args[1:],
		environ: os.Environ(),
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
	}
	os.Exit(runUntilSignal(p))
}

// runUntilSignal lets the first signal end the program gracefully and the
// second one at once.
func runUntilSignal(p program) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return p.run(ctx)
}
