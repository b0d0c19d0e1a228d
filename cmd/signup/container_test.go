package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the container image and its Compose example set is a configuration that
// serves, and the image is built by the compiler of these tests.
func TestContainer(t *testing.T) {
	image, compose := fromRoot(t, "Dockerfile"), fromRoot(t, filepath.Join("examples", "compose.yaml"))
	set := map[string]string{}
	for _, m := range regexp.MustCompile(`(SIGNUP_\w+)=(\S+)`).FindAllStringSubmatch(image, -1) {
		set[m[1]] = m[2]
	}
	for _, m := range regexp.MustCompile(`(?m)^ +(SIGNUP_\w+): (.*?)(?: #.*)?$`).FindAllStringSubmatch(compose, -1) {
		set[m[1]] = m[2]
	}
	secret := filepath.Join(t.TempDir(), "smtp")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"SIGNUP_LISTEN", "SIGNUP_BASE_URL", "SIGNUP_SMTP", "SIGNUP_SMTP_PASSWORD_FILE", "SIGNUP_MAIL_FROM"} {
		if set[name] == "" {
			t.Errorf("%s is not set", name)
		}
	}
	set["SIGNUP_SMTP_PASSWORD_FILE"] = secret
	var environ []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		environ = append(environ, name+"="+set[name])
	}
	if code, out, stderr := runProgram(t, environ, "config"); code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	tag := regexp.MustCompile(`FROM golang:(\S+)`).FindStringSubmatch(image)[1]
	if !strings.Contains(fromRoot(t, "go.mod"), "\ngo "+tag+".") {
		t.Errorf("the image is built by Go %s, and go.mod says another", tag)
	}
}

func fromRoot(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
