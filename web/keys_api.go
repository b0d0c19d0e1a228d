package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/scope"
)

// APIKey is an API key without its secret, of which nothing is kept.
type APIKey struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes" doc:"what it may do: read, approve, check-password, or admin for everything"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at" nullable:"true" doc:"when it stops working; null for never"`
	UsedAt    *time.Time `json:"used_at" nullable:"true" doc:"the hour in which it was last used; null for never"`
	RevokedAt *time.Time `json:"revoked_at" nullable:"true"`
}

// APIKeyJSON is a key.
func APIKeyJSON(k signup.APIKey) APIKey {
	return APIKey{
		ID: k.ID, Name: k.Name, Scopes: strings.Fields(string(k.Scopes)), CreatedAt: k.CreatedAt,
		ExpiresAt: timeOrNil(k.EndsAt), UsedAt: timeOrNil(k.UsedAt), RevokedAt: timeOrNil(k.RevokedAt),
	}
}

// APIKeys are all keys.
type APIKeys struct {
	Keys []APIKey `json:"keys"`
}

func (s *server) routeKeys(api huma.API) {
	register(api, s.needs(scope.Admin, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: apiPath + "/keys",
		Summary: "List the API keys, oldest first", Tags: []string{"Settings"},
		Description: "What each may do, until when, and when it was last used. Keys are made and revoked with `signup key`.",
	}), s.listKeys)
}

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*output[APIKeys], error) {
	keys, err := s.admin(ctx).APIKeys(ctx)
	return answer(ctx, s, APIKeys{each(keys, APIKeyJSON)}, err)
}
