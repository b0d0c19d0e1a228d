package smtp_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup/smtp"
)

func asError(err error) *smtp.Error {
	var e *smtp.Error
	errors.As(err, &e)
	return e
}

func checkError(t *testing.T, what string, err error, phases ...smtp.Phase) {
	t.Helper()
	e := asError(err)
	if e == nil {
		t.Errorf("%s: %v is not an *smtp.Error", what, err)
		return
	}
	if !slices.Contains(phases, e.Phase) {
		t.Errorf("%s: phase %s, want %v: %v", what, e.Phase, phases, err)
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// await waits until the condition holds.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("timed out")
		}
	}
}
