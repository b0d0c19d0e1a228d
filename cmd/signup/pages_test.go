package main

import (
	"os"
	"path/filepath"
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
