package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
	"github.com/signup-go/signup/webhook"
)

// HookAddition documents the body that adds a web hook.
type HookAddition struct {
	Name  string       `json:"name" pattern:"^[a-z0-9][a-z0-9_-]{0,62}$" doc:"1 to 63 lower-case letters, digits, hyphens and underscores" example:"our-app"`
	URL   string       `json:"url" maxLength:"2000" doc:"where events are posted to" example:"https://app.example.org/hooks/signup"`
	Types []event.Type `json:"types,omitempty" doc:"only events of these types; all unless given"`
}

// HookChange documents the body that changes a web hook.
type HookChange struct {
	URL   string       `json:"url,omitempty" maxLength:"2000"`
	Types []event.Type `json:"types,omitempty" doc:"an empty list for all"`
}

// HookRotation documents the body that replaces a secret.
type HookRotation struct {
	Keep string `json:"keep" doc:"how long requests are signed with the old secret, too, such as 24h; at most 720h, 0s for no longer" example:"24h"`
}

// HookReplay documents the body that has events sent again.
type HookReplay struct {
	Since time.Time `json:"since" doc:"events at this time or later are sent again, with the same ids"`
}

// Hooks are all web hooks.
type Hooks struct {
	WebHooks []Hook `json:"web_hooks"`
}

// HookDeliveries is a page of deliveries.
type HookDeliveries struct {
	Deliveries []HookDelivery `json:"deliveries"`
	Next       *int64         `json:"next" nullable:"true" doc:"pass as before to get the next page; null on the last"`
}

const webHooksPath = apiPath + "/web-hooks"

func (s *server) routeWebHooks(api huma.API) {
	noHook := reason{code: refusal.WebHookNotFound}
	declared := reason{refusal.Conflict, "the web hook is declared in the configuration"}
	register(api, s.hookOperation("list-web-hooks", http.MethodGet, "", "List the web hooks, in order of name", ""), s.listWebHooks)
	add := s.hookOperation("add-web-hook", http.MethodPost, "", "Add a web hook",
		"It is told of events from now on. The answer has the secret, which is shown only this once.")
	add.DefaultStatus = http.StatusCreated
	register(api, takesJSON[HookAddition](s, api, add), s.addWebHook, reason{refusal.Conflict, "a web hook has this name already"})
	register(api, s.hookOperation("get-web-hook", http.MethodGet, "/{name}", "Get a web hook, and how much it has not taken yet", ""),
		s.getWebHook, noHook)
	register(api, takesJSON[HookChange](s, api, s.hookOperation("change-web-hook", http.MethodPatch, "/{name}",
		"Change the URL or the types of a web hook", "What is left out stays as it is. Deliveries that are owed stay owed.")),
		s.changeWebHook, noHook, declared)
	remove := s.hookOperation("remove-web-hook", http.MethodDelete, "/{name}", "Remove a web hook with its deliveries", "")
	remove.DefaultStatus = http.StatusNoContent
	register(api, remove, s.removeWebHook, noHook, declared)
	register(api, s.hookOperation("list-web-hook-deliveries", http.MethodGet, "/{name}/deliveries",
		"List the deliveries of a web hook, newest event first", "Those that ended more than 30 days ago are deleted."), s.listDeliveries, noHook)
	s.routeWebHookVerbs(api, noHook, declared)
}

func (s *server) routeWebHookVerbs(api huma.API, noHook, declared reason) {
	register(api, s.hookOperation("enable-web-hook", http.MethodPut, "/{name}/enable", "Enable a web hook",
		"It goes on where it stopped; nothing is left out."), s.enableWebHook, noHook)
	register(api, s.hookOperation("disable-web-hook", http.MethodPut, "/{name}/disable", "Disable a web hook",
		"Nothing more is sent until it is enabled."), s.disableWebHook, noHook)
	register(api, s.hookOperation("retry-web-hook", http.MethodPut, "/{name}/retry", "Try at once what waits for its next attempt", ""),
		s.retryWebHook, noHook, reason{refusal.Conflict, "the web hook is disabled"})
	register(api, takesJSON[HookReplay](s, api, s.hookOperation("replay-web-hook", http.MethodPost, "/{name}/replay",
		"Send the events since a time again", "Events from before the hook was added are sent, too.")), s.replayWebHook, noHook)
	register(api, takesJSON[HookRotation](s, api, s.hookOperation("rotate-web-hook", http.MethodPost, "/{name}/rotate",
		"Replace the secret of a web hook", "The answer has the new secret, which is shown only this once.")), s.rotateWebHook, noHook, declared)
	register(api, s.hookOperation("test-web-hook", http.MethodPost, "/{name}/test", "Send a test to a web hook",
		"A message of the type `web_hook.test` is sent at once, and not tried again."), s.testWebHook, noHook)
}

func (s *server) hookOperation(id, method, path, summary, description string) huma.Operation {
	return s.needs(scope.Admin, huma.Operation{
		OperationID: id, Method: method, Path: webHooksPath + path, Summary: summary, Description: description, Tags: []string{"Web hooks"},
	})
}

type hookInput struct {
	Name string `path:"name" maxLength:"100"`
}

type hookBodyInput struct {
	Name string `path:"name" maxLength:"100"`
	Body json.RawMessage
}

type deliveriesInput struct {
	Name   string `path:"name" maxLength:"100"`
	Owed   bool   `query:"owed" doc:"only those that the receiver has not taken yet"`
	Before int64  `query:"before" minimum:"0" doc:"return those with a position below this; pass next of the previous page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"maximum number of results"`
}

func (s *server) listWebHooks(ctx context.Context, _ *struct{}) (*output[Hooks], error) {
	hooks, err := s.WebHooks.List(ctx)
	return answer(ctx, s, Hooks{each(hooks, HookJSON)}, err)
}

func (s *server) getWebHook(ctx context.Context, in *hookInput) (*output[HookDetail], error) {
	hook, err := s.WebHooks.Get(ctx, in.Name)
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	owed, err := s.WebHooks.CountOwed(ctx, hook)
	return answer(ctx, s, HookDetail{HookJSON(hook), owed}, err)
}

func (s *server) addWebHook(ctx context.Context, in *bodyInput) (*output[NewHook], error) {
	values, types, problem := readHook(in.Body, []string{"name", "url"}, nil)
	if problem != nil {
		return nil, problem
	}
	hook := webhook.Hook{Name: values["name"], URL: values["url"]}
	if types != nil {
		hook.Types = *types
	}
	hook, err := s.WebHooks.Add(ctx, actor(ctx), hook)
	return answer(ctx, s, NewHookJSON(hook), err)
}

func (s *server) changeWebHook(ctx context.Context, in *hookBodyInput) (*output[Hook], error) {
	values, types, problem := readHook(in.Body, nil, []string{"url"})
	if problem != nil {
		return nil, problem
	}
	var url *string
	if u, ok := values["url"]; ok {
		url = &u
	}
	hook, err := s.WebHooks.Change(ctx, actor(ctx), in.Name, url, types)
	return answer(ctx, s, HookJSON(hook), err)
}

// readHook reads a body that may have a list of types besides its strings. types
// is nil if it has none.
func readHook(body []byte, required, optional []string) (values map[string]string, types *[]event.Type, problem *Problem) {
	o, problem := parseObject(body)
	if problem != nil {
		return nil, nil, problem
	}
	values, errs := o.take(required, optional)
	if raw, ok := o["types"]; ok {
		delete(o, "types")
		types = &[]event.Type{}
		if raw[0] != '[' || json.Unmarshal(raw, types) != nil {
			errs = append(errs, blame("types", "must be a list of strings"))
		}
	}
	if errs = append(errs, o.unknown()...); len(errs) > 0 {
		return nil, nil, invalidBody(errs...)
	}
	return values, types, nil
}

func (s *server) removeWebHook(ctx context.Context, in *hookInput) (*struct{}, error) {
	if err := s.WebHooks.Remove(ctx, actor(ctx), in.Name); err != nil {
		return nil, s.problemOf(ctx, err)
	}
	return nil, nil
}

func (s *server) listDeliveries(ctx context.Context, in *deliveriesInput) (*output[HookDeliveries], error) {
	found, err := s.WebHooks.Deliveries(ctx, in.Name, webhook.Query{Owed: in.Owed, Before: in.Before, Limit: in.Limit + 1})
	found, next := page(found, in.Limit, func(d webhook.Delivery) int64 { return d.Position })
	return answer(ctx, s, HookDeliveries{each(found, HookDeliveryJSON), next}, err)
}

func (s *server) enableWebHook(ctx context.Context, in *hookInput) (*output[Hook], error) {
	hook, err := s.WebHooks.Enable(ctx, actor(ctx), in.Name)
	return answer(ctx, s, HookJSON(hook), err)
}

func (s *server) disableWebHook(ctx context.Context, in *hookInput) (*output[Hook], error) {
	hook, err := s.WebHooks.Disable(ctx, actor(ctx), in.Name)
	return answer(ctx, s, HookJSON(hook), err)
}

func (s *server) retryWebHook(ctx context.Context, in *hookInput) (*output[Hook], error) {
	hook, err := s.WebHooks.Retry(ctx, actor(ctx), in.Name)
	return answer(ctx, s, HookJSON(hook), err)
}

func (s *server) replayWebHook(ctx context.Context, in *hookBodyInput) (*output[Hook], error) {
	values, problem := readStrings(in.Body, []string{"since"}, nil)
	if problem != nil {
		return nil, problem
	}
	since, err := time.Parse(time.RFC3339, values["since"])
	if err != nil {
		return nil, invalidBody(blame("since", "must be a time such as 2026-01-31T12:00:00Z"))
	}
	hook, err := s.WebHooks.Replay(ctx, actor(ctx), in.Name, since)
	return answer(ctx, s, HookJSON(hook), err)
}

func (s *server) rotateWebHook(ctx context.Context, in *hookBodyInput) (*output[NewHook], error) {
	values, problem := readStrings(in.Body, []string{"keep"}, nil)
	if problem != nil {
		return nil, problem
	}
	keep, err := time.ParseDuration(values["keep"])
	if err != nil {
		return nil, invalidBody(blame("keep", "must be a duration such as 24h"))
	}
	hook, err := s.WebHooks.Rotate(ctx, actor(ctx), in.Name, keep)
	return answer(ctx, s, NewHookJSON(hook), err)
}

func (s *server) testWebHook(ctx context.Context, in *hookInput) (*output[HookTest], error) {
	hook, err := s.WebHooks.Get(ctx, in.Name)
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	a, err := s.TestWebHook(ctx, hook)
	return answer(ctx, s, HookTestJSON(a), err)
}
