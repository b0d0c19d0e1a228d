package webhook

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
)

const (
	// Lease is how long a delivery belongs to who claimed it. After that it may be
	// sent again.
	Lease = 30 * time.Second

	patience  = 3 * 24 * time.Hour  // until a hook is disabled whose receiver takes a delivery no more
	retention = 30 * 24 * time.Hour // of deliveries that ended

	firstWait, longestWait = 5 * time.Second, time.Hour // Backoff, without jitter
	longestAsked           = 6 * time.Hour              // that a receiver can ask for
	collectAtOnce          = 200                        // events, in one transaction
	deleteAtOnce           = 500
)

// Statuses of HTTP with a meaning of their own. Package net/http would make the
// stores, which import this package, heavier.
const (
	gone            = 410
	tooManyRequests = 429
	unavailable     = 503
)

// Backoff returns the wait after the given number of failed attempts: 5 s, 15 s,
// 45 s and so on up to an hour, more or less by a fifth.
func Backoff(attempts int) time.Duration {
	wait := firstWait
	for i := 1; i < attempts && wait < longestWait; i++ {
		wait *= 3
	}
	wait = min(wait, longestWait)
	return wait - wait/5 + rand.N(2*wait/5)
}

// An Answer is what came of an attempt.
type Answer struct {
	Status     int           // of the response; 0 for none
	Text       string        // for people
	RetryAfter time.Duration // that the receiver asks for; 0 for none
}

// OK reports whether the receiver took the delivery.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Work is what there is to do.
type Work struct {
	Due  []Hook // have deliveries to send
	More bool   // there may be more new events
	Idle bool   // no hook is enabled
}

// Collect adds deliveries for new events, some at a time, and returns what there
// is to do.
func (h *Hooks) Collect(ctx context.Context) (work Work, err error) {
	hooks, err := h.List(ctx)
	hooks = slices.DeleteFunc(hooks, func(hook Hook) bool { return !hook.Enabled() })
	if err != nil || len(hooks) == 0 {
		return Work{Idle: err == nil}, err
	}
	end, err := h.end(ctx)
	if err != nil {
		return work, err
	}
	for _, hook := range hooks {
		if hook.Position >= end {
			continue
		}
		more, err := h.collect(ctx, hook.ID)
		if err != nil {
			return work, err
		}
		work.More = work.More || more
	}
	work.Due, err = peek(ctx, h, func(r Reader) ([]Hook, error) { return r.DueWebHooks(ctx, h.now()) })
	return work, err
}

// collect adds deliveries for the next events, and moves the hook's position past
// them. more reports whether there may be further ones.
func (h *Hooks) collect(ctx context.Context, id int64) (more bool, err error) {
	err = h.update(ctx, func(tx Tx) error {
		hook, err := tx.HoldWebHook(ctx, id)
		if err != nil || !hook.Enabled() {
			return err
		}
		// The end first: what is read after it has every event up to it.
		end, err := tx.EventEnd(ctx)
		if err != nil {
			return err
		}
		events, err := tx.EventsAfter(ctx, hook.Position, hook.wants(), collectAtOnce)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := h.deliver(ctx, tx, hook, e); err != nil {
				return err
			}
			hook.Position = e.Position
		}
		if more = len(events) == collectAtOnce; !more {
			hook.Position = max(hook.Position, end.Position)
		}
		return tx.UpdateWebHook(ctx, hook)
	})
	if errors.Is(err, signup.ErrNotFound) {
		return false, nil // removed since
	}
	return more, err
}

func (h *Hooks) deliver(ctx context.Context, tx Tx, hook Hook, e signup.AuditEvent) error {
	d := Delivery{HookID: hook.ID, Position: e.Position, UserID: e.UserID, Type: e.Type, CreatedAt: h.now()}
	if err := tx.AddDelivery(ctx, d); err != nil {
		return err
	}
	return tx.AdvanceUser(ctx, hook.ID, e.UserID, h.now())
}

// Event returns the event of a delivery.
func (h *Hooks) Event(ctx context.Context, d Delivery) (e signup.AuditEvent, err error) {
	err = h.store.Peek(ctx, func(r signup.Reader) error {
		found, err := r.EventsAfter(ctx, d.Position-1, nil, 1)
		if err == nil && len(found) == 0 {
			err = signup.ErrNotFound
		}
		if err == nil {
			e = found[0]
		}
		return err
	})
	return e, err
}

// Claim returns at most limit deliveries to send, at most one about each user,
// and the hook as it is now.
func (h *Hooks) Claim(ctx context.Context, id int64, limit int) (hook Hook, claimed []Delivery, err error) {
	err = h.update(ctx, func(tx Tx) error {
		if hook, err = tx.HoldWebHook(ctx, id); err == nil {
			claimed, err = h.claim(ctx, tx, hook, limit)
		}
		return err
	})
	switch {
	case errors.Is(err, signup.ErrNotFound):
		return hook, nil, nil // removed since
	case err != nil:
		return hook, nil, err // what the function claimed was rolled back
	}
	return hook, claimed, nil
}

func (h *Hooks) claim(ctx context.Context, tx Tx, hook Hook, limit int) ([]Delivery, error) {
	if !hook.Enabled() || limit == 0 {
		return nil, nil
	}
	now := h.now()
	return tx.ClaimDeliveries(ctx, hook.ID, limit, now, now.Add(Lease))
}

// Finish stores what came of a delivery that was claimed, and claims at most limit
// others of the hook.
func (h *Hooks) Finish(ctx context.Context, d Delivery, a Answer, limit int) (hook Hook, next []Delivery, err error) {
	disabled := false
	err = h.update(ctx, func(tx Tx) error {
		if hook, err = tx.HoldWebHook(ctx, d.HookID); err != nil {
			return err
		}
		if disabled, err = h.finish(ctx, tx, &hook, d, a); err != nil {
			return err
		}
		next, err = h.claim(ctx, tx, hook, limit)
		return err
	})
	if disabled && err == nil {
		h.o.Log.WarnContext(ctx, "a web hook was disabled", "name", hook.Name, "reason", hook.DisabledWhy)
	}
	if errors.Is(err, signup.ErrNotFound) {
		return hook, nil, nil // removed since
	}
	return hook, next, err
}

func (h *Hooks) finish(ctx context.Context, tx Tx, hook *Hook, d Delivery, a Answer) (disabled bool, err error) {
	claimedTill := d.NextAttemptAt
	d.attempted(a, h.now(), h.o.Backoff)
	err = tx.StoreAttempt(ctx, d, claimedTill)
	if errors.Is(err, signup.ErrNotFound) {
		return false, nil // the lease had ended, or the delivery is to be sent again anyway
	}
	if err != nil {
		return false, err
	}
	if a.OK() {
		return false, tx.AdvanceUser(ctx, hook.ID, d.UserID, h.now())
	}
	why := d.disables(a)
	if why == "" || !hook.Enabled() {
		return false, nil
	}
	hook.DisabledAt, hook.DisabledWhy = h.now(), why
	if err := tx.UpdateWebHook(ctx, *hook); err != nil {
		return false, err
	}
	return true, h.record(ctx, tx, signup.ActorSystem, event.WebHookDisabled, map[string]string{"name": hook.Name, "reason": why})
}

const maxAnswer = 300 // characters

// attempted notes an attempt.
func (d *Delivery) attempted(a Answer, now time.Time, backoff func(int) time.Duration) {
	if text := []rune(a.Text); len(text) > maxAnswer {
		a.Text = string(text[:maxAnswer])
	}
	d.Attempts++
	d.LastAttemptAt, d.LastAnswer = now, a.Text
	if a.OK() {
		d.NextAttemptAt, d.EndedAt = time.Time{}, now
		return
	}
	if d.TryingSince.IsZero() {
		d.TryingSince = now
	}
	wait := backoff(d.Attempts)
	if a.RetryAfter > 0 && (a.Status == tooManyRequests || a.Status == unavailable) {
		wait = min(max(a.RetryAfter, time.Second), longestAsked)
	}
	d.NextAttemptAt = now.Add(wait).Truncate(time.Millisecond)
}

// disables returns why the answer ends the patience with the hook, or "".
func (d Delivery) disables(a Answer) string {
	switch {
	case a.Status == gone:
		return "the receiver answered 410 Gone"
	case d.LastAttemptAt.Sub(d.TryingSince) >= patience:
		return "a delivery failed for three days; last: " + d.LastAnswer
	}
	return ""
}

// DeleteOld deletes deliveries that ended 30 days ago, and returns their number.
func (h *Hooks) DeleteOld(ctx context.Context) (total int, err error) {
	for n := deleteAtOnce; n == deleteAtOnce; total += n {
		err := h.update(ctx, func(tx Tx) (err error) {
			n, err = tx.DeleteOldDeliveries(ctx, h.now().Add(-retention), deleteAtOnce)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
