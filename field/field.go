// Package field implements the extra fields that an operator adds to the sign-up
// form.
package field

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/signup-go/signup/identity"
)

// A Type is the type of the values of an extra field.
type Type string

// The types, and the Go types of their canonical values.
const (
	String  Type = "string"  // string: text, possibly with several lines
	Integer Type = "integer" // int64 with an absolute value below 2^53, which JSON represents exactly
	Number  Type = "number"  // float64, finite
	Boolean Type = "boolean" // bool
	Date    Type = "date"    // string: YYYY-MM-DD (RFC 3339, full-date)
	Choice  Type = "choice"  // string: one of Choices
)

// Limits of the fields that an operator can declare.
const (
	DefaultLength  = 1000  // characters of a string, unless MaxLength is set
	maxFieldLength = 10000 // characters
	maxFields      = 100
	maxChoices     = 500
	maxFieldText   = 500 // characters of a choice, label or help
)

// A Field is an extra field of the sign-up form.
type Field struct {
	Name     string `json:"name" yaml:"name"` // its key in JSON: a-z, 0-9 and "_", at most 63 characters
	Type     Type   `json:"type" yaml:"type"`
	Required bool   `json:"required,omitempty" yaml:"required,omitempty"`

	// For Integer and Number: the least and the greatest value.
	Min *float64 `json:"min,omitempty" yaml:"min,omitempty"`
	Max *float64 `json:"max,omitempty" yaml:"max,omitempty"`

	// For String, in characters (code points). A MaxLength of 0 means
	// DefaultLength.
	MinLength int `json:"min_length,omitempty" yaml:"min_length,omitempty"`
	MaxLength int `json:"max_length,omitempty" yaml:"max_length,omitempty"`

	// For Choice: the values, as they are sent and stored.
	Choices []string `json:"choices,omitempty" yaml:"choices,omitempty"`

	// Default is the value of a field that is left out; nil for none.
	Default any `json:"default,omitempty" yaml:"default,omitempty" doc:"the value of a field that is left out"`

	// Texts for pages, by BCP 47 language tag.
	Label map[string]string `json:"label,omitempty" yaml:"label,omitempty"`
	Help  map[string]string `json:"help,omitempty" yaml:"help,omitempty"`
}

// A List is the operator's extra fields, in the order of the form.
type List []Field

// Check returns all errors in the declaration, for the operator.
func (fs List) Check() error {
	var errs []error
	if len(fs) > maxFields {
		errs = append(errs, fmt.Errorf("more than %d fields", maxFields))
	}
	seen := map[string]bool{}
	for _, f := range fs {
		if seen[f.Name] {
			errs = append(errs, fmt.Errorf("field %q: declared twice", f.Name))
		}
		seen[f.Name] = true
		if err := f.check(); err != nil {
			errs = append(errs, fmt.Errorf("field %q: %w", f.Name, err))
		}
	}
	return errors.Join(errs...)
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// builtIn contains the names of the fields that every registration has.
var builtIn = []string{"name", "username", "email", "password", "preferred_language", "terms_version"}

func (f Field) check() error {
	types := []Type{String, Integer, Number, Boolean, Date, Choice}
	switch {
	case !fieldName.MatchString(f.Name):
		return errors.New("the name must have 1 to 63 characters of a-z, 0-9 and _ and start with a letter")
	case slices.Contains(builtIn, f.Name):
		return errors.New("the name is that of a built-in field")
	case !slices.Contains(types, f.Type):
		return fmt.Errorf("the type must be one of %v", types)
	}
	return errors.Join(f.checkRange(), f.checkLength(), f.checkChoices(), f.checkDefault(), checkTexts("label", f.Label), checkTexts("help", f.Help))
}

func (f Field) checkDefault() error {
	if f.Default == nil {
		return nil
	}
	if f.isMissing(f.Default) {
		return errors.New("default is empty")
	}
	if _, err := f.parse(f.Default); err != nil {
		return fmt.Errorf("default: %w", err)
	}
	return nil
}

func (f Field) checkRange() error {
	if f.Min == nil && f.Max == nil {
		return nil
	}
	if f.Type != Integer && f.Type != Number {
		return errors.New("min and max need the type integer or number")
	}
	low, high := f.limits()
	if !(low <= high) || math.IsInf(low, 1) || math.IsInf(high, -1) { // NaN is not <= anything
		return errors.New("min must not be greater than max")
	}
	return nil
}

// limits returns the minimum and the maximum, which are infinite if not set.
func (f Field) limits() (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	return low, high
}

func (f Field) checkLength() error {
	switch {
	case f.MinLength == 0 && f.MaxLength == 0:
		return nil
	case f.Type != String:
		return errors.New("min_length and max_length need the type string")
	case f.MinLength < 0 || f.MinLength > f.maxLength() || f.maxLength() > maxFieldLength:
		return fmt.Errorf("0 <= min_length <= max_length <= %d must hold; max_length is %d when not set",
			maxFieldLength, DefaultLength)
	}
	return nil
}

func (f Field) maxLength() int {
	if f.MaxLength == 0 {
		return DefaultLength
	}
	return f.MaxLength
}

func (f Field) checkChoices() error {
	if (f.Type == Choice) != (len(f.Choices) > 0) {
		return errors.New("choices need the type choice, and the type choice needs at least one")
	}
	if len(f.Choices) > maxChoices {
		return fmt.Errorf("more than %d choices", maxChoices)
	}
	for i, choice := range f.Choices {
		if !IsLabel(choice) || slices.Contains(f.Choices[:i], choice) {
			return fmt.Errorf("choice %q: must be unique, trimmed, in NFC, with 1 to %d visible characters", choice, maxFieldText)
		}
	}
	return nil
}

func checkTexts(what string, texts map[string]string) error {
	for tag, text := range texts {
		if _, err := identity.ParseLanguage(tag); err != nil || tag == "" {
			return fmt.Errorf("%s: %q is not a language tag", what, tag)
		}
		if !IsLabel(text) {
			return fmt.Errorf("%s: %s: must be trimmed, in NFC, with 1 to %d visible characters", what, tag, maxFieldText)
		}
	}
	return nil
}

// IsLabel reports whether a text is a single line of visible characters that
// cleanText leaves unchanged.
func IsLabel(text string) bool {
	clean, ok := cleanText(text)
	return ok && clean == text && text != "" && !strings.ContainsAny(text, "\n\t") &&
		utf8.RuneCountInString(text) <= maxFieldText
}
