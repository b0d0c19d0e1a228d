package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

func TestAdminNeedsAKey(t *testing.T) {
	w := start(t)
	for _, path := range []string{"GET /users", "GET /users/1", "GET /audit", "GET /server_settings", "PUT /server_settings", "PUT /users/1/approve", "PUT /users/1/reject", "PUT /users/1/reconsider", "PUT /users/1/verify", "PUT /users/1/email", "DELETE /users/1"} {
		method, path, _ := strings.Cut(path, " ")
		for _, authorization := range []string{"", "Bearer", "Bearer signup_wrong", "Basic " + w.admin(), w.admin()} {
			a := w.do(w.request(method, "/api/v1"+path, "", "Authorization", authorization))
			a.wantsProblem(t, 401, "unauthorized")
			if a.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s: no WWW-Authenticate", path)
			}
		}
	}
	w.must(w.As(signup.ActorCLI).RevokeAPIKey(t.Context(), "tests"))
	w.asAdmin("GET", "/users", "").wantsProblem(t, 401, "unauthorized")
}

// id is the number of a user.
func (w *world) id(username string) int64 {
	w.t.Helper()
	u, err := w.FindUser(w.t.Context(), username)
	w.must(err)
	return u.ID
}

func (w *world) decide(username, verb, body string) answer {
	w.t.Helper()
	return w.asAdmin("PUT", fmt.Sprintf("/users/%d/%s", w.id(username), verb), body)
}

func TestRemoveUser(t *testing.T) {
	w := start(t)
	w.signUp("ada", "ada@example.org")
	id := w.id("ada")
	path := fmt.Sprint("/users/", id)
	if a := w.asAdmin("DELETE", path, "").wants(t, 204); a.body != "" {
		t.Errorf("body %q", a.body)
	}
	w.asAdmin("DELETE", path, "").wantsProblem(t, 404, "user_not_found")
	w.asAdmin("GET", path, "").wantsProblem(t, 404, "user_not_found")
	w.asAdmin("GET", fmt.Sprint("/audit?user_id=", id), "").wants(t, 200, "user.removed", "key:tests").hasNot(t, "ada@example.org")
	boss, err := w.As(signup.ActorCLI).CreateAdmin(t.Context(), signup.Registration{Name: "Boss", Username: "boss", Email: "boss@example.org", Password: "Analytical-1"})
	w.must(err)
	w.asAdmin("DELETE", fmt.Sprint("/users/", boss.ID), "").wantsProblem(t, 409, "conflict")
}

func TestDecisions(t *testing.T) {
	w := start(t)
	token := w.signUp("ada", "ada@example.org")
	p := w.decide("ada", "approve", "").wantsProblem(t, 400, "email_not_verified")
	if p.Detail != "User email is not verified" {
		t.Errorf("detail %q", p.Detail)
	}
	w.json(confirmPath, tokenBody(token)).wants(t, 200)
	w.decide("ada", "approve", "").wants(t, 200, `"status":"active"`, `"approved_by":"key:tests"`)
	w.decide("ada", "approve", "").wants(t, 200)
	w.decide("ada", "reject", "").wantsProblem(t, 409, "conflict")

	w.signUp("bob", "bob@example.org")
	w.decide("bob", "email", `{"email":"nonsense"}`).wantsProblem(t, 422, "invalid", "body.email")
	w.decide("bob", "email", `{"email":"ada@example.org"}`).wantsProblem(t, 409, "email_taken", "body.email")
	w.decide("bob", "email", `{"email":"bob2@example.org"}`).wants(t, 200, `"email":"bob2@example.org"`)
	w.decide("bob", "verify", "").wants(t, 200, `"status":"pending_approval"`)
	w.decide("bob", "reject", `{"reason":"full","because":"x"}`).wantsProblem(t, 422, "invalid", "body.because")
	w.decide("bob", "reject", `{"reason":5}`).wantsProblem(t, 422, "invalid", "body.reason")
	w.decide("bob", "reject", `{"reason":"full","note":"asked twice"}`).wants(t, 200, `"status":"rejected"`, `"rejection_reason":"full"`, `"rejection_note":"asked twice"`)
	w.decide("bob", "approve", "").wantsProblem(t, 409, "conflict")
	w.decide("bob", "reconsider", "").wants(t, 200, `"status":"pending_approval"`, `"rejected_at":null`)
	w.decide("bob", "reject", "").wants(t, 200, `"rejection_reason":null`)

	w.asAdmin("PUT", "/users/999/approve", "").wantsProblem(t, 404, "user_not_found")
	w.asAdmin("PUT", "/users/nobody/approve", "").wantsProblem(t, 422, "invalid", "path.id")
	w.asAdmin("PUT", "/users/99999999999999999999/approve", "").wantsProblem(t, 422, "invalid", "path.id")
}

func TestListUsers(t *testing.T) {
	w := start(t)
	for i := range 5 {
		w.json(requestPath, ada("username", fmt.Sprintf("user%d", i), "email", fmt.Sprintf("user%d@example.org", i))).wants(t, 201)
	}
	var first, second web.Users
	w.asAdmin("GET", "/users?limit=3", "").wants(t, 200).decode(t, &first)
	if len(first.Users) != 3 || first.Total != 5 || first.Next == nil || first.Users[0].Username != "user4" {
		t.Fatalf("first page %+v", first)
	}
	w.asAdmin("GET", fmt.Sprintf("/users?limit=3&before=%d", *first.Next), "").wants(t, 200, `"next":null`).decode(t, &second)
	if len(second.Users) != 2 || second.Users[0].Username != "user1" {
		t.Fatalf("second page %+v", second)
	}
	w.asAdmin("GET", "/users?search=USER3", "").wants(t, 200, `"total":1`, `"username":"user3"`)
	w.asAdmin("GET", "/users?status=active", "").wants(t, 200, `"users":[]`, `"total":0`)
	w.asAdmin("GET", "/users?status=unconfirmed&role=member", "").wants(t, 200, `"total":5`)
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "status=sEcReT", "role=sEcReT", "before=-1", "sttus=active", "search=" + strings.Repeat("sEcReT", 50)} {
		a := w.asAdmin("GET", "/users?"+query, "")
		name, _, _ := strings.Cut(query, "=")
		a.wantsProblem(t, 422, "invalid", "query."+name)
		if strings.Contains(a.body, "sEcReT") {
			t.Errorf("the value is in %s", a.body)
		}
	}
}

func TestGetUser(t *testing.T) {
	w := start(t)
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	a := w.asAdmin("GET", fmt.Sprintf("/users/%d", w.id("ada")), "").wants(t, 200)
	var u web.UserDetail
	a.decode(t, &u)
	if u.Status != "pending_approval" || u.VerifiedAt == nil || u.ApprovedAt != nil || len(u.Audit) != 2 || len(u.Mails) != 1 {
		t.Errorf("user %+v", u)
	}
	if m := u.Mails[0]; m.Kind != "confirmation" || m.State != "sent" || m.EndedAt == nil {
		t.Errorf("mail %+v", m)
	}
	for _, secret := range []string{"password", "hash", "argon2"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%s is in %s", secret, a.body)
		}
	}
	w.asAdmin("GET", "/users/999", "").wantsProblem(t, 404, "user_not_found")
}

// What a parameter must be is said in the words of the rest.
func TestParametersSayWhatTheyMustBe(t *testing.T) {
	w := start(t)
	for path, message := range map[string]string{
		"/users?limit=0":                            "must be at least 1",
		"/users?limit=201":                          "must be at most 200",
		"/users?limit=x":                            "must be a whole number",
		"/users?limit=99999999999999999999":         "must be a whole number",
		"/users?status=x":                           "must be one of unconfirmed, pending_approval, active, disabled, rejected",
		"/users?sttus=active":                       "is not a parameter of this request",
		"/server_settings?x=1":                      "is not a parameter of this request",
		"/users?search=" + strings.Repeat("x", 251): "must have at most 250 characters",
		"/users/x":                                  "must be a whole number",
		"/users/0":                                  "must be at least 1",
		"/mails/" + strings.Repeat("x", 65):         "must have at most 64 characters",
		"/users/1/mails?limit=1.5":                  "must be a whole number",
		"/audit?user_id=-1":                         "must be at least 0",
	} {
		p := w.asAdmin("GET", path, "").wants(t, 422)
		var problem web.Problem
		p.decode(t, &problem)
		if len(problem.Errors) != 1 || problem.Errors[0].Message != message {
			t.Errorf("%s: %+v", path, problem.Errors)
		}
	}
}

func TestSettings(t *testing.T) {
	w := start(t)
	var all map[string]any
	w.asAdmin("GET", "/server_settings", "").wants(t, 200, `"token_lifetime":"24h0m0s"`).decode(t, &all)
	for _, name := range signup.SettingNames() {
		if _, ok := all[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	w.asAdmin("PUT", "/server_settings", `{"signup_require_admin_approval":false,"token_lifetime":"2h"}`).
		wants(t, 200, `"signup_require_admin_approval":false`, `"token_lifetime":"2h0m0s"`, `"signup_enabled":true`)
	for body, location := range map[string]string{
		`{"nonsense":true}`:                                            "body.nonsense",
		`{"signup_enabled":"sEcReT"}`:                                  "body.signup_enabled",
		`{"signup_enabled":null}`:                                      "body.signup_enabled",
		`{"password_length_regular_users":3}`:                          "body.password_length_regular_users",
		`{"signup_enabled":false,"token_lifetime":"sEcReT"}`:           "body.token_lifetime",
		`{"Signup_enabled":false}`:                                     "body.Signup_enabled",
		`{"signup_enabled":false,"signup_enabled":true}`:               "body.signup_enabled",
		`{"password_type":"sEcReT"}`:                                   "body.password_type",
		`{"signup_enabled":{"a":[1]}}`:                                 "body.signup_enabled",
		`{"password_length_regular_users":12345678901234567890123456}`: "body.password_length_regular_users",
	} {
		a := w.asAdmin("PUT", "/server_settings", body)
		a.wantsProblem(t, 422, "invalid", location)
		if strings.Contains(a.body, "sEcReT") {
			t.Errorf("the value is in %s", a.body)
		}
	}
	w.asAdmin("PUT", "/server_settings", "").wantsProblem(t, 415, "unsupported_media_type")
	w.get("/api/v1/public/server_settings").wants(t, 200, `"signup_enabled":true`, `"password_type":"strict"`,
		`"password_length_regular_users":8`, `"signup_require_email_verification":true`,
		`"signup_require_admin_approval":false`, `"sign_up_fields":[]`)
}

func TestAudit(t *testing.T) {
	w := start(t)
	w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).wants(t, 200)
	w.decide("ada", "approve", "").wants(t, 200)
	var audit web.Audit
	w.asAdmin("GET", "/audit?limit=2", "").wants(t, 200, `"action":"user.approved"`, `"action":"user.active"`, `"actor":"key:tests"`).decode(t, &audit)
	if len(audit.Events) != 2 || audit.Next == nil {
		t.Fatalf("audit %+v", audit)
	}
	w.asAdmin("GET", fmt.Sprintf("/audit?before=%d", *audit.Next), "").wants(t, 200, "user.verified")
	w.asAdmin("GET", "/audit?user_id=999", "").wants(t, 200, `"events":[]`)
}

func TestOpenAPI(t *testing.T) {
	w := start(t)
	a := w.get("/openapi.json").wants(t, 200, `"openapi":"3.1.0"`, `"SignUpConfirm"`, `"maxLength":256`, "application/problem+json", `"code"`)
	var doc struct {
		Paths      map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	a.decode(t, &doc)
	for _, path := range []string{requestPath, confirmPath, resendPath, "/api/v1/users", "/api/v1/users/{id}/approve", "/api/v1/server_settings", "/api/v1/audit"} {
		if doc.Paths[path] == nil {
			t.Errorf("%s is missing", path)
		}
	}
	if strings.Contains(a.body, "$schema") || strings.Contains(a.body, "ErrorModel") {
		t.Error("huma's own schemas are in the document")
	}
	list := doc.Paths["/api/v1/users"]["get"].(map[string]any)
	if n := len(list["parameters"].([]any)); n != 5 {
		t.Errorf("%d parameters", n)
	}
}
