package web

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/text/language"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// A signUpView is the form, empty or as it was sent.
type signUpView struct {
	Controls     []*control
	Problems     []*fieldProblem // in the order of the form
	Verification bool            // whether the address must be proved
	Strict       bool            // whether a password needs more than its length
	Length       int             // the least of a password
	Languages    []languageName  // to choose from; without any it is Language
	Language     string
	Again        bool // whether the form was sent, and the password must be typed anew
	Busy         bool
}

// signUpView makes the form. Of what was sent it repeats all but the password.
func (s *server) signUpView(r *http.Request, settings signup.Settings, sent url.Values) *signUpView {
	v := s.newSignUpView(s.wants(r), settings, sent)
	if _, refused := identity.ParseLanguage(v.Language); refused != nil || v.Language == "" {
		v.Language = s.languageOf(r) // nobody could mend a hidden one
	}
	return v
}

func (s *server) newSignUpView(want []language.Tag, settings signup.Settings, sent url.Values) *signUpView {
	v := &signUpView{
		Verification: settings.RequireEmailVerification,
		Strict:       settings.PasswordType != password.LengthOnly, Length: settings.PasswordLength,
		Languages: s.languages, Language: sent.Get("preferred_language"), Again: sent != nil,
	}
	v.Controls = []*control{
		{Name: "name", Kind: "name", HasHelp: true, Required: true, MaxLength: 2 * identity.MaxDisplayName, Value: sent.Get("name")},
		{Name: "username", Kind: "username", HasHelp: true, Required: true, MaxLength: identity.MaxUsername, Value: sent.Get("username")},
		{Name: "email", Kind: "email", HasHelp: v.Verification, Required: true, MaxLength: identity.MaxEmail, Value: sent.Get("email")},
		// No MaxLength: a browser cuts what is pasted, unseen.
		{Name: "password", Kind: "password", HasHelp: true, Required: true, MinLength: v.Length},
	}
	if len(v.Languages) > 0 {
		v.Controls = append(v.Controls, &control{Name: "preferred_language", Kind: "language", HasHelp: true})
	}
	for _, q := range s.questions {
		v.Controls = append(v.Controls, q.control(want, sent))
	}
	if s.TermsVersion != "" {
		v.Controls = append(v.Controls, &control{
			Name: termsField, Kind: "terms", HasHelp: true, Required: true, Accept: s.TermsVersion, Value: sent.Get(termsField),
		})
	}
	return v
}

// languageOf is the language to offer: one of the operator's list, if there is
// one, else what the browser asks for.
func (s *server) languageOf(r *http.Request) string {
	if best := s.matcher.best(s.wants(r)); best != "" {
		return best
	}
	return plainTag(s.wants(r))
}

// blame puts refusals beside their fields, and the cursor into the first.
func (v *signUpView) blame(refusals []*refusal.Error, sent url.Values) {
	rest := map[string]*fieldProblem{}
	var order []string
	for _, e := range refusals {
		name := e.Field
		if ruleOf(e.Rules).Name == refusal.RuleAccept {
			name = termsField
		}
		rest[name] = &fieldProblem{
			Name: name, Code: string(e.Code), Rules: e.Rules,
			Missing: strings.TrimSpace(sent.Get(name)) == "",
		}
		order = append(order, name)
	}
	for _, c := range v.Controls {
		if p := rest[c.Name]; p != nil {
			p.ID, p.Label = c.ID(), c.Label
			c.Problem, c.Focus = p, len(v.Problems) == 0
			v.Problems = append(v.Problems, p)
			delete(rest, c.Name)
		}
	}
	for _, name := range order {
		if p := rest[name]; p != nil {
			v.Problems = append(v.Problems, p)
		}
	}
}
