package main

import (
	"regexp"
	"strings"
	"testing"
)

// The examples of docs/mail.md are right.
func TestMailDocument(t *testing.T) {
	doc := fromRoot(t, "docs", "mail.md")
	var examples [][]string
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:smtps?:|sendmail:|none)[^`]*)` \\|").FindAllStringSubmatch(doc, -1) {
		examples = append(examples, []string{"--smtp", m[1]})
	}
	_, chats, _ := strings.Cut(doc, "$ cat /run/secrets/chats\n")
	chats, _, _ = strings.Cut(chats, "\n$ ")
	for _, u := range strings.Fields(chats) {
		examples = append(examples, []string{"--notify", u})
	}
	if len(examples) != 13 {
		t.Errorf("%d examples: %q", len(examples), examples)
	}
	for _, args := range examples {
		if code, _, stderr := runProgram(t, nil, append([]string{"mail", "preview", "welcome"}, args...)...); code != exitOK {
			t.Errorf("%q: exit code %d, %s", args, code, stderr)
		}
	}
}
