package web

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// The memory is bounded: what finds no room is done all the same.
func TestSubmissionsAreBounded(t *testing.T) {
	now := time.Now()
	s := newSubmissions(func() time.Time { return now })
	n := 0
	send := func(form string) {
		t.Helper()
		_, err := s.once(t.Context(), form, func(context.Context) (signup.Receipt, error) { n++; return signup.Receipt{}, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxSubmissions {
		send(strconv.Itoa(i))
	}
	for range 2 {
		send("one too many")
		send("0") // remembered
	}
	if n != maxSubmissions+2 || len(s.seen) != maxSubmissions {
		t.Errorf("%d done, %d remembered", n, len(s.seen))
	}
	now = now.Add(submissionMemory)
	send("0")
	if n != maxSubmissions+3 || len(s.seen) != 1 {
		t.Errorf("%d done, %d remembered a minute later", n, len(s.seen))
	}
}
