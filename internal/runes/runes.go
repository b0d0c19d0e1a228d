// Package runes classifies invisible characters.
package runes

import "unicode"

// IsUnseen reports whether a character is invisible. That includes some letters:
// see the Unicode property Default_Ignorable_Code_Point.
func IsUnseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// IsIgnorable reports whether r is an invisible character that a name may
// contain.
func IsIgnorable(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Variation_Selector, r) || IsTag(r)
}

// IsTag reports whether r is a Unicode tag. Tags spell the code of a region in a
// flag.
func IsTag(r rune) bool { return r >= 0xe0020 && r <= 0xe007f }

// TurnsText reports whether r is an embedding, override or isolate of UAX 9,
// which change the direction of text.
func TurnsText(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }
