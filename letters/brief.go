package letters

import "strings"

// brief is a notice for a chat: who it is about and the link, a line each. What
// a mail says around that would be noise there.
func (c content) brief() string {
	var rows []string
	for _, f := range c.Facts {
		rows = append(rows, f.Label+c.Colon+" "+f.Value)
	}
	for _, p := range c.People {
		rows = append(rows, personLine(p))
	}
	if c.More != "" {
		rows = append(rows, c.More)
	}
	if c.Link != "" {
		rows = append(rows, c.Link)
	}
	return bare(strings.Join(rows, "\n")) + "\n"
}
