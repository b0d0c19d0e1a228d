package signup_test

import (
	"errors"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// TestSessionRefusalsAreNotShared: a caller that changes a refusal, for example
// to set its Field, must not change what other callers get.
func TestSessionRefusalsAreNotShared(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for name, refuse := range map[string]func() error{
			"sign-in": func() error { _, _, err := w.SignIn(w.ctx, "nobody", "wrong", ""); return err },
			"session": func() error { _, _, err := w.Session(w.ctx, "junk"); return err },
			"ended":   func() error { _, _, err := w.Session(w.ctx, signup.NewToken().Reveal()); return err },
		} {
			var first, second *refusal.Error
			if !errors.As(refuse(), &first) {
				t.Fatalf("%s: no refusal", name)
			}
			want := *first
			*first = refusal.Error{Code: "changed"}
			if !errors.As(refuse(), &second) || second.Code != want.Code || second.Message != want.Message || second.Field != "" {
				t.Errorf("%s: %+v, want %+v", name, second, want)
			}
		}
	})
}
