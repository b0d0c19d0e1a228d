package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/scope"
	"github.com/signup-go/signup/web"
)

// keyWith returns the secret of a key with this scope.
func (w *world) keyWith(s scope.Scope) string {
	w.t.Helper()
	key, _, err := w.As(signup.ActorCLI).CreateAPIKey(w.t.Context(), signup.APIKey{Name: string(s), Scopes: scope.Of(s)})
	w.must(err)
	return key.Reveal()
}

// Every operation lets exactly those keys in that the document says, and does
// nothing for others.
func TestScopesOfOperations(t *testing.T) {
	w := start(t)
	var d description
	w.get("/openapi.json").wants(t, 200).decode(t, &d)
	keys := map[scope.Scope]string{}
	for _, s := range scope.All() {
		keys[s] = w.keyWith(s)
	}
	seen := map[string]int{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			for s, key := range keys {
				needed := op.Scope
				if needed == "" {
					continue
				}
				seen[needed]++
				if strings.HasSuffix(path, "/stream") && (s == scope.Admin || string(s) == needed) {
					continue // it would go on and on
				}
				r := w.request(strings.ToUpper(method), strings.ReplaceAll(path, "{id}", "99"), "{}", "Authorization", "Bearer "+key, "Content-Type", "application/json")
				a := w.do(r)
				switch {
				case s == scope.Admin || string(s) == needed:
					if a.StatusCode == http.StatusUnauthorized || a.StatusCode == http.StatusForbidden {
						t.Errorf("%s %s: %s is refused: %s", method, path, s, a.body)
					}
				default:
					a.wantsProblem(t, 403, "insufficient_scope")
				}
			}
		}
	}
	for _, needed := range []string{"read", "approve", "admin"} {
		if seen[needed] < len(keys) {
			t.Errorf("no operation needs %s: %v", needed, seen)
		}
	}
}

// A key that may approve decides, and nothing else.
func TestKeyThatApproves(t *testing.T) {
	w := start(t)
	w.require(false, true)
	w.json(requestPath, ada()).wants(t, 201)
	key := w.keyWith(scope.Approve)
	w.do(w.request("PUT", "/api/v1/users/1/approve", "", "Authorization", "Bearer "+key)).wants(t, 200, `"status":"active"`, `"approved_by":"key:approve"`)
	w.do(w.request("GET", "/api/v1/users/1", "", "Authorization", "Bearer "+key)).wantsProblem(t, 403, "insufficient_scope")
	w.do(w.request("PUT", "/api/v1/server_settings", `{"signup_enabled":false}`, "Authorization", "Bearer "+key, "Content-Type", "application/json")).
		wantsProblem(t, 403, "insufficient_scope")
	w.get("/api/v1/public/server_settings").wants(t, 200, `"signup_enabled":true`)
}

// A program with a key for everything makes keys for others, and revokes them.
func TestKeysMadeOverTheAPI(t *testing.T) {
	w := start(t)
	ends := w.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	var made web.CreatedAPIKey
	w.asAdmin("POST", "/keys", `{"name":"app / one","scopes":["check-password","read"],"expires_at":"`+ends+`"}`).wants(t, 201,
		`"name":"app / one"`, `"scopes":["read","check-password"]`, `"expires_at":"`+ends+`"`, `"created_by":"key:`).decode(t, &made)
	use := func() answer { return w.get("/api/v1/users", "Authorization", "Bearer "+made.Key) }
	use().wants(t, 200)
	if a := w.asAdmin("GET", "/keys", "").wants(t, 200, `"app / one"`); strings.Contains(a.body, made.Key) {
		t.Error("the list has the secret")
	}
	w.asAdmin("POST", "/keys", `{"name":"app / one","scopes":["read"]}`).wantsProblem(t, 409, "conflict", "body.name")
	if a := w.asAdmin("DELETE", "/keys/app%20%2F%20one", ""); a.StatusCode != http.StatusNoContent || a.body != "" {
		t.Errorf("status %d, %q", a.StatusCode, a.body)
	}
	use().wantsProblem(t, 401, "unauthorized")
	w.asAdmin("DELETE", "/keys/app%20%2F%20one", "").wantsProblem(t, 404, "key_not_found")
	w.asAdmin("DELETE", "/keys/"+made.ID, "").wantsProblem(t, 404, "key_not_found")

	w.asAdmin("POST", "/keys", `{"name":"app / one","scopes":["admin"],"expires_at":null}`).wants(t, 201, `"expires_at":null`).decode(t, &made)
	if a := w.asAdmin("DELETE", "/keys/"+made.ID, ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("status %d, %q", a.StatusCode, a.body)
	}
	use().wantsProblem(t, 401, "unauthorized")
}

func TestKeysThatAreNotMade(t *testing.T) {
	w := start(t)
	for body, location := range map[string]string{
		`{"scopes":["read"]}`:                                                     "body.name",
		`{"name":" ","scopes":["read"]}`:                                          "body.name",
		`{"name":"x"}`:                                                            "body.scopes",
		`{"name":"x","scopes":[]}`:                                                "body.scopes",
		`{"name":"x","scopes":null}`:                                              "body.scopes",
		`{"name":"x","scopes":"read"}`:                                            "body.scopes",
		`{"name":"x","scopes":["read",null]}`:                                     "body.scopes",
		`{"name":"x","scopes":["read","read"]}`:                                   "body.scopes",
		`{"name":"x","scopes":["read,approve"]}`:                                  "body.scopes",
		`{"name":"x","scopes":["write"]}`:                                         "body.scopes",
		`{"name":"x","scopes":["read"],"expires_at":"tomorrow"}`:                  "body.expires_at",
		`{"name":"x","scopes":["read"],"expires_at":"2020-01-01T00:00:00Z"}`:      "body.expires_at",
		`{"name":"x","scopes":["read"],"expires_at":"0001-01-01T00:00:00Z"}`:      "body.expires_at",
		`{"name":"x","scopes":["read"],"ends_at":null}`:                           "body.ends_at",
		`{"name":"x","scopes":["read"],"expires_at":"9999-12-31T23:59:59-01:00"}`: "body.expires_at",
		`{"name":"x","scopes":["read"],"expires_at":` + "1893456000" + `}`:        "body.expires_at",
		`{"name":"` + strings.Repeat("x", 101) + `","scopes":["read"]}`:           "body.name",
	} {
		w.asAdmin("POST", "/keys", body).wantsProblem(t, 422, "invalid", location)
	}
	if a := w.asAdmin("GET", "/keys", ""); strings.Count(a.body, `"id"`) != 1 {
		t.Errorf("keys were made: %s", a.body)
	}
}

func TestListOfKeys(t *testing.T) {
	w := start(t)
	ends := w.clock.Now().Add(time.Hour)
	secret, _, err := w.As(signup.ActorCLI).CreateAPIKey(t.Context(), signup.APIKey{Name: "app", Scopes: "read check-password", EndsAt: ends})
	w.must(err)
	a := w.asAdmin("GET", "/keys", "").wants(t, 200)
	var got web.APIKeys
	a.decode(t, &got)
	if len(got.Keys) != 2 || strings.Contains(a.body, "signup_") {
		t.Fatalf("%s", a.body)
	}
	k := got.Keys[0]
	if k.Name != "app" || !slices.Equal(k.Scopes, []string{"read", "check-password"}) || k.ExpiresAt == nil || !k.ExpiresAt.Equal(ends) || k.UsedAt != nil {
		t.Errorf("%+v", k)
	}
	if admin := got.Keys[1]; admin.UsedAt == nil || !admin.UsedAt.Equal(w.clock.Now().Truncate(time.Hour)) || admin.ExpiresAt != nil {
		t.Errorf("%+v", admin)
	}
	w.clock.advance(time.Hour)
	w.get("/api/v1/users", "Authorization", "Bearer "+secret.Reveal()).wantsProblem(t, 401, "unauthorized")
}
