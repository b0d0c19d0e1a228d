package letters

import (
	"fmt"

	"github.com/signup-go/signup"
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
	w := l.words.in(m.Language)
	w.data = l.data(m, w)
	c := content{sender: l.sender, Lang: w.tag.String(), Dir: w.dir(), Link: m.Link}
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
	c.LinkHint, c.Colon = w.say("link_hint"), w.say("colon")
	if l.sender.Support != "" {
		c.SupportBy = w.say("footer.support")
	}
	c.Subject = oneLine(c.Subject)
	return c, w.err
}

// data is what sentences may name. Only the admin notice's sentences name the
// username, and only greetings the name. What is not of the letter's language
// is isolated.
func (l *Letters) data(m signup.Message, w *words) map[string]any {
	return map[string]any{
		"App":      isolated(l.sender.App),
		"Host":     isolated(l.sender.Host),
		"Support":  isolated(l.sender.Support),
		"Email":    isolated(m.User.Email),
		"Username": isolated(defangUsername(shorten(oneLine(m.User.Username), maxShownName))),
		"Name":     isolated(m.User.Name),
		"Lifetime": w.duration(m.Lifetime),
		"Until":    w.moment(m.ExpiresAt),
	}
}

func (c *content) confirmation(m signup.Message, w *words) {
	c.Subject, c.Heading = w.say("confirmation.subject"), w.say("confirmation.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.say("confirmation.asked")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.say("confirmation.button")
	c.Closing = []string{w.say("confirmation.lifetime"), w.say("confirmation.ignore")}
	c.Footer = []string{w.say("footer.person")}
}

func (c *content) adminNotice(m signup.Message, w *words) {
	c.Subject, c.Heading = w.say("admin_notice.subject"), w.say("admin_notice.heading")
	c.Greeting = w.say("greeting.unnamed")
	c.Opening = []string{w.say("admin_notice.asked")}
	c.Facts = []fact{
		{w.say("fact.name"), defang(oneLine(m.User.Name))},
		{w.say("fact.username"), defangUsername(oneLine(m.User.Username))},
		{w.say("fact.email"), oneLine(m.User.Email)},
	}
	c.Button = w.say("admin_notice.button")
	c.Closing = []string{w.say("admin_notice.inert")}
	c.Footer = []string{w.say("footer.admin")}
}

func (c *content) approved(m signup.Message, w *words) {
	c.Subject, c.Heading = w.say("approved.subject"), w.say("approved.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.say("approved.done")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.say("approved.button")
	c.Footer = []string{w.say("footer.person")}
}

func (c *content) rejected(m signup.Message, w *words) {
	c.Subject, c.Heading = w.say("rejected.subject"), w.say("rejected.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.say("rejected.done")}
	if c.Quote = lines(m.Reason); len(c.Quote) > 0 {
		c.Opening = append(c.Opening, w.say("rejected.reason"))
	}
	c.Link = "" // there is nothing to open
	c.Footer = []string{w.say("footer.person")}
}

// accountExists tells the owner of the mailbox, and nobody else, where his
// sign-up stands.
func (c *content) accountExists(m signup.Message, w *words) {
	c.Subject, c.Heading = w.say("account_exists.subject"), w.say("account_exists.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.say("account_exists.again")}
	switch m.Status {
	case signup.StatusActive:
		c.Opening = append(c.Opening, w.say("account_exists.active"))
		c.Facts = personalFacts(m.User, w)
		c.Button = w.say("account_exists.button")
	case signup.StatusPendingApproval:
		c.Opening = append(c.Opening, w.say("account_exists.pending"))
		c.Link = ""
	default:
		c.Opening = append(c.Opening, w.say("account_exists.neutral"))
		c.Link = ""
	}
	c.Closing = []string{w.say("account_exists.ignore")}
	c.Footer = []string{w.say("footer.person")}
}

// greeting leaves out a name that could lead somewhere: whoever owns the
// mailbox may not be who typed it.
func greeting(name string, w *words) string {
	if name = oneLine(name); name == "" || suspicious(name) {
		return w.say("greeting.unnamed")
	}
	return w.say("greeting.named")
}

func personalFacts(p signup.Person, w *words) []fact {
	var facts []fact
	if username := oneLine(p.Username); username != "" && !suspiciousUsername(username) {
		facts = append(facts, fact{w.say("fact.username"), username})
	}
	return append(facts, fact{w.say("fact.email"), oneLine(p.Email)})
}
