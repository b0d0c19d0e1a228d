package field

import (
	"encoding/json"
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

	"github.com/signup-go/signup/internal/runes"
	"github.com/signup-go/signup/refusal"
)

// Parse validates the extra fields of a registration: a map from field name to a
// value as encoding/json decodes it, or any Go integer or float. It returns the
// canonical values, which survive a round trip through JSON unchanged, or nil if
// there are none.
//
// It refuses with refusal.Invalid, once for each invalid field: for an undeclared
// name, a missing required value, a value of the wrong type (the string "5" is
// not an integer, but the number 5.0 is), and a value outside its limits. See
// refusal.Of. Null counts as missing, and so does an empty string for types whose
// values are strings; a missing value is the field's default, if it has one. Strings are trimmed and normalised to NFC, with "\n" as
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
	if f.isMissing(value) {
		value = f.Default
	}
	if f.isMissing(value) {
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

func (f Field) isMissing(value any) bool {
	text, ok := value.(string)
	return value == nil || ok && strings.TrimSpace(text) == "" && f.isText()
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

// formNumber is a number as <input type="number"> sends it.
var formNumber = regexp.MustCompile(`^-?(\d+|\d*\.\d+)([eE][+-]?\d+)?$`)

// FromText gives text from a form or a CSV file the type that Parse expects. It
// returns nil for an empty number or boolean. Text that has no such value stays
// text, which Parse refuses.
func (f Field) FromText(text string) any {
	trimmed := strings.TrimSpace(text)
	switch {
	case f.isText():
		return text
	case trimmed == "":
		return nil
	case f.Type == Boolean && (trimmed == "true" || trimmed == "false"):
		return trimmed == "true"
	case f.Type == Boolean || !formNumber.MatchString(trimmed):
		return text
	}
	n, err := strconv.ParseFloat(trimmed, 64)
	if err != nil {
		return text
	}
	return n
}
