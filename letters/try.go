package letters

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/signup-go/signup"
)

// try writes every sample of its kind with a letter of the operator's.
func (l *Letters) try(key templateKey, s *ownTemplate) error {
	name := string(key.kind) + "." + key.tag.String()
	if s.html != nil && s.plain == nil {
		return fmt.Errorf("%s.html has no %s.txt beside it: every letter needs a text part", name, name)
	}
	for _, m := range samples(key.kind, key.tag.String()) {
		c, err := l.content(m)
		if err != nil {
			return err
		}
		text, err := l.writeOwn(*s, m, c)
		if err != nil {
			return err
		}
		if err := checkOwn(name, text, c.Link, *s); err != nil {
			return err
		}
	}
	return nil
}

// samples are messages that between them take every turn of a letter.
func samples(kind signup.MailKind, language string) []signup.Message {
	full := Sample(kind, language)
	bare := full
	bare.User.Name, bare.User.Username, bare.Reason, bare.LapsesAt = "", "", "", time.Time{}
	bare.People, bare.Waiting = nil, 1
	out := []signup.Message{full, bare}
	if kind == signup.MailAccountExists {
		for _, status := range []signup.Status{signup.StatusPendingApproval, signup.StatusRejected} {
			m := full
			m.Status = status
			out = append(out, m)
		}
	}
	return out
}

// checkOwn says what no letter may lack or do.
func checkOwn(name string, text signup.Text, link string, s ownTemplate) error {
	needsLink := link != "" && strings.Contains(link, "token=")
	switch {
	case s.subject != nil && text.Subject == "":
		return fmt.Errorf("%s.subject.txt: the subject is empty", name)
	case s.plain == nil:
		return nil
	case strings.TrimSpace(text.Plain) == "":
		return fmt.Errorf("%s.txt: the text is empty", name)
	case needsLink && !strings.Contains(text.Plain, link):
		return fmt.Errorf("%s.txt: without {{.Link}} nobody can follow this letter", name)
	case s.html == nil:
		return nil
	case len(text.HTML) > maxTemplate:
		return fmt.Errorf("%s.html: the letter is longer than %d kB, and Gmail would cut it off", name, maxTemplate>>10)
	}
	links, err := loads(text.HTML)
	if err != nil {
		return fmt.Errorf("%s.html: %w", name, err)
	}
	if needsLink && !slices.Contains(links, link) {
		return fmt.Errorf(`%s.html: without <a href="{{.Link}}"> nobody can follow this letter`, name)
	}
	return nil
}

// loads refuses HTML that loads anything or runs, and returns where it leads.
func loads(source string) (links []string, err error) {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return nil, err
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "iframe", "frame", "object", "embed", "form", "link", "base", "audio", "video":
			return nil, fmt.Errorf("no letter may hold <%s>", n.Data)
		case "style":
			if n.FirstChild != nil && remoteStyle.MatchString(n.FirstChild.Data) {
				return nil, errors.New("<style> loads something, which no letter may do")
			}
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "href":
				links = append(links, a.Val)
			case !mayHold(a):
				return nil, fmt.Errorf(`%s="%.40s" of <%s> loads something, which no letter may do; the logo is {{.Logo}}`, a.Key, a.Val, n.Data)
			}
		}
	}
	return links, nil
}

func mayHold(a html.Attribute) bool {
	switch a.Key {
	case "src", "srcset", "background", "poster":
		return a.Val == "" || a.Val == "cid:"+logoID || strings.HasPrefix(a.Val, "data:image/")
	case "style":
		return !remoteStyle.MatchString(a.Val)
	default:
		return !strings.HasPrefix(a.Key, "on")
	}
}

// noField is how templates complain of a name that Fields lacks.
var noField = regexp.MustCompile(`can't evaluate field (\w+) in type (?:\*?)letters\.Fields`)

// inWords says what is wrong with a template to somebody who does not know Go.
func inWords(err error) error {
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "html/"), "template: ")
	place, _, _ := strings.Cut(text, ": ")
	if m := noField.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s: there is no field .%s; there are %s", place, m[1], fieldNames())
	}
	return errors.New(text)
}

func fieldNames() string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Fields]()) {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
