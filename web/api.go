package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	apiPath     = "/api/v1"
	openAPIPath = "/openapi.json"
	schemaRefs  = "#/components/schemas/"
	apiKeyName  = "apiKey" // of the security scheme
	ticketName  = "ticket" // of the other
)

// routeAPI adds the JSON API, and the document that describes it. The document
// is written once, at the first request: huma would write it again in every
// request that comes before the first is done.
func (s *server) routeAPI(mux *http.ServeMux) {
	api := s.newAPI(mux)
	s.routeSignUp(api)
	s.routeUsers(api)
	s.routeDecisions(api)
	s.routeAccounts(api)
	s.routeMails(api)
	s.routeSettings(api)
	s.routeEvents(api)
	s.routeKeys(api)
	s.routePasswords(api)
	if s.WebHooks != nil {
		s.routeWebHooks(api)
	}
	describeLists(api.OpenAPI().Components.Schemas)
	document := sync.OnceValue(func() []byte {
		text, err := json.Marshal(api.OpenAPI())
		if err != nil {
			panic(fmt.Errorf("OpenAPI document: %w", err)) // it is made of our types
		}
		return text
	})
	mux.HandleFunc("GET "+openAPIPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document())
	})
}

// newAPI configures huma. Not by its DefaultConfig: that adds "$schema" links
// made from the Host header, and pages that load scripts from elsewhere.
func (s *server) newAPI(mux *http.ServeMux) huma.API {
	schemas := huma.NewMapRegistry(schemaRefs, huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       s.AppName + " sign-up",
				Version:     s.Version,
				Description: "Sign up, confirm the email address, and decide on those who wait. Errors are problem documents (RFC 9457) with a stable `code`.",
				Contact:     &huma.Contact{Name: s.AppName, URL: s.BaseURL.String()},
			},
			Tags:    []*huma.Tag{{Name: "Sign up"}, {Name: "Passwords"}, {Name: "Users"}, {Name: "Mails"}, {Name: "Settings"}, {Name: "Audit"}, {Name: "Events"}, {Name: "Web hooks"}},
			Servers: []*huma.Server{{URL: s.base + "/"}},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					apiKeyName: {Type: "http", Scheme: "bearer", Description: "an API key"},
					ticketName: {Type: "http", Scheme: "bearer", Description: "a ticket that request-sign-up gave"},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		Transformers:                 []huma.Transformer{withoutValues},
		RejectUnknownQueryParameters: true,
	})
}

// describeLists says in the document that a list is never null. huma takes every
// list of Go for nullable, by a variable of its package that is not ours to set;
// the answers are made with each and page, which make none that is null.
func describeLists(schemas huma.Registry) {
	for _, schema := range schemas.Map() {
		for _, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
		}
	}
}

// A bodyInput is a request with a JSON body, of which readJSON has seen that
// it is JSON.
type bodyInput struct {
	Body json.RawMessage
}

// An output is an answer of 200, or of the status that the operation says.
type output[T any] struct {
	Body T
}

// answer is what a handler returns: the body, or the problem that err is.
func answer[T any](ctx context.Context, s *server, body T, err error) (*output[T], error) {
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	return &output[T]{body}, nil
}

// takesJSON makes an operation read a body that the type T documents. The
// handler reads it strictly; huma does not validate it (see parseObject).
func takesJSON[T any](s *server, api huma.API, op huma.Operation) huma.Operation {
	return takesSchema(s, op, api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, ""))
}

func takesSchema(s *server, op huma.Operation, schema *huma.Schema) huma.Operation {
	op.SkipValidateBody = true
	// The body is there already, and a deadline on the connection would cancel
	// a request that is still being worked on: huma's 5 seconds are over soon
	// when many passwords wait to be hashed.
	op.BodyReadTimeout = -1
	op.RequestBody = &huma.RequestBody{
		Required: true,
		Content:  map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}
	op.Middlewares = append(op.Middlewares, s.readJSON(false))
	return op
}
