package webhook

import (
	"context"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

const (
	// keepDeclared is how long requests are still signed with a secret that the
	// configuration had before.
	keepDeclared = 24 * time.Hour

	undeclared = "no longer in the configuration"
)

// CheckDeclared reports what is wrong with a hook for Declare, where hosts with
// private addresses are allowed as Options.Allow says.
func CheckDeclared(hook Hook, allow []string) error {
	var errs refusal.Errors
	errs.Add(check(hook, allow))
	_, err := ParseSecret(hook.Secret.Reveal())
	errs.Add(err)
	return errs.OrNil()
}

// Declare makes the hooks of the configuration exist, with Name, URL, Types and
// Secret. Hooks that were declared before and are not among them are disabled.
func (h *Hooks) Declare(ctx context.Context, hooks []Hook) error {
	for _, hook := range hooks {
		if err := CheckDeclared(hook, h.o.Allow); err != nil {
			return err
		}
	}
	stored, err := h.List(ctx)
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		err := h.declare(ctx, hook, slices.ContainsFunc(stored, func(s Hook) bool { return s.Name == hook.Name }))
		if err != nil {
			return err
		}
	}
	for _, hook := range stored {
		if hook.Declared && !slices.ContainsFunc(hooks, func(d Hook) bool { return d.Name == hook.Name }) {
			if err := h.undeclare(ctx, hook.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *Hooks) declare(ctx context.Context, hook Hook, exists bool) error {
	if !exists {
		hook.Declared = true
		_, err := h.add(ctx, signup.ActorSystem, hook)
		if !refusal.Is(err, refusal.Conflict) { // with another instance that starts
			return err
		}
	}
	_, err := h.change(ctx, signup.ActorSystem, hook.Name, func(tx Tx, s *Hook) (map[string]string, error) {
		done := s.adopt(hook, h.now())
		if s.DisabledWhy == undeclared {
			done["enabled"] = "true"
			if err := h.enable(ctx, tx, s); err != nil {
				return nil, err
			}
		}
		if len(done) == 0 {
			return nil, nil
		}
		return done, nil
	})
	return err
}

// adopt changes a stored hook to a declared one, and returns what changed.
func (h *Hook) adopt(declared Hook, now time.Time) map[string]string {
	done := map[string]string{}
	if !h.Declared {
		h.Declared, done["declared"] = true, "true"
	}
	if h.URL != declared.URL {
		h.URL, done["url"] = declared.URL, "changed"
	}
	if !slices.Equal(h.Types, declared.Types) {
		h.Types, done["types"] = declared.Types, namesOf(declared.Types)
	}
	if h.Secret != declared.Secret {
		h.replaceSecret(declared.Secret, now.Add(keepDeclared))
		done["secret"] = "changed"
	}
	return done
}

func (h *Hooks) undeclare(ctx context.Context, name string) error {
	_, err := h.change(ctx, signup.ActorSystem, name, func(_ Tx, hook *Hook) (map[string]string, error) {
		done := map[string]string{"declared": "false"}
		hook.Declared = false
		if hook.Enabled() {
			hook.DisabledAt, hook.DisabledWhy, done["enabled"] = h.now(), undeclared, "false"
		}
		return done, nil
	})
	return err
}
