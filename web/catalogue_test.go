package web

import (
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/internal/colour"
	"github.com/signup-go/signup/internal/words"
	"github.com/signup-go/signup/internal/words/wordstest"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/web/browsertest"
)

// catalogues are the words of the pages for people and of those for
// administrators.
func catalogues(t *testing.T) map[string]fs.FS {
	t.Helper()
	admins, err := fs.Sub(adminLanguages, "lang-admin")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]fs.FS{"people": catalogueFiles, "administrators": admins}
}

func messages(t *testing.T, from fs.FS, name string) []*i18n.Message {
	t.Helper()
	file, err := words.ReadFile(from, name)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages
}

func languageFiles(t *testing.T, from fs.FS) []string {
	t.Helper()
	names, err := fs.Glob(from, "lang/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// counted are the messages with plural forms.
func counted(t *testing.T, from fs.FS) (ids []string) {
	for _, m := range messages(t, from, words.English) {
		if m.One != "" {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// placeholders of every message, all plural forms together. Count may be left
// out of a form, as Arabic does for one and two.
func placeholders(messages []*i18n.Message) map[string][]string {
	placeholder := regexp.MustCompile(`{{\.(\w+)}}`)
	out := map[string][]string{}
	for _, m := range messages {
		found := []string{}
		for _, form := range wordstest.Forms(m) {
			for _, match := range placeholder.FindAllStringSubmatch(form, -1) {
				found = append(found, strings.TrimSuffix(match[1], "12")) // hours are counted either way
			}
		}
		slices.Sort(found)
		out[m.ID] = slices.Compact(found)
	}
	return out
}

// TestCatalogueIsComplete holds English against what templates and code say,
// and every other language against English.
func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	said := slices.Sorted(maps.Keys(placeholders(messages(t, catalogueFiles, words.English))))
	if diff := cmp.Diff(idsSaid(t), said); diff != "" {
		t.Errorf("said (-) and in the catalogue (+):\n%s", diff)
	}
	for whose, from := range catalogues(t) {
		inEnglish := placeholders(messages(t, from, words.English))
		for _, name := range languageFiles(t, from) {
			if diff := cmp.Diff(inEnglish, placeholders(messages(t, from, name))); diff != "" {
				t.Errorf("%s: %s differs from English in messages or placeholders:\n%s", whose, name, diff)
			}
		}
	}
}

// Whoever speaks a language of ours does so on every page.
func TestEveryPageSpeaksEveryLanguage(t *testing.T) {
	t.Parallel()
	all := catalogues(t)
	people := languageFiles(t, all["people"])
	if len(people) != 40 {
		t.Errorf("%d languages", len(people))
	}
	if diff := cmp.Diff(people, languageFiles(t, all["administrators"])); diff != "" {
		t.Errorf("people (-), administrators (+):\n%s", diff)
	}
}

// idsSaid are the messages that templates and code name.
func idsSaid(t *testing.T) []string {
	t.Helper()
	id := regexp.MustCompile(`"((?:date|duration|layout|link|home|sign_up|field|password|wrong|closed|status|correct|verify|identify|confirmed|already|expired|unknown|disabled|disown|resend|resent|reset|new_email|fault)\.[a-z_]+)"`)
	var files []string
	for _, pattern := range []string{"*.go", "pages/*.html", "../internal/words/words.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	ids := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range id.FindAllStringSubmatch(string(source), -1) {
			if match[1] != "layout.html" && match[1] != "password.js" && match[1] != "status.js" {
				ids[match[1]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// Where a language has forms that English has not, CLDR says which.
func TestPluralForms(t *testing.T) {
	t.Parallel()
	for whose, from := range catalogues(t) {
		plural := counted(t, from)
		for _, name := range languageFiles(t, from) {
			lang := strings.TrimSuffix(filepath.Base(name), ".yaml")
			want := wordstest.DemandedForms(t, language.MustParse(lang))
			for _, m := range messages(t, from, name) {
				demanded := []string{"other"}
				if slices.Contains(plural, m.ID) {
					demanded = want
				}
				if diff := cmp.Diff(demanded, slices.Sorted(maps.Keys(wordstest.Forms(m)))); diff != "" {
					t.Errorf("%s: %s: %s: forms of CLDR (-), of the file (+):\n%s", whose, lang, m.ID, diff)
				}
			}
		}
	}
}

func TestNothingIsLeftInEnglish(t *testing.T) {
	t.Parallel()
	for whose, from := range catalogues(t) {
		inEnglish := map[string]string{}
		for _, m := range messages(t, from, words.English) {
			inEnglish[m.ID] = m.Other
		}
		for _, name := range languageFiles(t, from) {
			for _, m := range messages(t, from, name) {
				// Short words happen to be the same; sentences do not.
				if name != words.English && m.Other == inEnglish[m.ID] && strings.Count(m.Other, " ") > 1 {
					t.Errorf("%s: %s: %s is in English: %q", whose, name, m.ID, m.Other)
				}
			}
		}
	}
}

// A browser breaks a line after a hyphen, and before a sign that stands alone:
// "Confirm your e-" was on a line, and "-." on another.
func TestEnglishBreaksWell(t *testing.T) {
	t.Parallel()
	broken := regexp.MustCompile(`(?i)\be-mail|\s[^\pL\pN{}\s]+$`)
	for whose, from := range catalogues(t) {
		for _, m := range messages(t, from, words.English) {
			for _, form := range wordstest.Forms(m) {
				if found := broken.FindString(form); found != "" {
					t.Errorf("%s: %s: %q in %q", whose, m.ID, found, form)
				}
			}
		}
	}
}

// sampleServer has every part that a page can have.
func sampleServer(t *testing.T) *server {
	t.Helper()
	fields := field.List{
		{Name: "city", Type: field.String, Required: true, Label: map[string]string{"en": "City", "de": "Stadt"}, Help: map[string]string{"en": "Where you live"}},
		{Name: "about", Type: field.String, MaxLength: 2000},
		{Name: "height", Type: field.Integer},
		{Name: "news", Type: field.Boolean, Help: map[string]string{"en": "Once a month"}},
		{Name: "born", Type: field.Date},
		{Name: "units", Type: field.Choice, Choices: []string{"metric", "imperial"}},
		{Name: "day", Type: field.Choice, Choices: []string{"1", "2", "3", "4", "5", "6"}},
	}
	service, err := signup.New(struct{ signup.Store }{}, signup.Options{Fields: fields, TermsVersion: "1"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Config{
		Service: service, BaseURL: &url.URL{Scheme: "https", Host: "app.example"}, AppName: "Ourapp",
		LoginURL: "/login", ImprintURL: "/imprint", PrivacyURL: "/privacy", TermsURL: "/terms",
		Languages: []string{"de", "en"}, Accent: "#0a7d4f",
	}.complete()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newServer(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEveryPageInEveryLanguage writes each page in each of its states.
func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := sampleServer(t)
	samples := s.samples()
	for _, file := range templateNames() {
		if name := strings.TrimSuffix(file, ".html"); file != layoutFile && len(samples[name]) == 0 {
			t.Errorf("no sample of %s", name)
		}
	}
	for _, l := range s.pages.languages {
		for name, views := range samples {
			for i, v := range views {
				if body := string(s.pages.render(l.Tag, name, v)); strings.Contains(body, "<no value>") || strings.Contains(body, "\uE000") {
					t.Errorf("%s: %s %d: %s", l.Tag, name, i, body)
				}
			}
		}
	}
}

// TestHTMLIsValid has html-validate look at every page in every state, in
// English and in a language from right to left.
func TestHTMLIsValid(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), sampleServer(t)
	for _, tag := range []string{"en", "ar"} {
		for name, views := range s.samples() {
			for i, v := range views {
				file := filepath.Join(dir, fmt.Sprintf("%s-%s-%d.html", name, tag, i))
				if err := os.WriteFile(file, s.pages.render(tag, name, v), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	browsertest.ValidateHTML(t, dir)
}

// Every rule of the Service has words of its own where a page can meet it.
func TestEveryRuleHasWords(t *testing.T) {
	t.Parallel()
	sp := sampleServer(t).pages.translator("en")
	said := map[string]refusal.RuleName{}
	for _, rule := range []refusal.RuleName{
		refusal.RuleRequired, refusal.RuleMinLength, refusal.RuleMaxLength, refusal.RuleMin, refusal.RuleMax, refusal.RuleCharacters,
		refusal.RuleNumber, refusal.RuleInteger, refusal.RuleBoolean, refusal.RuleDate, refusal.RuleChoice, refusal.RuleUndeclared,
	} {
		text, err := sp.wrong(&fieldProblem{Name: "city", Rules: []refusal.Rule{{Name: rule, Limit: "3"}}})
		if err != nil || said[string(text)] != "" || !strings.Contains(string(text), "<bdi>city</bdi>") {
			t.Errorf("%s: %q, as for %q, %v", rule, text, said[string(text)], err)
		}
		said[string(text)] = rule
	}
}

func TestAccentCanBeRead(t *testing.T) {
	t.Parallel()
	of := func(s string) colour.Colour {
		c, err := colour.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, accent := range []string{"#000000", "#ffffff", "#0a7d4f", "#ffee00", "#ff0000", "#777777", "#1d4ed8"} {
		for _, ground := range []colour.Colour{lightGround, darkGround} {
			if c := readable(of(accent), ground); c.Contrast(ground) < colour.Text {
				t.Errorf("%s on %s: %s, contrast %.2f", accent, ground, c, c.Contrast(ground))
			}
		}
		pair := regexp.MustCompile(`--pico-primary-background:(#\w{6});.*?--pico-primary-inverse:(#\w{6})`)
		for _, m := range pair.FindAllStringSubmatch(accentStyle(accent), -1) {
			if ratio := of(m[1]).Contrast(of(m[2])); ratio < colour.Text {
				t.Errorf("%s: %s on %s, contrast %.2f", accent, m[2], m[1], ratio)
			}
		}
	}
}
