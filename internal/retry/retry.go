// Package retry runs a transaction again when it failed for a temporary reason.
package retry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/signup-go/signup"
)

const (
	maxStale   = 5 // runs of one transaction that ended with signup.ErrStale
	firstPause = 5 * time.Millisecond
	longPause  = 250 * time.Millisecond
)

// A Busy is a signup.ErrBusy with its cause.
type Busy struct {
	Cause string
	Again bool // the cause may go away within moments
	Err   error
}

func (e *Busy) Error() string { return e.Cause + ": " + e.Err.Error() }

// Unwrap lets errors.Is find signup.ErrBusy and the database's error.
func (e *Busy) Unwrap() []error { return []error{signup.ErrBusy, e.Err} }

// Passing reports whether the cause of err may go away within moments.
func Passing(err error) bool {
	var e *Busy
	return errors.As(err, &e) && e.Again
}

// Do calls once, and calls it again if the error is passing or wraps
// signup.ErrStale. The context passed to once ends after timeout.
func Do(ctx context.Context, timeout time.Duration, once func(wait context.Context) error) error {
	wait, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stale := 0
	for try := 0; ; try++ {
		err := once(wait)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
			return fmt.Errorf("%w: %w", ctx.Err(), err) // for example "interrupted"
		case errors.Is(err, signup.ErrStale):
			stale++
			if stale == maxStale {
				return err
			}
		case !Passing(err) || !Pause(wait, try):
			return err
		}
	}
}

// Pause waits between two attempts, longer each time and for a random part of the
// time, so that programs do not retry in step. It returns false when wait has
// ended.
func Pause(wait context.Context, try int) bool {
	longest := min(firstPause<<min(try, 10), longPause)
	timer := time.NewTimer(longest/2 + rand.N(longest/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-wait.Done():
		return false
	}
}
