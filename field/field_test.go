package field_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/refusal"
)

func ptr(f float64) *float64 { return &f }

// allFields contains one field of each type.
var allFields = field.List{
	{Name: "city", Type: field.String, MinLength: 2, MaxLength: 10},
	{Name: "bio", Type: field.String},
	{Name: "height", Type: field.Integer, Min: ptr(50), Max: ptr(300)},
	{Name: "count", Type: field.Integer},
	{Name: "weight", Type: field.Number, Min: ptr(0.5)},
	{Name: "news", Type: field.Boolean},
	{Name: "born", Type: field.Date},
	{Name: "units", Type: field.Choice, Choices: []string{"metric", "imperial"}},
}

func TestFieldsParse(t *testing.T) {
	if err := allFields.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		value, want any // want nil: absent
	}{
		{"city", "Zürich", "Zürich"},
		{"city", " Zu\u0308rich\r\n", "Zürich"},
		{"city", strings.Repeat("e\u0301", 10), strings.Repeat("é", 10)},
		{"city", nil, nil},
		{"city", "", nil},
		{"bio", "a\r\nb\tc", "a\nb\tc"},
		{"bio", "<b>{{.}}", "<b>{{.}}"},
		{"bio", strings.Repeat("😀", 1000), strings.Repeat("😀", 1000)},
		{"height", 180, int64(180)},
		{"height", float64(180), int64(180)},
		{"height", json.Number("180"), int64(180)},
		{"height", json.Number("1.8e2"), int64(180)},
		{"height", uint64(180), int64(180)},
		{"height", nil, nil},
		{"count", json.Number("9007199254740991"), int64(1<<53 - 1)},
		{"count", 1 - 1<<53, int64(1 - 1<<53)},
		{"weight", 70, 70.0},
		{"weight", json.Number("70.5"), 70.5},
		{"news", true, true},
		{"news", false, false},
		{"born", "2024-02-29", "2024-02-29"},
		{"units", "metric", "metric"},
		{"units", "", nil},
	} {
		got, err := allFields.Parse(map[string]any{c.name: c.value})
		if err != nil || !reflect.DeepEqual(got[c.name], c.want) || len(got) > 1 || c.want == nil && got != nil {
			t.Errorf("%s %.40q: %#v, %v, want %#v", c.name, c.value, got, err, c.want)
		}
	}
}

func TestFieldsParseRefuses(t *testing.T) {
	for name, values := range map[string][]any{
		"city":   {5, true, []any{"x"}, map[string]any{}, "x", strings.Repeat("x", 11), "a\x00b", "a\x1bb", "a\rb", "a\xff", "a\u0085b", "ab\u202ec"},
		"bio":    {strings.Repeat("x", 1001), strings.Repeat("x", 5_000_000), json.Number("5")},
		"height": {"180", "", true, 49, 301, 180.5, json.Number("180.5"), json.Number("x"), json.Number(""), json.Number("0x64"), []any{180}},
		"count": {
			json.Number("9007199254740993.5"), json.Number("9007199254740993"), 1 << 53, -1 << 53, uint64(math.MaxUint64), math.MaxInt64, math.MinInt64, math.NaN(), math.Inf(1),
			json.Number("1e400"), json.Number("Inf"), json.Number("NaN"), json.Number("1_0"),
		},
		"weight": {"70", 0.4, math.NaN(), math.Inf(-1), json.Number("1e999")},
		"news":   {"true", 1, "", "on"},
		"born": {
			"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "24-01-01", "2024-01-01T00:00:00Z", "2024-01-01x", "01.01.2024", 20240101,
			"٢٠٢٤-01-01", "-024-01-01", "x\xff",
		},
		"units": {"Metric", "kelvin", 0, true, []any{"metric"}, strings.Repeat("metric", 1_000_000)},
	} {
		for _, value := range values {
			got, err := allFields.Parse(map[string]any{name: value})
			errs := refusal.Of(err)
			if len(errs) != 1 || got != nil {
				t.Errorf("%s: %.40v gives %v, %v", name, value, got, err)
				continue
			}
			text, _ := value.(string)
			refusedFor(t, errs[0], name, text)
		}
	}
}

func TestFieldsRequired(t *testing.T) {
	fs := field.List{{Name: "city", Type: field.String, Required: true}, {Name: "news", Type: field.Boolean, Required: true}}
	for _, values := range []map[string]any{nil, {}, {"city": nil, "news": nil}, {"city": " "}} {
		got, err := fs.Parse(values)
		if errs := refusal.Of(err); got != nil || len(errs) != 2 || errs[0].Field != "city" || errs[1].Field != "news" {
			t.Errorf("%v: %v, %v", values, got, err)
		}
	}
	if got, err := fs.Parse(map[string]any{"city": "Bern", "news": false}); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestFieldsParseReturnsNoTypedNil: without a refusal, the error compares equal
// to nil.
func TestFieldsParseReturnsNoTypedNil(t *testing.T) {
	parse := func(values map[string]any) (err error) {
		_, err = allFields.Parse(values)
		return err
	}
	if err := parse(map[string]any{"city": "Bern"}); err != nil {
		t.Errorf("%T is not nil", err)
	}
	if err := parse(map[string]any{"city": 5}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("refused as %v", err)
	}
}

func TestFieldsUndeclared(t *testing.T) {
	if got, err := field.List(nil).Parse(nil); got != nil || err != nil {
		t.Errorf("nil gives %v, %v", got, err)
	}
	for sent, shown := range map[string]string{
		"role": "role", "City": "City", "": "", "a\r\nb\x00": "a??b?", "a\u202eb\u200bc": "a?b?c", "x\xffy": "x\ufffdy", strings.Repeat("n", 1_000_000): strings.Repeat("n", 64),
	} {
		got, err := allFields.Parse(map[string]any{sent: nil})
		if errs := refusal.Of(err); len(errs) != 1 || got != nil || errs[0].Field != shown || errs[0].Code != refusal.Invalid {
			t.Errorf("%.20q: %v, %v", sent, got, err)
		}
	}
	many := map[string]any{}
	for _, a := range "abcdefghij" {
		for _, b := range "abcdefghij" {
			many[string(a)+string(b)] = 1
		}
	}
	_, err := allFields.Parse(many)
	if errs := refusal.Of(err); len(errs) == 0 || len(errs) > 20 {
		t.Errorf("100 undeclared names give %d refusals", len(errs))
	}
}

func TestFieldsCheckRefuses(t *testing.T) {
	str := field.String
	for why, fs := range map[string]field.List{
		"no name":           {{Type: str}},
		"upper case":        {{Name: "City", Type: str}},
		"digit first":       {{Name: "1st", Type: str}},
		"a line end":        {{Name: "city\n", Type: str}},
		"64 characters":     {{Name: strings.Repeat("a", 64), Type: str}},
		"built in":          {{Name: "email", Type: str}},
		"twice":             {{Name: "city", Type: str}, {Name: "city", Type: str}},
		"no type":           {{Name: "city"}},
		"unknown type":      {{Name: "city", Type: "text"}},
		"no choices":        {{Name: "city", Type: field.Choice}},
		"choices of string": {{Name: "city", Type: str, Choices: []string{"a"}}},
		"equal choices":     {{Name: "city", Type: field.Choice, Choices: []string{"a", "a"}}},
		"empty choice":      {{Name: "city", Type: field.Choice, Choices: []string{""}}},
		"untrimmed choice":  {{Name: "city", Type: field.Choice, Choices: []string{"a "}}},
		"min > max":         {{Name: "n", Type: field.Number, Min: ptr(2), Max: ptr(1)}},
		"NaN":               {{Name: "n", Type: field.Number, Min: ptr(math.NaN())}},
		"infinite":          {{Name: "n", Type: field.Number, Min: ptr(math.Inf(1))}},
		"min of string":     {{Name: "n", Type: str, Min: ptr(1)}},
		"length of integer": {{Name: "n", Type: field.Integer, MaxLength: 1}},
		"negative length":   {{Name: "n", Type: str, MinLength: -1}},
		"lengths crossed":   {{Name: "n", Type: str, MinLength: 5, MaxLength: 4}},
		"min over default":  {{Name: "n", Type: str, MinLength: 1001}},
		"too long":          {{Name: "n", Type: str, MaxLength: 1_000_000}},
		"bad language":      {{Name: "n", Type: str, Label: map[string]string{"e n": "N"}}},
		"bad label":         {{Name: "n", Type: str, Label: map[string]string{"en": "a\nb"}}},
		"bad help":          {{Name: "n", Type: str, Help: map[string]string{"": "x"}}},
		"too many":          make(field.List, 101),
	} {
		if err := fs.Check(); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

func TestDefault(t *testing.T) {
	for yes, f := range map[string]field.Field{
		"string":   {Type: field.String, Default: " Porto "},
		"choice":   {Type: field.Choice, Choices: []string{"a", "b"}, Default: "b"},
		"integer":  {Type: field.Integer, Default: uint64(5)}, // as YAML gives it
		"boolean":  {Type: field.Boolean, Default: true},
		"required": {Type: field.Date, Required: true, Default: "2001-12-31"},
	} {
		f.Name = "x"
		if err := (field.List{f}).Check(); err != nil {
			t.Errorf("%s: %v", yes, err)
		}
		got, err := field.List{f}.Parse(nil)
		want := map[string]any{"string": "Porto", "choice": "b", "integer": int64(5), "boolean": true, "required": "2001-12-31"}[yes]
		if err != nil || got["x"] != want {
			t.Errorf("%s: nothing gives %v, %v", yes, got, err)
		}
	}
	for why, f := range map[string]field.Field{
		"no choice":   {Type: field.Choice, Choices: []string{"a", "b"}, Default: "c"},
		"wrong type":  {Type: field.Integer, Default: "5"},
		"too small":   {Type: field.Integer, Min: new(30.0), Default: 29},
		"empty":       {Type: field.String, Default: " "},
		"not a date":  {Type: field.Date, Default: "yesterday"},
		"not boolean": {Type: field.Boolean, Default: "true"},
	} {
		f.Name = "x"
		if err := (field.List{f}).Check(); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

func TestEndurainFields(t *testing.T) {
	text, err := os.ReadFile("../examples/endurain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Fields field.List `yaml:"fields"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	if err := config.Fields.Check(); err != nil {
		t.Error(err)
	}
	values := map[string]any{
		"city": "Braga", "birthdate": "1990-12-31", "gender": "unspecified", "units": "metric",
		"height": json.Number("180"), "max_heart_rate": json.Number("190"), "first_day_of_week": "monday", "currency": "euro",
	}
	got, err := config.Fields.Parse(values)
	if err != nil || len(got) != len(values) || len(config.Fields) != len(values) {
		t.Errorf("%v, %v", got, err)
	}
	want := map[string]any{"gender": "unspecified", "units": "metric", "first_day_of_week": "monday", "currency": "euro"}
	if got, err := config.Fields.Parse(map[string]any{"city": nil, "units": nil, "currency": " "}); !maps.Equal(got, want) || err != nil {
		t.Errorf("all are optional, but nothing gives %v, %v", got, err)
	}
	for _, f := range config.Fields {
		if f.Label["en"] == "" {
			t.Errorf("%s has no label", f.Name)
		}
	}
}

// FuzzFields checks that accepted values, whatever the JSON, survive a round trip
// through JSON unchanged.
func FuzzFields(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `{"city":"Bern","bio":"a\r\nb","height":180,"count":1e3,"weight":70.5,"news":true,"born":"2024-02-29","units":"metric"}`,
		`{"weight":-0.0,"count":-0}`, `{"x":1}`, `{"city":"\u0000"}`, `{"bio":" e\u0301 "}`, `{"count":9007199254740993}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := allFields.Parse(decode(s))
		for _, e := range refusal.Of(err) {
			if len([]rune(e.Field)) > 64 || e.Code != refusal.Invalid {
				t.Errorf("%q: refused as %+v", s, e)
			}
		}
		if err != nil {
			return
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := allFields.Parse(decode(string(text))); err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%#v comes back as %#v, %v", got, again, err)
		}
	})
}

// decode decodes as the JSON API does: numbers keep their spelling.
func decode(s string) map[string]any {
	var values map[string]any
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	_ = d.Decode(&values)
	return values
}

// refusedFor fails unless err is a refusal with refusal.Invalid for the field, in
// one short sentence that does not contain the value.
func refusedFor(t interface {
	Helper()
	Errorf(string, ...any)
}, err error, field, value string,
) {
	t.Helper()
	var e *refusal.Error
	switch {
	case err == nil:
		t.Errorf("%q was accepted", value)
	case !errors.As(err, &e):
		t.Errorf("%q: %v", value, err)
	case e.Code != refusal.Invalid || e.Field != field || e.Message == "" || len(e.Message) > 120:
		t.Errorf("%q: refused as %q %q %q", value, e.Code, e.Field, e.Message)
	case len(value) > 8 && strings.Contains(e.Message, value):
		t.Errorf("the refusal %q contains the value", e.Message)
	}
}
