// Package field implements the extra fields that an operator adds to the sign-up
// form.
package field

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/internal/runes"
	"github.com/signup-go/signup/refusal"
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
	return errors.Join(f.checkRange(), f.checkLength(), f.checkChoices(), checkTexts("label", f.Label), checkTexts("help", f.Help))
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

// Parse validates the extra fields of a registration: a map from field name to a
// value as encoding/json decodes it, or any Go integer or float. It returns the
// canonical values, which survive a round trip through JSON unchanged, or nil if
// there are none.
//
// It refuses with refusal.Invalid, once for each invalid field: for an undeclared
// name, a missing required value, a value of the wrong type (the string "5" is
// not an integer, but the number 5.0 is), and a value outside its limits. See
// refusal.Of. Null counts as missing, and so does an empty string for types whose
// values are strings. Strings are trimmed and normalised to NFC, with "\n" as
// line end; control characters other than line feed and tab are refused.
func (fs List) Parse(values map[string]any) (map[string]any, error) {
	errs := fs.refuseUndeclared(values)
	var out map[string]any
	for _, f := range fs {
		value, err := f.parse(values[f.Name])
		errs.Add(err)
		if value == nil {
			continue
		}
		if out == nil {
			out = make(map[string]any, len(fs))
		}
		out[f.Name] = value
	}
	if errs != nil {
		return nil, errs
	}
	return out, nil
}

// maxUndeclared is the maximum number of undeclared names that are reported.
const maxUndeclared = 20

func (fs List) refuseUndeclared(values map[string]any) refusal.Errors {
	var errs refusal.Errors
	for _, name := range slices.Sorted(maps.Keys(values)) {
		declared := slices.ContainsFunc(fs, func(f Field) bool { return f.Name == name })
		if !declared && len(errs) < maxUndeclared {
			errs.Add(refusal.Field(printable(name), "is not a field of this form").By(refusal.Rule{Name: refusal.RuleUndeclared}))
		}
	}
	return errs
}

// printable makes an untrusted name safe to display: at most 64 characters, all
// visible.
func printable(name string) string {
	shown := make([]rune, 0, 64)
	for _, r := range name {
		if len(shown) == cap(shown) {
			break
		}
		if !unicode.IsPrint(r) || runes.IsIgnorable(r) {
			r = '?'
		}
		shown = append(shown, r)
	}
	return string(shown)
}

// parse returns the canonical value, or nil for a missing one.
func (f Field) parse(value any) (any, error) {
	if text, ok := value.(string); ok && strings.TrimSpace(text) == "" && f.isText() {
		value = nil
	}
	if value == nil {
		if f.Required {
			return nil, f.refuse("is required").By(refusal.Rule{Name: refusal.RuleRequired})
		}
		return nil, nil
	}
	switch f.Type {
	case String:
		return f.parseString(value)
	case Integer, Number:
		return f.parseNumber(value)
	case Date:
		return f.parseDate(value)
	case Choice:
		return f.parseChoice(value)
	default:
		return f.parseBoolean(value)
	}
}

func (f Field) isText() bool {
	return f.Type == String || f.Type == Date || f.Type == Choice
}

func (f Field) refuse(format string, args ...any) *refusal.Error {
	return refusal.Field(f.Name, fmt.Sprintf(format, args...))
}

func (f Field) parseString(value any) (any, error) {
	text, ok := value.(string)
	if !ok {
		return nil, f.refuse("must be a string")
	}
	if len(text) > 16*f.maxLength() { // bytes; NFC shortens text by at most two thirds
		return nil, f.refuse("must have at most %d characters", f.maxLength()).By(refusal.AtLimit(refusal.RuleMaxLength, f.maxLength()))
	}
	text, ok = cleanText(text)
	if !ok {
		return nil, f.refuse("must not contain control characters").By(refusal.Rule{Name: refusal.RuleCharacters})
	}
	switch n := utf8.RuneCountInString(text); {
	case n < f.MinLength:
		return nil, f.refuse("must have at least %d characters", f.MinLength).By(refusal.AtLimit(refusal.RuleMinLength, f.MinLength))
	case n > f.maxLength():
		return nil, f.refuse("must have at most %d characters", f.maxLength()).By(refusal.AtLimit(refusal.RuleMaxLength, f.maxLength()))
	}
	return text, nil
}

// cleanText returns the text trimmed, in NFC and with "\n" as line end. It
// reports false for text that CheckText refuses, and for characters that change
// the direction of the text around them.
func cleanText(text string) (string, bool) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if CheckText("", text) != nil || strings.ContainsFunc(text, runes.TurnsText) {
		return "", false
	}
	return strings.TrimSpace(norm.NFC.String(text)), true
}

// maxExact is the greatest integer that float64, and so JSON in many languages,
// represents exactly (RFC 8259, section 6).
const maxExact = 1<<53 - 1

func (f Field) parseNumber(value any) (any, error) {
	n, ok := toFloat(value)
	whole := f.Type == Integer
	switch low, high := f.limits(); {
	case whole && (!ok || n != math.Trunc(n) || math.Abs(n) > maxExact):
		return nil, f.refuse("must be a whole number below 2^53").By(refusal.Rule{Name: refusal.RuleInteger})
	case !ok:
		return nil, f.refuse("must be a number").By(refusal.Rule{Name: refusal.RuleNumber})
	case n < low:
		least := strconv.FormatFloat(low, 'f', -1, 64)
		return nil, f.refuse("must be at least %s", least).By(refusal.Rule{Name: refusal.RuleMin, Limit: least})
	case n > high:
		most := strconv.FormatFloat(high, 'f', -1, 64)
		return nil, f.refuse("must be at most %s", most).By(refusal.Rule{Name: refusal.RuleMax, Limit: most})
	}
	if whole {
		return int64(n), nil
	}
	return n, nil
}

// toFloat accepts every type that JSON and YAML decoders use for numbers. It
// reports false for anything else, and for numbers that are not finite.
func toFloat(value any) (float64, bool) {
	if n, ok := value.(json.Number); ok {
		f, err := strconv.ParseFloat(string(n), 64)
		return f, err == nil && json.Valid([]byte(n))
	}
	v, f := reflect.ValueOf(value), 0.0
	switch {
	case v.CanInt():
		f = float64(v.Int())
	case v.CanUint():
		f = float64(v.Uint())
	case v.CanFloat():
		f = v.Float()
	default:
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

func (f Field) parseBoolean(value any) (any, error) {
	truth, ok := value.(bool)
	if !ok {
		return nil, f.refuse("must be true or false").By(refusal.Rule{Name: refusal.RuleBoolean})
	}
	return truth, nil
}

func (f Field) parseDate(value any) (any, error) {
	text, _ := value.(string)
	text = strings.TrimSpace(text)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return nil, f.refuse("must be a date such as 2001-12-31").By(refusal.Rule{Name: refusal.RuleDate})
	}
	return text, nil
}

func (f Field) parseChoice(value any) (any, error) {
	text, _ := value.(string)
	if len(text) <= 16*maxFieldText { // bytes
		text = strings.TrimSpace(norm.NFC.String(text))
	}
	if !slices.Contains(f.Choices, text) {
		return nil, f.refuse("must be one of the choices").By(refusal.Rule{Name: refusal.RuleChoice})
	}
	return text, nil
}

// CheckText refuses text that cannot be displayed: invalid UTF-8, and control
// characters other than tab and line feed.
func CheckText(field, text string) error {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		return refusal.Field(field, "must not contain control characters")
	}
	return nil
}
