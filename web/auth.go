package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/scope"
)

type actorKey struct{}

// actor is who acts, in an operation made by forAdmins.
func actor(ctx context.Context) signup.Actor {
	a, _ := ctx.Value(actorKey{}).(signup.Actor)
	return a
}

// admin is the handle for what the caller of such an operation does.
func (s *server) admin(ctx context.Context) signup.Admin { return s.Service.As(actor(ctx)) }

// forAdmins lets only those through who show an API key: for reading one that may
// read, for anything else one that may do everything.
func (s *server) forAdmins(op huma.Operation) huma.Operation {
	if op.Method == http.MethodGet {
		return s.needs(scope.Read, op)
	}
	return s.needs(scope.Admin, op)
}

// needs lets only those through who show an API key with a scope.
func (s *server) needs(needed scope.Scope, op huma.Operation) huma.Operation {
	op.Middlewares = append(op.Middlewares, s.authenticate(needed))
	op.Security = []map[string][]string{{apiKeyName: {}}}
	op.Extensions = map[string]any{"x-scope": needed} // OpenAPI lists scopes for OAuth 2.0 alone
	op.Description = strings.TrimSpace(op.Description + "\n\nNeeds an API key with the scope `" + string(needed) + "`.")
	return op
}

func (s *server) authenticate(needed scope.Scope) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		by, err := s.Service.Authenticate(ctx.Context(), bearer(ctx.Header("Authorization")), needed)
		if err != nil {
			writeHumaProblem(ctx, s.problemOf(ctx.Context(), err))
			return
		}
		next(huma.WithValue(ctx, actorKey{}, by))
	}
}

// bearer is the credential of an Authorization header (RFC 6750), or "".
func bearer(header string) string {
	scheme, credential, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(credential)
}
