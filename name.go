package signup

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Limits of what people type, in characters (code points) unless said otherwise.
const (
	MaxEmailLength       = 250
	MaxUsernameLength    = 250
	MaxDisplayNameLength = 250
	maxDisplayNameBytes  = 1000
	maxLanguageLength    = 35  // RFC 5646, section 4.4.1
	maxLocalBytes        = 64  // RFC 5321, section 4.5.3.1.1
	maxAddressBytes      = 254 // RFC 5321, section 4.5.3.1.3
)

// invalid is the refusal of a field.
func invalid(field, message string) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: message}
}

// An Email is an e-mail address in its two forms.
type Email struct {
	Typed string // as typed, but for surrounding space: what goes on the envelope
	Key   string // for comparison: local part folded, domain in A-labels
}

const badEmail = "must be an e-mail address such as name@example.org"

// ParseEmail reads one e-mail address (RFC 5321 mailbox with a dot-atom local
// part, or its RFC 6531 extension) with a domain that has a dot. Quoted local
// parts, address literals and display names are refused, so no address is ever
// two recipients. "+" is an ordinary character.
//
// Characters whose compatible or folded form is ASCII, such as the dotless i
// or the Kelvin sign, are refused: two addresses that look alike to a mail
// server or to a person never share a key, and never differ by a trick.
func ParseEmail(s string) (Email, *Error) {
	if !utf8.ValidString(s) || len(s) > 4*MaxEmailLength {
		return Email{}, invalid("email", badEmail)
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	local, domain, ok := cutLast(s, '@')
	if !ok || utf8.RuneCountInString(s) > MaxEmailLength || len(s) > maxAddressBytes || !validLocal(local) {
		return Email{}, invalid("email", badEmail)
	}
	ascii, ok := domainKey(domain)
	if !ok || len(local)+1+len(ascii) > maxAddressBytes {
		return Email{}, invalid("email", badEmail)
	}
	return Email{Typed: s, Key: fold(local) + "@" + ascii}, nil
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// validLocal checks for a dot-atom: RFC 5322, section 3.2.3, and RFC 6531.
func validLocal(local string) bool {
	if local == "" || len(local) > maxLocalBytes || strings.HasPrefix(local, ".") ||
		strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	for _, r := range local {
		if !isAtext(r) && r != '.' {
			return false
		}
	}
	return true
}

func isAtext(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	return (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) && !foldsToASCII(r)
}

// foldsToASCII reports whether some folding that a mail server, a database or
// a person may apply turns a non-ASCII character into ASCII.
func foldsToASCII(r rune) bool {
	if r == 'ı' || r == 'İ' { // folded to i in Turkish only
		return true
	}
	for _, form := range []string{fold(string(r)), strings.ToUpper(string(r)), norm.NFKC.String(string(r))} {
		if strings.ContainsFunc(form, func(f rune) bool { return f < utf8.RuneSelf }) {
			return true
		}
	}
	return false
}

// fold is case folding without a locale.
func fold(s string) string { return norm.NFC.String(strings.ToLower(s)) }

// profile is IDNA 2008 for looking up (UTS 46, non-transitional), which also
// lower-cases.
var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(true), idna.ValidateLabels(true), idna.VerifyDNSLength(true),
)

// domainKey is the domain in A-labels. A label must not become ASCII by
// mapping alone, nor change when it is read back.
func domainKey(domain string) (string, bool) {
	if strings.HasSuffix(domain, ".") || !strings.Contains(domain, ".") ||
		strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf && (foldsToASCII(r) || !unicode.IsPrint(r)) }) {
		return "", false
	}
	ascii, err := profile.ToASCII(domain)
	if err != nil || !hasTopLevel(ascii) {
		return "", false
	}
	back, err := profile.ToUnicode(ascii)
	if err != nil {
		return "", false
	}
	again, err := profile.ToASCII(back)
	return ascii, err == nil && again == ascii
}

// hasTopLevel keeps out what is an IPv4 address or no host of the Internet.
func hasTopLevel(ascii string) bool {
	_, top, ok := cutLast(ascii, '.')
	return ok && len(top) > 1 && strings.ContainsFunc(top, unicode.IsLetter)
}

// A Username is a username in its two forms.
type Username struct {
	Typed string
	Key   string // in lower case; unique
}

var usernamePattern = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// ParseUsername reads a username: 1 to 250 ASCII letters, digits, ".", "_" and
// "-". Surrounding space is dropped.
func ParseUsername(s string) (Username, *Error) {
	s = strings.TrimSpace(s)
	if len(s) > MaxUsernameLength || !usernamePattern.MatchString(s) {
		return Username{}, invalid("username", "must have 1 to 250 letters, digits, dots, underscores or hyphens")
	}
	return Username{Typed: s, Key: strings.ToLower(s)}, nil
}

// ParseDisplayName reads the name a person goes by: 1 to 250 characters (at
// most 1,000 bytes) of any script, emoji included. It is put into NFC and
// surrounding space is dropped. Refused are control characters, characters
// that turn the direction of text, long piles of combining marks, and anything
// that mail programs would make a link of.
func ParseDisplayName(s string) (string, *Error) {
	if !utf8.ValidString(s) || len(s) > 4*MaxDisplayNameLength+100 {
		return "", invalid("name", "must have 1 to 250 characters")
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	if n := utf8.RuneCountInString(s); n == 0 || n > MaxDisplayNameLength || len(s) > maxDisplayNameBytes {
		return "", invalid("name", "must have 1 to 250 characters")
	}
	if !showable(s) {
		return "", invalid("name", "must not contain control or invisible characters")
	}
	if carriesLink(s) {
		return "", invalid("name", "must not look like a web address")
	}
	return s, nil
}

// maxMarks is how many combining marks may follow each other. Living scripts
// need four at most.
const maxMarks = 6

// showable allows what a name can show, and the joiners and tags that emoji
// and some scripts are made with.
func showable(s string) bool {
	marks, visible := 0, false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r) && !isVariation(r):
			if marks++; marks > maxMarks {
				return false
			}
			continue
		case isIgnorable(r):
			continue
		case r == ' ':
		case unicode.IsPrint(r) && r != '\u2800':
			visible = true
		case unicode.Is(unicode.Zs, r):
		default:
			return false
		}
		marks = 0
	}
	return visible
}

// isIgnorable is true for characters that are allowed somewhere and seen nowhere.
func isIgnorable(r rune) bool {
	return r == '\u200c' || r == '\u200d' || isVariation(r) || r >= 0xe0020 && r <= 0xe007f
}

func isVariation(r rune) bool { return r >= 0xfe00 && r <= 0xfe0f }

// link matches what mail programs turn into a link: a scheme, "www.", or a
// host name, that is a label of two letters or more, a dot and a top-level
// label. Initials ("J.R.R. Tolkien") and "St. John" are none.
var link = regexp.MustCompile(`(?i)://|(^|[^\pL\pN])www\.|[\pL\pN-]{2,}\.\pL{2,}([^\pL\pN]|$)|@[\pL\pN-]+\.\pL{2,}`)

func carriesLink(s string) bool { return link.MatchString(s) }

// DefaultLanguage is that of people who name none.
const DefaultLanguage = "en"

// ParseLanguage reads a language tag (BCP 47) of at most 35 characters; "" is
// DefaultLanguage. A tag that is well-formed but unknown is kept: letters fall
// back to a language they have.
func ParseLanguage(s string) (string, *Error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return DefaultLanguage, nil
	}
	if len(s) > maxLanguageLength || !languagePattern.MatchString(s) {
		return "", invalid("preferred_language", "must be a language tag such as en or pt-BR")
	}
	tag, err := language.Raw.Parse(s)
	if err != nil {
		return strings.ToLower(s), nil // well-formed, but not in the registry
	}
	return tag.String(), nil
}

var languagePattern = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
