package web

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/signup-go/signup/identity"
)

// maxAcceptLanguage is far more than any browser sends, in bytes.
const maxAcceptLanguage = 1000

// wanted are the languages that a browser asks for, the preferred one first.
func wanted(r *http.Request) []language.Tag {
	header := r.Header.Get("Accept-Language")
	if len(header) > maxAcceptLanguage {
		return nil
	}
	tags, _, _ := language.ParseAcceptLanguage(header) // none when it is malformed
	return tags
}

// plainTag reduces the preferred language to language, script and region.
func plainTag(want []language.Tag) string {
	if len(want) == 0 {
		return identity.DefaultLanguage
	}
	base, script, region := want[0].Raw()
	tag, err := language.Raw.Compose(base, script, region)
	if err != nil || base.String() == "und" || base.String() == "mul" { // "*" is mul
		return identity.DefaultLanguage
	}
	return tag.String()
}

// A languageMatcher is a list of languages to choose from, English before all others.
type languageMatcher struct {
	tags    []string
	matcher language.Matcher
}

func newLanguageMatcher(tags []string) languageMatcher {
	tags = slices.SortedFunc(slices.Values(tags), func(a, b string) int {
		return cmp.Or(cmp.Compare(englishFirst(a), englishFirst(b)), cmp.Compare(a, b))
	})
	parsed := make([]language.Tag, len(tags))
	for i, tag := range tags {
		parsed[i] = language.Raw.Make(tag)
	}
	return languageMatcher{tags, language.NewMatcher(parsed)}
}

func englishFirst(tag string) int {
	if tag == identity.DefaultLanguage {
		return 0
	}
	return 1
}

// best is the language that comes nearest to what is wanted, the first where
// nothing does, and "" where there is none.
func (m languageMatcher) best(want []language.Tag) string {
	if len(m.tags) == 0 {
		return ""
	}
	_, i, _ := m.matcher.Match(want...)
	return m.tags[i]
}

// A phrase is what the operator wrote, in a language.
type phrase struct {
	Text string
	Lang string // "" where it is not known
}

// A wording is one text of the operator in several languages.
type wording struct {
	languageMatcher
	texts map[string]string
}

func newWording(texts map[string]string) wording {
	tags := make([]string, 0, len(texts))
	for tag := range texts {
		tags = append(tags, tag)
	}
	return wording{newLanguageMatcher(tags), texts}
}

func (w wording) in(want []language.Tag) phrase {
	tag := w.best(want)
	return phrase{w.texts[tag], tag}
}

// A languageName is a language with its own name for itself.
type languageName struct {
	Tag, Name string

	option [2]string // its HTML, before and after where it is said to be chosen
}

func nameOfLanguage(tag string) languageName {
	name := cmp.Or(display.Self.Name(language.Raw.Make(tag)), tag)
	tagHTML, nameHTML := template.HTMLEscapeString(tag), template.HTMLEscapeString(name)
	return languageName{tag, name, [2]string{
		`<option value="` + tagHTML + `" lang="` + tagHTML + `"`, ">" + nameHTML + "</option>\n",
	}}
}

// languageOptions are for a select. A template that ranges over forty of them,
// twice on a page, takes longer than all the rest.
func languageOptions(languages []languageName, chosen string) template.HTML {
	var b strings.Builder
	for _, l := range languages {
		b.WriteString(l.option[0])
		if l.Tag == chosen {
			b.WriteString(" selected")
		}
		b.WriteString(l.option[1])
	}
	return template.HTML(b.String()) //nolint:gosec // escaped by nameOfLanguage
}
