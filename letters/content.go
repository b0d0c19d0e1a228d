package letters

import (
	"fmt"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/words"
)

// content is a letter in sentences, before a layout makes text or HTML of it.
type content struct {
	brand
	Lang, Dir string
	Start     string // the side where lines begin: left or right
	Subject   string
	Heading   string
	Greeting  string
	Opening   []string // paragraphs before the facts and the button
	Facts     []fact
	Quote     []string // lines that somebody else wrote
	People    []signup.Person
	More      string // the sentence about those who are not listed, or ""
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
	c := content{brand: l.brand, Lang: w.Tag.String(), Dir: w.Dir(), Start: start(w.Dir()), Link: m.Link}
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
	case signup.MailReminder:
		c.reminder(m, w)
	case signup.MailWelcome:
		c.welcome(m, w)
	case signup.MailAdminDigest:
		c.adminDigest(m, w)
	case signup.MailPasswordReset:
		c.passwordReset(m, w)
	case signup.MailNewEmail:
		c.newEmail(m, w)
	case signup.MailEmailChanged:
		c.emailChanged(m, w)
	default:
		return c, fmt.Errorf("there is no letter of kind %q", m.Kind)
	}
	c.LinkHint, c.Colon = w.Say("link_hint"), w.Say("colon")
	if l.brand.Support != "" {
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
		"App":      isolated(l.brand.App),
		"Host":     isolated(l.brand.Host),
		"Support":  isolated(l.brand.Support),
		"Email":    isolated(m.User.Email),
		"Username": isolated(defangUsername(shorten(oneLine(m.User.Username), maxShownName))),
		"Name":     isolated(m.User.Name),
		"Lifetime": w.Duration(m.Lifetime),
		"Until":    w.Moment(m.ExpiresAt),
		"Lapses":   w.Moment(m.LapsesAt),
		"More":     m.Waiting - len(listed(m.People)),
	}
}

func (c *content) confirmation(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("confirmation.subject"), w.Say("confirmation.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("confirmation.asked")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("confirmation.button")
	c.Closing = []string{w.Say("confirmation.password"), w.Say("confirmation.lifetime"), w.Say("confirmation.ignore")}
	c.Footer = []string{w.Say("footer.person")}
}

func (c *content) reminder(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("reminder.subject"), w.Say("reminder.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("reminder.asked")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("confirmation.button")
	c.Closing = []string{w.Say("confirmation.password"), w.Say("confirmation.lifetime")}
	if !m.LapsesAt.IsZero() {
		c.Closing = append(c.Closing, w.Say("reminder.lapses"))
	}
	c.Closing = append(c.Closing, w.Say("confirmation.ignore"))
	c.Footer = []string{w.Say("footer.person")}
}

func (c *content) welcome(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("welcome.subject"), w.Say("welcome.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("welcome.done")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("approved.button")
	c.Closing = []string{w.Say("account_exists.ignore")}
	c.Footer = []string{w.Say("footer.person")}
}

func (c *content) passwordReset(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("password_reset.subject"), w.Say("password_reset.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("password_reset.asked")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("password_reset.heading")
	c.Closing = []string{w.Say("confirmation.lifetime"), w.Say("password_reset.ignore")}
	c.Footer = []string{w.Say("footer.person")}
}

// newEmail has no line that says why it was mailed: nobody signed up with this
// address.
func (c *content) newEmail(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("new_email.subject"), w.Say("new_email.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("new_email.asked")}
	c.Facts = personalFacts(m.User, w)
	c.Button = w.Say("new_email.heading")
	c.Closing = []string{w.Say("confirmation.lifetime"), w.Say("new_email.ignore")}
}

func (c *content) emailChanged(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("email_changed.subject"), w.Say("email_changed.heading")
	c.Greeting = greeting(m.User.Name, w)
	c.Opening = []string{w.Say("email_changed.done")}
	c.Closing = []string{w.Say("email_changed.warning")}
	c.Footer = []string{w.Say("footer.person")}
}

func (c *content) adminDigest(m signup.Message, w *words.Words) {
	c.Subject = w.CountFill("admin_digest.subject", int64(m.Waiting), w.Data)
	c.Heading = w.CountFill("admin_digest.heading", int64(m.Waiting), w.Data)
	c.Greeting = w.Say("greeting.unnamed")
	c.Opening = []string{w.Say("admin_digest.asked")}
	c.People = listed(m.People)
	if m.Waiting > len(c.People) {
		c.More = w.Say("admin_digest.more")
	}
	c.Button = w.Say("admin_digest.button")
	c.Closing = []string{w.Say("admin_notice.inert")}
	c.Footer = []string{w.Say("footer.admin")}
}

// maxListed is how many people a digest lists.
const maxListed = 10

// listed are the first of the people, as an administrator may see them.
func listed(people []signup.Person) []signup.Person {
	out := make([]signup.Person, 0, maxListed)
	for _, p := range people[:min(len(people), maxListed)] {
		out = append(out, shown(p))
	}
	return out
}

// shown is a person with names that lead nowhere.
func shown(p signup.Person) signup.Person {
	return signup.Person{
		Name:     defang(oneLine(p.Name)),
		Username: defangUsername(oneLine(p.Username)),
		Email:    oneLine(p.Email),
	}
}

func (c *content) adminNotice(m signup.Message, w *words.Words) {
	c.Subject, c.Heading = w.Say("admin_notice.subject"), w.Say("admin_notice.heading")
	c.Greeting = w.Say("greeting.unnamed")
	c.Opening = []string{w.Say("admin_notice.asked")}
	p := shown(m.User)
	c.Facts = []fact{{w.Say("fact.name"), p.Name}, {w.Say("fact.username"), p.Username}, {w.Say("fact.email"), p.Email}}
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

// accountExists tells the owner of the mailbox, and nobody else, where their
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

// greeting leaves out a name that could lead somewhere, because the owner of the
// mailbox may not be the person who typed it.
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

// start is the side where lines begin, for mail programs that know no other way
// to say it.
func start(dir string) string {
	if dir == "rtl" {
		return "right"
	}
	return "left"
}
