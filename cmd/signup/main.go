// Command signup runs a sign-up system and administers it. See
// `signup --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
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
