package sqlite

import (
	"context"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/sqlite/internal/db"
)

func (r reader) Settings(ctx context.Context) (map[string]string, error) {
	found, err := r.q.Settings(ctx)
	values := make(map[string]string, len(found))
	for _, row := range found {
		setting := rows.Setting(row)
		values[setting.Name] = setting.Value
	}
	return values, fault("read settings", err)
}

func (w writer) PutSettings(ctx context.Context, values map[string]string) error {
	for name, value := range values {
		if err := w.q.PutSetting(ctx, db.PutSettingParams{Name: name, Value: value}); err != nil {
			return fault("store setting "+name, err)
		}
	}
	return nil
}

func apiKey(r db.APIKey) signup.APIKey { return rows.APIKey(r).Signup() }

func (r reader) APIKeyByHash(ctx context.Context, hash string) (signup.APIKey, error) {
	row, err := r.q.APIKeyByHash(ctx, hash)
	return apiKey(row), fault("read API key", err)
}

func (r reader) APIKeys(ctx context.Context) ([]signup.APIKey, error) {
	found, err := r.q.APIKeys(ctx)
	return rows.Convert(found, apiKey), fault("list API keys", err)
}

func (w writer) CreateAPIKey(ctx context.Context, k signup.APIKey) error {
	n, err := w.q.CreateAPIKey(ctx, db.CreateAPIKeyParams(rows.OfNewAPIKey(k)))
	if err == nil && n == 0 { // ON CONFLICT (name) DO NOTHING
		err = signup.ErrNameTaken
	}
	return fault("create API key", err)
}

func (w writer) RevokeAPIKey(ctx context.Context, id string, now time.Time) error {
	n, err := w.q.RevokeAPIKey(ctx, db.RevokeAPIKeyParams{ID: id, Now: rows.NullTime(now)})
	return one("revoke API key", n, err)
}

func (w writer) TouchAPIKey(ctx context.Context, id string, at time.Time) error {
	n, err := w.q.TouchAPIKey(ctx, db.TouchAPIKeyParams{UsedAt: rows.NullTime(at), ID: id})
	return one("store use of API key", n, err)
}
