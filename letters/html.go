package letters

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

// layout is compiled from mjml/layout.mjml; see tools/mjml.
//
//go:embed layout.html
var layout string

func parseLayout() (*template.Template, error) {
	t, err := template.New("layout").Funcs(template.FuncMap{"prose": prose, "raw": raw}).Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("parse the layout of letters: %w", err)
	}
	return t, nil
}

// raw is for the comments of the layout, which hold tables for Outlook.
func raw(comment string) template.HTML { return template.HTML(comment) }

// html lays the letter out as HTML; html/template escapes every value.
func (c content) html(layouts *template.Template) (string, error) {
	var b strings.Builder
	if err := layouts.Execute(&b, c); err != nil {
		return "", fmt.Errorf("lay out the letter: %w", err)
	}
	return b.String(), nil
}

// Preview is what a list of mails shows beside the subject.
func (c content) Preview() string {
	if len(c.Opening) == 0 {
		return c.Heading
	}
	return c.Opening[0]
}

// A supportLine is the sentence around who helps, in pieces.
type supportLine struct{ Before, Name, URL, After string }

// SupportLine lets the address alone be a link.
func (c content) SupportLine() supportLine {
	before, rest, _ := strings.Cut(c.SupportBy, isolate)
	name, after, _ := strings.Cut(rest, endIsolate)
	return supportLine{before, name, c.SupportURL, after}
}

// prose escapes a sentence and lets <bdi> keep apart what is isolated in it.
// Only a text of the operator's own has lines.
func prose(sentence string) template.HTML {
	escaped := template.HTMLEscapeString(sentence)
	return template.HTML(strings.NewReplacer(isolate, "<bdi>", endIsolate, "</bdi>", "\n", "<br>").Replace(escaped))
}
