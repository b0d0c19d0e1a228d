package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/signup-go/signup"
)

const (
	submissionMemory  = time.Minute
	submissionTimeout = time.Minute // nobody waits longer for an answer
	maxSubmissions    = 4096
)

// submissions make a double click harmless: a form that is sent twice within a
// minute is one sign-up, with one answer. That is a convenience. Nothing
// relies on it, and another instance, or this one after a restart, takes a
// repetition for a further sign-up for the address, which the rules allow.
//
// Only a keyed hash of a form is kept, and only where it was taken: a refusal
// may be another one a second later.
type submissions struct {
	key [sha256.Size]byte // of this process
	now func() time.Time

	mu   sync.Mutex
	seen map[[sha256.Size]byte]*submission
}

// A submission is a form that is being worked on, or was.
type submission struct {
	done    chan struct{} // closed when the rest is set
	receipt signup.Receipt
	err     error
	until   time.Time // zero while it is worked on
}

func newSubmissions(now func() time.Time) *submissions {
	s := &submissions{now: now, seen: map[[sha256.Size]byte]*submission{}}
	_, _ = rand.Read(s.key[:]) // never fails
	return s
}

// errInterrupted is what those get who waited for one that panicked.
var errInterrupted = errors.New("the same form, sent before, came to no end")

// once does what a form asks for, unless the same form was sent before: then
// it waits for what came of that. A browser drops the first request of a
// double click, so do does not end with its context.
func (s *submissions) once(ctx context.Context, form string, do func(context.Context) (signup.Receipt, error)) (signup.Receipt, error) {
	key := s.keyOf(form)
	sub, first := s.enter(key)
	if first {
		s.work(ctx, key, sub, do)
	}
	select {
	case <-sub.done:
		return sub.receipt, sub.err
	case <-ctx.Done():
		return signup.Receipt{}, ctx.Err()
	}
}

func (s *submissions) keyOf(form string) (key [sha256.Size]byte) {
	mac := hmac.New(sha256.New, s.key[:])
	_, _ = mac.Write([]byte(form)) // never fails
	mac.Sum(key[:0])
	return key
}

// enter finds a form that was sent before. When there are too many to
// remember, the new one is done and not remembered.
func (s *submissions) enter(key [sha256.Size]byte) (sub *submission, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.seen, func(_ [sha256.Size]byte, old *submission) bool {
		return !old.until.IsZero() && !now.Before(old.until)
	})
	if sub, ok := s.seen[key]; ok {
		return sub, false
	}
	sub = &submission{done: make(chan struct{}), err: errInterrupted}
	if len(s.seen) < maxSubmissions {
		s.seen[key] = sub
	}
	return sub, true
}

func (s *submissions) work(ctx context.Context, key [sha256.Size]byte, sub *submission, do func(context.Context) (signup.Receipt, error)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), submissionTimeout)
	defer cancel()
	defer s.leave(key, sub)
	sub.receipt, sub.err = do(ctx)
}

// leave tells those who wait, and forgets what was not taken.
func (s *submissions) leave(key [sha256.Size]byte, sub *submission) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.until = s.now().Add(submissionMemory)
	if sub.err != nil && s.seen[key] == sub {
		delete(s.seen, key)
	}
	close(sub.done)
}
