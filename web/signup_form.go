package web

import (
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
)

// formTrue is what a ticked box sends.
const formTrue = "true"

// termsField is the box that accepts the terms of use; its value is their
// version. Where there are none, the operator may have a field of that name.
const termsField = "terms"

// builtIn are the fields that every form has.
func (s *server) builtIn() []string {
	names := []string{"name", "username", "email", "password", "preferred_language"}
	if s.TermsVersion != "" {
		names = append(names, termsField)
	}
	return names
}

// registrationOf reads a form as readRegistration reads JSON: whatever is no
// built-in field is for field.List to judge.
func (s *server) registrationOf(form url.Values) (signup.Registration, *Problem) {
	if problem := checkForm(form); problem != nil {
		return signup.Registration{}, problem
	}
	terms := ""
	if s.TermsVersion != "" {
		terms = form.Get(termsField)
	}
	return signup.Registration{
		TermsVersion: terms,
		Name:         form.Get("name"), Username: form.Get("username"), Email: form.Get("email"), Password: form.Get("password"),
		PreferredLanguage: form.Get("preferred_language"), Profile: s.profileOf(form),
	}, nil
}

// checkForm refuses what no browser makes of our form.
func checkForm(form url.Values) *Problem {
	for name, values := range form {
		switch {
		case len(values) != 1:
			return malformed("The form has a field more than once")
		case !utf8.ValidString(name) || !utf8.ValidString(values[0]):
			return malformed("The form must be UTF-8")
		}
	}
	return nil
}

// profileOf gives the values of the operator's fields the types they have in
// JSON.
func (s *server) profileOf(form url.Values) map[string]any {
	profile := map[string]any{}
	for name := range form {
		if !slices.Contains(s.builtIn(), name) {
			profile[name] = form.Get(name)
		}
	}
	for _, f := range s.Fields {
		text, sent := profile[f.Name].(string)
		switch {
		case sent:
			profile[f.Name] = f.FromText(text)
		case f.Type == field.Boolean:
			profile[f.Name] = false // the box was shown and not ticked
		}
	}
	return profile
}
