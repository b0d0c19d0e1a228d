package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestPageOptionsAreChecked(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "verify.html")
	if err := os.WriteFile(page, []byte(`{{define "main"}}{{.Tokn}}{{end}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args      []string
		complaint string
	}{
		"terms without a version": {[]string{"--terms-url", "https://app.example/terms"}, "--terms-version"},
		"a version without terms": {[]string{"--terms-version", "1"}, "--terms-url"},
		"imprint":                 {[]string{"--imprint-url", "javascript:alert(1)"}, "--imprint-url"},
		"no folder":               {[]string{"--pages", page}, "--pages"},
		"a page with a mistake":   {[]string{"--pages", dir}, "verify.html"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{
				"serve", "--dev", "--listen", "127.0.0.1:0", "--database", "sqlite:" + filepath.Join(t.TempDir(), "signup.db"),
			}, c.args...)
			code, _, stderr := runProgram(t, nil, args...)
			if code == exitOK || !strings.Contains(stderr, c.complaint) {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
		})
	}
}

// Which terms of use somebody accepted, and when, is on record for whoever asks.
func TestTermsAreShown(t *testing.T) {
	s := openSite(t, databases[0], "--terms-url", "https://app.example/terms", "--terms-version", "2026-01")
	s.wantStatus(s.post("/api/v1/sign-up/request", person("ada")), 422)
	ada := person("ada")
	ada["terms_version"] = "2026-01"
	s.wantStatus(s.post("/api/v1/sign-up/request", ada), 201)
	u := s.user("ada")
	if u.TermsVersion == nil || *u.TermsVersion != "2026-01" || u.TermsAt == nil || !u.TermsAt.Equal(u.CreatedAt) {
		t.Errorf("%+v", u)
	}
	if out := s.Run("user", "show", "ada"); !regexp.MustCompile(`(?m)^Terms accepted: +2026-01 at 2\d{3}-`).MatchString(out) {
		t.Errorf("user show:\n%s", out)
	}
	s.startWith("--terms-url", "", "--terms-version", "")
	s.signUp("bob")
	if out := s.Run("user", "show", "bob"); strings.Contains(out, "Terms") {
		t.Errorf("user show:\n%s", out)
	}
	if out := s.Run("user", "show", "bob", "--json"); !strings.Contains(out, `"terms_version": null`) || !strings.Contains(out, `"terms_at": null`) {
		t.Errorf("user show --json:\n%s", out)
	}
}
