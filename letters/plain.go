package letters

import (
	"strings"
	"unicode/utf8"
)

const (
	textWidth = 72 // columns of plain text
	indent    = "    "
)

// plain lays the letter out as text. Greeting, facts and link are never
// wrapped: what somebody typed cannot start a line of its own.
func (c content) plain() string {
	blocks := []string{c.Greeting}
	blocks = append(blocks, paragraphs(c.Opening)...)
	if len(c.Quote) > 0 {
		blocks = append(blocks, quoted(c.Quote))
	}
	if len(c.Facts) > 0 {
		blocks = append(blocks, factLines(c.Facts))
	}
	if c.Link != "" {
		blocks = append(blocks, c.Button+":\n\n"+c.Link)
	}
	blocks = append(blocks, paragraphs(c.Closing)...)
	return strings.Join(append(blocks, c.signature()), "\n\n") + "\n"
}

// signature begins with the "-- " that mail clients know.
func (c content) signature() string {
	rows := []string{"-- ", c.App, c.URL}
	if c.SupportBy != "" {
		rows = append(rows, c.SupportBy)
	}
	return strings.Join(append(rows, paragraphs(c.Footer)...), "\n")
}

func factLines(facts []fact) string {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.Label))
	}
	rows := make([]string, len(facts))
	for i, f := range facts {
		gap := strings.Repeat(" ", width-utf8.RuneCountInString(f.Label)+1)
		rows[i] = indent + f.Label + ":" + gap + f.Value
	}
	return strings.Join(rows, "\n")
}

func quoted(lines []string) string {
	var rows []string
	for _, line := range lines {
		rows = append(rows, strings.Split(wrap(line, textWidth-2), "\n")...)
	}
	return "> " + strings.Join(rows, "\n> ")
}

func paragraphs(sentences []string) []string {
	out := make([]string, len(sentences))
	for i, s := range sentences {
		out[i] = wrap(s, textWidth)
	}
	return out
}

// wrap breaks at spaces only: a long word stays whole.
func wrap(s string, width int) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(s) {
		length := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+length > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}
