package web

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// A control is one question of a form. The templates have the words of the
// built-in ones.
type control struct {
	Name     string
	Kind     string // which template shows it
	Label    phrase // of the operator's questions
	Help     phrase
	HasHelp  bool
	Required bool
	Value    string

	HasDefault bool // so that "no answer" is not one

	Min, Max, Step       string
	MinLength, MaxLength int // 0 for none
	Negative             bool
	Choices              []string
	Accept               string // for the terms: the version in force

	Problem *fieldProblem // nil for none
	Focus   bool
}

// A fieldProblem is what a form says beside a field, and above all of them.
type fieldProblem struct {
	Name    string
	ID      string // of the control, "" for what the form does not show
	Label   phrase
	Code    string
	Rules   []refusal.Rule
	Missing bool
}

// ID is what labels and links point at.
func (c *control) ID() string { return "field-" + c.Name }

// DescribedBy are the ids of what a screen reader reads after the label.
func (c *control) DescribedBy() string {
	var ids []string
	if c.HasHelp {
		ids = append(ids, c.ID()+"-help")
	}
	if c.Problem != nil {
		ids = append(ids, c.ID()+"-problem")
	}
	return strings.Join(ids, " ")
}

// Checked is for boxes.
func (c *control) Checked() bool { return c.Value == formTrue }

// Accepted is for the terms.
func (c *control) Accepted() bool { return c.Value == c.Accept }

// A question is a field of the operator, with what does not change between
// two forms.
type question struct {
	field       field.Field
	kind        string
	label, help wording
}

func questionsOf(fields field.List) []question {
	out := make([]question, len(fields))
	for i, f := range fields {
		out[i] = question{f, kindOf(f), newWording(f.Label), newWording(f.Help)}
	}
	return out
}

const (
	longText   = identity.MaxDisplayName // characters; what may be longer gets several lines
	fewChoices = 4                       // are shown at a glance
)

func kindOf(f field.Field) string {
	switch {
	case f.Type == field.String && f.MaxLength > longText:
		return "textarea"
	case f.Type == field.String:
		return "text"
	case f.Type == field.Integer || f.Type == field.Number:
		return "number"
	case f.Type == field.Boolean:
		return "checkbox"
	case f.Type == field.Choice && len(f.Choices) <= fewChoices:
		return "radios"
	case f.Type == field.Choice:
		return "select"
	default:
		return "date"
	}
}

// control is the question to somebody.
func (q question) control(want []language.Tag, values url.Values) *control {
	f := q.field
	value := values.Get(f.Name)
	if values == nil && f.Default != nil { // nothing was sent yet
		value = fmt.Sprint(f.Default)
	}
	c := &control{
		Name: f.Name, Kind: q.kind, Label: q.label.in(want), Help: q.help.in(want), HasHelp: len(f.Help) > 0,
		Value: value, HasDefault: f.Default != nil, Choices: f.Choices,
		// An empty box is an answer: no.
		Required: f.Required && f.Type != field.Boolean,
	}
	if c.Label.Text == "" {
		c.Label.Text = strings.ReplaceAll(f.Name, "_", " ")
	}
	c.bound(f)
	return c
}

// bound tells the browser the limits. It measures text in UTF-16, where a
// character takes two units at most: the limit there keeps nothing out that we
// would take.
func (c *control) bound(f field.Field) {
	switch f.Type {
	case field.String:
		c.MinLength, c.MaxLength = f.MinLength, 2*f.MaxLength
		if f.MaxLength == 0 {
			c.MaxLength = 2 * field.DefaultLength
		}
	case field.Integer: // a step is counted from the least value, so that must be whole
		c.Min, c.Max, c.Step = decimal(f.Min, math.Ceil), decimal(f.Max, math.Floor), "1"
	case field.Number:
		c.Min, c.Max, c.Step = decimal(f.Min, nil), decimal(f.Max, nil), "any"
	}
	c.Negative = f.Min == nil || *f.Min < 0
}

// decimal is a limit as HTML writes it; none is "".
func decimal(n *float64, round func(float64) float64) string {
	if n == nil || math.IsInf(*n, 0) {
		return ""
	}
	v := *n
	if round != nil {
		v = round(v)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
