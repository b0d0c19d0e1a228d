package letters

import (
	"fmt"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
)

// content is a letter in sentences, before a layout makes text or HTML of it.
type content struct {
	sender
	Lang, Dir string
	Subject   string
	Heading   string
	Greeting  string
	Opening   []string // paragraphs before the facts and the button
	Facts     []fact
	Quote     []string // lines that somebody else wrote
	Button    string
	Link      string // where the button leads; "" for no button
	LinkHint  string
	Colon     string // after a label in plain text
	Closing   []string
	Footer    []string
	SupportBy string // the sentence around Support, or ""
}

type fact struct{ Label, Value string }

// content writes the sentences of the message's kind.
func (l *Letters) content(m signup.Message) (content, error) {
	w := l.words.In(m.Language)
	w.Data = l.data(m, w)
	c := content{sender: l.sender, Lang: w.Tag.String(), Dir: w.Dir(), Link: m.Link}
	switch m.Kind {
	case signup.MailConfirmation:
		c.confirmation(m, w)
	case signup.MailAdminNotice:
		c.adminNotice(m, w)
	case signup.MailApproved:
		c.approved(m, w)
	case signup.MailRejected:
		c.rejected(m, w)
	case signup.MailAccountExists:
		c.accountExists(m, w)
	default:
		return c, fmt.Errorf("there is no letter of kind %q", m.Kind)
	}
	c.LinkHint, c.Colon = w.Say("link_hint"), w.Say("colon")
	if l.sender.Support != "" {
		c.SupportBy = w.Say("footer.support")
	}
	c.Subject = oneLine(c.Subject)
	return c, w.Err
}

// data is what sentences may name. Only the admin notice's sentences name the
// username, and only greetings the name. What is not of the letter's language
// is isolated.
func (l *Letters) data(m signup.Message, w *words.Words) map[string]any {
	return map[string]any{
		"App":      isolated(l.sender.App),
		"Host":     isolated(l.sender.Host),
		"Support":  isolated(l.sender.Support),
		"Email":    isolated(m.User.Email),
		"Username": isolated(defangUsername(shorten(oneLine(m.User.Username), maxShownName))),
		"Name":     isolated(m.User.Name),
		"Lifetime": w.Duration(m.Lifetime),
		"Until":    w.Moment(m.ExpiresAt),
	}
}

func (c *content) confirmation(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("confirmation.subject"), w.Say("confirmation.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("confirmation.asked")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("confirmation.button")
	c.Closing = []string{w.Say("confirmation.lifetime"), w.Say("confirmation.ignore")}
	c.Footer = []string{w.Say("footer.person")}
}

func (c *content) adminNotice(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("admin_notice.subject"), w.Say("admin_notice.heading")
	c.Greeting = w.Say("greeting.unnamed")
	c.Opening = []string{w.Say("admin_notice.asked")}
	c.Facts = []fact{
		{w.Say("fact.name"), defang(oneLine(m.User.Name))},
		{w.Say("fact.username"), defangUsername(oneLine(m.User.Username))},
		{w.Say("fact.email"), oneLine(m.User.Email)},
	}
	c.Button = w.Say("admin_notice.button")
	c.Closing = []string{w.Say("admin_notice.inert")}
	c.Footer = []string{w.Say("footer.admin")}
}

func (c *content) approved(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("approved.subject"), w.Say("approved.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("approved.done")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("approved.button")
	c.Footer = []string{w.Say("footer.person")}
}

func (c *content) rejected(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("rejected.subject"), w.Say("rejected.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("rejected.done")}
	if c.Quote = lines(m.Reason); len(c.Quote) > 0 {
		c.Opening = append(c.Opening, w.Say("rejected.reason"))
	}
	c.Link = "" // there is nothing to open
	c.Footer = []string{w.Say("footer.person")}
}

// accountExists tells the owner of the mailbox, and nobody else, where his
// sign-up stands.
func (c *content) accountExists(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("account_exists.subject"), w.Say("account_exists.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("account_exists.again")}
	switch m.Status {
	case signup.StatusActive:
		c.Opening = append(c.Opening, w.Say("account_exists.active"))
		c.Facts = personalFacts(m.User, w)
		c.Button = w.Say("account_exists.button")
	case signup.StatusPendingApproval:
		c.Opening = append(c.Opening, w.Say("account_exists.pending"))
		c.Link = ""
	default:
		c.Opening = append(c.Opening, w.Say("account_exists.neutral"))
		c.Link = ""
	}
	c.Closing = []string{w.Say("account_exists.ignore")}
	c.Footer = []string{w.Say("footer.person")}
}

// greeting leaves out a name that could lead somewhere: whoever owns the
// mailbox may not be who typed it.
func greeting(name string, w *words.Words) string {
	if name = oneLine(name); name == "" || suspicious(name) {
		return w.Say("greeting.unnamed")
	}
	return w.Say("greeting.named")
}

func personalFacts(p signup.Person, w *words.Words) []fact {
	var facts []fact
	if username := oneLine(p.Username); username != "" && !suspiciousUsername(username) {
		facts = append(facts, fact{w.Say("fact.username"), username})
	}
	return append(facts, fact{w.Say("fact.email"), oneLine(p.Email)})
}
