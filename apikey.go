package signup

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/refusal"
)

// An APIKey lets a program act as an administrator. Only its hash is stored.
type APIKey struct {
	ID        string // a UUID
	Name      string // unique among keys that are not revoked
	Hash      string // SHA-256 in lower-case hex
	CreatedAt time.Time
	RevokedAt time.Time
}

// keyPrefix identifies the string as an API key, for people and for secret
// scanners.
const keyPrefix = "signup_"

// CreateAPIKey creates a key with a name of 1 to 100 characters that no other
// active key has. The returned Token is the only copy of the secret; Authenticate
// accepts it.
func (a Admin) CreateAPIKey(ctx context.Context, name string) (Token, APIKey, error) {
	s := a.s
	name = strings.TrimSpace(name)
	if err := checkKeyName(name); err != nil {
		return Token{}, APIKey{}, err
	}
	id, err := s.newID()
	if err != nil {
		return Token{}, APIKey{}, err
	}
	key := Token{keyPrefix + NewToken().Reveal()}
	k := APIKey{ID: id, Name: name, Hash: key.Hash(), CreatedAt: s.now()}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateAPIKey(ctx, k); err != nil {
			return err
		}
		return s.record(ctx, tx, a.by, event.APIKeyCreated, 0, map[string]string{"name": name})
	})
	if errors.Is(err, ErrNameTaken) {
		err = &refusal.Error{Code: refusal.Conflict, Field: "name", Message: "An API key has this name already"}
	}
	return key, k, err
}

const maxKeyName = 100 // characters

func checkKeyName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > maxKeyName {
		return refusal.Field("name", "must have 1 to 100 characters")
	}
	return field.CheckText("name", name)
}

// RevokeAPIKey revokes a key immediately. It refuses with refusal.Invalid when no
// active key has the name.
func (a Admin) RevokeAPIKey(ctx context.Context, name string) error {
	s := a.s
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RevokeAPIKey(ctx, name, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, a.by, event.APIKeyRevoked, 0, map[string]string{"name": name})
	})
	if errors.Is(err, ErrNotFound) {
		return &refusal.Error{Code: refusal.Invalid, Field: "name", Message: "no active API key has this name"}
	}
	return err
}

// APIKeys returns all keys, oldest first, including revoked ones.
func (a Admin) APIKeys(ctx context.Context) ([]APIKey, error) {
	return peek(ctx, a.s, func(r Reader) ([]APIKey, error) { return r.APIKeys(ctx) })
}

// Authenticate returns the actor that the key belongs to, or refuses with
// refusal.Unauthorized.
func (s *Service) Authenticate(ctx context.Context, key string) (Actor, error) {
	unauthorized := refusal.New(refusal.Unauthorized, "A valid API key is required")
	if !strings.HasPrefix(key, keyPrefix) {
		return "", unauthorized
	}
	k, err := peek(ctx, s, func(r Reader) (APIKey, error) { return r.APIKeyByHash(ctx, hexSHA256(key)) })
	if errors.Is(err, ErrNotFound) || err == nil && !k.RevokedAt.IsZero() {
		return "", unauthorized
	}
	return Actor("key:" + k.Name), err
}
