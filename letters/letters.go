// Package letters puts signup's messages into words: one catalogue of
// sentences per language, one layout for HTML and one for plain text. New
// makes the signup.Writer; Sample makes messages to look at.
package letters

import (
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"slices"
	"sync/atomic"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
)

// Options say in whose name the letters are written, and how they look.
type Options struct {
	AppName string // of the application that people sign up for
	BaseURL string // where it lives: absolute, http or https
	Support string // who helps, an email address, a URL or words; "" for nobody

	Accent string // of buttons and links, #rrggbb; "" is DefaultAccent
	Logo   []byte // a PNG, JPEG or SVG image that travels in every letter; nil for none
	Footer string // lines of the operator's own at the foot; "" for none

	// Own holds letters that the operator wrote, as files at its root; see
	// Letters.Reload. Nil for none.
	Own fs.FS
}

// Letters writes every kind of letter. It is safe for concurrent use.
type Letters struct {
	brand     brand
	words     *words.Catalogue
	layouts   *template.Template
	own       fs.FS
	templates atomic.Pointer[templates]
}

var _ signup.Writer = (*Letters)(nil)

//go:embed lang
var languages embed.FS

// New returns the writer, or says what is wrong with the options.
func New(o Options) (*Letters, error) {
	catalogue, err := words.Read(languages)
	if err != nil {
		return nil, err
	}
	return newLetters(o, catalogue)
}

func newLetters(o Options, catalogue *words.Catalogue) (*Letters, error) {
	b, err := newBrand(o)
	if err != nil {
		return nil, err
	}
	layouts, err := parseLayout()
	if err != nil {
		return nil, err
	}
	l := &Letters{brand: b, words: catalogue, layouts: layouts, own: o.Own}
	if err := l.Reload(); err != nil {
		return nil, err
	}
	return l, nil
}

// Languages lists the tags (BCP 47) of the languages there are, in the order
// of the alphabet.
func (l *Letters) Languages() []string {
	names := make([]string, len(l.words.Tags()))
	for i, tag := range l.words.Tags() {
		names[i] = tag.String()
	}
	slices.Sort(names)
	return names
}

// Write puts the message into the best language there is for m.Language:
// the language itself, a more general form of it, or English. Without a
// recipient it is for a chat: plain text alone, and brief.
func (l *Letters) Write(m signup.Message) (signup.Text, error) {
	if m.Link != "" && !isWeb(m.Link) {
		return signup.Text{}, errors.New("the link of a letter must be an absolute http or https URL")
	}
	c, err := l.content(m)
	if err != nil {
		return signup.Text{}, err
	}
	if m.Recipient == (signup.Address{}) {
		return signup.Text{Subject: c.Subject, Plain: c.brief()}, nil
	}
	if s := l.templates.Load().find(m.Kind, l.words.Chain(m.Language)); s != nil {
		return l.writeOwn(*s, m, c)
	}
	return l.lay(c, c.plain())
}

// lay puts the content into the layout, beside its plain text.
func (l *Letters) lay(c content, plain string) (signup.Text, error) {
	html, err := c.html(l.layouts)
	if err != nil {
		return signup.Text{}, err
	}
	return signup.Text{Subject: c.Subject, Plain: plain, HTML: html, Inline: l.brand.image}, nil
}
