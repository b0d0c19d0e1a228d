package webhook

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

const maxKeep = 30 * 24 * time.Hour

// Rotate gives a hook a new secret. Until keep is over, requests are signed with
// the old one as well. The hook returned has the new secret, which a person can
// see only now.
func (h *Hooks) Rotate(ctx context.Context, by signup.Actor, name string, keep time.Duration) (Hook, error) {
	if keep < 0 || keep > maxKeep {
		return Hook{}, refusal.Field("keep", "must be a duration of at most 720h")
	}
	return h.change(ctx, by, name, func(_ Tx, hook *Hook) (map[string]string, error) {
		hook.replaceSecret(newSecret(), h.now().Add(keep))
		return map[string]string{"secret": "changed"}, refuseDeclared(*hook)
	})
}

func (h *Hook) replaceSecret(s Secret, oldEndsAt time.Time) {
	h.Secret, h.OldSecret, h.OldSecretEndsAt = s, h.Secret, oldEndsAt
}

// byOperator is the reason of a hook that somebody disabled.
const byOperator = "by an administrator"

// Disable sends nothing more to a hook until Enable.
func (h *Hooks) Disable(ctx context.Context, by signup.Actor, name string) (Hook, error) {
	return h.change(ctx, by, name, func(_ Tx, hook *Hook) (map[string]string, error) {
		if !hook.Enabled() {
			return nil, nil
		}
		hook.DisabledAt, hook.DisabledWhy = h.now(), byOperator
		return map[string]string{"enabled": "false"}, nil
	})
}

// Enable makes a hook go on where it stopped, and tries what is owed at once. The
// three days of a delivery begin anew.
func (h *Hooks) Enable(ctx context.Context, by signup.Actor, name string) (Hook, error) {
	return h.change(ctx, by, name, func(tx Tx, hook *Hook) (map[string]string, error) {
		if hook.Enabled() {
			return nil, nil
		}
		return map[string]string{"enabled": "true"}, h.enable(ctx, tx, hook)
	})
}

func (h *Hooks) enable(ctx context.Context, tx Tx, hook *Hook) error {
	hook.DisabledAt, hook.DisabledWhy = time.Time{}, ""
	return tx.RetryDeliveries(ctx, hook.ID, h.now())
}

// Retry tries at once what would wait for its next attempt: the first delivery of
// each user. What is being sent at this moment may be sent again.
func (h *Hooks) Retry(ctx context.Context, by signup.Actor, name string) (Hook, error) {
	return h.change(ctx, by, name, func(tx Tx, hook *Hook) (map[string]string, error) {
		if !hook.Enabled() {
			return nil, refusal.New(refusal.Conflict, "The web hook is disabled; enable it")
		}
		return map[string]string{"retried": "true"}, tx.RetryDeliveries(ctx, hook.ID, h.now())
	})
}

// Replay sends the events since a time again, also those from before the hook was
// added, in the same order and with the same IDs.
func (h *Hooks) Replay(ctx context.Context, by signup.Actor, name string, since time.Time) (Hook, error) {
	if _, err := h.end(ctx); err != nil { // gives every event its position
		return Hook{}, err
	}
	return h.change(ctx, by, name, func(tx Tx, hook *Hook) (map[string]string, error) {
		from, err := tx.PositionSince(ctx, since.UTC().Truncate(time.Millisecond))
		if err != nil || from == 0 || from > hook.Position {
			return nil, err
		}
		hook.Position = from - 1
		return map[string]string{"replayed_since": since.UTC().Format(time.RFC3339)}, tx.DropDeliveries(ctx, hook.ID, from)
	})
}
