package smtp

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/signup-go/signup"
)

// A message is a letter as it is sent, and its envelope.
type message struct {
	from, to mailbox
	raw      []byte
}

// Maximum lengths in characters, which no honest value exceeds. They keep every
// header line below the 998 octets of RFC 5322, section 2.1.1.
const (
	maxName    = 250
	maxSubject = 400
	maxMailID  = 64
)

// A composer turns letters into messages.
type composer struct {
	from       mailbox
	now        func() time.Time
	dkim       *DKIM  // nil: letters are not signed
	feedbackID string // "" for none
}

func (c composer) message(l signup.Letter) (message, error) {
	to, err := newMailbox(l.To)
	if err != nil {
		return message{}, fmt.Errorf("the recipient's address: %w", err)
	}
	if linkLike.MatchString(to.name) {
		to.name = ""
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	m.FromMailAddress(c.from.header())
	m.ToMailAddress(to.header())
	m.Subject(inert(l.Subject, maxSubject))
	m.SetDateWithValue(c.now().UTC())
	m.SetMessageIDWithValue(messageID(l.MailID, c.from.domain()))
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	// For Exchange, which ignores RFC 3834. Bounces are welcome.
	m.SetGenHeader("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
	if c.feedbackID != "" {
		m.SetGenHeader("Feedback-ID", c.feedbackID)
	}
	m.SetBodyString(mail.TypeTextPlain, l.Plain)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	if l.Inline != nil {
		if err := embed(m, *l.Inline); err != nil {
			return message{}, err
		}
	}
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return message{}, fmt.Errorf("write the letter: %w", err)
	}
	signed, err := c.dkim.sign(raw.Bytes())
	return message{from: c.from, to: to, raw: signed}, err
}

// embed adds an image to the HTML that shows it.
func embed(m *mail.Msg, i signup.Image) error {
	name := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, strings.Split(i.ID, "@")[0])
	err := m.EmbedReader(name, bytes.NewReader(i.Data), mail.WithFileContentID("<"+i.ID+">"),
		mail.WithFileContentType(mail.ContentType(i.Type)), mail.WithFileEncoding(mail.EncodingB64))
	if err != nil {
		return fmt.Errorf("embed the image of the letter: %w", err)
	}
	return nil
}

// linkLike matches names that are omitted from the To header: the owner of the
// mailbox may not be the person who typed the name, and mail clients turn such
// names into links.
var linkLike = regexp.MustCompile(`://|@|(?i:\bwww)\.|[\pL\pN_-][.。．｡](\pL{2,}|xn--)`)

// messageID returns the same ID for all attempts to send a mail. A letter that
// belongs to no mail, such as a test, gets a random one.
func messageID(mailID, domain string) string {
	left := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-') {
			return r
		}
		return -1
	}, mailID)
	if left == "" {
		left = rand.Text()
	}
	return left[:min(len(left), maxMailID)] + "@" + domain
}

// A mailbox is an address that SMTP can carry.
type mailbox struct {
	name    string
	address string // with an ASCII domain
}

func newMailbox(a signup.Address) (mailbox, error) {
	parsed, err := netmail.ParseAddress(a.Email)
	if err != nil || parsed.Address != a.Email || strings.ContainsFunc(a.Email, unfitForAddress) {
		return mailbox{}, errors.New("not an address that mail can be sent to")
	}
	at := strings.LastIndexByte(a.Email, '@')
	domain, err := idna.Lookup.ToASCII(a.Email[at+1:])
	if err != nil {
		return mailbox{}, errors.New("its domain is not one that mail can be sent to")
	}
	return mailbox{name: inert(a.Name, maxName), address: a.Email[:at+1] + domain}, nil
}

// unfitForAddress reports characters that would need quoting in SMTP commands.
func unfitForAddress(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>()[],;:\"`, r)
}

func (m mailbox) domain() string { return m.address[strings.LastIndexByte(m.address, '@')+1:] }

func (m mailbox) header() *netmail.Address {
	return &netmail.Address{Name: m.name, Address: m.address}
}

// needsUTF8 reports whether the address requires SMTPUTF8 (RFC 6531).
func (m mailbox) needsUTF8() bool {
	return strings.ContainsFunc(m.address, func(r rune) bool { return r >= utf8.RuneSelf })
}

// inert makes user input safe as a header value: one line, limited in length, and
// nothing that a mail client would decode (RFC 2047) into something else.
// Encoding is left to go-mail.
func inert(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "=?", "= ?")
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit-1]) + "…"
	}
	return s
}
