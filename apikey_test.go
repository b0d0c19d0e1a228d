package signup_test

import (
	"slices"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

func (w *world) newKey(k signup.APIKey) string {
	w.t.Helper()
	key, _, err := w.As(signup.ActorCLI).CreateAPIKey(w.ctx, k)
	w.must(err)
	return key.Reveal()
}

// storedKey returns what is stored of the key with this name.
func (w *world) storedKey(name string) signup.APIKey {
	w.t.Helper()
	keys, err := w.As(signup.ActorCLI).APIKeys(w.ctx)
	w.must(err)
	for _, k := range keys {
		if k.Name == name {
			return k
		}
	}
	w.t.Fatalf("there is no key %s", name)
	return signup.APIKey{}
}

func TestScopesOfKeys(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for set, allowed := range map[scope.Set][]scope.Scope{
			"read":               {scope.Read},
			"approve":            {scope.Approve},
			"read approve":       {scope.Read, scope.Approve},
			"check-password":     {scope.CheckPassword},
			"admin":              scope.All(),
			"read approve admin": scope.All(),
		} {
			key := w.newKey(signup.APIKey{Name: string(set), Scopes: set})
			allows := map[scope.Scope]bool{}
			for _, s := range allowed {
				allows[s] = true
			}
			for _, s := range scope.All() {
				by, err := w.Authenticate(w.ctx, key, s)
				switch {
				case allows[s] && (err != nil || by != signup.Actor("key:"+string(set))):
					t.Errorf("%q does not allow %s: %q, %v", set, s, by, err)
				case !allows[s] && !refusal.Is(err, refusal.InsufficientScope):
					t.Errorf("%q allows %s: %v", set, s, err)
				}
			}
		}
	})
}

func TestKeyThatExpires(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		ends := w.clock.Now().Add(time.Hour)
		key := w.newKey(signup.APIKey{Name: "short", Scopes: "read", EndsAt: ends})
		if got := w.storedKey("short").EndsAt; !got.Equal(ends) {
			t.Errorf("ends at %s", got)
		}
		w.clock.Advance(time.Hour - time.Millisecond)
		_, err := w.Authenticate(w.ctx, key, scope.Read)
		w.must(err)
		w.clock.Advance(time.Millisecond)
		_, err = w.Authenticate(w.ctx, key, scope.Read)
		w.refused(err, refusal.Unauthorized)
	})
}

// The trail tells who created which key, also of several with one name.
func TestCreatorsOfKeys(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for _, by := range []signup.Actor{signup.ActorCLI, "user:7", "key:ci"} {
			_, k, err := w.As(by).CreateAPIKey(w.ctx, signup.APIKey{Name: "ci", Scopes: "read"})
			w.must(err)
			if k.CreatedBy != by {
				t.Errorf("created by %q, want %q", k.CreatedBy, by)
			}
			w.must(w.As(by).RevokeAPIKey(w.ctx, k.ID))
			w.clock.Advance(time.Minute)
			_, _, err = w.As("user:8").CreateAPIKey(w.ctx, signup.APIKey{Name: "of " + string(by), Scopes: "read"})
			w.must(err)
		}
		keys, err := w.As(signup.ActorCLI).APIKeys(w.ctx)
		w.must(err)
		var got []signup.Actor
		for _, k := range keys {
			got = append(got, k.CreatedBy)
		}
		if want := []signup.Actor{signup.ActorCLI, "user:8", "user:7", "user:8", "key:ci", "user:8"}; !slices.Equal(got, want) {
			t.Errorf("created by %q, want %q", got, want)
		}
	})
}

// A key is revoked by its id, although another one has that as its name.
func TestRevokedByID(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		first := w.newKey(signup.APIKey{Name: "first", Scopes: "read"})
		id := w.storedKey("first").ID
		second := w.newKey(signup.APIKey{Name: id, Scopes: "read"})
		w.must(w.As(signup.ActorCLI).RevokeAPIKey(w.ctx, id))
		_, err := w.Authenticate(w.ctx, first, scope.Read)
		w.refused(err, refusal.Unauthorized)
		_, err = w.Authenticate(w.ctx, second, scope.Read)
		w.must(err)
		w.must(w.As(signup.ActorCLI).RevokeAPIKey(w.ctx, id))
		_, err = w.Authenticate(w.ctx, second, scope.Read)
		w.refused(err, refusal.Unauthorized)
		w.refused(w.As(signup.ActorCLI).RevokeAPIKey(w.ctx, id), refusal.KeyNotFound)
	})
}

// The last use is known to the hour, and one write an hour is enough for it.
func TestLastUseOfKey(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		key := w.newKey(signup.APIKey{Name: "ci", Scopes: "read"})
		use := func(needed scope.Scope) {
			t.Helper()
			if _, err := w.Authenticate(w.ctx, key, needed); err != nil && needed == scope.Read {
				t.Fatal(err)
			}
		}
		use(scope.Admin)
		if used := w.storedKey("ci").UsedAt; !used.IsZero() {
			t.Errorf("a use that was refused counts: %s", used)
		}
		use(scope.Read)
		hour := w.clock.Now().Truncate(time.Hour)
		if used := w.storedKey("ci").UsedAt; !used.Equal(hour) {
			t.Errorf("used at %s, want %s", used, hour)
		}
		w.clock.Advance(hour.Add(time.Hour - time.Millisecond).Sub(w.clock.Now()))
		use(scope.Read)
		if used := w.storedKey("ci").UsedAt; !used.Equal(hour) {
			t.Errorf("used at %s, want %s", used, hour)
		}
		w.clock.Advance(time.Millisecond)
		use(scope.Read)
		if used := w.storedKey("ci").UsedAt; !used.Equal(hour.Add(time.Hour)) {
			t.Errorf("used at %s, want %s", used, hour.Add(time.Hour))
		}
	})
}

func TestRefusedKeys(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		for field, k := range map[string]signup.APIKey{
			"name":       {Name: " ", Scopes: "read"},
			"scopes":     {Name: "x"},
			"expires_at": {Name: "x", Scopes: "read", EndsAt: w.clock.Now()},
		} {
			_, _, err := w.As(signup.ActorCLI).CreateAPIKey(w.ctx, k)
			if refused := refusal.Of(err); len(refused) != 1 || refused[0].Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, set := range []scope.Set{"write", "read write", "approve read", "read  approve", "read,approve"} {
			_, _, err := w.As(signup.ActorCLI).CreateAPIKey(w.ctx, signup.APIKey{Name: "x", Scopes: set})
			w.refused(err, refusal.Invalid)
		}
		keys, err := w.As(signup.ActorCLI).APIKeys(w.ctx)
		w.must(err)
		if len(keys) != 0 {
			t.Errorf("keys %+v", keys)
		}
	})
}

func TestScopesAreInTheTrail(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.newKey(signup.APIKey{Name: "ci", Scopes: "read approve"})
		events, err := w.As(signup.ActorCLI).Audit(w.ctx, signup.AuditQuery{Type: event.APIKeyCreated, Limit: 10})
		w.must(err)
		if len(events) != 1 || events[0].Detail["name"] != "ci" || events[0].Detail["scopes"] != "read approve" {
			t.Errorf("%+v", events)
		}
	})
}
