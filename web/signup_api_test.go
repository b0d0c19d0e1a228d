package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
)

const (
	requestPath = "/api/v1/sign-up/request"
	confirmPath = "/api/v1/sign-up/confirm"
	resendPath  = "/api/v1/sign-up/resend"
)

func TestRequestAnswersWhatIsRequired(t *testing.T) {
	for name, c := range map[string]struct {
		verification, approval bool
		message, flags         string
	}{
		"nothing":      {false, false, "log in", `"email_verification_required":null,"admin_approval_required":null`},
		"verification": {true, false, "email", `"email_verification_required":true,"admin_approval_required":null`},
		"approval":     {false, true, "pending admin approval", `"email_verification_required":null,"admin_approval_required":true`},
		"both":         {true, true, "pending admin approval", `"email_verification_required":true,"admin_approval_required":true`},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.require(c.verification, c.approval)
			a := w.json(requestPath, ada()).wants(t, 201, c.message, c.flags)
			var keys map[string]any
			a.decode(t, &keys)
			if len(keys) != 3 {
				t.Errorf("keys %v", keys)
			}
		})
	}
}

func TestRequestRefusals(t *testing.T) {
	w := start(t)
	w.require(false, false)
	w.json(requestPath, ada()).wants(t, 201)
	w.json(requestPath, ada("username", "other")).wantsProblem(t, 409, "email_taken", "body.email")
	w.json(requestPath, ada("email", "other@example.org")).wantsProblem(t, 409, "username_taken", "body.username")

	w.set(map[string]string{"signup_enabled": "false"})
	p := w.json(requestPath, ada()).wantsProblem(t, 403, "sign_up_disabled")
	if p.Detail != "User sign-up is not enabled on this server" {
		t.Errorf("detail %q", p.Detail)
	}
}

func TestRequestConcealsTakenAddress(t *testing.T) {
	w := start(t)
	fresh := w.json(requestPath, ada()).wants(t, 201)
	again := w.json(requestPath, ada("username", "ada2")).wants(t, 201)
	if fresh.body != again.body {
		t.Errorf("%s is not %s", again.body, fresh.body)
	}
}

func TestRequestWithoutMail(t *testing.T) {
	w := start(t, noMail)
	p := w.json(requestPath, ada()).wantsProblem(t, 503, "mail_not_configured")
	if p.Detail != "Email service is not configured" {
		t.Errorf("detail %q", p.Detail)
	}
	if _, total, _ := w.As(signup.ActorCLI).Users(t.Context(), signup.UserQuery{}); total != 0 {
		t.Errorf("%d users are left behind", total)
	}
}

// Each row is a body that must be refused with 422, and whom it must blame.
func TestRequestBlamesFieldsWithoutValues(t *testing.T) {
	w := start(t)
	const secret = "sEcReT"
	for name, c := range map[string]struct {
		body      string
		locations []string
	}{
		"all rules at once": {ada("name", "", "username", secret+"!", "email", secret, "password", secret), []string{"body.name", "body.username", "body.email", "body.password"}},
		"missing":           {`{"name":"` + secret + `"}`, []string{"body.username", "body.email", "body.password"}},
		"empty object":      {`{}`, []string{"body.name", "body.username", "body.email", "body.password"}},
		"number":            {ada("name", 123456789), []string{"body.name"}},
		"null":              {ada("password", nil), []string{"body.password"}},
		"null language":     {ada("preferred_language", nil), []string{"body.preferred_language"}},
		"list":              {ada("email", []string{secret}), []string{"body.email"}},
		"object":            {ada("username", map[string]string{"a": secret}), []string{"body.username"}},
		"boolean":           {ada("name", true), []string{"body.name"}},
		"unknown":           {ada("xyz", secret), []string{"body.xyz"}},
		"unknown casing":    {ada("Email", secret+"@example.org"), []string{"body.Email"}},
		"casing only":       {`{"Name":"a","username":"ada","email":"ada@example.org","password":"Analytical-1"}`, []string{"body.name"}},
		"role":              {ada("role", "admin"), []string{"body.role"}},
		"given twice":       {`{"email":"` + secret + `@a.org",` + ada()[1:], []string{"body.email"}},
		"twice by escape":   {`{"em\u0061il":"` + secret + `@a.org",` + ada()[1:], []string{"body.email"}},
		"no object":         {`["` + secret + `"]`, []string{"body"}},
		"a string":          {`"` + secret + `"`, []string{"body"}},
		"null body":         {`null`, []string{"body"}},
		"weak password":     {ada("password", secret), []string{"body.password"}},
		"long password":     {ada("password", strings.Repeat(secret, 1000)), []string{"body.password"}},
		"long name":         {ada("name", strings.Repeat(secret, 100)), []string{"body.name"}},
		"bad language":      {ada("preferred_language", secret+"_"), []string{"body.preferred_language"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.json(requestPath, c.body)
			a.wantsProblem(t, 422, "invalid", c.locations...)
			if strings.Contains(a.body, secret) || strings.Contains(a.body, "123456789") {
				t.Errorf("the value is in %s", a.body)
			}
		})
	}
}

func TestRequestMalformedBodies(t *testing.T) {
	w := start(t)
	for name, body := range map[string]string{
		"empty":               "",
		"blank":               "  \n",
		"cut":                 `{"name":"sEcReT`,
		"two values":          ada() + ada(),
		"trailing comma":      `{"name":"sEcReT",}`,
		"invalid UTF-8":       "{\"name\":\"sEcReT\xff\"}",
		"high surrogate":      `{"name":"sEcReT\ud800"}`,
		"low surrogate":       `{"name":"\udc00sEcReT"}`,
		"high then no escape": `{"name":"\ud800sEcReT"}`,
		"high then high":      `{"name":"sEcReT\ud83d\ud83d"}`,
		"NUL":                 `{"name":"sEcReT\u0000"}`,
		"NUL in a name":       `{"na\u0000me":"sEcReT"}`,
		"byte order mark":     "\ufeff" + ada(),
		"not a number":        `{"name":NaN}`,
		"deep":                strings.Repeat("[", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			a := w.json(requestPath, body)
			a.wantsProblem(t, 400, "malformed_body")
			if strings.Contains(a.body, "sEcReT") {
				t.Errorf("the value is in %s", a.body)
			}
		})
	}
	w.json(requestPath, strings.Replace(ada(), `"Ada"`, `"Ada \ud83d\ude00 \\ud800 \\\u0041"`, 1)).wants(t, 201)
}

func TestBodyTypesAndSizes(t *testing.T) {
	w := start(t)
	for _, mediaType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonp", "application/problem+json", "application/json; charset=utf-16", ";"} {
		w.do(w.request("POST", requestPath, ada(), "Content-Type", mediaType)).wantsProblem(t, 415, "unsupported_media_type")
	}
	w.json(requestPath, ada(), "Content-Encoding", "gzip").wantsProblem(t, 415, "unsupported_media_type")
	w.json(requestPath, ada("name", strings.Repeat("a", 64<<10))).wantsProblem(t, 413, "body_too_large")

	r := w.request("POST", requestPath, strings.Repeat("[", 10<<20), "Content-Type", "application/json")
	r.ContentLength = -1
	w.do(r).wantsProblem(t, 413, "body_too_large")

	body := ada()
	w.json(requestPath, body+strings.Repeat(" ", 64<<10-len(body)), "Content-Type", `Application/JSON; charset="UTF-8"`).wants(t, 201)
}

func TestOperatorsFields(t *testing.T) {
	w := start(t, withFields(field.List{
		{Name: "city", Type: field.String, Required: true, MaxLength: 5},
		{Name: "height", Type: field.Integer},
		{Name: "units", Type: field.Choice, Choices: []string{"metric", "imperial"}},
		{Name: "born", Type: field.Date},
	}))
	w.json(requestPath, ada("city", "Paris", "height", 180, "units", "metric", "born", "2001-12-31")).wants(t, 201)
	u, err := w.FindUser(t.Context(), "ada")
	w.must(err)
	if u.Profile["city"] != "Paris" || u.Profile["units"] != "metric" {
		t.Errorf("profile %v", u.Profile)
	}
	w.json(requestPath, ada()).wantsProblem(t, 422, "invalid", "body.city")
	w.json(requestPath, ada("city", "Marseille", "height", "180", "units", "x", "born", 5)).
		wantsProblem(t, 422, "invalid", "body.city", "body.height", "body.units", "body.born")
	w.json(requestPath, ada("city", "Paris", "county", "x")).wantsProblem(t, 422, "invalid", "body.county")
	w.get("/openapi.json").wants(t, 200, `"city":{`, `"enum":["metric","imperial"]`, `"format":"date"`)
	w.get("/api/v1/public/server_settings").wants(t, 200, `"name":"city"`, `"choices":["metric","imperial"]`)
}

func TestConfirm(t *testing.T) {
	t.Run("active", func(t *testing.T) {
		w := start(t)
		w.require(true, false)
		w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).
			wants(t, 200, "verified", "log in", `"email_verification_required":null,"admin_approval_required":null`)
	})
	t.Run("pending", func(t *testing.T) {
		w := start(t)
		w.json(confirmPath, tokenBody(w.signUp("ada", "ada@example.org"))).
			wants(t, 200, "verified", "pending admin approval", `"admin_approval_required":true`)
	})
	t.Run("invalid", func(t *testing.T) {
		w := start(t)
		used, expired := w.signUp("ada", "ada@example.org"), w.signUp("bob", "bob@example.org")
		w.json(confirmPath, tokenBody(used)).wants(t, 200)
		w.json(confirmPath, tokenBody(used)).wantsProblem(t, 400, "already_confirmed")
		w.clock.advance(24 * time.Hour)
		w.json(confirmPath, tokenBody(used)).wantsProblem(t, 400, "already_confirmed")
		w.json(confirmPath, tokenBody(expired)).wantsProblem(t, 400, "token_expired")
		w.json(confirmPath, tokenBody(strings.Repeat("A", 43))).wantsProblem(t, 400, "token_unknown")
		p := w.json(confirmPath, tokenBody("nonsense")).wantsProblem(t, 400, "token_unknown")
		if p.Detail != "Invalid or expired sign up token" {
			t.Errorf("detail %q", p.Detail)
		}
	})
	t.Run("verification disabled", func(t *testing.T) {
		w := start(t)
		token := w.signUp("ada", "ada@example.org")
		w.require(false, false)
		p := w.json(confirmPath, tokenBody("nonsense")).wantsProblem(t, 412, "verification_disabled")
		if p.Detail != "Email verification is not enabled" {
			t.Errorf("detail %q", p.Detail)
		}
		w.json(confirmPath, tokenBody(token)).wants(t, 200)
	})
	t.Run("shape", func(t *testing.T) {
		w := start(t)
		for _, body := range []string{`{}`, `{"token":""}`, `{"token":123}`, `{"token":null}`, tokenBody(strings.Repeat("A", 257)), `{"Token":"abc"}`} {
			a := w.json(confirmPath, body)
			if a.wants(t, 422); !strings.Contains(a.body, `"location":"body.token"`) {
				t.Errorf("%s does not blame the token of %s", a.body, body)
			}
		}
		w.json(confirmPath, `{"token":"abc","extra":1}`).wantsProblem(t, 422, "invalid", "body.extra")
		w.json(confirmPath, tokenBody(strings.Repeat("ä", 256))).wantsProblem(t, 400, "token_unknown")
	})
}

func tokenBody(token string) string { return `{"token":"` + token + `"}` }

func TestResendTellsNothing(t *testing.T) {
	w := start(t)
	w.signUp("ada", "ada@example.org")
	known := w.json(resendPath, `{"email":"ada@example.org"}`).wants(t, 202)
	unknown := w.json(resendPath, `{"email":"bob@example.org"}`).wants(t, 202)
	if known.body != unknown.body {
		t.Errorf("%s is not %s", known.body, unknown.body)
	}
	w.json(resendPath, `{"email":"nonsense"}`).wantsProblem(t, 422, "invalid", "body.email")
	w.json(resendPath, `{}`).wantsProblem(t, 422, "invalid", "body.email")
	start(t, noMail).json(resendPath, `{"email":"a@b.co"}`).wantsProblem(t, 503, "mail_not_configured")
}

// Case B16: what is an address is one at every door.
func TestAddressesAreJudgedAlikeAtEveryDoor(t *testing.T) {
	w := start(t)
	n := 0
	for address, valid := range map[string]bool{
		"a@b.co": true, "a+b@x.org": true, "o'hara@x.org": true, "ü@x.org": true,
		`"a b"@x.org`: false, "a@[192.0.2.1]": false, "a..b@x.org": false, ".a@x.org": false, "a@x.": false,
		"a@localhost": false, "A <a@x.org>": false, "a@x.org,b@y.org": false, "a b@x.org": false, "": false,
	} {
		n++
		request := w.json(requestPath, ada("email", address, "username", fmt.Sprintf("u%d", n)))
		resend := w.json(resendPath, object(t, "email", address))
		page := w.form("/resend", map[string][]string{"email": {address}})
		want := [3]int{422, 422, 422}
		if valid {
			want = [3]int{201, 202, 200}
		}
		if got := [3]int{request.StatusCode, resend.StatusCode, page.StatusCode}; got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}
