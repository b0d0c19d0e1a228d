package letters

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
	"github.com/signup-go/signup/internal/words/wordstest"
)

var (
	spoken      = regexp.MustCompile(`w\.(?:Say|Count|CountFill|Fill)\("([^"]+)"`)
	placeholder = regexp.MustCompile(`{{\.(\w+)}}`)
)

// TestCatalogueIsComplete holds the English catalogue against what the code
// says, and every other language against English.
func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	inEnglish := placeholders(messages(t, words.English))
	if diff := cmp.Diff(idsInCode(t), slices.Sorted(maps.Keys(inEnglish))); diff != "" {
		t.Errorf("said in code (-) and in the catalogue (+):\n%s", diff)
	}
	delete(inEnglish, "date.layout") // each language takes what it needs
	for _, name := range languageFiles(t) {
		inOther := placeholders(messages(t, name))
		if _, ok := inOther["date.layout"]; !ok {
			t.Errorf("%s lacks date.layout", name)
		}
		delete(inOther, "date.layout")
		if diff := cmp.Diff(inEnglish, inOther); diff != "" {
			t.Errorf("%s differs from English in messages or placeholders:\n%s", name, diff)
		}
	}
}

func TestPlaceholdersAreFilled(t *testing.T) {
	t.Parallel()
	l, err := New(Options{AppName: "App", BaseURL: "https://app.example"})
	if err != nil {
		t.Fatal(err)
	}
	data := l.data(Sample(signup.MailAdminDigest, "en"), l.words.In("en"))
	for _, name := range []string{"Count", "Day", "Month", "Year", "Hour", "Hour12", "Minute"} {
		data[name] = 1
	}
	for id, names := range placeholders(messages(t, words.English)) {
		for _, name := range names {
			if _, ok := data[name]; !ok {
				t.Errorf("%s: nothing fills {{.%s}}", id, name)
			}
		}
	}
}

func idsInCode(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, filepath.Join("..", "internal", "words", "words.go")) // says durations and dates
	ids := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range spoken.FindAllStringSubmatch(string(source), -1) {
			ids[match[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// placeholders of every message, all plural forms together.
func placeholders(messages []*i18n.Message) map[string][]string {
	out := map[string][]string{}
	for _, m := range messages {
		found := []string{}
		for _, form := range wordstest.Forms(m) {
			for _, match := range placeholder.FindAllStringSubmatch(form, -1) {
				found = append(found, match[1])
			}
		}
		slices.Sort(found)
		out[m.ID] = slices.Compact(found)
	}
	return out
}

func messages(t *testing.T, name string) []*i18n.Message {
	t.Helper()
	file, err := words.ReadFile(languages, name)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages
}

func languageFiles(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(languages, "lang/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	source, err := fs.ReadFile(languages, words.English)
	if err != nil {
		t.Fatal(err)
	}
	translated := func(heading string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.Replace(string(source), "Confirm your account\"", heading+"\"", 1))}
	}
	catalogue, err := words.Read(fstest.MapFS{
		"lang/en.yaml": {Data: source}, "lang/fr.yaml": translated("Confirmez"), "lang/pt.yaml": translated("Confirme"),
		"lang/pt-BR.yaml": translated("Confirma"), "lang/ar.yaml": translated("تأكيد"),
		"lang/da.yaml": {Data: []byte("confirmation: {heading: Bekræft}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLetters(Options{AppName: "App", BaseURL: "https://app.example"}, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string][2]string{
		"fr": {"fr", "Confirmez"}, "fr-CA": {"fr", "Confirmez"}, "FR_fr": {"fr", "Confirmez"},
		"pt": {"pt", "Confirme"}, "pt-BR": {"pt-BR", "Confirma"}, "pt-PT": {"pt", "Confirme"},
		"ar-EG": {"ar", "تأكيد"}, "en-GB": {"en", "Confirm your account"}, "us": {"en", "Confirm your account"},
		"": {"en", "Confirm your account"}, "xx-\r\nyy": {"en", "Confirm your account"}, "zu": {"en", "Confirm your account"},
		"da": {"da", "Bekræft"}, // the rest of it is missing and comes in English
	} {
		c, err := l.content(Sample(signup.MailConfirmation, asked))
		if err != nil || c.Lang != want[0] || c.Heading != want[1] {
			t.Errorf("%q: %s %q, %v", asked, c.Lang, c.Heading, err)
		}
		if rtl := want[0] == "ar"; rtl != (c.Dir == "rtl") {
			t.Errorf("%q: direction %s", asked, c.Dir)
		}
	}
}
