package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/signup-go/signup/internal/runes"
)

// SearchKey normalises a search term: a Store finds the users whose SearchText
// contains the SearchKey of signup.UserQuery.Search. Both are in NFC and lower
// case, without invisible characters, control characters and invalid UTF-8, and
// with any white space as a single space. The key "" matches every user.
func SearchKey(typed string) string {
	shown := strings.Map(func(r rune) rune {
		if runes.IsUnseen(r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(typed, ""))
	lower := strings.ToLower(norm.NFC.String(shown))
	return norm.NFC.String(strings.Join(strings.Fields(lower), " "))
}

// SearchText returns the text that a Store searches for a SearchKey: the name,
// the username and the address of a user, one per line. An address whose domain
// has A-labels (RFC 5890) is included in both spellings, so that bücher.example
// and xn--bcher-kva.example match each other. A Store that keeps the text with
// the user updates it whenever the user is updated.
func SearchText(name, username string, email Email) string {
	lines := []string{SearchKey(name), SearchKey(username), SearchKey(email.Typed)}
	for _, address := range spellings(email) {
		if key := SearchKey(address); !slices.Contains(lines[2:], key) {
			lines = append(lines, key)
		}
	}
	return strings.Join(lines, "\n")
}

// spellings returns the address with its domain in A-labels and in U-labels, or
// nil if the two are the same.
func spellings(email Email) []string {
	local, _, ok := cutLast(email.Typed, '@')
	_, ascii, known := cutLast(email.Key, '@')
	shown, err := profile.ToUnicode(ascii)
	if !ok || !known || err != nil || shown == ascii {
		return nil
	}
	return []string{local + "@" + ascii, local + "@" + shown}
}
