package webhook

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
)

// Options configure Hooks. The zero value is suitable for production.
type Options struct {
	// Allow lists hosts that requests may go to although their addresses are
	// private, by the name that is in the URL.
	Allow []string

	Log     *slog.Logger                     // nil: nothing is logged
	Now     func() time.Time                 // nil: time.Now
	Backoff func(attempts int) time.Duration // the wait after that many failed attempts; nil: the function Backoff
}

// Hooks are the web hooks of a Service.
type Hooks struct {
	store signup.Store
	svc   *signup.Service
	o     Options
}

// New returns the web hooks in the store of a Service. The methods fail if the
// store has none; those of packages sqlite and postgres have.
func New(store signup.Store, svc *signup.Service, o Options) *Hooks {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Backoff == nil {
		o.Backoff = Backoff
	}
	return &Hooks{store, svc, o}
}

func (h *Hooks) now() time.Time { return h.o.Now().UTC().Truncate(time.Millisecond) }

var errNoHooks = errors.New("the store has no web hooks")

// peek runs one read.
func peek[T any](ctx context.Context, h *Hooks, read func(Reader) (T, error)) (v T, err error) {
	err = h.store.Peek(ctx, func(r signup.Reader) error {
		hooks, ok := r.(Reader)
		if !ok {
			return errNoHooks
		}
		v, err = read(hooks)
		return err
	})
	return v, err
}

func (h *Hooks) update(ctx context.Context, do func(Tx) error) error {
	return h.store.Update(ctx, func(tx signup.Tx) error {
		hooks, ok := tx.(Tx)
		if !ok {
			return errNoHooks
		}
		return do(hooks)
	})
}

// record adds an event about a hook to the audit trail.
func (h *Hooks) record(ctx context.Context, tx Tx, by signup.Actor, what event.Type, detail map[string]string) error {
	return tx.AddAudit(ctx, signup.AuditEvent{At: h.now(), Actor: by, Type: what, Detail: detail})
}

// List returns all hooks in order of name.
func (h *Hooks) List(ctx context.Context) ([]Hook, error) { return peek(ctx, h, listOf(ctx)) }

func listOf(ctx context.Context) func(Reader) ([]Hook, error) {
	return func(r Reader) ([]Hook, error) { return r.WebHooks(ctx) }
}

// Get returns a hook, or refuses with refusal.WebHookNotFound.
func (h *Hooks) Get(ctx context.Context, name string) (Hook, error) {
	hook, err := peek(ctx, h, func(r Reader) (Hook, error) { return r.WebHook(ctx, name) })
	if errors.Is(err, signup.ErrNotFound) {
		err = refusal.New(refusal.WebHookNotFound, "Web hook not found")
	}
	return hook, err
}

// CountOwed returns how many events the hook has not taken yet.
func (h *Hooks) CountOwed(ctx context.Context, hook Hook) (int, error) {
	return peek(ctx, h, func(r Reader) (int, error) { return r.CountOwed(ctx, hook.ID) })
}

// Deliveries returns a page of a hook's deliveries.
func (h *Hooks) Deliveries(ctx context.Context, name string, q Query) ([]Delivery, error) {
	hook, err := h.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	q.HookID = hook.ID
	return peek(ctx, h, func(r Reader) ([]Delivery, error) { return r.Deliveries(ctx, q) })
}

var hookName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// check checks what the operator chooses.
func check(hook Hook, allow []string) error {
	var errs refusal.Errors
	if !hookName.MatchString(hook.Name) {
		errs.Add(refusal.Field("name", "must have 1 to 63 lower-case letters, digits, hyphens and underscores, and begin with a letter or digit"))
	}
	errs.Add(checkURL(hook.URL, allow))
	for i, t := range hook.Types {
		if !slices.Contains(event.Public(), t) || slices.Contains(hook.Types[:i], t) {
			errs.Add(refusal.Field("types", "must be types that the list of events has, each once"))
			break
		}
	}
	return errs.OrNil()
}

// Add adds a hook with Name, URL and Types of the given one. It is told of events
// from now on. The hook returned has the secret, which a person can see only now.
func (h *Hooks) Add(ctx context.Context, by signup.Actor, hook Hook) (Hook, error) {
	hook = Hook{Name: hook.Name, URL: hook.URL, Types: hook.Types, Secret: newSecret()}
	return h.add(ctx, by, hook)
}

func (h *Hooks) add(ctx context.Context, by signup.Actor, hook Hook) (Hook, error) {
	if err := check(hook, h.o.Allow); err != nil {
		return hook, err
	}
	end, err := h.end(ctx)
	if err != nil {
		return hook, err
	}
	hook.Position, hook.CreatedAt = end, h.now()
	err = h.update(ctx, func(tx Tx) (err error) {
		if hook, err = tx.CreateWebHook(ctx, hook); err != nil {
			return err
		}
		return h.record(ctx, tx, by, event.WebHookAdded, map[string]string{"name": hook.Name})
	})
	if errors.Is(err, signup.ErrNameTaken) {
		err = &refusal.Error{Code: refusal.Conflict, Field: "name", Message: "A web hook has this name already"}
	}
	return hook, err
}

// end returns the position of the last event, after it has given positions to
// those that had none.
func (h *Hooks) end(ctx context.Context) (int64, error) {
	page, err := h.svc.As(signup.ActorSystem).Events(ctx, event.Query{After: event.Latest()})
	return page.Next.Position, err
}

// change changes a hook in one update and records it. The function returns what
// it did, or nil for nothing.
func (h *Hooks) change(ctx context.Context, by signup.Actor, name string, do func(Tx, *Hook) (map[string]string, error)) (hook Hook, err error) {
	found, err := h.Get(ctx, name)
	if err != nil {
		return found, err
	}
	err = h.update(ctx, func(tx Tx) (err error) {
		if hook, err = tx.HoldWebHook(ctx, found.ID); err != nil {
			return err
		}
		done, err := do(tx, &hook)
		if err != nil || done == nil {
			return err
		}
		if err := tx.UpdateWebHook(ctx, hook); err != nil {
			return err
		}
		done["name"] = name
		return h.record(ctx, tx, by, event.WebHookChanged, done)
	})
	if errors.Is(err, signup.ErrNotFound) {
		err = refusal.New(refusal.WebHookNotFound, "Web hook not found")
	}
	return hook, err
}

func refuseDeclared(hook Hook) error {
	if hook.Declared {
		return refusal.New(refusal.Conflict, "The web hook is declared in the configuration; change it there")
	}
	return nil
}

// Change changes URL and types of a hook. Nil leaves one as it is; no types means
// all. Deliveries that are owed stay owed.
func (h *Hooks) Change(ctx context.Context, by signup.Actor, name string, url *string, types *[]event.Type) (Hook, error) {
	return h.change(ctx, by, name, func(_ Tx, hook *Hook) (map[string]string, error) {
		done := map[string]string{}
		if url != nil {
			hook.URL, done["url"] = *url, "changed"
		}
		if types != nil {
			hook.Types, done["types"] = *types, namesOf(*types)
		}
		if len(done) == 0 {
			return nil, nil
		}
		return done, errors.Join(refuseDeclared(*hook), check(*hook, h.o.Allow))
	})
}

func namesOf(types []event.Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return strings.Join(names, " ")
}

// Remove removes a hook with its deliveries.
func (h *Hooks) Remove(ctx context.Context, by signup.Actor, name string) error {
	hook, err := h.Get(ctx, name)
	if err != nil {
		return err
	}
	if err := refuseDeclared(hook); err != nil {
		return err
	}
	err = h.update(ctx, func(tx Tx) error {
		if err := tx.DeleteWebHook(ctx, hook.ID); err != nil {
			return err
		}
		return h.record(ctx, tx, by, event.WebHookRemoved, map[string]string{"name": name})
	})
	if errors.Is(err, signup.ErrNotFound) {
		return nil // somebody else has removed it
	}
	return err
}
