package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

// APIKey is an API key without its secret, of which nothing is kept.
type APIKey struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes" doc:"what it may do: read, approve, check-password, or admin for everything"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy *string    `json:"created_by" nullable:"true" doc:"who created it: system, cli, user:ID or key:NAME; null if the audit trail does not tell"`
	ExpiresAt *time.Time `json:"expires_at" nullable:"true" doc:"when it stops working; null for never"`
	UsedAt    *time.Time `json:"used_at" nullable:"true" doc:"the hour in which it was last used; null for never"`
	RevokedAt *time.Time `json:"revoked_at" nullable:"true"`
}

// APIKeyJSON is a key.
func APIKeyJSON(k signup.APIKey) APIKey {
	return APIKey{
		ID: k.ID, Name: k.Name, Scopes: strings.Fields(string(k.Scopes)), CreatedAt: k.CreatedAt, CreatedBy: orNil(k.CreatedBy),
		ExpiresAt: timeOrNil(k.EndsAt), UsedAt: timeOrNil(k.UsedAt), RevokedAt: timeOrNil(k.RevokedAt),
	}
}

// APIKeys are all keys.
type APIKeys struct {
	Keys []APIKey `json:"keys"`
}

// CreatedAPIKey is a new API key with its secret, for the program that asked for it.
type CreatedAPIKey struct {
	Key string `json:"key" doc:"the secret to send as bearer token; it is not shown again"`
	APIKey
}

// APIKeyRequest documents the body that asks for a key.
type APIKeyRequest struct {
	Name      string           `json:"name" minLength:"1" maxLength:"100" doc:"what the key is for; the audit trail shows it"`
	Scopes    []scopeParameter `json:"scopes" minItems:"1" doc:"what it may do; admin stands for everything"`
	ExpiresAt *time.Time       `json:"expires_at,omitempty" nullable:"true" doc:"when it stops working; never unless given"`
}

func (s *server) routeKeys(api huma.API) {
	tags := []string{"Settings"}
	register(api, s.needs(scope.Admin, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: apiPath + "/keys",
		Summary: "List the API keys, oldest first", Tags: tags,
		Description: "What each may do, until when, and when it was last used. Revoked keys are listed, too.",
	}), s.listKeys)
	register(api, takesJSON[APIKeyRequest](s, api, s.needs(scope.Admin, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: apiPath + "/keys",
		Summary: "Create an API key", Tags: tags, DefaultStatus: http.StatusCreated,
		Description: "The answer has the only copy of the secret: only its hash is kept.",
	})), s.createKey, reason{refusal.Conflict, "a key that is not revoked has the name"})
	register(api, s.needs(scope.Admin, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: apiPath + "/keys/{key}",
		Summary: "Revoke an API key", Tags: tags, DefaultStatus: http.StatusNoContent,
		Description: "It stops working immediately, for good. Its name can be given to another key.",
	}), s.revokeKey, reason{code: refusal.KeyNotFound})
}

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*output[APIKeys], error) {
	keys, err := s.admin(ctx).APIKeys(ctx)
	return answer(ctx, s, APIKeys{each(keys, APIKeyJSON)}, err)
}

func (s *server) createKey(ctx context.Context, in *bodyInput) (*output[CreatedAPIKey], error) {
	wanted, problem := readKey(in.Body)
	if problem != nil {
		return nil, problem
	}
	secret, k, err := s.admin(ctx).CreateAPIKey(ctx, wanted)
	return answer(ctx, s, CreatedAPIKey{secret.Reveal(), APIKeyJSON(k)}, err)
}

// readKey reads an APIKeyRequest.
func readKey(body []byte) (signup.APIKey, *Problem) {
	o, problem := parseObject(body)
	if problem != nil {
		return signup.APIKey{}, problem
	}
	values, errs := o.take([]string{"name"}, nil)
	names, err := o.takeStrings("scopes")
	errs = append(errs, err...)
	ends, err := o.takeTime("expires_at")
	errs = append(errs, err...)
	if errs = append(errs, o.unknown()...); len(errs) > 0 {
		return signup.APIKey{}, invalidBody(errs...)
	}
	return signup.APIKey{Name: values["name"], Scopes: scopesNamed(names), EndsAt: ends}, nil
}

// scopesNamed returns the set of the scopes with these names, or the empty one, which
// no key can have, if these are not scopes or one is named twice.
func scopesNamed(names []string) scope.Set {
	set, err := scope.Parse(strings.Join(names, " "))
	if err != nil || len(strings.Fields(string(set))) != len(names) {
		return ""
	}
	return set
}

type keyInput struct {
	Key string `path:"key" maxLength:"100" doc:"the key's id, or the name of one that is not revoked"`
}

func (s *server) revokeKey(ctx context.Context, in *keyInput) (*struct{}, error) {
	if err := s.admin(ctx).RevokeAPIKey(ctx, in.Key); err != nil {
		return nil, s.problemOf(ctx, err)
	}
	return nil, nil
}
