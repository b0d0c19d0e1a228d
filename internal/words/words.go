// Package words says sentences in the reader's language: one catalogue of
// go-i18n messages a language, with English behind each.
package words

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// A Catalogue holds the sentences of every language. Each language has a
// bundle of its own, with English behind it: in a common one, go-i18n gives
// pt-BR to who asks for pt.
type Catalogue struct {
	tags    []language.Tag // English first
	bundles []*i18n.Bundle // one for each tag
	matcher language.Matcher
}

// English is the file that every other one is held against.
const English = "lang/en.yaml"

// Read reads every file lang/TAG.yaml.
func Read(files fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(files, "lang/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the languages: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == English })
	c := &Catalogue{}
	var behind []*i18n.Message
	for _, name := range append([]string{English}, names...) {
		file, err := ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if name == English {
			behind = file.Messages
		}
		if err := c.add(file, behind); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

// ReadFile reads one language.
func ReadFile(files fs.FS, name string) (*i18n.MessageFile, error) {
	source, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	return i18n.ParseMessageFileBytes(source, name, map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
}

func (c *Catalogue) add(file *i18n.MessageFile, behind []*i18n.Message) error {
	bundle := i18n.NewBundle(language.English)
	if err := bundle.AddMessages(language.English, behind...); err != nil {
		return err
	}
	if err := bundle.AddMessages(file.Tag, file.Messages...); err != nil {
		return err
	}
	c.tags, c.bundles = append(c.tags, file.Tag), append(c.bundles, bundle)
	return nil
}

// Words are the sentences of one letter or page: its language and what they
// may name.
type Words struct {
	Tag  language.Tag
	Data map[string]any
	Err  error // the first fault; look at it when all is said

	localizer *i18n.Localizer
}

// Tags are the languages there are, English first.
func (c *Catalogue) Tags() []language.Tag { return c.tags }

// In finds the best language there is for the preferred one (BCP 47): itself,
// a more general form of it, a close relative, or English.
func (c *Catalogue) In(preferred string) *Words {
	i := c.best(preferred)
	return &Words{Tag: c.tags[i], localizer: i18n.NewLocalizer(c.bundles[i], c.tags[i].String())}
}

// For finds the best language there is for a reader who takes several, the
// dearest first: the first of them that there is, or English.
func (c *Catalogue) For(wanted []language.Tag) *Words {
	for _, tag := range wanted {
		base, _ := tag.Base()
		if w := c.In(tag.String()); w.Tag != c.tags[0] || base.String() == "en" {
			return w
		}
	}
	return c.In("")
}

// best is the index of the language itself, else of a more general form of it
// (fr-CA, fr), else of a close relative, else of English.
func (c *Catalogue) best(preferred string) int {
	asked, _ := language.Parse(modern(preferred)) // "und" when it is none
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

// modern reads the codes of the application that signup comes from. They hide
// no language but Twi (tw).
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

// usual is what we take a tag for where x/text knows no kinship (sr-Latn)
// or a different one (pt-BR for pt).
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

// Say returns a sentence. What people typed is data to it, never template.
func (w *Words) Say(id string) string { return w.Fill(id, w.Data) }

// Fill is Say with other data.
func (w *Words) Fill(id string, data map[string]any) string {
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data})
}

// Count says how many, in the plural form of the language.
func (w *Words) Count(id string, n int64) string { return w.CountFill(id, n, nil) }

// CountFill is Count with other data beside the number.
func (w *Words) CountFill(id string, n int64, data map[string]any) string {
	all := map[string]any{"Count": n}
	maps.Copy(all, data)
	return w.localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: all})
}

func (w *Words) localize(c *i18n.LocalizeConfig) string {
	s, err := w.localizer.Localize(c)
	if s != "" { // English stands in for what a language lacks; err says so
		return s
	}
	if err != nil && w.Err == nil {
		w.Err = fmt.Errorf("words in %s: %w", w.Tag, err)
	}
	return s
}

// Duration is the largest unit that d fills at least twice, or exactly once;
// what is left over is dropped, so that nothing promises too much.
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

// Moment is a point in time in UTC, as the language writes it.
func (w *Words) Moment(t time.Time) string {
	t = t.UTC()
	months := strings.Split(w.Say("date.months"), ", ")
	if len(months) != 12 {
		w.Err = cmp.Or(w.Err, fmt.Errorf("words in %s: %d months", w.Tag, len(months)))
		return ""
	}
	return w.Fill("date.layout", map[string]any{
		"Day": t.Day(), "Month": months[t.Month()-1], "Year": t.Year(),
		"Hour": t.Format("15"), "Hour12": t.Format("3"), "Minute": t.Format("04"),
	})
}

// Dir is the direction of the script, for HTML.
func (w *Words) Dir() string {
	script, _ := w.Tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr":
		return "rtl"
	default:
		return "ltr"
	}
}
