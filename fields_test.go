package signup_test

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/signup-go/signup"
)

func ptr(f float64) *float64 { return &f }

// allFields has one field of each type.
var allFields = signup.Fields{
	{Name: "city", Type: signup.FieldString, MinLength: 2, MaxLength: 10},
	{Name: "bio", Type: signup.FieldString},
	{Name: "height", Type: signup.FieldInteger, Min: ptr(50), Max: ptr(300)},
	{Name: "count", Type: signup.FieldInteger},
	{Name: "weight", Type: signup.FieldNumber, Min: ptr(0.5)},
	{Name: "news", Type: signup.FieldBoolean},
	{Name: "born", Type: signup.FieldDate},
	{Name: "units", Type: signup.FieldChoice, Choices: []string{"metric", "imperial"}},
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
		got, errs := allFields.Parse(map[string]any{c.name: c.value})
		if errs != nil || !reflect.DeepEqual(got[c.name], c.want) || len(got) > 1 || c.want == nil && got != nil {
			t.Errorf("%s %.40q: %#v, %v, want %#v", c.name, c.value, got, errs, c.want)
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
			got, errs := allFields.Parse(map[string]any{name: value})
			if len(errs) != 1 || got != nil {
				t.Errorf("%s: %.40v gives %v, %v", name, value, got, errs)
				continue
			}
			text, _ := value.(string)
			refusedFor(t, errs[0], name, text)
		}
	}
}

func TestFieldsRequired(t *testing.T) {
	fs := signup.Fields{{Name: "city", Type: signup.FieldString, Required: true}, {Name: "news", Type: signup.FieldBoolean, Required: true}}
	for _, values := range []map[string]any{nil, {}, {"city": nil, "news": nil}, {"city": " "}} {
		if got, errs := fs.Parse(values); got != nil || len(errs) != 2 || errs[0].Field != "city" || errs[1].Field != "news" {
			t.Errorf("%v: %v, %v", values, got, errs)
		}
	}
	if got, errs := fs.Parse(map[string]any{"city": "Bern", "news": false}); errs != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, errs)
	}
}

func TestFieldsUndeclared(t *testing.T) {
	if got, errs := signup.Fields(nil).Parse(nil); got != nil || errs != nil {
		t.Errorf("nothing gives %v, %v", got, errs)
	}
	for sent, shown := range map[string]string{
		"role": "role", "City": "City", "": "", "a\r\nb\x00": "a??b?", "a\u202eb\u200bc": "a?b?c", "x\xffy": "x\ufffdy", strings.Repeat("n", 1_000_000): strings.Repeat("n", 64),
	} {
		got, errs := allFields.Parse(map[string]any{sent: nil})
		if len(errs) != 1 || got != nil || errs[0].Field != shown || errs[0].Code != signup.CodeInvalid {
			t.Errorf("%.20q: %v, %v", sent, got, errs)
		}
	}
	many := map[string]any{}
	for _, a := range "abcdefghij" {
		for _, b := range "abcdefghij" {
			many[string(a)+string(b)] = 1
		}
	}
	if _, errs := allFields.Parse(many); len(errs) == 0 || len(errs) > 20 {
		t.Errorf("100 undeclared names give %d refusals", len(errs))
	}
}

func TestFieldsCheckRefuses(t *testing.T) {
	str := signup.FieldString
	for why, fs := range map[string]signup.Fields{
		"no name":           {{Type: str}},
		"upper case":        {{Name: "City", Type: str}},
		"digit first":       {{Name: "1st", Type: str}},
		"a line end":        {{Name: "city\n", Type: str}},
		"64 characters":     {{Name: strings.Repeat("a", 64), Type: str}},
		"built in":          {{Name: "email", Type: str}},
		"twice":             {{Name: "city", Type: str}, {Name: "city", Type: str}},
		"no type":           {{Name: "city"}},
		"unknown type":      {{Name: "city", Type: "text"}},
		"no choices":        {{Name: "city", Type: signup.FieldChoice}},
		"choices of string": {{Name: "city", Type: str, Choices: []string{"a"}}},
		"equal choices":     {{Name: "city", Type: signup.FieldChoice, Choices: []string{"a", "a"}}},
		"empty choice":      {{Name: "city", Type: signup.FieldChoice, Choices: []string{""}}},
		"untrimmed choice":  {{Name: "city", Type: signup.FieldChoice, Choices: []string{"a "}}},
		"min > max":         {{Name: "n", Type: signup.FieldNumber, Min: ptr(2), Max: ptr(1)}},
		"NaN":               {{Name: "n", Type: signup.FieldNumber, Min: ptr(math.NaN())}},
		"infinite":          {{Name: "n", Type: signup.FieldNumber, Min: ptr(math.Inf(1))}},
		"min of string":     {{Name: "n", Type: str, Min: ptr(1)}},
		"length of integer": {{Name: "n", Type: signup.FieldInteger, MaxLength: 1}},
		"negative length":   {{Name: "n", Type: str, MinLength: -1}},
		"lengths crossed":   {{Name: "n", Type: str, MinLength: 5, MaxLength: 4}},
		"min over default":  {{Name: "n", Type: str, MinLength: 1001}},
		"too long":          {{Name: "n", Type: str, MaxLength: 1_000_000}},
		"bad language":      {{Name: "n", Type: str, Label: map[string]string{"e n": "N"}}},
		"bad label":         {{Name: "n", Type: str, Label: map[string]string{"en": "a\nb"}}},
		"bad help":          {{Name: "n", Type: str, Help: map[string]string{"": "x"}}},
		"too many":          make(signup.Fields, 101),
	} {
		if err := fs.Check(); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

func TestEndurainFields(t *testing.T) {
	text, err := os.ReadFile("examples/endurain-fields.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Fields signup.Fields `yaml:"fields"`
	}
	if err := yaml.UnmarshalWithOptions(text, &config, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if err := config.Fields.Check(); err != nil {
		t.Error(err)
	}
	values := map[string]any{
		"city": "Braga", "birthdate": "1990-12-31", "gender": "unspecified", "units": "metric",
		"height": json.Number("180"), "max_heart_rate": json.Number("190"), "first_day_of_week": "monday", "currency": "euro",
	}
	got, errs := config.Fields.Parse(values)
	if errs != nil || len(got) != len(values) || len(config.Fields) != len(values) {
		t.Errorf("%v, %v", got, errs)
	}
	if got, errs := config.Fields.Parse(nil); got != nil || errs != nil {
		t.Errorf("all are optional, but nothing gives %v, %v", got, errs)
	}
	for _, f := range config.Fields {
		if f.Label["en"] == "" {
			t.Errorf("%s has no label", f.Name)
		}
	}
}

// FuzzFields: whatever JSON is sent, what is accepted reads the same after a
// trip through JSON.
func FuzzFields(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `{"city":"Bern","bio":"a\r\nb","height":180,"count":1e3,"weight":70.5,"news":true,"born":"2024-02-29","units":"metric"}`,
		`{"weight":-0.0,"count":-0}`, `{"x":1}`, `{"city":"\u0000"}`, `{"bio":" e\u0301 "}`, `{"count":9007199254740993}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, errs := allFields.Parse(decode(s))
		for _, e := range errs {
			if len([]rune(e.Field)) > 64 || e.Code != signup.CodeInvalid {
				t.Errorf("%q: refused as %+v", s, e)
			}
		}
		if errs != nil {
			return
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, errs := allFields.Parse(decode(string(text))); errs != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%#v comes back as %#v, %v", got, again, errs)
		}
	})
}

// decode is what the JSON API does: numbers keep their spelling.
func decode(s string) map[string]any {
	var values map[string]any
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	_ = d.Decode(&values)
	return values
}
