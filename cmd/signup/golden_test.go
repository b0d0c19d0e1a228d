package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/smtp/smtptest"
)

var update = flag.Bool("update", false, "write the golden mails in testdata")

// previewed is the whole mail of `signup mail preview`.
func previewed(t *testing.T, kind, language string, args ...string) []byte {
	t.Helper()
	args = append([]string{"mail", "preview", kind, "--lang", language, "--eml", "--app-name", fancyApp, "--support", "help@example.org"}, args...)
	code, stdout, stderr := runProgram(t, nil, args...)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return []byte(stdout)
}

// TestGoldenMails keeps whole mails as they go over the wire.
func TestGoldenMails(t *testing.T) {
	t.Parallel()
	logo := []string{"--logo", "testdata/logo.png", "--accent", "#c2410c", "--footer", "Fäden & Söhne, Hauptstraße 1"}
	for _, c := range []struct {
		kind, language string
		args           []string
	}{
		{"confirmation", "en", nil},
		{"reminder", "ar", nil},
		{"admin_digest", "ja", nil},
		{"account_exists", "de", nil},
		{"rejected", "pt-BR", nil},
		{"welcome", "de", logo},
	} {
		raw := sameBoundaries(previewed(t, c.kind, c.language, c.args...))
		path := filepath.Join("testdata", c.kind+"."+c.language+".eml")
		if *update {
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(raw)); diff != "" {
			t.Errorf("%s (run with -update if it is meant):\n%s", path, diff)
		}
	}
}

// sameBoundaries replaces the random lines between parts, and the line ends
// that a checkout could change.
func sameBoundaries(raw []byte) []byte {
	for i, m := range regexp.MustCompile(`boundary=(\w+)`).FindAllSubmatch(raw, -1) {
		raw = bytes.ReplaceAll(raw, m[1], fmt.Appendf(nil, "boundary-%d", i+1))
	}
	return bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
}

// TestEveryMailIsRead parses every letter in every language with two parsers
// that have nothing in common.
func TestEveryMailIsRead(t *testing.T) {
	t.Parallel()
	writer, err := letters.New(letters.Options{AppName: fancyApp, BaseURL: previewBase, Logo: readFile(t, "testdata/logo.png")})
	if err != nil {
		t.Fatal(err)
	}
	var all []smtptest.Message
	s := &session{config: config{appName: fancyApp}}
	for _, language := range writer.Languages() {
		for _, kind := range letters.Kinds() {
			m := letters.Sample(kind, language)
			text, err := writer.Write(m)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := s.rawPreview(string(kind), m.Recipient, text)
			if err != nil {
				t.Fatal(err)
			}
			checkBytes(t, raw)
			p := parseInGo(t, raw)
			if p.Type != "multipart/related" || strings.Join(p.Parts, " ") != "text/plain text/html image/png" || !strings.HasPrefix(p.Image, "<logo@signup> ") {
				t.Errorf("%s %s: %s of %q, image %s", language, kind, p.Type, p.Parts, p.Image)
			}
			if p.Subject != text.Subject || p.Text != text.Plain || p.HTML != text.HTML {
				t.Errorf("%s %s: another letter came out:\n%s", language, kind, p.Text)
			}
			all = append(all, smtptest.Message{Raw: raw})
		}
	}
	checkInPython(t, all...)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
