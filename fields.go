package signup

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
)

// A FieldType is what an extra field holds.
type FieldType string

// The types, with the Go type of their canonical values.
const (
	FieldString  FieldType = "string"  // string: text, may have several lines
	FieldInteger FieldType = "integer" // int64, its absolute value below 2^53, so that JSON keeps it exact
	FieldNumber  FieldType = "number"  // float64, finite
	FieldBoolean FieldType = "boolean" // bool
	FieldDate    FieldType = "date"    // string: YYYY-MM-DD (RFC 3339, full-date)
	FieldChoice  FieldType = "choice"  // string: one of Choices
)

// Limits of what an operator can declare.
const (
	DefaultFieldLength = 1000  // characters of a string whose field sets no MaxLength
	maxFieldLength     = 10000 // characters
	maxFields          = 100
	maxChoices         = 500
	maxFieldText       = 500 // characters of a choice, label or help
)

// A Field is a question that the operator adds to the sign-up form.
type Field struct {
	Name     string    `json:"name" yaml:"name"` // its key in the JSON: a-z, 0-9 and "_", at most 63 characters
	Type     FieldType `json:"type" yaml:"type"`
	Required bool      `json:"required,omitempty" yaml:"required,omitempty"`

	// For integer and number: the least and the greatest value.
	Min *float64 `json:"min,omitempty" yaml:"min,omitempty"`
	Max *float64 `json:"max,omitempty" yaml:"max,omitempty"`

	// For string, in characters (code points). MaxLength 0 is DefaultFieldLength.
	MinLength int `json:"min_length,omitempty" yaml:"min_length,omitempty"`
	MaxLength int `json:"max_length,omitempty" yaml:"max_length,omitempty"`

	// For choice: the values, spelled as they are sent and stored.
	Choices []string `json:"choices,omitempty" yaml:"choices,omitempty"`

	// For pages: language tag (BCP 47) to text.
	Label map[string]string `json:"label,omitempty" yaml:"label,omitempty"`
	Help  map[string]string `json:"help,omitempty" yaml:"help,omitempty"`
}

// Fields are the operator's extra sign-up fields, in the order of the form.
type Fields []Field

// Check returns all that is wrong with the declaration, for the operator.
func (fs Fields) Check() error {
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

// builtIn are the names that a registration has anyway.
var builtIn = []string{"name", "username", "email", "password", "preferred_language", "terms_version"}

func (f Field) check() error {
	types := []FieldType{FieldString, FieldInteger, FieldNumber, FieldBoolean, FieldDate, FieldChoice}
	switch {
	case !fieldName.MatchString(f.Name):
		return errors.New("the name must be 1 to 63 of a-z, 0-9 and _, with a letter first")
	case slices.Contains(builtIn, f.Name):
		return errors.New("the name belongs to a built-in field")
	case !slices.Contains(types, f.Type):
		return fmt.Errorf("the type must be one of %v", types)
	}
	return errors.Join(f.checkRange(), f.checkLength(), f.checkChoices(), checkTexts("label", f.Label), checkTexts("help", f.Help))
}

func (f Field) checkRange() error {
	if f.Min == nil && f.Max == nil {
		return nil
	}
	if f.Type != FieldInteger && f.Type != FieldNumber {
		return errors.New("min and max are for integer and number")
	}
	low, high := f.limits()
	if !(low <= high) || math.IsInf(low, 1) || math.IsInf(high, -1) { // NaN is not <= anything
		return errors.New("min must not be greater than max")
	}
	return nil
}

// limits are the least and the greatest value, infinite where none is set.
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
	case f.Type != FieldString:
		return errors.New("min_length and max_length are for string")
	case f.MinLength < 0 || f.MinLength > f.maxLength() || f.maxLength() > maxFieldLength:
		return fmt.Errorf("0 <= min_length <= max_length <= %d must hold; max_length is %d when not set",
			maxFieldLength, DefaultFieldLength)
	}
	return nil
}

func (f Field) maxLength() int {
	if f.MaxLength == 0 {
		return DefaultFieldLength
	}
	return f.MaxLength
}

func (f Field) checkChoices() error {
	if (f.Type == FieldChoice) != (len(f.Choices) > 0) {
		return errors.New("a choice needs choices, and nothing else can have them")
	}
	if len(f.Choices) > maxChoices {
		return fmt.Errorf("more than %d choices", maxChoices)
	}
	for i, choice := range f.Choices {
		if !isLabel(choice) || slices.Contains(f.Choices[:i], choice) {
			return fmt.Errorf("choice %q: must be given once, trimmed, in NFC, with 1 to %d visible characters", choice, maxFieldText)
		}
	}
	return nil
}

func checkTexts(what string, texts map[string]string) error {
	for tag, text := range texts {
		if _, refusal := parseLanguage(tag); refusal != nil || tag == "" {
			return fmt.Errorf("%s: %q is not a language tag", what, tag)
		}
		if !isLabel(text) {
			return fmt.Errorf("%s: %s: must be trimmed, in NFC, with 1 to %d visible characters", what, tag, maxFieldText)
		}
	}
	return nil
}

// isLabel reports whether text is fit for one line of a form, and is what
// cleanText would make of it.
func isLabel(text string) bool {
	clean, ok := cleanText(text)
	return ok && clean == text && text != "" && !strings.ContainsAny(text, "\n\t") &&
		utf8.RuneCountInString(text) <= maxFieldText
}

// Parse reads the values of a registration: field name to a value as
// encoding/json decodes it, or any Go integer or float. It returns their
// canonical values, which read the same after a trip through JSON, or nil when
// there are none.
//
// It refuses with CodeInvalid and the field's name: a name that is not
// declared, a missing value that is required, a value of another type (the
// string "5" is no integer, the number 5.0 is), a value out of its limits. Null
// is a missing value, and so is an empty string for the types that strings
// stand for. Strings are trimmed of space and brought to NFC, their line ends
// to "\n"; of control characters only that and tab are allowed.
func (fs Fields) Parse(values map[string]any) (map[string]any, Errors) {
	errs := fs.refuseUndeclared(values)
	var out map[string]any
	for _, f := range fs {
		value, refusal := f.parse(values[f.Name])
		errs.add(refusal)
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

// maxUndeclared is how many undeclared names one answer lists.
const maxUndeclared = 20

func (fs Fields) refuseUndeclared(values map[string]any) Errors {
	var errs Errors
	for _, name := range slices.Sorted(maps.Keys(values)) {
		declared := slices.ContainsFunc(fs, func(f Field) bool { return f.Name == name })
		if !declared && len(errs) < maxUndeclared {
			errs.add(invalid(printable(name), "is not a field of this form").by(Rule{Name: RuleUndeclared}))
		}
	}
	return errs
}

// printable makes a name that came from outside safe to show: at most 64
// characters, each of which is seen.
func printable(name string) string {
	runes := make([]rune, 0, 64)
	for _, r := range name {
		if len(runes) == cap(runes) {
			break
		}
		if !unicode.IsPrint(r) || isIgnorable(r) {
			r = '?'
		}
		runes = append(runes, r)
	}
	return string(runes)
}

// parse gives the canonical value, nil for none.
func (f Field) parse(value any) (any, *Error) {
	if text, ok := value.(string); ok && strings.TrimSpace(text) == "" && f.isText() {
		value = nil
	}
	if value == nil {
		if f.Required {
			return nil, f.refuse("is required").by(Rule{Name: RuleRequired})
		}
		return nil, nil
	}
	switch f.Type {
	case FieldString:
		return f.parseString(value)
	case FieldInteger, FieldNumber:
		return f.parseNumber(value)
	case FieldDate:
		return f.parseDate(value)
	case FieldChoice:
		return f.parseChoice(value)
	default:
		return f.parseBoolean(value)
	}
}

func (f Field) isText() bool {
	return f.Type == FieldString || f.Type == FieldDate || f.Type == FieldChoice
}

func (f Field) refuse(format string, args ...any) *Error {
	return invalid(f.Name, fmt.Sprintf(format, args...))
}

func (f Field) parseString(value any) (any, *Error) {
	text, ok := value.(string)
	if !ok {
		return nil, f.refuse("must be a string")
	}
	if len(text) > 16*f.maxLength() { // octets; NFC makes text shorter by two thirds at most
		return nil, f.refuse("must have at most %d characters", f.maxLength()).by(limit(RuleMaxLength, f.maxLength()))
	}
	text, ok = cleanText(text)
	if !ok {
		return nil, f.refuse("must not contain control characters").by(Rule{Name: RuleCharacters})
	}
	switch n := utf8.RuneCountInString(text); {
	case n < f.MinLength:
		return nil, f.refuse("must have at least %d characters", f.MinLength).by(limit(RuleMinLength, f.MinLength))
	case n > f.maxLength():
		return nil, f.refuse("must have at most %d characters", f.maxLength()).by(limit(RuleMaxLength, f.maxLength()))
	}
	return text, nil
}

// cleanText trims, and gives NFC with "\n" as line end. It reports false for
// what cannot be shown: see checkText; and for what turns the direction of the
// text around it.
func cleanText(text string) (string, bool) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if checkText("", text) != nil || strings.ContainsFunc(text, turnsText) {
		return "", false
	}
	return strings.TrimSpace(norm.NFC.String(text)), true
}

// turnsText is for the embeddings, overrides and isolates of UAX 9.
func turnsText(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// maxExact is the greatest integer that float64, and so JSON in many languages,
// cannot mistake for another (RFC 8259, section 6).
const maxExact = 1<<53 - 1

func (f Field) parseNumber(value any) (any, *Error) {
	n, ok := toFloat(value)
	whole := f.Type == FieldInteger
	switch low, high := f.limits(); {
	case whole && (!ok || n != math.Trunc(n) || math.Abs(n) > maxExact):
		return nil, f.refuse("must be a whole number below 2^53").by(Rule{Name: RuleInteger})
	case !ok:
		return nil, f.refuse("must be a number").by(Rule{Name: RuleNumber})
	case n < low:
		least := strconv.FormatFloat(low, 'f', -1, 64)
		return nil, f.refuse("must be at least %s", least).by(Rule{RuleMin, least})
	case n > high:
		most := strconv.FormatFloat(high, 'f', -1, 64)
		return nil, f.refuse("must be at most %s", most).by(Rule{RuleMax, most})
	}
	if whole {
		return int64(n), nil
	}
	return n, nil
}

// toFloat takes what JSON and YAML decoders make of a number. It reports false
// for anything else, and for what is not finite.
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

func (f Field) parseBoolean(value any) (any, *Error) {
	truth, ok := value.(bool)
	if !ok {
		return nil, f.refuse("must be true or false").by(Rule{Name: RuleBoolean})
	}
	return truth, nil
}

func (f Field) parseDate(value any) (any, *Error) {
	text, _ := value.(string)
	text = strings.TrimSpace(text)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return nil, f.refuse("must be a date such as 2001-12-31").by(Rule{Name: RuleDate})
	}
	return text, nil
}

func (f Field) parseChoice(value any) (any, *Error) {
	text, _ := value.(string)
	if len(text) <= 16*maxFieldText { // octets
		text = strings.TrimSpace(norm.NFC.String(text))
	}
	if !slices.Contains(f.Choices, text) {
		return nil, f.refuse("must be one of the choices").by(Rule{Name: RuleChoice})
	}
	return text, nil
}
