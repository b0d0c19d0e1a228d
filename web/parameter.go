package web

import (
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// verb is where huma's words have the limit.
var verb = regexp.MustCompile(`%[vds]`)

// parameterWords says in our words what huma found wrong with a parameter.
// huma's own are variables of its package, and so those of the whole process;
// and some of what it says holds what was sent.
func parameterWords(message string) string {
	for _, w := range []struct{ theirs, ours, unit string }{
		{validation.MsgExpectedMinimumNumber, "must be at least ", ""},
		{validation.MsgExpectedMaximumNumber, "must be at most ", ""},
		{validation.MsgExpectedMaxLength, "must have at most ", " characters"},
		{validation.MsgExpectedOneOf, "must be one of ", ""},
		{"invalid integer", "must be a whole number", ""},
		{"unknown query parameter", "is not a parameter of this request", ""},
	} {
		if limit, is := match(w.theirs, message); is {
			return w.ours + limit + w.unit
		}
	}
	return "is not valid"
}

// match reports whether a message was made by a format, and gives what is in
// the place of its verb.
func match(format, message string) (value string, is bool) {
	parts := verb.Split(format, 2)
	if len(parts) == 1 {
		return "", message == format
	}
	rest, starts := strings.CutPrefix(message, parts[0])
	value, ends := strings.CutSuffix(rest, parts[1])
	return value, starts && ends
}
