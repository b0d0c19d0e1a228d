package letters

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// maxShownName is how many characters of a name a letter shows to people who
// may not have typed it.
const maxShownName = 64

// oneLine makes one line of what people typed: no line ends, no control
// characters, and none that turn the direction of the text around them.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(inertRune, s)), " ")
}

// lines are the lines of s that say something, each inert.
func lines(s string) []string {
	var out []string
	for line := range strings.FieldsFuncSeq(s, isLineEnd) {
		if line = oneLine(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// isLineEnd knows every character that some mail client breaks a line at.
func isLineEnd(r rune) bool {
	return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r)
}

// First strong isolate and its end: around a name in a sentence, they keep the
// direction of either from turning the other. oneLine removes those that people
// type, so that all there are come in pairs.
const isolate, endIsolate = "\u2068", "\u2069"

func isolated(s string) string { return isolate + oneLine(s) + endIsolate }

// bare is for text that no HTML can hold apart: some mail clients take the
// invisible characters into the address or link they stand beside.
func bare(s string) string {
	return strings.NewReplacer(isolate, "", endIsolate, "").Replace(s)
}

func inertRune(r rune) rune {
	switch {
	case r == utf8.RuneError, unicode.IsControl(r), unicode.IsSpace(r), isLineEnd(r):
		return ' '
	case unicode.Is(unicode.Bidi_Control, r), r == '\u200b', r == '\ufeff':
		return -1
	default:
		return r
	}
}

func shorten(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}

// A mail client makes a link of what looks like one. The dots are those that
// IDNA takes for one (RFC 3490, section 3.1).
var (
	webLike  = regexp.MustCompile(`(?i)://|\bwww[.。．｡]|@|mailto:|\pN[.。．｡]\pN+[.。．｡]\pN+[.。．｡]\pN`)
	hostLike = regexp.MustCompile(`[\pL\pN_-][.。．｡](\pL{2,}|xn--)`)
	honest   = regexp.MustCompile(`^[\pL\pM\pN._-]*$`) // what usernames are made of
)

// suspicious reports whether a name could carry a link or a message of its own.
func suspicious(name string) bool {
	folded := visible(name)
	return utf8.RuneCountInString(name) > maxShownName || webLike.MatchString(folded) || hostLike.MatchString(folded)
}

// visible is what a reader sees: look-alike forms folded, invisible characters
// gone.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

// suspiciousUsername is milder than suspicious on dots, which usernames such
// as ada.lovelace have: there, only the name of a top-level domain counts.
func suspiciousUsername(username string) bool {
	folded := visible(username)
	return suspicious(folded) && (utf8.RuneCountInString(username) > maxShownName ||
		webLike.MatchString(folded) || !honest.MatchString(folded) || holdsTLD(folded))
}

func holdsTLD(s string) bool {
	labels := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("._-", r) })
	return slices.ContainsFunc(labels, func(label string) bool {
		if converted, err := idna.ToASCII(label); err == nil {
			label = converted
		}
		_, managed := publicsuffix.PublicSuffix(label)
		return managed || label == "xn" || isReservedTLD(label)
	})
}

// isReservedTLD knows the names of RFC 6761 and 6762, and Tor's (RFC 7686).
func isReservedTLD(label string) bool {
	switch label {
	case "example", "invalid", "test", "localhost", "local", "onion":
		return true
	default:
		return false
	}
}

// defang writes evil.example/win as evil[.]example/win where an administrator
// must see what was typed, so that no mail client makes a link of it.
func defang(s string) string {
	if !suspicious(s) {
		return s
	}
	return disarmed(s)
}

// defangUsername leaves usernames such as ada.lovelace alone.
func defangUsername(s string) string {
	if !suspiciousUsername(s) {
		return s
	}
	return disarmed(s)
}

func disarmed(s string) string {
	s = visible(s)
	return strings.NewReplacer("://", "[:]//", ".", "[.]", "。", "[.]", "@", "[@]").Replace(s)
}

// contactURL makes a link target of an email address or a web address, and
// nothing of other words.
func contactURL(s string) string {
	if a, err := mail.ParseAddress(s); err == nil && a.Address == s {
		return "mailto:" + s
	}
	if isWeb(s) {
		return s
	}
	return ""
}
