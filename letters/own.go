package letters

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/text/language"

	"github.com/signup-go/signup"
)

// An ownTemplate is a letter that the operator wrote, in one language. What is nil
// is signup's own.
type ownTemplate struct {
	subject, plain *template.Template
	html           *htmltemplate.Template // nil beside plain: the layout, around the text
}

// templates are the operator's letters.
type templates map[templateKey]*ownTemplate

type templateKey struct {
	kind signup.MailKind
	tag  language.Tag
}

// find returns the nearest of the operator's letters, or nil.
func (s *templates) find(kind signup.MailKind, chain []language.Tag) *ownTemplate {
	for _, tag := range chain {
		if found, ok := (*s)[templateKey{kind, tag}]; ok {
			return found
		}
	}
	return nil
}

// Reload reads the operator's letters (Options.Own) again: files named
// KIND.LANGUAGE.subject.txt, KIND.LANGUAGE.txt and KIND.LANGUAGE.html, each a
// template (text/template, html/template) over Fields. A subject may stand
// alone, and a text; HTML needs a text beside it. A letter serves its language
// and the more special forms of it that have none of their own.
//
// Every letter is tried on samples. With anything wrong, all of it is said, and
// the letters stay as they were.
func (l *Letters) Reload() error {
	read := templates{}
	if l.own != nil {
		if err := l.readTemplates(read); err != nil {
			return err
		}
	}
	l.templates.Store(&read)
	return nil
}

func (l *Letters) readTemplates(into templates) error {
	entries, err := fs.ReadDir(l.own, ".")
	if err != nil {
		return fmt.Errorf("read the folder of letters: %w", err)
	}
	var problems []error
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") {
			problems = append(problems, l.readTemplate(into, name))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for key, s := range into {
		problems = append(problems, l.try(key, s))
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return errors.Join(problems...)
}

// maxTemplate is far more than a letter needs, in bytes. Gmail cuts a letter off
// at 102 kB.
const maxTemplate = 100 << 10

// readTemplate reads one file into its letter.
func (l *Letters) readTemplate(into templates, name string) error {
	key, part, err := l.parseName(name)
	if err != nil {
		return err
	}
	source, err := fs.ReadFile(l.own, name)
	if err != nil {
		return err
	}
	if len(source) > maxTemplate {
		return fmt.Errorf("%s is longer than %d kB", name, maxTemplate>>10)
	}
	s := into[key]
	if s == nil {
		s = &ownTemplate{}
		into[key] = s
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(source), "\ufeff"), "\r\n", "\n")
	switch part {
	case "subject.txt":
		s.subject, err = template.New(name).Parse(text)
	case "txt":
		s.plain, err = template.New(name).Parse(text)
	case "html":
		s.html, err = htmltemplate.New(name).Parse(text)
	}
	return inWords(err)
}

// parseName takes KIND.LANGUAGE.PART apart.
func (l *Letters) parseName(name string) (key templateKey, part string, err error) {
	kind, rest, _ := strings.Cut(name, ".")
	lang, part, _ := strings.Cut(rest, ".")
	if !slices.Contains([]string{"subject.txt", "txt", "html"}, part) {
		return key, "", fmt.Errorf("%s is not named KIND.LANGUAGE.subject.txt, KIND.LANGUAGE.txt or KIND.LANGUAGE.html", name)
	}
	if key.kind = signup.MailKind(kind); !slices.Contains(Kinds(), key.kind) {
		return key, "", fmt.Errorf("%s: there is no letter %q; there are %s", name, kind, kindNames())
	}
	tag, err := language.Parse(lang)
	chain := l.words.Chain(lang)
	base, _ := tag.Base()
	if err != nil || chain[len(chain)-1] == language.English && base.String() != "en" {
		return key, "", fmt.Errorf("%s: %q is not a language that signup speaks; there are %s", name, lang, strings.Join(l.Languages(), ", "))
	}
	key.tag = chain[0]
	return key, part, nil
}

func kindNames() string {
	names := make([]string, len(Kinds()))
	for i, kind := range Kinds() {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

// writeOwn writes a message as the operator has it. c is as signup has it.
func (l *Letters) writeOwn(s ownTemplate, m signup.Message, c content) (signup.Text, error) {
	f := l.fields(m, c)
	if s.subject != nil {
		subject, err := said(s.subject, f)
		if err != nil {
			return signup.Text{}, err
		}
		c.Subject = oneLine(subject)
		c.Heading = c.Subject
	}
	if s.plain == nil {
		return l.lay(c, c.plain())
	}
	plain, err := said(s.plain, f)
	if err != nil {
		return signup.Text{}, err
	}
	plain = strings.TrimSpace(plain) + "\n"
	if s.html == nil {
		return l.lay(c.retold(plain), plain)
	}
	html, err := said(s.html, f)
	return signup.Text{Subject: c.Subject, Plain: plain, HTML: html, Inline: l.brand.image}, inWords(err)
}

// An executor is a template of text or of HTML.
type executor interface {
	Execute(w io.Writer, data any) error
}

// said is what a template comes to.
func said(t executor, f Fields) (string, error) {
	var b strings.Builder
	err := t.Execute(&b, f)
	return b.String(), inWords(err)
}

// retold is the layout's content when the operator wrote the text: its
// paragraphs, with the button in place of the link.
func (c content) retold(plain string) content {
	c.Greeting, c.Opening, c.Facts, c.Quote, c.People, c.More, c.Closing = "", nil, nil, nil, nil, "", nil
	into := &c.Opening
	for block := range strings.SplitSeq(plain, "\n\n") {
		block = strings.Trim(block, "\n")
		switch {
		case block == "":
		case strings.HasPrefix(block, "--\n"), strings.HasPrefix(block, "-- \n"):
			return c // the layout has its own foot
		case c.Link != "" && strings.TrimSpace(block) == c.Link:
			into = &c.Closing
		default:
			*into = append(*into, block)
		}
	}
	return c
}
