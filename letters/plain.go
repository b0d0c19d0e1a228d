package letters

import (
	"slices"
	"strings"

	"github.com/signup-go/signup"
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
		blocks = append(blocks, factLines(c.Facts, c.Colon))
	}
	if len(c.People) > 0 {
		blocks = append(blocks, c.peopleLines())
	}
	if c.Link != "" {
		blocks = append(blocks, c.Button+c.Colon+"\n\n"+c.Link)
	}
	blocks = append(blocks, paragraphs(c.Closing)...)
	return bare(strings.Join(append(blocks, c.signature()), "\n\n")) + "\n"
}

// signature begins with the "-- " that mail clients know.
func (c content) signature() string {
	rows := []string{"-- ", c.App, c.URL}
	if c.SupportBy != "" {
		rows = append(rows, c.SupportBy)
	}
	rows = append(rows, paragraphs(c.Footer)...)
	for _, line := range c.Lines {
		rows = append(rows, wrap(line.Text, textWidth))
	}
	return strings.Join(rows, "\n")
}

// peopleLines has one line for each, never wrapped.
func (c content) peopleLines() string {
	var rows []string
	for _, p := range c.People {
		rows = append(rows, indent+personLine(p))
	}
	if c.More != "" {
		rows = append(rows, "", wrap(c.More, textWidth))
	}
	return strings.Join(rows, "\n")
}

func personLine(p signup.Person) string {
	parts := slices.DeleteFunc([]string{p.Name, p.Username, p.Email}, func(s string) bool { return s == "" })
	return strings.Join(parts, " · ")
}

func factLines(facts []fact, colon string) string {
	width := 0
	for _, f := range facts {
		width = max(width, columns(f.Label))
	}
	rows := make([]string, len(facts))
	for i, f := range facts {
		gap := strings.Repeat(" ", width-columns(f.Label)+1)
		rows[i] = indent + f.Label + colon + gap + f.Value
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

// wrap breaks at spaces, and where scripts that write none may be broken: a
// long word stays whole. No-break spaces are part of a word.
func wrap(s string, width int) string {
	var b strings.Builder
	column := 0
	for word := range strings.SplitSeq(s, " ") {
		gap := " "
		for _, piece := range pieces(word) {
			length := columns(piece)
			switch {
			case column == 0:
			case column+len(gap)+length > width:
				b.WriteByte('\n')
				column = 0
			default:
				b.WriteString(gap)
				column += len(gap)
			}
			b.WriteString(piece)
			column += length
			gap = ""
		}
	}
	return b.String()
}
