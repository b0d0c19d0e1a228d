package letters

import (
	"fmt"
	"html/template"
	"strings"
)

// html lays the letter out as HTML; html/template escapes every value.
func (c content) html(layouts *template.Template) (string, error) {
	var b strings.Builder
	if err := layouts.Execute(&b, c); err != nil {
		return "", fmt.Errorf("lay out the letter: %w", err)
	}
	return b.String(), nil
}

// prose escapes a sentence and lets <bdi> keep apart what is isolated in it.
func prose(sentence string) template.HTML {
	escaped := template.HTMLEscapeString(sentence)
	return template.HTML(strings.NewReplacer(isolate, "<bdi>", endIsolate, "</bdi>").Replace(escaped))
}
