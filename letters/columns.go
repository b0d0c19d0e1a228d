package letters

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is how much room s takes in a typeface of even width.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// pieces cuts a word where a line may end within it: beside the characters of
// Chinese and Japanese, but not before what ends a phrase or a syllable, nor
// after an opening bracket.
func pieces(word string) []string {
	var out []string
	start, last := 0, rune(0)
	for i, r := range word {
		if i > 0 && (dense(last) || dense(r)) && !opens(last) && !closes(r) {
			out, start = append(out, word[start:i]), i
		}
		last = r
	}
	return append(out, word[start:])
}

// dense characters stand side by side without spaces. Hangul does not.
func dense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		'\u3000' <= r && r <= '\u303f' || '\uff01' <= r && r <= '\uff60'
}

func opens(r rune) bool { return unicode.In(r, unicode.Ps, unicode.Pi) }

func closes(r rune) bool {
	return unicode.In(r, unicode.Pe, unicode.Pf, unicode.Po, unicode.Cf) && r != []rune(isolate)[0] ||
		strings.ContainsRune("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー々", r)
}
