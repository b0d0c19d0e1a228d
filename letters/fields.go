package letters

import (
	"html/template"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
)

// Fields is what a letter of the operator's own can name, as {{.Name}}. What
// people typed is one line without control characters; in letters to the
// person, a name that could carry a link is left out, and in those to an
// administrator its dots are bracketed. What a kind has nothing to say for is
// "".
type Fields struct {
	App, Host, URL, Support string // of the application
	Language, Dir           string // of the letter: a BCP 47 tag; ltr or rtl

	Name, Username, Email string // of the person it is about

	Link     string   // where the letter leads
	Lifetime string   // of the link, such as "24 hours"
	Until    string   // when the link ends, such as "2 January 2030, 15:04 UTC"
	Lapses   string   // of a reminder: when the sign-up is deleted
	Reason   []string // of a rejection: the lines of the public reason
	Active   bool     // whether the account can be used

	Waiting int             // of a digest: how many wait
	People  []signup.Person // of a digest: the first ten; each has Name, Username and Email

	Subject, Heading, Button, Ignore string   // as signup has them in the language
	Accent, OnAccent, LinkColour     string   // #rrggbb, on a light ground
	Footer                           []string // the operator's lines

	Logo                  template.URL // for src; "" for none
	LogoWidth, LogoHeight int          // CSS pixels
}

func (l *Letters) fields(m signup.Message, c content) Fields {
	w := l.words.In(m.Language)
	b := l.brand
	f := Fields{
		App: b.App, Host: b.Host, URL: b.URL, Support: b.Support,
		Language: c.Lang, Dir: c.Dir, Link: c.Link, Reason: lines(m.Reason), Active: m.Status == signup.StatusActive,
		Waiting: m.Waiting, People: listed(m.People),
		Subject: c.Subject, Heading: c.Heading, Button: c.Button, Ignore: w.Say("account_exists.ignore"),
		Accent: b.Light.Button, OnAccent: b.Light.OnButton, LinkColour: b.Light.Link,
		Logo: b.Logo, LogoWidth: b.LogoWidth, LogoHeight: b.LogoHeight,
	}
	for _, line := range b.Lines {
		f.Footer = append(f.Footer, line.Text)
	}
	f.say(m, w)
	f.name(m)
	return f
}

// say puts times into words.
func (f *Fields) say(m signup.Message, w *words.Words) {
	if m.Lifetime > 0 {
		f.Lifetime, f.Until = w.Duration(m.Lifetime), w.Moment(m.ExpiresAt)
	}
	if !m.LapsesAt.IsZero() {
		f.Lapses = w.Moment(m.LapsesAt)
	}
}

// name names the person as the reader may see them.
func (f *Fields) name(m signup.Message) {
	if p := shown(m.User); m.Kind == signup.MailAdminNotice || m.Kind == signup.MailAdminDigest {
		f.Name, f.Username, f.Email = p.Name, p.Username, p.Email
		return
	}
	f.Email = oneLine(m.User.Email)
	if name := oneLine(m.User.Name); !suspicious(name) {
		f.Name = name
	}
	if username := oneLine(m.User.Username); !suspiciousUsername(username) {
		f.Username = username
	}
}
