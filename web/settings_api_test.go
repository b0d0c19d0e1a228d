package web_test

import (
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup/web"
)

// Constants of the operator stand beside the settings, as they are.
func TestPublicSettingsHaveConstants(t *testing.T) {
	constants := map[string]any{"units": "<metric> & more", "local_login_enabled": true, "num_records_per_page": 25, "tiles": []any{"a", nil}}
	w := start(t, func(s *setup) { s.web.PublicSettings = constants })
	a := w.get("/api/v1/public/server_settings").wants(t, 200, `"signup_enabled":true`, `"sign_up_fields":[]`, `"local_login_enabled":true`,
		`"num_records_per_page":25`, `"tiles":["a",null]`)
	var got map[string]any
	a.decode(t, &got)
	if got["units"] != "<metric> & more" {
		t.Errorf("units %q", got["units"])
	}
	if strings.Contains(start(t).get("/api/v1/public/server_settings").body, "units") {
		t.Error("a constant that nobody set")
	}
}

func TestCheckPublicSettings(t *testing.T) {
	for why, constants := range map[string]map[string]any{
		"one of ours":       {"signup_enabled": false},
		"one of ours, null": {"terms_url": nil},
		"upper case":        {"Units": 1},
		"a dot":             {"a.b": 1},
		"no name":           {"": 1},
		"not JSON":          {"x": math.NaN()},
	} {
		if err := web.CheckPublicSettings(constants); err == nil {
			t.Errorf("%s: accepted", why)
		}
		base := &url.URL{Scheme: "https", Host: "app.example"}
		if _, err := web.New(web.Config{Service: start(t).Service, BaseURL: base, PublicSettings: constants}); err == nil {
			t.Errorf("%s: a server starts with it", why)
		}
	}
}
