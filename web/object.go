package web

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/signup-go/signup/refusal"
)

// maxErrors is how many fields one answer blames.
const maxErrors = 20

// An object is a JSON object of which every member was given once.
type object map[string]json.RawMessage

// parseObject reads valid JSON. huma's validator takes "Email" for "email",
// null for nothing, and the last of two equal names, and json.Unmarshal goes
// along: here names are exact, and a name given twice is refused, because two
// readers of such a body (a proxy and we) may see two different ones.
func parseObject(body []byte) (object, *Problem) {
	dec := json.NewDecoder(bytes.NewReader(body))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, invalidBody(FieldProblem{"body", "must be an object", string(refusal.Invalid)})
	}
	out := object{}
	var errs []FieldProblem
	for dec.More() {
		name, value, err := member(dec)
		if err != nil {
			return nil, malformed("The body is not valid JSON")
		}
		if _, ok := out[name]; ok {
			errs = append(errs, blame(name, "is given more than once"))
		}
		out[name] = value
	}
	if len(errs) > 0 {
		return nil, invalidBody(errs...)
	}
	return out, nil
}

func member(dec *json.Decoder) (name string, value json.RawMessage, err error) {
	token, err := dec.Token()
	if err != nil {
		return "", nil, err
	}
	name, _ = token.(string)
	return name, value, dec.Decode(&value)
}

func invalidBody(errs ...FieldProblem) *Problem {
	errs = errs[:min(len(errs), maxErrors)]
	return newProblem(statusOf(refusal.Invalid), string(refusal.Invalid), notValid(errs), errs...)
}

// blame names a member of the body. The name came from outside: it is cut, and
// what cannot be seen is replaced.
func blame(name, message string) FieldProblem {
	shown := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, cut(name, 64))
	return FieldProblem{"body." + shown, message, string(refusal.Invalid)}
}

// take takes the string members out of the object: those that must be there
// and those that may. What is left over is not touched.
func (o object) take(required, optional []string) (map[string]string, []FieldProblem) {
	out := map[string]string{}
	var errs []FieldProblem
	for _, name := range slices.Concat(required, optional) {
		raw, ok := o[name]
		delete(o, name)
		switch {
		case ok && raw[0] == '"':
			out[name] = text(raw)
		case ok:
			errs = append(errs, blame(name, "must be a string"))
		case slices.Contains(required, name):
			errs = append(errs, blame(name, "is required"))
		}
	}
	return out, errs
}

// takeStrings takes a list of strings that must be there out of the object.
func (o object) takeStrings(name string) (list []string, errs []FieldProblem) {
	raw, ok := o[name]
	delete(o, name)
	if !ok {
		return nil, []FieldProblem{blame(name, "is required")}
	}
	var items []*string
	if json.Unmarshal(raw, &items) != nil || items == nil || slices.Contains(items, nil) {
		return nil, []FieldProblem{blame(name, "must be a list of strings")}
	}
	return each(items, func(s *string) string { return *s }), nil
}

// takeTime takes a moment that may be missing or null, then the zero time, out of the
// object.
func (o object) takeTime(name string) (t time.Time, errs []FieldProblem) {
	raw, ok := o[name]
	delete(o, name)
	if ok && (json.Unmarshal(raw, &t) != nil || t.IsZero() && string(raw) != "null") {
		return time.Time{}, []FieldProblem{blame(name, "must be a date and time such as 2027-01-31T00:00:00Z")}
	}
	return t, nil
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // valid, and a string
	return s
}

// unknown blames everything that is left in the object.
func (o object) unknown() []FieldProblem {
	var errs []FieldProblem
	for name := range o {
		errs = append(errs, blame(name, "is not a field of this request"))
	}
	slices.SortFunc(errs, func(a, b FieldProblem) int { return strings.Compare(a.Location, b.Location) })
	return errs
}

// readStrings reads a body that has these string members and no others.
func readStrings(body []byte, required, optional []string) (map[string]string, *Problem) {
	o, problem := parseObject(body)
	if problem != nil {
		return nil, problem
	}
	values, errs := o.take(required, optional)
	if errs = append(errs, o.unknown()...); len(errs) > 0 {
		return nil, invalidBody(errs...)
	}
	return values, nil
}
