package letters

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"

	"github.com/signup-go/signup/internal/words"
	"github.com/signup-go/signup/internal/words/wordstest"
)

func allLanguages() []string {
	return []string{
		"ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gl", "he", "hi", "hr", "hu", "id",
		"it", "ja", "ko", "lt", "lv", "nb", "nl", "pl", "pt-BR", "pt-PT", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk",
		"zh-Hans", "zh-Hant",
	}
}

func testCatalogue(t *testing.T) *words.Catalogue {
	t.Helper()
	c, err := words.Read(languages)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAllLanguages(t *testing.T) {
	t.Parallel()
	var got []string
	for _, tag := range testCatalogue(t).Tags() {
		got = append(got, tag.String())
	}
	slices.Sort(got)
	if diff := cmp.Diff(allLanguages(), got); diff != "" {
		t.Error(diff)
	}
}

// likeEnglish are the words that happen to be the same.
func likeEnglish(lang, id string) bool {
	return slices.Contains([]string{"el fact.email", "de fact.name"}, lang+" "+id) || id == "colon" || id == "date.layout"
}

func TestNothingIsLeftInEnglish(t *testing.T) {
	t.Parallel()
	inEnglish := map[string]map[string]string{}
	for _, m := range messages(t, words.English) {
		inEnglish[m.ID] = wordstest.Forms(m)
	}
	for _, lang := range allLanguages() {
		for _, m := range messages(t, "lang/"+lang+".yaml") {
			for form, text := range wordstest.Forms(m) {
				if lang != "en" && text == inEnglish[m.ID][form] && !likeEnglish(lang, m.ID) {
					t.Errorf("%s: %s is in English: %q", lang, m.ID, text)
				}
			}
		}
	}
}

func TestPluralForms(t *testing.T) {
	t.Parallel()
	for _, lang := range allLanguages() {
		want := wordstest.DemandedForms(t, language.MustParse(lang))
		for _, m := range messages(t, "lang/"+lang+".yaml") {
			if !isCounted(m.ID) {
				continue
			}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(wordstest.Forms(m)))); diff != "" {
				t.Errorf("%s: %s: forms of CLDR (-), of the file (+):\n%s", lang, m.ID, diff)
			}
		}
	}
}

// isCounted reports whether a message says how many.
func isCounted(id string) bool {
	return strings.HasPrefix(id, "duration.") || id == "admin_digest.subject" || id == "admin_digest.heading"
}

func TestFallback(t *testing.T) {
	t.Parallel()
	c := testCatalogue(t)
	for _, lang := range allLanguages() {
		if got := c.In(lang).Tag.String(); got != lang {
			t.Errorf("%s: got %s", lang, got)
		}
	}
	for asked, want := range map[string]string{
		"fr-CA": "fr", "en-GB": "en", "es-MX": "es", "de-AT": "de", "ar-EG": "ar", "DE_ch": "de",
		"pt": "pt-PT", "pt-AO": "pt-PT", "pt-br": "pt-BR",
		"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-hant-tw": "zh-Hant",
		"no": "nb", "nn": "nb", "no-NO": "nb", "sr-Latn": "sr", "sr-Latn-RS": "sr", "sr-Cyrl-BA": "sr", "sh": "sr",
		"iw": "he", "in": "id", "us": "en", "US": "en", "cn": "zh-Hans", "tw": "zh-Hant", "TW": "zh-Hant",
		"": "en", "xx": "en", "tlh": "en", "not a tag": "en",
	} {
		if got := c.In(asked).Tag.String(); got != want {
			t.Errorf("%q: got %s, want %s", asked, got, want)
		}
	}
}

func TestDirections(t *testing.T) {
	t.Parallel()
	c := testCatalogue(t)
	for _, lang := range allLanguages() {
		want := "ltr"
		if slices.Contains([]string{"ar", "fa", "he"}, lang) {
			want = "rtl"
		}
		if got := c.In(lang).Dir(); got != want {
			t.Errorf("%s: direction %s", lang, got)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	c := testCatalogue(t)
	for _, lang := range allLanguages() {
		w := c.In(lang)
		seen := map[string]bool{}
		for _, hour := range []int{0, 3, 12, 15} {
			for month := time.January; month <= time.December; month++ {
				date := w.Moment(time.Date(2030, month, 17, hour, 4, 0, 0, time.UTC))
				seen[date] = true
				for _, part := range []string{"2030", "17", "04", "UTC"} {
					if !strings.Contains(date, part) || strings.Contains(date, "<no value>") {
						t.Errorf("%s: %q, looking for %s", lang, date, part)
					}
				}
			}
		}
		if len(seen) != 48 || w.Err != nil {
			t.Errorf("%s: %d dates of 48 differ, %v", lang, len(seen), w.Err)
		}
	}
}

func TestDateForms(t *testing.T) {
	t.Parallel()
	c := testCatalogue(t)
	afternoon := time.Date(2030, time.January, 2, 16, 4, 0, 0, time.FixedZone("CET", 3600))
	midnight := time.Date(2030, time.May, 1, 0, 30, 0, 0, time.UTC)
	for lang, want := range map[string][2]string{
		"en":      {"2 January 2030, 15:04 UTC", "1 May 2030, 00:30 UTC"},
		"ar":      {"2 يناير 2030، الساعة 3:04 م (UTC)", "1 مايو 2030، الساعة 12:30 ص (UTC)"},
		"ca":      {"el 2 de gener de 2030, 15:04 UTC", "l’1 de maig de 2030, 00:30 UTC"},
		"de":      {"2.\u00a0Januar 2030, 15:04 Uhr (UTC)", "1.\u00a0Mai 2030, 00:30 Uhr (UTC)"},
		"fr":      {"2 janvier 2030 à 15\u202fh\u202f04 UTC", "1er mai 2030 à 00\u202fh\u202f30 UTC"},
		"it":      {"il 2 gennaio 2030 alle ore 15:04 UTC", "il 1º maggio 2030 alle ore 00:30 UTC"},
		"hu":      {"2030. január 2., 15:04 UTC", "2030. május 1., 00:30 UTC"},
		"ja":      {"2030年1月2日 15:04 UTC", "2030年5月1日 00:30 UTC"},
		"ko":      {"2030년 1월 2일 오후 3:04 UTC", "2030년 5월 1일 오전 12:30 UTC"},
		"zh-Hant": {"2030年1月2日下午 3:04 UTC", "2030年5月1日上午 12:30 UTC"},
	} {
		w := c.In(lang)
		if got := [2]string{w.Moment(afternoon), w.Moment(midnight)}; got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}
