// Package letters puts signup's messages into words: one catalogue of
// sentences per language, one layout for HTML and one for plain text. New
// makes the signup.Writer; Sample makes messages to look at.
package letters

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"slices"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
)

// Options say in whose name the letters are written.
type Options struct {
	AppName string // of the application that people sign up for
	BaseURL string // where it lives: absolute, http or https
	Support string // who helps, an e-mail address, a URL or words; "" for nobody
}

// Letters writes every kind of letter. It is safe for concurrent use.
type Letters struct {
	sender  sender
	words   *words.Catalogue
	layouts *template.Template
}

var _ signup.Writer = (*Letters)(nil)

//go:embed lang
var languages embed.FS

//go:embed layout.html
var layout string

// New returns the writer, or says what is wrong with the options.
func New(o Options) (*Letters, error) {
	catalogue, err := words.Read(languages)
	if err != nil {
		return nil, err
	}
	return newLetters(o, catalogue)
}

func newLetters(o Options, catalogue *words.Catalogue) (*Letters, error) {
	from, err := newSender(o)
	if err != nil {
		return nil, err
	}
	layouts, err := template.New("layout").Funcs(template.FuncMap{"prose": prose}).Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("parse the layout of letters: %w", err)
	}
	return &Letters{sender: from, words: catalogue, layouts: layouts}, nil
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
// the language itself, a more general form of it, or English.
func (l *Letters) Write(m signup.Message) (signup.Text, error) {
	if m.Link != "" && !isWeb(m.Link) {
		return signup.Text{}, errors.New("the link of a letter must be an absolute http or https URL")
	}
	c, err := l.content(m)
	if err != nil {
		return signup.Text{}, err
	}
	html, err := c.html(l.layouts)
	if err != nil {
		return signup.Text{}, err
	}
	return signup.Text{Subject: c.Subject, Plain: c.plain(), HTML: html}, nil
}

// A sender is the application as letters name it.
type sender struct {
	App, Host, URL, Support, SupportURL string
}

func newSender(o Options) (sender, error) {
	app := oneLine(o.AppName)
	u, err := url.Parse(o.BaseURL)
	switch {
	case app == "":
		return sender{}, errors.New("letters need the name of the application")
	case err != nil || !isWeb(o.BaseURL):
		return sender{}, errors.New("letters need the base URL: absolute, http or https")
	}
	s := sender{App: app, Host: u.Host, URL: o.BaseURL, Support: oneLine(o.Support)}
	s.SupportURL = contactURL(s.Support)
	return s, nil
}

func isWeb(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
