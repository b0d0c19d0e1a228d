package web

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
)

type actorKey struct{}

// actor is who acts, in an operation made by forAdmins.
func actor(ctx context.Context) signup.Actor {
	a, _ := ctx.Value(actorKey{}).(signup.Actor)
	return a
}

// admin is the handle for what the caller of such an operation does.
func (s *server) admin(ctx context.Context) signup.Admin { return s.Service.As(actor(ctx)) }

// forAdmins lets only those through who show an API key.
func (s *server) forAdmins(op huma.Operation) huma.Operation {
	op.Middlewares = append(op.Middlewares, s.authenticate)
	op.Security = []map[string][]string{{apiKeyName: {}}}
	return op
}

func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	by, err := s.Service.Authenticate(ctx.Context(), bearer(ctx.Header("Authorization")))
	if err != nil {
		writeHumaProblem(ctx, s.problemOf(ctx.Context(), err))
		return
	}
	next(huma.WithValue(ctx, actorKey{}, by))
}

// bearer is the credential of an Authorization header (RFC 6750), or "".
func bearer(header string) string {
	scheme, credential, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(credential)
}
