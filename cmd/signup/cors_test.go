package main

import (
	"net/http"
	"testing"
)

// --cors-origins reaches the server, and without it no other site is let in.
func TestCORSOrigins(t *testing.T) {
	for setting, want := range map[string]string{"": "", "https://other.example, https://shop.example": "https://shop.example"} {
		s := newServer(t)
		s.environ = []string{cheapPasswords}
		args := []string{"--dev"}
		if setting != "" {
			args = append(args, "--cors-origins", setting)
		}
		s.start(args...)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v1/public/server_settings", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://shop.example")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("--cors-origins %q lets in %q, want %q", setting, got, want)
		}
	}
}
