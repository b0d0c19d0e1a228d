package signup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

// An APIKey lets a program do what its scopes allow. Only its hash is stored.
type APIKey struct {
	ID        string // a UUID
	Name      string // unique among keys that are not revoked
	Hash      string // SHA-256 in lower-case hex
	Scopes    scope.Set
	CreatedAt time.Time
	CreatedBy Actor     // from the audit trail, not from the store's row; "" if the trail does not tell
	EndsAt    time.Time // when it stops working; zero for never
	UsedAt    time.Time // the hour in which it was last used; zero for never
	RevokedAt time.Time
}

// touchTimeout is how long a request waits at most until the use of its key is
// stored.
const touchTimeout = time.Second

// usedEvery is the resolution of APIKey.UsedAt, so that not every request writes.
const usedEvery = time.Hour

// keyPrefix identifies the string as an API key, for people and for secret
// scanners.
const keyPrefix = "signup_"

// CreateAPIKey creates a key with Name, Scopes and EndsAt of k. The name has 1 to
// 100 characters and is that of no other unrevoked key; there is at least one scope;
// EndsAt is in the future or zero. The returned Token is the only copy of the
// secret; Authenticate accepts it.
func (a Admin) CreateAPIKey(ctx context.Context, k APIKey) (Token, APIKey, error) {
	s := a.s
	k.Name = strings.TrimSpace(k.Name)
	if err := s.checkKey(k); err != nil {
		return Token{}, APIKey{}, err
	}
	id, err := s.newID()
	if err != nil {
		return Token{}, APIKey{}, err
	}
	key := Token{keyPrefix + NewToken().Reveal()}
	k = APIKey{ID: id, Name: k.Name, Hash: key.Hash(), Scopes: k.Scopes, CreatedAt: s.now(), CreatedBy: a.by, EndsAt: k.EndsAt.UTC().Truncate(time.Millisecond)}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateAPIKey(ctx, k); err != nil {
			return err
		}
		return s.record(ctx, tx, a.by, event.APIKeyCreated, 0, map[string]string{"name": k.Name, "scopes": string(k.Scopes)})
	})
	if errors.Is(err, ErrNameTaken) {
		err = &refusal.Error{Code: refusal.Conflict, Field: "name", Message: "An API key has this name already"}
	}
	return key, k, err
}

const maxKeyName = 100 // characters

func (s *Service) checkKey(k APIKey) error {
	errs := refusal.Of(checkKeyName(k.Name))
	if set, err := scope.Parse(string(k.Scopes)); err != nil || set != k.Scopes {
		errs = append(errs, refusal.Field("scopes", "must be some of read, approve, check-password, admin"))
	}
	switch {
	case k.EndsAt.IsZero():
	case !k.EndsAt.After(s.now()):
		errs = append(errs, refusal.Field("expires_at", "must be in the future"))
	case k.EndsAt.UTC().Year() > 9999: // RFC 3339 has no later year
		errs = append(errs, refusal.Field("expires_at", "must be before the year 10000"))
	}
	if len(errs) == 0 {
		return nil
	}
	return refusal.Errors(errs)
}

func checkKeyName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > maxKeyName {
		return refusal.Field("name", "must have 1 to 100 characters")
	}
	return field.CheckText("name", name)
}

// RevokeAPIKey revokes a key immediately: the one with this ID, or else the one with
// this name. It refuses with refusal.KeyNotFound when there is none that is not
// revoked yet.
func (a Admin) RevokeAPIKey(ctx context.Context, idOrName string) error {
	s := a.s
	err := s.store.Update(ctx, func(tx Tx) error {
		keys, err := tx.APIKeys(ctx)
		if err != nil {
			return err
		}
		k := unrevoked(keys, idOrName)
		if err := tx.RevokeAPIKey(ctx, k.ID, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, a.by, event.APIKeyRevoked, 0, map[string]string{"name": k.Name})
	})
	if errors.Is(err, ErrNotFound) {
		return refusal.New(refusal.KeyNotFound, "API key not found")
	}
	return err
}

// unrevoked returns the key that is not revoked and has this ID or else this name,
// or the zero value.
func unrevoked(keys []APIKey, idOrName string) (found APIKey) {
	for _, k := range keys {
		switch {
		case !k.RevokedAt.IsZero():
		case k.ID == idOrName:
			return k
		case k.Name == idOrName:
			found = k
		}
	}
	return found
}

// APIKeys returns all keys, oldest first, including revoked ones.
func (a Admin) APIKeys(ctx context.Context) ([]APIKey, error) {
	return peek(ctx, a.s, func(r Reader) ([]APIKey, error) {
		keys, err := r.APIKeys(ctx)
		if err != nil || len(keys) == 0 {
			return keys, err
		}
		return keys, setCreators(ctx, r, keys)
	})
}

// setCreators sets CreatedBy of all keys, which are ordered oldest first. The last
// event with a name is about the last key with it, and so on: of keys with one name,
// each was created after the one before was revoked.
func setCreators(ctx context.Context, r Reader, keys []APIKey) error {
	creators := map[string][]Actor{} // by name, of the newest first
	q := AuditQuery{Type: event.APIKeyCreated, Limit: 500}
	for last := false; !last; {
		events, err := r.Audit(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range events {
			creators[e.Detail["name"]] = append(creators[e.Detail["name"]], e.Actor)
			q.Before = e.ID
		}
		last = len(events) < q.Limit
	}
	for i, k := range slices.Backward(keys) {
		if by := creators[k.Name]; len(by) > 0 {
			keys[i].CreatedBy, creators[k.Name] = by[0], by[1:]
		}
	}
	return nil
}

// Authenticate returns the actor that the key belongs to, if the key allows what
// needed does. It refuses with refusal.Unauthorized, or with
// refusal.InsufficientScope for a key that works, but not for this.
func (s *Service) Authenticate(ctx context.Context, key string, needed scope.Scope) (Actor, error) {
	unauthorized := refusal.New(refusal.Unauthorized, "A valid API key is required")
	if !strings.HasPrefix(key, keyPrefix) {
		return "", unauthorized
	}
	k, err := peek(ctx, s, func(r Reader) (APIKey, error) { return r.APIKeyByHash(ctx, hexSHA256(key)) })
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && !k.works(s.now()):
		return "", unauthorized
	case err != nil:
		return "", err
	case !k.Scopes.Has(needed):
		return "", refusal.New(refusal.InsufficientScope, "The API key does not have the scope "+string(needed))
	}
	s.touchKey(ctx, k)
	return Actor("key:" + k.Name), nil
}

func (k APIKey) works(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.EndsAt.IsZero() || now.Before(k.EndsAt))
}

// touchKey stores that a key is used, once an hour. What the key is used for is
// worth more than that, so a failure is only logged.
func (s *Service) touchKey(ctx context.Context, k APIKey) {
	hour := s.now().Truncate(usedEvery)
	if !k.UsedAt.Before(hour) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, touchTimeout)
	defer cancel()
	if err := s.store.Update(ctx, func(tx Tx) error { return tx.TouchAPIKey(ctx, k.ID, hour) }); err != nil {
		s.o.Log.WarnContext(ctx, "use of an API key not stored", "error", err)
	}
}
