package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the container image and its Compose example set is a configuration that
// serves, and the image is built by the compiler that go.mod names.
func TestContainer(t *testing.T) {
	image, compose := fromRoot(t, "Dockerfile"), fromRoot(t, "examples", "compose.yaml")
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
	for name, value := range set {
		environ = append(environ, name+"="+value)
	}
	if code, out, stderr := runProgram(t, environ, "config"); code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	tag := regexp.MustCompile(`FROM golang:(\S+)`).FindStringSubmatch(image)[1]
	if !strings.Contains(fromRoot(t, "go.mod"), "\ngo "+tag+".") {
		t.Errorf("the image is built by Go %s, and go.mod says another", tag)
	}
}

// fromRoot is a file of the project.
func fromRoot(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.Join(path...)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
