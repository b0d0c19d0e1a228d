package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/web"
)

// addTo adds a hook by the API.
func (r *receiver) addTo(s *server, name string, types ...string) (added web.NewHook) {
	s.t.Helper()
	s.Expect(http.StatusCreated, "POST", "/api/v1/web-hooks", map[string]any{"name": name, "url": r.URL, "types": append([]string{}, types...)}, &added)
	r.secret = added.Secret
	return added
}

func TestWebHookIsAddedAndTested(t *testing.T) {
	s := startHooks(t, sqliteMake)
	r := newReceiver(t)
	r.addTo(s, "app", "user.active")
	s.Expect(http.StatusConflict, "POST", "/api/v1/web-hooks", map[string]any{"name": "app", "url": r.URL}, nil)
	for _, body := range []map[string]any{
		{"name": "other"},
		{"url": r.URL},
		{"name": "Other", "url": r.URL},
		{"name": "other", "url": "ftp://app.example"},
		{"name": "other", "url": r.URL, "types": "user.active"},
		{"name": "other", "url": r.URL, "types": []string{"user.unheard"}},
		{"name": "other", "url": r.URL, "types": []string{"user.active", "user.active"}},
		{"name": "other", "url": r.URL, "types": nil},
		{"name": "other", "url": r.URL, "secret": "whsec_x"},
	} {
		s.Expect(http.StatusUnprocessableEntity, "POST", "/api/v1/web-hooks", body, nil)
	}
	var test web.HookTest
	s.Expect(http.StatusOK, "POST", "/api/v1/web-hooks/app/test", nil, &test)
	if m := r.messages(); !test.Delivered || test.Answer != "204 No Content" || len(m) != 1 || m[0].Type != "web_hook.test" || !strings.HasPrefix(m[0].ID, "test_") {
		t.Errorf("the test came to %+v, %+v", test, m)
	}
	s.Expect(http.StatusNoContent, "DELETE", "/api/v1/web-hooks/app", nil, nil)
	s.Expect(http.StatusNotFound, "GET", "/api/v1/web-hooks/app", nil, nil)
	if code, _, stderr := s.CLI("hook", "remove", "app"); code != exitNotFound || !strings.Contains(stderr, "Web hook not found") {
		t.Errorf("removed again: %d, %s", code, stderr)
	}
}

// The same by the API and by commands.
func TestWebHookIsChanged(t *testing.T) {
	s := startHooks(t, sqliteMake)
	r := newReceiver(t)
	r.addTo(s, "app", "user.active")
	var shown web.HookDetail
	text := s.Run("hook", "show", "app", "--json")
	if err := json.Unmarshal([]byte(text), &shown); err != nil || shown.URL != r.URL || !shown.Enabled || shown.Owed != 0 || fmt.Sprint(shown.Types) != "[user.active]" {
		t.Errorf("shown as %s, %v", text, err)
	}
	var got web.Hook
	s.Expect(http.StatusOK, "PATCH", "/api/v1/web-hooks/app", map[string]any{"types": []string{}}, &got)
	if len(got.Types) != 0 || got.URL != r.URL {
		t.Errorf("changed to %+v", got)
	}
	s.Run("hook", "change", "app", "--types", "user.removed,user.active", "--url", r.URL+"/x")
	s.Expect(http.StatusOK, "PUT", "/api/v1/web-hooks/app/disable", nil, &got)
	if got.Enabled || got.DisabledAt == nil || *got.DisabledReason != "by an administrator" || got.URL != r.URL+"/x" || len(got.Types) != 2 {
		t.Errorf("disabled as %+v", got)
	}
	s.Expect(http.StatusConflict, "PUT", "/api/v1/web-hooks/app/retry", nil, nil)
	s.Run("hook", "enable", "app")
	s.Run("hook", "retry", "app")
	s.Expect(http.StatusUnprocessableEntity, "POST", "/api/v1/web-hooks/app/replay", map[string]any{"since": "yesterday"}, nil)
	s.Expect(http.StatusOK, "POST", "/api/v1/web-hooks/app/replay", map[string]any{"since": time.Now()}, nil)
	if trail := s.Run("audit"); strings.Count(trail, "web_hook.changed") != 5 || !strings.Contains(trail, "web_hook.added") {
		t.Errorf("the trail is\n%s", trail)
	}
}

// A secret is shown when it is made, and never again.
func TestWebHookSecretsAreShownOnce(t *testing.T) {
	s := startHooks(t, sqliteMake)
	r := newReceiver(t)
	added := r.addTo(s, "app")
	var rotated web.NewHook
	s.Expect(http.StatusOK, "POST", "/api/v1/web-hooks/app/rotate", map[string]any{"keep": "1h"}, &rotated)
	if rotated.Secret == added.Secret || rotated.OldSecretUntil == nil || time.Until(*rotated.OldSecretUntil) > time.Hour {
		t.Errorf("rotated to %+v", rotated.Hook)
	}
	s.SignUp("ada")
	s.Eventually("a delivery", func() bool { return r.count() > 0 })
	for _, text := range []string{
		s.Run("hook", "list"), s.Run("hook", "list", "--json"), s.Run("hook", "show", "app", "--json"), s.Run("hook", "deliveries", "app", "--json"),
		s.Run("audit", "--json"), s.Stderr.String(),
	} {
		if strings.Contains(text, added.Secret[6:]) || strings.Contains(text, rotated.Secret[6:]) {
			t.Errorf("a secret is in %s", text)
		}
	}
}

// Web hooks are for keys that may do everything: they pass all personal data on.
func TestWebHooksNeedScopeAdmin(t *testing.T) {
	s := startHooks(t, sqliteMake)
	s.Key = strings.TrimSpace(s.Run("key", "create", "--name", "reader", "--scopes", "read,approve,check-password"))
	s.Expect(http.StatusForbidden, "GET", "/api/v1/web-hooks", nil, nil)
	s.Expect(http.StatusForbidden, "POST", "/api/v1/web-hooks", map[string]any{"name": "app", "url": "https://app.example.org"}, nil)
	s.Expect(http.StatusForbidden, "GET", "/api/v1/web-hooks/app/deliveries", nil, nil)
}

// A name that leads to this machine is as good as its address.
func TestWebHooksDoNotReachThisMachine(t *testing.T) {
	s := startHooks(t, sqliteMake, "--web-hook-allow", "allowed.example")
	s.environ = slices.DeleteFunc(s.environ, func(v string) bool { return v == allowLocal })
	r := newReceiver(t)
	url := strings.Replace(r.URL, "127.0.0.1", "localhost", 1)
	if code, _, stderr := s.CLI("hook", "add", "app", r.URL); code != exitRefused || !strings.Contains(stderr, "private address") {
		t.Errorf("the address was taken: %d, %s", code, stderr)
	}
	s.Run("hook", "add", "app", url)
	if code, _, stderr := s.CLI("hook", "test", "app"); code != exitFault || !strings.Contains(stderr, "is not a public address") {
		t.Errorf("tested with exit code %d, %s", code, stderr)
	}
	s.SignUp("ada")
	s.Eventually("an attempt", func() bool { return strings.Contains(s.Run("hook", "deliveries", "app"), "is not a public address") })
	if n := r.count(); n != 0 {
		t.Errorf("%d requests came to this machine", n)
	}
	s.Run("hook", "test", "app", "--web-hook-allow", "localhost")
	if n := r.count(); n != 1 {
		t.Errorf("%d requests came when it was allowed", n)
	}
}

// Hooks that the configuration has are there as long as it has them.
func TestDeclaredWebHooks(t *testing.T) {
	r := newReceiver(t)
	r.secret = "whsec_" + strings.Repeat("A", 40)
	dir := t.TempDir()
	file, secretFile := filepath.Join(dir, "signup.yaml"), filepath.Join(dir, "secret")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(secretFile, r.secret+"\n")
	declared := "web-hooks:\n  - name: app\n    url: " + r.URL + "\n    types: [user.signed_up]\n    secret-file: " + secretFile + "\n"
	write(file, declared)
	s := newServer(t)
	s.environ = append(s.environ, allowLocal, "SIGNUP_CONFIG="+file)
	s.start("--dev")
	s.SignUp("ada")
	s.Eventually("a delivery", func() bool { return len(r.messages()) == 1 })
	if code, _, stderr := s.CLI("hook", "remove", "app"); code != exitRefused || !strings.Contains(stderr, "declared in the configuration") {
		t.Errorf("removed: %d, %s", code, stderr)
	}

	// Another secret: requests are signed with both.
	s.Stop()
	write(secretFile, "whsec_"+strings.Repeat("B", 40))
	s.start("--dev")
	s.SignUp("bob")
	s.Eventually("a delivery", func() bool { return len(r.messages()) == 2 })
	if n := len(strings.Fields(r.messages()[1].signature)); n != 2 {
		t.Errorf("%d signatures", n)
	}

	// Taken out of the configuration and put in again: nothing was left out.
	s.Stop()
	write(file, "app-name: Without\n")
	s.start("--dev")
	if list := s.Run("hook", "list"); !strings.Contains(list, "no longer in the configuration") {
		t.Errorf("the hook is still there:\n%s", list)
	}
	s.SignUp("eve")
	s.Stop()
	write(file, declared)
	s.start("--dev")
	s.Eventually("what happened meanwhile", func() bool { return len(r.messages()) == 3 })
	if m := r.messages()[2]; m.Data.User.Username != "eve" {
		t.Errorf("got %+v", m)
	}
}

func TestWrongDeclarations(t *testing.T) {
	const secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	file := filepath.Join(t.TempDir(), "signup.yaml")
	for text, want := range map[string]string{
		"- name: app\n    url: https://app.example":                                                                                                 "app: must have either a secret or a secret-file",
		"- name: app\n    url: https://app.example\n    secret: whsec_hunter2":                                                                      "secret: must be whsec_ and the base64 of 24 to 64 bytes",
		"- name: app\n    url: https://app.example\n    secret-file: /nowhere":                                                                      "secret-file: open /nowhere",
		"- name: app\n    url: http://10.0.0.1\n    secret: " + secret:                                                                              "app: url: must not be a private address",
		"- name: app\n    url: https://app.example\n    types: [user.unheard]\n    secret: " + secret:                                               "app: types: must be types",
		"- name: app\n    url: https://app.example\n    secret: " + secret + "\n  - name: app\n    url: https://app.example\n    secret: " + secret: "app: is there twice",
		"- name: app\n    uri: https://app.example\n    secret: " + secret:                                                                          `unknown field "uri"`,
	} {
		if err := os.WriteFile(file, []byte("web-hooks:\n  "+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := runProgram(t, nil, "config", "--config", file)
		if code != exitUsage || !strings.Contains(stderr, want) || strings.Contains(stderr, "hunter2") {
			t.Errorf("%s\n\ngave %d, %s\nwant %s", text, code, stderr, want)
		}
	}
}

// Of several instances on one database one sends an event.
func TestWebHooksOfSeveralInstances(t *testing.T) {
	s := startHooks(t, postgresMake)
	other := newServer(t)
	other.Database, other.environ = s.Database, s.environ
	other.start("--dev")
	r := newReceiver(t)
	s.addHook("app", r)
	const people = 30
	for i := range people {
		name := fmt.Sprintf("person%d", i)
		s.SignUp(name)
		if i%3 == 0 {
			s.approve(name)
		}
	}
	const events = people + 2*people/3
	s.Eventually("all events", func() bool { return len(r.messages()) >= events })
	s.Eventually("the record of all", func() bool { return strings.Contains(s.Run("hook", "show", "app"), "owed              0") })
	seen := map[string]bool{}
	for _, m := range r.messages() {
		if seen[m.ID] {
			t.Errorf("%s of %d came twice", m.Type, m.Data.UserID)
		}
		seen[m.ID] = true
	}
	wantOrder(t, r.messages())
}

// wantOrder checks that the events of each user came in order. One that came again
// did so before the next.
func wantOrder(t testing.TB, messages []hookMessage) {
	t.Helper()
	last := map[int64]int64{}
	for _, m := range messages {
		if m.Data.ID < last[m.Data.UserID] {
			t.Errorf("%s of user %d (event %d) came after event %d", m.Type, m.Data.UserID, m.Data.ID, last[m.Data.UserID])
		}
		last[m.Data.UserID] = m.Data.ID
	}
}
