package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/web"
)

// active makes somebody a member of the application.
func (w *world) active(username string) signup.User {
	w.t.Helper()
	u, err := w.As(signup.ActorCLI).Approve(w.t.Context(), w.pending(username).ID)
	w.must(err)
	return u
}

// An application shuts somebody out and lets them in again.
func TestDisableAndEnable(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.signUp("bob", "bob@example.org")
	w.decide("bob", "disable", "").wantsProblem(t, 409, "conflict")
	w.active("ada")
	logIn := func() answer {
		return w.asAdmin("POST", "/check-password", `{"login":"ada","password":"Analytical-1"}`)
	}
	logIn().wants(t, 200)
	for range 2 {
		w.decide("ada", "disable", "").wants(t, 200, `"status":"disabled"`, `"disabled_by":"key:tests"`, `"disabled_at":"20`)
	}
	w.asAdmin("GET", "/users?status=disabled", "").wants(t, 200, `"total":1`, `"username":"ada"`)
	logIn().wantsProblem(t, 400, "wrong_password")
	w.decide("ada", "approve", "").wantsProblem(t, 409, "conflict")
	for range 2 {
		w.decide("ada", "enable", "").wants(t, 200, `"status":"active"`, `"disabled_at":null`, `"disabled_by":null`)
	}
	logIn().wants(t, 200)

	p := w.decide("grace", "disable", "").wantsProblem(t, 409, "conflict")
	if p.Detail != "The last administrator must stay one; make another first" {
		t.Errorf("detail %q", p.Detail)
	}
	w.asAdmin("PUT", "/users/999/disable", "").wantsProblem(t, 404, "user_not_found")
	w.asAdmin("GET", "/events?types=user.disabled,user.enabled,user.active", "").wants(t, 200).
		inOrder(t, `"user.active"`, `"user.disabled"`, `"user.enabled"`).hasNot(t, `"user.approved"`)
}

// inOrder fails unless the parts are in the body, one after the other.
func (a answer) inOrder(t testing.TB, parts ...string) answer {
	t.Helper()
	rest := a.body
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("%s does not follow in %s", part, a.body)
		}
		rest = after
	}
	return a
}

func TestChangeUser(t *testing.T) {
	w := start(t)
	w.signUp("bob", "bob@example.org")
	ada := w.active("ada")
	path := fmt.Sprint("/users/", ada.ID)
	w.asAdmin("PATCH", path, `{"name":" Ada  King "}`).wants(t, 200, `"name":"Ada King"`, `"username":"ada"`)
	w.asAdmin("PATCH", path, `{"username":"Countess"}`).wants(t, 200, `"name":"Ada King"`, `"username":"Countess"`)
	w.asAdmin("PATCH", path, `{}`).wants(t, 200, `"username":"Countess"`)
	w.asAdmin("GET", "/users?search=countess", "").wants(t, 200, `"total":1`)
	w.asAdmin("PATCH", path, `{"username":"BOB"}`).wantsProblem(t, 409, "username_taken", "body.username")
	w.asAdmin("PATCH", path, `{"name":"","username":"a b"}`).wantsProblem(t, 422, "invalid", "body.name", "body.username")
	w.asAdmin("PATCH", path, `{"name":null}`).wantsProblem(t, 422, "invalid", "body.name")
	w.asAdmin("PATCH", path, `{"email":"x@example.org"}`).wantsProblem(t, 422, "invalid", "body.email")
	w.asAdmin("PATCH", "/users/999", `{}`).wantsProblem(t, 404, "user_not_found")
	var audit web.Audit
	a := w.asAdmin("GET", fmt.Sprint("/audit?user_id=", ada.ID), "").wants(t, 200)
	a.hasNot(t, "King", "Countess")
	a.decode(t, &audit)
	if e := audit.Events[0]; e.Action != "user.changed" || e.Detail["fields"] != "username" || audit.Events[1].Detail["fields"] != "name" {
		t.Errorf("the events are %+v", audit.Events[:2])
	}
}

// Everything about one person, and nothing that is secret or about somebody else.
func TestExportUser(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	w.signIn("grace")
	w.signUp("eve", "ada@example.org")
	ada := w.active("ada")
	var d web.UserExport
	a := w.asAdmin("GET", fmt.Sprintf("/users/%d/export", ada.ID), "").wants(t, 200, `"sessions":[]`)
	a.hasNot(t, "argon2", "eve")
	a.decode(t, &d)
	if d.User.Email != "ada@example.org" || len(d.Mails) == 0 || len(d.Mails[len(d.Mails)-1].Log) != 1 || len(d.Audit) < 4 || d.Audit[0].Action != "user.exported" {
		t.Errorf("%+v", d)
	}
	a = w.asAdmin("GET", fmt.Sprintf("/users/%d/export", w.id("grace")), "").wants(t, 200)
	a.hasNot(t, "token")
	a.decode(t, &d)
	if len(d.Sessions) != 1 || d.Sessions[0].CreatedAt.IsZero() {
		t.Errorf("the sessions are %+v", d.Sessions)
	}
	w.asAdmin("GET", "/users/999/export", "").wantsProblem(t, 404, "user_not_found")
}

// The pages do the same: disabling asks first.
func TestDisableOnThePages(t *testing.T) {
	w := start(t)
	grace, ada := w.administrator("grace"), w.active("ada")
	b := w.signIn("grace")
	page := userPage(ada)
	b.open(page).wants(t, 200, `value="ask-disable"`).hasNot(t, `value="enable"`)
	b.send(page, url.Values{"action": {"ask-disable"}}).wants(t, 200, "Disable this account?", "ada@example.org", `value="disable"`, `href="`+page+`"`)
	if got := w.find("ada").Status(); got != signup.StatusActive {
		t.Fatalf("asking made the status %s", got)
	}
	b.follow(page, url.Values{"action": {"disable"}}).wants(t, 200, `role="status">Disabled:`, `class="tag disabled">Disabled`, "by grace", `value="enable"`)
	b.open("/admin/users?status=disabled").wants(t, 200, "ada@example.org", `<option value="disabled" selected>`).hasNot(t, "grace@example.org")
	b.open("/admin/waiting").wants(t, 200).hasNot(t, "status=disabled")
	b.follow(page, url.Values{"action": {"enable"}}).wants(t, 200, `role="status">Enabled:`, `class="tag active">Active`)

	// Of two administrators the slower one is told; the last one stays.
	b.follow(userPage(grace), url.Values{"action": {"disable"}}).wants(t, 200, "The last administrator cannot be disabled: grace")
	chief := w.administrator("chief")
	_, err := w.As(signup.ActorUser(chief.ID)).SetDisabled(t.Context(), ada.ID, true)
	w.must(err)
	b.follow(page, url.Values{"action": {"disable"}}).wants(t, 200, "“Disabled” already, by chief")
	b.send(userPage(grace), url.Values{"action": {"disable"}})
	if b.isIn() {
		t.Error("a disabled administrator is still in")
	}
}

// What the application says against it is shown, and nothing has changed.
func TestTheApplicationRefusesToDisable(t *testing.T) {
	refuses := false
	w := start(t, func(s *setup) {
		s.service.OnChanged = func(context.Context, signup.Tx, signup.User) error {
			if refuses {
				return refusal.New(refusal.Conflict, "Ada owes us three books")
			}
			return nil
		}
	})
	w.administrator("grace")
	ada := w.active("ada")
	b := w.signIn("grace")
	refuses = true
	for _, action := range []string{"disable", "change"} {
		b.send(userPage(ada), url.Values{"action": {action}, "name": {"Ada"}, "username": {"ada2"}}).wants(t, http.StatusConflict, "Ada owes us three books")
	}
	if got := w.find("ada"); got.Status() != signup.StatusActive || got.Username != "ada" {
		t.Errorf("%s is %s", got.Username, got.Status())
	}
}

func TestChangeOnThePages(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	ada := w.active("ada")
	b := w.signIn("grace")
	page := userPage(ada)
	b.follow(page, url.Values{"action": {"change"}, "name": {"Ada King"}, "username": {"countess"}}).
		wants(t, 200, `role="status">Saved:`, "<h1><bdi>Ada King</bdi></h1>", "countess", "Name or username changed").hasNot(t, "<details class=\"change\" open>")
	b.send(page, url.Values{"action": {"change"}, "name": {"Ada"}, "username": {"GRACE"}}).
		wants(t, 422, `<details class="change" open>`, "This username is taken.", `value="GRACE"`, `aria-describedby="username-problem"`).hasNot(t, `id="name-problem"`)
	b.send(page, url.Values{"action": {"change"}, "name": {""}, "username": {"a b"}}).wants(t, 422, `id="name-problem"`, `id="username-problem"`)
	if got := w.find("countess"); got.Name != "Ada King" {
		t.Errorf("the name is %q", got.Name)
	}
	rejected := w.pending("eve")
	_, err := w.As(signup.ActorCLI).Reject(t.Context(), rejected.ID, "", "")
	w.must(err)
	b.open(userPage(rejected)).wants(t, 200).hasNot(t, `value="change"`)
}

func TestExportOnThePages(t *testing.T) {
	w := start(t)
	w.administrator("grace")
	ada := w.active("ada")
	b := w.signIn("grace")
	b.open(userPage(ada)).wants(t, 200, `value="export"`)
	a := b.send(userPage(ada), url.Values{"action": {"export"}}).wants(t, 200, `"username": "ada"`, "user.exported", `"actor": "user:1"`)
	want := fmt.Sprintf(`attachment; filename="user-%d.json"`, ada.ID)
	if got := a.Header.Get("Content-Disposition"); got != want || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%q, %q", got, a.Header.Get("Content-Type"))
	}
	b.send("/admin/users/999", url.Values{"action": {"export"}}).wants(t, 404)
}

// The browser that signed up learns that it cannot log in.
func TestStatusOfSomebodyDisabled(t *testing.T) {
	w := start(t)
	w.require(false, false)
	a := w.form(signUpPath, url.Values{"name": {"Ada"}, "username": {"ada"}, "email": {"ada@example.org"}, "password": {"Analytical-1"}, "preferred_language": {"en"}}).wants(t, 303)
	cookie := a.Cookies()[0].Name + "=" + a.Cookies()[0].Value
	w.get(statusPath, "Cookie", cookie).wants(t, 200, "Your account is ready")
	_, err := w.As(signup.ActorCLI).SetDisabled(t.Context(), w.find("ada").ID, true)
	w.must(err)
	w.get(statusPath, "Cookie", cookie).wants(t, 200, "This account is disabled").hasNot(t, "Check your inbox", `http-equiv="refresh"`)
}
