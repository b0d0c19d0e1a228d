package signup

import (
	"context"
	"errors"
	"log/slog"
	"strings"
)

// Settings returns what is in force now.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return peek(ctx, s, func(r Reader) (Settings, error) { return settingsIn(ctx, r) })
}

// peek is what one verb reads.
func peek[T any](ctx context.Context, s *Service, verb func(Reader) (T, error)) (T, error) {
	var got T
	err := s.store.Peek(ctx, func(r Reader) (err error) {
		got, err = verb(r)
		return err
	})
	return got, err
}

func settingsIn(ctx context.Context, r Reader) (Settings, error) {
	rows, err := r.Settings(ctx)
	if err != nil || len(rows) == 0 {
		return DefaultSettings(), err
	}
	return DefaultSettings().With(rows)
}

// ChangeSettings replaces some settings: JSON name to JSON value. All of them
// are stored or, when one is refused (CodeInvalid, by name), none.
func (s *Service) ChangeSettings(ctx context.Context, values map[string]string, by Actor) (Settings, error) {
	var settings Settings
	err := s.store.Update(ctx, func(tx Tx) error {
		old, err := settingsIn(ctx, tx)
		if err != nil {
			return err
		}
		if settings, err = old.With(values); err != nil {
			return err
		}
		changed := changedValues(old, settings)
		if len(changed) == 0 {
			return nil
		}
		if err := tx.PutSettings(ctx, changed); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "settings.changed", 0, changed)
	})
	return settings, err
}

func changedValues(from, to Settings) map[string]string {
	changed, was := to.Values(), from.Values()
	for name, value := range changed {
		if was[name] == value {
			delete(changed, name)
		}
	}
	return changed
}

// User returns one user, or refuses with CodeUserNotFound.
func (s *Service) User(ctx context.Context, id int64) (User, error) {
	return peek(ctx, s, func(r Reader) (User, error) { return userByID(ctx, r, id) })
}

// FindUser returns the user with this username or e-mail address, whatever its
// case, or refuses with CodeUserNotFound.
func (s *Service) FindUser(ctx context.Context, name string) (User, error) {
	u, err := peek(ctx, s, func(r Reader) (User, error) {
		if email, refusal := parseEmail(name); refusal == nil {
			return r.UserByEmailKey(ctx, email.Key)
		}
		username, refusal := parseUsername(name)
		if refusal != nil {
			return User{}, ErrNotFound
		}
		return r.UserByUsernameKey(ctx, username.Key)
	})
	if errors.Is(err, ErrNotFound) {
		return User{}, &Error{Code: CodeUserNotFound, Message: "User not found"}
	}
	return u, err
}

// Users returns a page of users, newest first, and how many there are in all.
func (s *Service) Users(ctx context.Context, q UserQuery) (users []User, total int, err error) {
	err = s.store.View(ctx, func(r Reader) (err error) {
		if users, err = r.Users(ctx, q); err != nil {
			return err
		}
		total, err = r.CountUsers(ctx, q)
		return err
	})
	return users, total, err
}

// Audit returns a page of the audit trail, newest first.
func (s *Service) Audit(ctx context.Context, q AuditQuery) ([]AuditEvent, error) {
	return peek(ctx, s, func(r Reader) ([]AuditEvent, error) { return r.Audit(ctx, q) })
}

// CreateAdmin makes an active administrator without any mail. It checks the
// registration as SignUp does, but for the extra fields, and refuses like it.
func (s *Service) CreateAdmin(ctx context.Context, r Registration, by Actor) (User, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return User{}, err
	}
	a, errs := s.examineIdentity(r, settings)
	if err := errs.orNil(); err != nil {
		return User{}, err
	}
	if a.hash, err = s.o.Hasher.Hash(ctx, r.Password); err != nil {
		return User{}, err
	}
	var u User
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		u, err = s.storeAdmin(ctx, tx, a, by)
		return err
	})
	return u, err
}

func (s *Service) storeAdmin(ctx context.Context, tx Tx, a applicant, by Actor) (User, error) {
	u, err := tx.CreateUser(ctx, User{
		Name: a.name, Username: a.username.Typed, UsernameKey: a.username.Key,
		Email: a.email.Typed, EmailKey: a.email.Key,
		PasswordHash: a.hash, Language: a.language,
		Role: RoleAdmin, Origin: OriginOperator, CreatedAt: a.at,
	})
	if errors.Is(err, ErrEmailExists) {
		return User{}, errEmailTaken
	}
	if err != nil {
		return User{}, err
	}
	if err := s.reserve(ctx, tx, a, u.ID); err != nil {
		return User{}, err
	}
	return u, s.audit(ctx, tx, by, "user.admin_created", u.ID, nil)
}

// keyPrefix lets a person, and a scanner for leaked secrets, tell what it is.
const keyPrefix = "signup_"

// A Key is the secret of an API key. Printed, it reads "[API key]".
type Key struct{ secret string }

// Reveal returns the secret itself.
func (k Key) Reveal() string { return k.secret }

func (Key) String() string { return "[API key]" }

// GoString implements fmt.GoStringer.
func (Key) GoString() string { return "[API key]" }

// MarshalText implements encoding.TextMarshaler.
func (Key) MarshalText() ([]byte, error) { return []byte("[API key]"), nil }

// LogValue implements slog.LogValuer.
func (Key) LogValue() slog.Value { return slog.StringValue("[API key]") }

// CreateAPIKey makes a key under a name (1..100 characters) no other key in
// force has. The returned Key is the only copy.
func (s *Service) CreateAPIKey(ctx context.Context, name string, by Actor) (Key, APIKey, error) {
	name = strings.TrimSpace(name)
	if refusal := checkKeyName(name); refusal != nil {
		return Key{}, APIKey{}, refusal
	}
	secret := NewToken()
	id, err := s.newID()
	if err != nil {
		return Key{}, APIKey{}, err
	}
	key := Key{keyPrefix + secret.Reveal()}
	k := APIKey{ID: id, Name: name, Hash: hexSHA256(key.secret), CreatedAt: s.now()}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateAPIKey(ctx, k); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "api_key.created", 0, map[string]string{"name": name})
	})
	if errors.Is(err, ErrNameTaken) {
		err = &Error{Code: CodeConflict, Field: "name", Message: "An API key has this name already"}
	}
	return key, k, err
}

func checkKeyName(name string) *Error {
	if name == "" || len(name) > 100 {
		return &Error{Code: CodeInvalid, Field: "name", Message: "must have 1 to 100 characters"}
	}
	return checkText("name", name)
}

// RevokeAPIKey ends a key at once. It refuses with CodeInvalid when no key in
// force has the name.
func (s *Service) RevokeAPIKey(ctx context.Context, name string, by Actor) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RevokeAPIKey(ctx, name, s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "api_key.revoked", 0, map[string]string{"name": name})
	})
	if errors.Is(err, ErrNotFound) {
		return &Error{Code: CodeInvalid, Field: "name", Message: "no API key in force has this name"}
	}
	return err
}

// APIKeys lists all keys, oldest first.
func (s *Service) APIKeys(ctx context.Context) ([]APIKey, error) {
	return peek(ctx, s, func(r Reader) ([]APIKey, error) { return r.APIKeys(ctx) })
}

// Authenticate returns who acts with the key, or refuses with CodeUnauthorized.
func (s *Service) Authenticate(ctx context.Context, key string) (Actor, error) {
	unauthorized := &Error{Code: CodeUnauthorized, Message: "A valid API key is required"}
	if !strings.HasPrefix(key, keyPrefix) {
		return "", unauthorized
	}
	k, err := peek(ctx, s, func(r Reader) (APIKey, error) { return r.APIKeyByHash(ctx, hexSHA256(key)) })
	if errors.Is(err, ErrNotFound) || err == nil && !k.RevokedAt.IsZero() {
		return "", unauthorized
	}
	return Actor("key:" + k.Name), err
}
