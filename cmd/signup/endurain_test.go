package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/signup-go/signup/web"
)

// endurainClient sends what Endurain's web client sends: credentials are included,
// so cookies may come along, and every request says that it is JSON and from the
// web. It returns the status and the answer.
func endurainClient(s *server, method, path, body string) (status int, answer map[string]any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Client-Type", "web")
	r.Header.Set("Cookie", "endurain_refresh_token=x")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, b)
	}
	return resp.StatusCode, answer
}

// Endurain's own web client signs people up and confirms them, with the
// configuration in examples.
func TestEndurainsClient(t *testing.T) {
	s := newServer(t)
	s.environ = []string{cheapPasswords}
	s.start("--dev", "--config", "../../examples/endurain.yaml", "--listen", "127.0.0.1:0")

	status, settings := endurainClient(s, "GET", "public/server_settings", "")
	for name, want := range map[string]any{
		"signup_enabled": true, "password_type": "strict", "password_length_regular_users": 8.0, "local_login_enabled": true,
		"sso_enabled": false, "units": "metric", "currency": "euro", "num_records_per_page": 25.0, "map_background_color": "#dddddd",
	} {
		if status != http.StatusOK || settings[name] != want {
			t.Errorf("%d, %s is %v, want %v", status, name, settings[name], want)
		}
	}

	// The form with its optional part left closed, and filled in.
	closed := `{"name":"Ada","username":"ada","email":"ada@example.org","password":"Analytical-1","preferred_language":"en","city":null,
		"birthdate":null,"gender":"male","units":"metric","height":null,"max_heart_rate":null,"first_day_of_week":"monday","currency":"euro"}`
	filled := `{"name":"Bob","username":"bob","email":"bob@example.org","password":"Analytical-1","preferred_language":"pt-PT","city":"Porto",
		"birthdate":"1990-12-31","gender":"unspecified","units":"imperial","height":180,"max_heart_rate":190,"first_day_of_week":"sunday","currency":"pound"}`
	least := `{"name":"Cy","username":"cy","email":"cy@example.org","password":"Analytical-1"}`
	for name, c := range map[string]struct {
		form    string
		profile map[string]any
	}{
		"ada": {closed, map[string]any{"gender": "male", "units": "metric", "first_day_of_week": "monday", "currency": "euro"}},
		"bob": {filled, map[string]any{
			"city": "Porto", "birthdate": "1990-12-31", "gender": "unspecified", "units": "imperial", "height": 180.0,
			"max_heart_rate": 190.0, "first_day_of_week": "sunday", "currency": "pound",
		}},
		"cy": {least, map[string]any{"gender": "unspecified", "units": "metric", "first_day_of_week": "monday", "currency": "euro"}},
	} {
		endurainSignUp(s, name, c.form)
		var u web.User
		if err := json.Unmarshal([]byte(s.Run("user", "show", name, "--json")), &u); err != nil {
			t.Fatal(err)
		}
		if u.Status != "pending_approval" || !maps.Equal(u.Profile, c.profile) {
			t.Errorf("%s is %s with %v", name, u.Status, u.Profile)
		}
	}

	for field, value := range map[string]string{"max_heart_rate": "29", "height": "301", "units": `"1"`, "gender": "1"} {
		status, problem := endurainClient(s, "POST", "sign-up/request", strings.Replace(least, "{", fmt.Sprintf(`{"%s":%s,`, field, value), 1))
		if detail, _ := problem["detail"].(string); status != http.StatusUnprocessableEntity || !strings.HasPrefix(detail, field+" ") {
			t.Errorf("%s %s: %d, %v", field, value, status, problem)
		}
	}
}

// endurainSignUp signs up and opens the link, with which the client confirms.
func endurainSignUp(s *server, name, form string) {
	s.t.Helper()
	status, answer := endurainClient(s, "POST", "sign-up/request", form)
	if status != http.StatusCreated || answer["email_verification_required"] != true || answer["admin_approval_required"] != true {
		s.t.Fatalf("sign up: %d, %v", status, answer)
	}
	link := s.Inbox(name+"@example.org", 1)[0].Link
	if !strings.HasPrefix(link, "https://endurain.example.org/verify-email?token=") {
		s.t.Errorf("the link leads to %s", link)
	}
	status, answer = endurainClient(s, "POST", "sign-up/confirm", `{"token":"`+tokenOf(s.t, link)+`"}`)
	if status != http.StatusOK || answer["admin_approval_required"] != true {
		s.t.Fatalf("confirm: %d, %v", status, answer)
	}
}
