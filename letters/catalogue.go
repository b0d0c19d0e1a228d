package letters

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// A catalogue holds the sentences of every language. Each language has a
// bundle of its own, with English behind it: in a common one, go-i18n gives
// pt-BR to who asks for pt.
type catalogue struct {
	tags    []language.Tag // English first
	bundles []*i18n.Bundle // one for each tag
	matcher language.Matcher
}

const english = "lang/en.yaml"

// readCatalogue reads every file lang/TAG.yaml.
func readCatalogue(files fs.FS) (*catalogue, error) {
	names, err := fs.Glob(files, "lang/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the languages of letters: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == english })
	c := &catalogue{}
	var behind []*i18n.Message
	for _, name := range append([]string{english}, names...) {
		file, err := readLanguage(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the letters' %s: %w", name, err)
		}
		if name == english {
			behind = file.Messages
		}
		if err := c.add(file, behind); err != nil {
			return nil, fmt.Errorf("read the letters' %s: %w", name, err)
		}
	}
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

func readLanguage(files fs.FS, name string) (*i18n.MessageFile, error) {
	source, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	return i18n.ParseMessageFileBytes(source, name, map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
}

func (c *catalogue) add(file *i18n.MessageFile, behind []*i18n.Message) error {
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

// words are the sentences of one letter: its language and what they may name.
type words struct {
	tag       language.Tag
	localizer *i18n.Localizer
	data      map[string]any
	err       error // the first fault; look at it when all is said
}

func (c *catalogue) in(preferred string) *words {
	i := c.best(preferred)
	return &words{tag: c.tags[i], localizer: i18n.NewLocalizer(c.bundles[i], c.tags[i].String())}
}

// best is the index of the language itself, else of a more general form of it
// (fr-CA, fr), else of a close relative, else of English.
func (c *catalogue) best(preferred string) int {
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

// usual is what letters take a tag for where x/text knows no kinship (sr-Latn)
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

// say returns a sentence. What people typed is data to it, never template.
func (w *words) say(id string) string { return w.fill(id, w.data) }

func (w *words) fill(id string, data map[string]any) string {
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data})
}

func (w *words) count(id string, n int64) string {
	return w.localize(&i18n.LocalizeConfig{
		MessageID: id, PluralCount: n, TemplateData: map[string]any{"Count": n},
	})
}

func (w *words) localize(c *i18n.LocalizeConfig) string {
	s, err := w.localizer.Localize(c)
	if s != "" { // English stands in for what a language lacks; err says so
		return s
	}
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("letters in %s: %w", w.tag, err)
	}
	return s
}

// duration is the largest unit that d fills at least twice, or exactly once;
// what is left over is dropped, so that no letter promises too much.
func (w *words) duration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return w.count("duration.days", int64(d/day))
	case d >= 2*time.Hour || d == time.Hour:
		return w.count("duration.hours", int64(d/time.Hour))
	default:
		return w.count("duration.minutes", int64(d/time.Minute))
	}
}

// moment is a point in time in UTC, as the language writes it.
func (w *words) moment(t time.Time) string {
	t = t.UTC()
	months := strings.Split(w.say("date.months"), ", ")
	if len(months) != 12 {
		w.err = cmp.Or(w.err, fmt.Errorf("letters in %s: %d months", w.tag, len(months)))
		return ""
	}
	return w.fill("date.layout", map[string]any{
		"Day": t.Day(), "Month": months[t.Month()-1], "Year": t.Year(),
		"Hour": t.Format("15"), "Hour12": t.Format("3"), "Minute": t.Format("04"),
	})
}

// dir is the direction of the script, for HTML.
func (w *words) dir() string {
	script, _ := w.tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr":
		return "rtl"
	default:
		return "ltr"
	}
}
