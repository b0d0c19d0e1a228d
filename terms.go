package signup

import (
	"errors"
	"slices"
	"unicode/utf8"
)

// termsField is what a refusal blames when the terms were not accepted;
// termsBox is what the page's form calls it.
const (
	termsField = "terms_version"
	termsBox   = "terms"
)

const maxTermsVersion = 250 // characters

func checkTermsOptions(o Options) error {
	switch {
	case o.TermsVersion == "":
		return nil
	case utf8.RuneCountInString(o.TermsVersion) > maxTermsVersion || !isLabel(o.TermsVersion):
		return errors.New("signup: Options.TermsVersion must be trimmed, in NFC, with 1 to 250 visible characters")
	case slices.ContainsFunc(o.Fields, func(f Field) bool { return f.Name == termsBox }):
		return errors.New("signup: extra fields: the name terms belongs to the terms of use, which have a version")
	default:
		return nil
	}
}
