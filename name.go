package signup

import (
	"errors"
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

	// NFC makes text shorter by two thirds at most, so what has more bytes than
	// this is over every limit of a name without looking further.
	maxTypedBytes = 4000
)

// invalid is the refusal of a field.
func invalid(field, message string) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: message}
}

// An Email is an e-mail address in its two forms.
type Email struct {
	Typed string // NFC, else as typed but for surrounding space: what goes on the envelope
	Key   string // for comparison: local part folded, domain in A-labels (RFC 5890)
}

const badEmail = "must be an e-mail address such as name@example.org"

// ParseEmail reads one e-mail address (RFC 5321 mailbox with a dot-atom local
// part, or its RFC 6531 extension) with a domain that has a dot. Quoted local
// parts, address literals and display names are refused, so no address is ever
// two recipients. "+" is an ordinary character.
//
// Outside ASCII the letters, marks and digits of every script are allowed, as
// far as they can be seen. Refused are characters before the "@" whose other
// case or compatible form is ASCII, such as the dotless i or the Kelvin sign,
// and characters of the domain that UTS 46 maps to ASCII or to nothing: an
// address never gets the key of another by a trick. bücher.example and
// xn--bcher-kva.example are one domain.
func ParseEmail(s string) (Email, error) {
	v, refusal := parseEmail(s)
	return v, asError(refusal)
}

func parseEmail(s string) (Email, *Error) {
	s = strings.TrimSpace(s)
	if len(s) > maxTypedBytes || !utf8.ValidString(s) || strings.ContainsFunc(s, isDisguised) {
		return Email{}, invalid("email", badEmail)
	}
	s = norm.NFC.String(s)
	local, domain, ok := cutLast(s, '@')
	if !ok || utf8.RuneCountInString(s) > MaxEmailLength || len(s) > maxAddressBytes || !validLocal(local) {
		return Email{}, invalid("email", badEmail)
	}
	ascii, ok := domainKey(domain)
	key := fold(local)
	if !ok || len(key) > maxLocalBytes || len(local)+1+len(ascii) > maxAddressBytes {
		return Email{}, invalid("email", badEmail)
	}
	return Email{Typed: s, Key: key + "@" + ascii}, nil
}

// isDisguised reports whether a character, such as the Kelvin sign, is an ASCII
// one in NFC, after which nobody could tell them apart.
func isDisguised(r rune) bool {
	return r >= utf8.RuneSelf && hasASCII(norm.NFC.String(string(r)))
}

func hasASCII(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < utf8.RuneSelf })
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// validLocal checks for a dot-atom: RFC 5322, section 3.2.3, and RFC 6531. A
// mark that begins an atom would melt into the character before it.
func validLocal(local string) bool {
	if len(local) > maxLocalBytes {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		first, _ := utf8.DecodeRuneInString(atom)
		if atom == "" || unicode.IsMark(first) || strings.ContainsFunc(atom, func(r rune) bool { return !isAtext(r) }) {
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
	return isMailRune(r) && !foldsToASCII(r)
}

// isMailRune reports whether a character outside ASCII may stand in an
// address: a letter, mark or digit that is not invisible (Unicode's
// Default_Ignorable_Code_Point, of which some are letters).
func isMailRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !isUnseen(r)
}

func isUnseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// foldsToASCII reports whether some folding that a mail server, a database or
// a person may apply turns a non-ASCII character into ASCII.
func foldsToASCII(r rune) bool {
	if r == 'ı' || r == 'İ' { // folded to i in Turkish only
		return true
	}
	for _, form := range []string{fold(string(r)), strings.ToUpper(string(r)), norm.NFKC.String(string(r))} {
		if hasASCII(form) {
			return true
		}
	}
	return false
}

// fold is case folding without a locale. The way over upper case makes one of
// the two small sigmas.
func fold(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s))
}

// profile is IDNA 2008 for looking up (UTS 46, non-transitional), which also
// lower-cases.
var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(true), idna.ValidateLabels(true), idna.VerifyDNSLength(true),
)

// domainKey is the domain in A-labels. It must not change when it is read back.
func domainKey(domain string) (string, bool) {
	ascii, err := profile.ToASCII(domain)
	if err != nil || !hasTopLevel(ascii) {
		return "", false
	}
	shown, err := profile.ToUnicode(ascii)
	if err != nil || strings.ContainsFunc(shown, isNotDomain) || !sameLabels(domain, shown) {
		return "", false
	}
	again, err := profile.ToASCII(shown)
	return ascii, err == nil && again == ascii
}

// isNotDomain refuses what UTS 46 lets through and IDNA 2008 does not, such as
// emoji. The four others are punctuation that it allows (RFC 5892, appendix A).
func isNotDomain(r rune) bool {
	return r >= utf8.RuneSelf && !isMailRune(r) && !strings.ContainsRune("\u00b7\u05f3\u05f4\u30fb", r)
}

// sameLabels reports whether the mapping of UTS 46 kept every label and its
// ASCII characters as they were typed, and took no invisible one away. Labels
// typed as A-labels are not mapped.
func sameLabels(typed, shown string) bool {
	before, after := strings.Split(typed, "."), strings.Split(shown, ".")
	if len(before) != len(after) {
		return false
	}
	for i, label := range before {
		aLabel := len(label) >= 4 && strings.EqualFold(label[:4], "xn--")
		if label == "" || strings.ContainsFunc(label, isUnseen) || !aLabel && onlyASCII(label) != onlyASCII(after[i]) {
			return false
		}
	}
	return true
}

func onlyASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
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
// "-". Surrounding ASCII space is dropped.
func ParseUsername(s string) (Username, error) {
	v, refusal := parseUsername(s)
	return v, asError(refusal)
}

func parseUsername(s string) (Username, *Error) {
	s = strings.Trim(s, " \t\r\n")
	if len(s) > MaxUsernameLength || !usernamePattern.MatchString(s) {
		return Username{}, invalid("username", "must have 1 to 250 letters, digits, dots, underscores or hyphens")
	}
	return Username{Typed: s, Key: usernameKey(s)}, nil
}

func usernameKey(typed string) string { return strings.ToLower(typed) }

// ParseDisplayName reads the name a person goes by: 1 to 250 characters (at
// most 1,000 bytes) of any script, emoji included, one of them visible. It is
// put into NFC and surrounding space is dropped. Refused are
//
//   - control characters, line separators, characters that turn the direction
//     of text, invisible ones other than those that scripts and emoji are made
//     with, and code points without a meaning;
//   - more than 8 combining marks in a row;
//   - what mail programs make a link of: "://", "www." at the start of a word,
//     or a dot with a letter or digit before it and two letters after it. So
//     J. R. Smith, J.R.R. Tolkien and St. John are names. Dr.Smith is refused,
//     as only the day's list of top-level domains tells it from a link; Dr.
//     Smith is not. One letter outside ASCII before the dot is an abbreviation,
//     as Arabic writes it.
//
// Angle brackets and the like are fine: whoever shows a name escapes it.
func ParseDisplayName(s string) (string, error) {
	v, refusal := parseDisplayName(s)
	return v, asError(refusal)
}

func parseDisplayName(s string) (string, *Error) {
	if !utf8.ValidString(s) {
		return "", invalid("name", "must be valid UTF-8").by(Rule{Name: RuleCharacters})
	}
	s = strings.TrimSpace(s)
	if len(s) > maxTypedBytes {
		return "", invalid("name", badName)
	}
	s = norm.NFC.String(s)
	switch {
	case utf8.RuneCountInString(s) > MaxDisplayNameLength || len(s) > maxDisplayNameBytes || !strings.ContainsFunc(s, isVisible):
		return "", invalid("name", badName)
	case !showable(s):
		return "", invalid("name", "must not contain control or invisible characters").by(Rule{Name: RuleCharacters})
	case hasPile(s):
		return "", invalid("name", "must not pile more than 8 marks on one letter").by(Rule{Name: RuleMarks})
	case carriesLink(s):
		return "", invalid("name", "must not look like a web address; put a space after the dot of an abbreviation").by(Rule{Name: RuleLink})
	}
	return s, nil
}

const badName = "must have 1 to 250 characters, at most 1,000 bytes, that can be seen"

func isVisible(r rune) bool {
	const brailleBlank = '\u2800'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !isUnseen(r) && r != brailleBlank
}

// showable allows what a name can show, and the joiners, selectors and tags
// that emoji and some scripts are made with.
func showable(s string) bool {
	const blackFlag = '\U0001F3F4'
	before := rune(0)
	for _, r := range s {
		// Tags make the flag of Scotland of a black one; elsewhere they would
		// be hidden text.
		if isTag(r) && before != blackFlag && !isTag(before) {
			return false
		}
		if !isIgnorable(r) && (!unicode.IsGraphic(r) || isUnseen(r)) {
			return false
		}
		before = r
	}
	return true
}

// isIgnorable is true for characters that are allowed somewhere and seen nowhere.
func isIgnorable(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Variation_Selector, r) || isTag(r)
}

func isTag(r rune) bool { return r >= 0xe0020 && r <= 0xe007f }

// maxMarks is how many combining marks may follow each other. Tibetan and
// pointed Hebrew need six.
const maxMarks = 8

func hasPile(s string) bool {
	marks := 0
	for _, r := range s {
		if !unicode.IsMark(r) {
			marks = 0
			continue
		}
		if marks++; marks > maxMarks {
			return true
		}
	}
	return false
}

// link is what mail programs take for a link, in text that plain made.
var link = regexp.MustCompile(`://|(^|[^\pL\pM\pN])www\.|([a-z0-9-]|[\pL\pM\pN-]{2})\.\pL\pM*\pL`)

func carriesLink(s string) bool { return link.MatchString(strings.Map(plain, norm.NFKC.String(s))) }

// plain undoes what hides a link from the pattern, but not from everybody.
func plain(r rune) rune {
	switch {
	case isUnseen(r):
		return -1
	case r == '\u3002': // the ideographic full stop is a dot to UTS 46
		return '.'
	default:
		return unicode.ToLower(r)
	}
}

// DefaultLanguage is that of people who name none.
const DefaultLanguage = "en"

// ParseLanguage reads a language tag (BCP 47) of at most 35 characters and
// gives its usual spelling, pt-BR for pt_br; "" is DefaultLanguage. A tag that
// is well-formed but unknown, such as us, is kept in lower case: letters fall
// back to a language they have.
func ParseLanguage(s string) (string, error) {
	v, refusal := parseLanguage(s)
	return v, asError(refusal)
}

func parseLanguage(s string) (string, *Error) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if s == "" {
		return DefaultLanguage, nil
	}
	refusal := invalid("preferred_language", "must be a language tag such as en or pt-BR")
	if len(s) > maxLanguageLength || !languagePattern.MatchString(s) {
		return "", refusal
	}
	tag, err := language.Raw.Parse(s)
	var unknown language.ValueError
	if errors.As(err, &unknown) {
		return strings.ToLower(s), nil
	}
	if err != nil || len(tag.String()) > maxLanguageLength {
		return "", refusal
	}
	return tag.String(), nil
}

var languagePattern = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
