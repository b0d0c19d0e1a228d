package signup_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
)

// allVerbs are the verbs that fmt leaves to the value, and one that does not
// exist. Not included: %T, %p and %w.
const allVerbs = "vsdqxXtbcoOUeEfFgGz"

// hides fails if any way to print, log or marshal the value shows anything but
// want.
func hides(t *testing.T, value any, want string) {
	t.Helper()
	holder := struct{ Held any }{value}
	for _, verb := range allVerbs {
		for _, flag := range []string{"", "+", "#", "-40.3"} {
			format := "%" + flag + string(verb)
			if got := fmt.Sprintf(format, value); got != want {
				t.Errorf("%s prints %s", format, got)
			}
			if got := fmt.Sprintf(format, holder); !strings.Contains(got, want) || strings.Contains(got, "secret") {
				t.Errorf("%s of a struct prints %s", format, got)
			}
		}
	}
	text, err := json.Marshal(holder)
	if err != nil || string(text) != `{"Held":"`+want+`"}` {
		t.Errorf("JSON: %s, %v", text, err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "plain", value, "held", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "plain", value, "held", holder)
	if strings.Count(log.String(), want) != 4 || strings.Contains(log.String(), "secret") {
		t.Errorf("logs: %s", &log)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	r := signup.Registration{Name: "Ada", Password: "secret", Profile: map[string]any{"city": "secret"}}
	hides(t, r, "[registration]")
	hides(t, &r, "[registration]")
	hides(t, password.Hash("$argon2id$secret"), "[password hash]")
	token, ok := signup.ParseToken("secret" + strings.Repeat("A", 37))
	if !ok {
		t.Fatal("no token")
	}
	hides(t, token, "[token]")
	hides(t, &token, "[token]")
}

// TestRegistrationIsReadFromJSON: marshalling hides the registration, but
// unmarshalling still works.
func TestRegistrationIsReadFromJSON(t *testing.T) {
	var r signup.Registration
	if err := json.Unmarshal([]byte(`{"Name":"Ada","Password":"secret"}`), &r); err != nil || r.Name != "Ada" || r.Password != "secret" {
		t.Errorf("%q, %v", r.Name, err)
	}
}
