// Package identity validates and normalises what people type about themselves:
// email addresses, usernames, display names and languages.
package identity

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/signup-go/signup/internal/runes"
	"github.com/signup-go/signup/refusal"
)

// Limits of what people type, in characters (code points) unless the name says
// bytes.
const (
	MaxEmail            = 250
	MaxUsername         = 250
	MaxDisplayName      = 250
	maxDisplayNameBytes = 1000
	maxLanguageLength   = 35  // RFC 5646, section 4.4.1
	maxLocalBytes       = 64  // RFC 5321, section 4.5.3.1.1
	maxAddressBytes     = 254 // RFC 5321, section 4.5.3.1.3

	// NFC shortens text by at most two thirds, so a longer text exceeds every
	// limit of a name and need not be normalised.
	maxTypedBytes = 4000
)

// An Email is an email address in two forms.
type Email struct {
	Typed string // as typed, in NFC and trimmed; the envelope's recipient
	Key   string // for comparison: local part case-folded, domain in A-labels (RFC 5890)
}

const badEmail = "must be an email address such as name@example.org"

// ParseEmail parses one email address: an RFC 5321 mailbox with a dot-atom local
// part, or its RFC 6531 extension, and a domain with at least one dot. It refuses
// quoted local parts, address literals and display names, so that an address is
// never two recipients. "+" is an ordinary character.
//
// Beyond ASCII, it allows the visible letters, marks and digits of every script.
// It refuses characters before the "@" whose other case or compatibility form is
// ASCII, such as the dotless i or the Kelvin sign, and characters in the domain
// that UTS 46 maps to ASCII or to nothing, so that a look-alike address never
// gets the key of another. bücher.example and xn--bcher-kva.example are the same
// domain.
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxTypedBytes || !utf8.ValidString(s) || strings.ContainsFunc(s, isDisguised) {
		return Email{}, refusal.Field("email", badEmail)
	}
	s = norm.NFC.String(s)
	local, domain, ok := cutLast(s, '@')
	if !ok || utf8.RuneCountInString(s) > MaxEmail || len(s) > maxAddressBytes || !validLocal(local) {
		return Email{}, refusal.Field("email", badEmail)
	}
	ascii, ok := domainKey(domain)
	key := fold(local)
	if !ok || len(key) > maxLocalBytes || len(local)+1+len(ascii) > maxAddressBytes {
		return Email{}, refusal.Field("email", badEmail)
	}
	return Email{Typed: s, Key: key + "@" + ascii}, nil
}

// isDisguised reports whether NFC turns a character outside ASCII, such as the
// Kelvin sign, into ASCII. After normalisation it could not be detected any more.
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

// validLocal reports whether local is a dot-atom (RFC 5322, section 3.2.3, and
// RFC 6531). A mark at the start of an atom is refused, because it would combine
// with the character before it.
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

// isMailRune reports whether a non-ASCII character is allowed in an address: a
// visible letter, mark or digit.
func isMailRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !runes.IsUnseen(r)
}

// foldsToASCII reports whether a folding that a mail server, a database or a
// person might apply turns a non-ASCII character into ASCII.
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

// fold applies case folding without a locale. Going through upper case unifies
// the two forms of small sigma.
func fold(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s))
}

// profile is IDNA 2008 for lookup (UTS 46, non-transitional), which also maps to
// lower case.
var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(true), idna.ValidateLabels(true), idna.VerifyDNSLength(true),
)

// domainKey returns the domain in A-labels. It fails if the domain does not
// survive a round trip through U-labels.
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

// isNotDomain reports whether UTS 46 allows the character but IDNA 2008 does not,
// such as an emoji. The four exceptions are punctuation that IDNA 2008 allows
// (RFC 5892, appendix A).
func isNotDomain(r rune) bool {
	return r >= utf8.RuneSelf && !isMailRune(r) && !strings.ContainsRune("\u00b7\u05f3\u05f4\u30fb", r)
}

// sameLabels reports whether the mapping of UTS 46 kept the ASCII characters of
// every label as typed and removed no invisible character. Labels typed as
// A-labels are not mapped.
func sameLabels(typed, shown string) bool {
	before, after := strings.Split(typed, "."), strings.Split(shown, ".")
	if len(before) != len(after) {
		return false
	}
	for i, label := range before {
		aLabel := len(label) >= 4 && strings.EqualFold(label[:4], "xn--")
		if label == "" || strings.ContainsFunc(label, runes.IsUnseen) || !aLabel && onlyASCII(label) != onlyASCII(after[i]) {
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

// hasTopLevel excludes IPv4 addresses and names without a top-level domain.
func hasTopLevel(ascii string) bool {
	_, top, ok := cutLast(ascii, '.')
	return ok && len(top) > 1 && strings.ContainsFunc(top, unicode.IsLetter)
}

// A Username is a username in two forms.
type Username struct {
	Typed string
	Key   string // in lower case; unique among users who are not rejected
}

var usernamePattern = regexp.MustCompile(`^[._-]*[A-Za-z0-9][A-Za-z0-9._-]*$`)

const badUsername = "must have 1 to 250 letters, digits, dots, underscores or hyphens, at least one of them a letter or digit"

// ParseUsername parses a username: 1 to 250 ASCII letters, digits, ".", "_" and
// "-", with at least one letter or digit, which excludes "." and "..". ASCII
// white space at both ends is removed.
func ParseUsername(s string) (Username, error) {
	s = strings.Trim(s, " \t\r\n")
	switch {
	case s == "" || len(s) > MaxUsername:
		return Username{}, refusal.Field("username", badUsername)
	case !usernamePattern.MatchString(s):
		return Username{}, refusal.Field("username", badUsername).By(refusal.Rule{Name: refusal.RuleCharacters})
	}
	return Username{Typed: s, Key: usernameKey(s)}, nil
}

func usernameKey(typed string) string { return strings.ToLower(typed) }

// ParseDisplayName parses the name a person goes by: 1 to 250 characters (at most
// 1,000 bytes) of any script, including emoji, at least one of them visible.
//
// The name is normalised to NFC. White space and invisible characters at both
// ends are removed; invisible characters are, for example, the zero width space,
// the byte order mark and joiners, unless they belong to a letter or an emoji.
// Inside the name, each run of spaces of any kind becomes one ordinary space.
// Refused are
//
//   - control characters (including tabs and line ends), line separators,
//     characters that change the direction of text, invisible characters other
//     than those that scripts and emoji are made with, and unassigned code
//     points;
//   - more than 8 combining marks in a row;
//   - what mail programs turn into a link: "://", "www." at the start of a word,
//     or a dot with a letter or digit before it and two letters after it. So
//     J. R. Smith, J.R.R. Tolkien and St. John are names. Dr.Smith is refused,
//     because only the current list of top-level domains could tell it from a
//     link; Dr. Smith is not. A single non-ASCII letter before the dot is taken
//     as an abbreviation, as Arabic writes it.
//
// Angle brackets and similar characters are allowed: whatever displays a name
// escapes it.
func ParseDisplayName(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", refusal.Field("name", "must be valid UTF-8").By(refusal.Rule{Name: refusal.RuleCharacters})
	}
	s = trimName(s)
	if len(s) > maxTypedBytes {
		return "", refusal.Field("name", badName)
	}
	s = spaces.ReplaceAllString(norm.NFC.String(s), " ")
	switch {
	case utf8.RuneCountInString(s) > MaxDisplayName || len(s) > maxDisplayNameBytes || !strings.ContainsFunc(s, isVisible):
		return "", refusal.Field("name", badName)
	case !showable(s):
		return "", refusal.Field("name", "must not contain control or invisible characters").By(refusal.Rule{Name: refusal.RuleCharacters})
	case hasPile(s):
		return "", refusal.Field("name", "must not have more than 8 marks on one letter").By(refusal.Rule{Name: refusal.RuleMarks})
	case carriesLink(s):
		return "", refusal.Field("name", "must not look like a web address; put a space after the dot of an abbreviation").By(refusal.Rule{Name: refusal.RuleLink})
	}
	return s, nil
}

// spaces does not match tabs and line ends, which are refused in a name.
var spaces = regexp.MustCompile(`\p{Zs}+`)

// trimName removes white space and invisible characters at both ends. A variation
// selector or tag at the end may belong to an emoji, and a joiner after a virama
// to a letter, such as the chillus of Malayalam.
func trimName(s string) string {
	s = strings.TrimLeftFunc(s, isPadding)
	kept := strings.TrimRightFunc(s, func(r rune) bool {
		return isPadding(r) && !unicode.Is(unicode.Variation_Selector, r) && !runes.IsTag(r)
	})
	const joiner = "\u200d"
	if last, _ := utf8.DecodeLastRuneInString(kept); isVirama(last) && strings.HasPrefix(s[len(kept):], joiner) {
		return kept + joiner
	}
	return kept
}

// isPadding excludes characters that change the direction of text, because they
// are refused, and some signs of Arabic numbers, because they are visible.
func isPadding(r rune) bool {
	return unicode.IsSpace(r) || runes.IsUnseen(r) && !runes.TurnsText(r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// isVirama relies on viramas having a combining class of their own.
func isVirama(r rune) bool { return norm.NFC.PropertiesString(string(r)).CCC() == 9 }

const badName = "must have 1 to 250 characters in at most 1,000 bytes, and at least one visible character"

func isVisible(r rune) bool {
	const brailleBlank = '\u2800'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !runes.IsUnseen(r) && r != brailleBlank
}

// showable reports whether s consists of visible characters and the joiners,
// selectors and tags that emoji and some scripts are made with.
func showable(s string) bool {
	const blackFlag = '\U0001F3F4'
	before := rune(0)
	for _, r := range s {
		// Tags turn a black flag into the flag of Scotland; anywhere else they
		// would be hidden text.
		if runes.IsTag(r) && before != blackFlag && !runes.IsTag(before) {
			return false
		}
		if !runes.IsIgnorable(r) && (!unicode.IsGraphic(r) || runes.IsUnseen(r)) {
			return false
		}
		before = r
	}
	return true
}

// maxMarks is the longest allowed run of combining marks. Tibetan and pointed
// Hebrew need six.
const maxMarks = 8

func hasPile(s string) bool {
	marks := 0
	for _, r := range s {
		if !unicode.IsMark(r) {
			marks = 0
			continue
		}
		marks++
		if marks > maxMarks {
			return true
		}
	}
	return false
}

// link matches what mail programs turn into a link, in text that was mapped by
// plain.
var link = regexp.MustCompile(`://|(^|[^\pL\pM\pN])www\.|([a-z0-9-]|[\pL\pM\pN-]{2})\.\pL\pM*\pL`)

func carriesLink(s string) bool { return link.MatchString(strings.Map(plain, norm.NFKC.String(s))) }

// plain undoes what hides a link from the pattern but not from mail programs.
func plain(r rune) rune {
	switch {
	case runes.IsUnseen(r):
		return -1
	case r == '\u3002': // the ideographic full stop is a dot to UTS 46
		return '.'
	default:
		return unicode.ToLower(r)
	}
}

// DefaultLanguage is the language of a person who chooses none.
const DefaultLanguage = "en"

// ParseLanguage parses a BCP 47 language tag of at most 35 characters and returns
// its canonical form, such as pt-BR for pt_br. For "" it returns DefaultLanguage.
// A tag that is well-formed but unknown, such as us, is returned in lower case:
// letters fall back to a language they have.
func ParseLanguage(s string) (string, error) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if s == "" {
		return DefaultLanguage, nil
	}
	refusal := refusal.Field("preferred_language", "must be a language tag such as en or pt-BR")
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
