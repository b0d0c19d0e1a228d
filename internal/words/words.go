// Package words produces sentences in the reader's language, from one catalogue
// of go-i18n messages per language, with English as the fallback.
package words

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// A Catalogue holds the sentences of every language. Each language has a bundle
// of its own, with English as the fallback, because in a shared bundle go-i18n
// would use pt-BR for readers who ask for pt.
type Catalogue struct {
	tags    []language.Tag                 // English first
	bundles []func() (*i18n.Bundle, error) // one for each tag, loaded when first used
	english *i18n.Bundle
	ids     map[string]bool // of the English sentences
	matcher language.Matcher
}

// English is the file with which all others are compared.
const English = "lang/en.yaml"

// Read finds all files lang/TAG.yaml and reads the English one. The others are
// read when they are first used.
func Read(files fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(files, "lang/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the languages: %w", err)
	}
	file, err := ReadFile(files, English)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", English, err)
	}
	c := &Catalogue{ids: map[string]bool{}}
	for _, m := range file.Messages {
		c.ids[m.ID] = true
	}
	if c.english, err = bundleOf(file, file.Messages); err != nil {
		return nil, fmt.Errorf("read %s: %w", English, err)
	}
	c.add(language.English, func() (*i18n.Bundle, error) { return c.english, nil })
	for _, name := range slices.DeleteFunc(names, func(name string) bool { return name == English }) {
		tag, err := language.Parse(strings.TrimSuffix(path.Base(name), ".yaml"))
		if err != nil {
			return nil, fmt.Errorf("the name of %s is not a language tag: %w", name, err)
		}
		c.add(tag, func() (*i18n.Bundle, error) { return readBundle(files, name, file.Messages) })
	}
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

func (c *Catalogue) add(tag language.Tag, read func() (*i18n.Bundle, error)) {
	c.tags, c.bundles = append(c.tags, tag), append(c.bundles, sync.OnceValues(read))
}

func readBundle(files fs.FS, name string, behind []*i18n.Message) (*i18n.Bundle, error) {
	file, err := ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	bundle, err := bundleOf(file, behind)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return bundle, nil
}

// ReadFile reads the file of one language.
func ReadFile(files fs.FS, name string) (*i18n.MessageFile, error) {
	source, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	return i18n.ParseMessageFileBytes(source, name, map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
}

func bundleOf(file *i18n.MessageFile, behind []*i18n.Message) (*i18n.Bundle, error) {
	bundle := i18n.NewBundle(language.English)
	if err := bundle.AddMessages(language.English, behind...); err != nil {
		return nil, err
	}
	return bundle, bundle.AddMessages(file.Tag, file.Messages...)
}

// Words are the sentences of one letter or page, in one language and with the
// data that the sentences may use.
type Words struct {
	Tag  language.Tag
	Data map[string]any
	Err  error // the first error; check it at the end

	localizer *i18n.Localizer
}

// Tags returns the available languages, English first.
func (c *Catalogue) Tags() []language.Tag { return c.tags }

// Knows reports whether the catalogue has a sentence with this ID.
func (c *Catalogue) Knows(id string) bool { return c.ids[id] }

// IDs returns the IDs of all sentences, sorted.
func (c *Catalogue) IDs() []string { return slices.Sorted(maps.Keys(c.ids)) }

// In returns the words in the best available language for the preferred one (BCP
// 47): the language itself, a more general form of it, a close relative, or
// English. If the file of the language cannot be read, the words are English and
// Err is set.
func (c *Catalogue) In(preferred string) *Words {
	i := c.best(preferred)
	bundle, err := c.bundles[i]()
	if err != nil {
		return &Words{Tag: language.English, Err: err, localizer: i18n.NewLocalizer(c.english, "en")}
	}
	return &Words{Tag: c.tags[i], localizer: i18n.NewLocalizer(bundle, c.tags[i].String())}
}

// Chain returns the languages in which to look for the operator's own words, for
// the preferred language: the language itself and its more general forms, down to
// the one that In returns.
func (c *Catalogue) Chain(preferred string) []language.Tag {
	spoken := c.tags[c.best(preferred)]
	asked, _ := language.Parse(modern(preferred)) // "und" if it is not a language tag
	var chain []language.Tag
	for tag := asked; !tag.IsRoot() && usual(tag) != spoken; tag = tag.Parent() {
		chain = append(chain, tag)
	}
	return append(chain, spoken)
}

// For returns the words in the first language of wanted that is available, or
// English.
func (c *Catalogue) For(wanted []language.Tag) *Words {
	for _, tag := range wanted {
		base, _ := tag.Base()
		if w := c.In(tag.String()); w.Tag != c.tags[0] || base.String() == "en" {
			return w
		}
	}
	return c.In("")
}

// best returns the index of the language itself, or else of a more general form
// of it (fr-CA, fr), a close relative, or English.
func (c *Catalogue) best(preferred string) int {
	asked, _ := language.Parse(modern(preferred)) // "und" if it is not a language tag
	for tag := asked; !tag.IsRoot(); tag = tag.Parent() {
		if i := slices.IndexFunc(c.tags, func(t language.Tag) bool { return t == tag || t == usual(tag) }); i >= 0 {
			return i
		}
	}
	if _, i, confidence := c.matcher.Match(asked); confidence >= language.High {
		return i
	}
	return 0
}

// modern converts the language codes of the application on which signup is
// modelled. This hides no language but Twi (tw).
func modern(code string) string {
	switch strings.ToLower(code) {
	case "us":
		return "en"
	case "cn":
		return "zh-Hans"
	case "tw":
		return "zh-Hant"
	default:
		return code
	}
}

// usual returns the language to use for a tag for which x/text finds no match
// (sr-Latn) or another one (pt-BR for pt).
func usual(tag language.Tag) language.Tag {
	switch tag.String() {
	case "pt":
		return language.EuropeanPortuguese
	case "sr-Latn":
		return language.Serbian
	default:
		return tag
	}
}

// Say returns a sentence. User input is passed as data, never as a template.
func (w *Words) Say(id string) string { return w.Fill(id, w.Data) }

// Fill is like Say with other data.
func (w *Words) Fill(id string, data map[string]any) string {
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data})
}

// Count returns a sentence with a number, in the plural form that the language
// uses for it.
func (w *Words) Count(id string, n int64) string { return w.CountFill(id, n, nil) }

// CountFill is like Count, with more data than the number.
func (w *Words) CountFill(id string, n int64, data map[string]any) string {
	all := map[string]any{"Count": n}
	maps.Copy(all, data)
	return w.localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: all})
}

func (w *Words) localize(c *i18n.LocalizeConfig) string {
	s, err := w.localizer.Localize(c)
	if s != "" { // English replaces a missing sentence, and err reports it
		return s
	}
	if err != nil && w.Err == nil {
		w.Err = fmt.Errorf("words in %s: %w", w.Tag, err)
	}
	return s
}

// Duration returns the duration in the largest unit of which d contains at least
// two, or exactly one. It rounds down, so that a text never promises too much.
func (w *Words) Duration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return w.Count("duration.days", int64(d/day))
	case d >= 2*time.Hour || d == time.Hour:
		return w.Count("duration.hours", int64(d/time.Hour))
	default:
		return w.Count("duration.minutes", int64(d/time.Minute))
	}
}

// Moment returns a time in UTC, as the language writes it.
func (w *Words) Moment(t time.Time) string {
	t = t.UTC()
	months := strings.Split(w.Say("date.months"), ", ")
	if len(months) != 12 {
		w.Err = cmp.Or(w.Err, fmt.Errorf("words in %s: want 12 months, got %d", w.Tag, len(months)))
		return ""
	}
	return w.Fill("date.layout", map[string]any{
		"Day": t.Day(), "Month": months[t.Month()-1], "Year": t.Year(),
		"Hour": t.Format("15"), "Hour12": t.Format("3"), "Minute": t.Format("04"),
	})
}

// Dir returns the direction of the script, for the HTML attribute dir.
func (w *Words) Dir() string {
	script, _ := w.Tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr":
		return "rtl"
	default:
		return "ltr"
	}
}
