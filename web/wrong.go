package web

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/signup-go/signup"
)

// fieldMark stands in a sentence where a label comes, which has HTML around it.
const fieldMark = "\uE000" // of the private use area

// wrong says what is wrong with a field.
func (sp speaker) wrong(p *fieldProblem) (template.HTML, error) {
	said, err := sp.wrongText(p)
	label, labelErr := sp.label(p.Name, p.Label)
	if err == nil {
		err = labelErr
	}
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(said), fieldMark, string(label))), err //nolint:gosec // escaped
}

func (sp speaker) wrongText(p *fieldProblem) (string, error) {
	switch {
	case p.Code == string(signup.CodeUsernameTaken):
		return sp.say("wrong.username_taken")
	case p.Code == string(signup.CodeEmailTaken):
		return sp.say("wrong.email_taken")
	case p.Name == termsField && ruleOf(p.Rules).Name == signup.RuleAccept:
		return sp.say("wrong.terms")
	case p.Missing && p.ID != "":
		return sp.say("wrong.required", "Field", fieldMark)
	}
	switch p.Name {
	case "email":
		return sp.say("wrong.email")
	case "username":
		return sp.say("wrong.username")
	case "preferred_language":
		return sp.say("wrong.language")
	case "name":
		return sp.wrongName(p.Rules)
	case "password":
		return sp.wrongPassword(p.Rules)
	default:
		return sp.wrongAnswer(p.Rules)
	}
}

func (sp speaker) wrongName(rules []signup.Rule) (string, error) {
	switch ruleOf(rules).Name {
	case signup.RuleCharacters:
		return sp.say("wrong.name_characters")
	case signup.RuleMarks:
		return sp.say("wrong.name_marks")
	case signup.RuleLink:
		return sp.say("wrong.name_link")
	default:
		return sp.say("wrong.name")
	}
}

// wrongPassword says all that a password lacks, one sentence each.
func (sp speaker) wrongPassword(rules []signup.Rule) (string, error) {
	if len(rules) == 0 {
		rules = []signup.Rule{{}}
	}
	var sentences []string
	for _, rule := range rules {
		said, err := sp.wrongPasswordRule(rule)
		if err != nil {
			return "", err
		}
		sentences = append(sentences, said)
	}
	return strings.Join(sentences, " "), nil
}

func (sp speaker) wrongPasswordRule(rule signup.Rule) (string, error) {
	switch rule.Name {
	case signup.RuleMinLength:
		return sp.count("wrong.password_short", number(rule))
	case signup.RuleUpper:
		return sp.say("wrong.password_upper")
	case signup.RuleDigit:
		return sp.say("wrong.password_digit")
	case signup.RuleSpecial:
		return sp.say("wrong.password_special")
	case signup.RuleMaxLength:
		return sp.say("wrong.password_long")
	default:
		return sp.say("wrong.password_characters")
	}
}

// wrongAnswer is for the operator's questions.
func (sp speaker) wrongAnswer(rules []signup.Rule) (string, error) {
	rule := ruleOf(rules)
	switch rule.Name {
	case signup.RuleRequired:
		return sp.say("wrong.required", "Field", fieldMark)
	case signup.RuleMinLength:
		return sp.count("wrong.short", number(rule), "Field", fieldMark)
	case signup.RuleMaxLength:
		return sp.count("wrong.long", number(rule), "Field", fieldMark)
	case signup.RuleMin:
		return sp.say("wrong.least", "Field", fieldMark, "Limit", rule.Limit)
	case signup.RuleMax:
		return sp.say("wrong.most", "Field", fieldMark, "Limit", rule.Limit)
	case signup.RuleUndeclared:
		return sp.say("wrong.unknown", "Field", fieldMark)
	default:
		return sp.say(wrongKind(rule.Name), "Field", fieldMark)
	}
}

// wrongKind is for what is not of the field's type.
func wrongKind(rule signup.RuleName) string {
	switch rule {
	case signup.RuleCharacters:
		return "wrong.characters"
	case signup.RuleNumber:
		return "wrong.number"
	case signup.RuleInteger:
		return "wrong.whole"
	case signup.RuleDate:
		return "wrong.date"
	case signup.RuleChoice:
		return "wrong.choice"
	case signup.RuleBoolean:
		return "wrong.truth"
	default:
		return "wrong.other_value"
	}
}

func ruleOf(rules []signup.Rule) signup.Rule {
	if len(rules) == 0 {
		return signup.Rule{}
	}
	return rules[0]
}

func number(rule signup.Rule) int {
	n, _ := strconv.Atoi(rule.Limit) // 0 for none
	return n
}

// label is what a field is called: in the page's language, or as the operator
// wrote it, in whichever language that is.
func (sp speaker) label(name string, written phrase) (template.HTML, error) {
	if written.Text == "" {
		if id := labelID(name); id != "" {
			said, err := sp.say(id)
			return template.HTML(template.HTMLEscapeString(said)), err //nolint:gosec // escaped
		}
		written.Text = name
	}
	lang := ""
	if written.Lang != "" && written.Lang != sp.lang() {
		lang = ` lang="` + template.HTMLEscapeString(written.Lang) + `"`
	}
	return template.HTML("<bdi" + lang + ">" + template.HTMLEscapeString(written.Text) + "</bdi>"), nil //nolint:gosec // escaped
}

// labelID is the label of a field that every form has.
func labelID(name string) string {
	switch name {
	case "name":
		return "field.name"
	case "username":
		return "field.username"
	case "email":
		return "field.email"
	case "password":
		return "field.password"
	case "preferred_language":
		return "field.language"
	case termsField:
		return "field.terms"
	default:
		return ""
	}
}
