package web

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/signup-go/signup/refusal"
)

// fieldMark stands in a sentence where a label comes, which has HTML around it.
const fieldMark = "\uE000" // of the private use area

// wrong says what is wrong with a field.
func (tr translator) wrong(p *fieldProblem) (template.HTML, error) {
	said, err := tr.wrongText(p)
	label, labelErr := tr.label(p.Name, p.Label)
	if err == nil {
		err = labelErr
	}
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(said), fieldMark, string(label))), err //nolint:gosec // escaped
}

func (tr translator) wrongText(p *fieldProblem) (string, error) {
	switch {
	case p.Code == string(refusal.UsernameTaken):
		return tr.say("wrong.username_taken")
	case p.Code == string(refusal.EmailTaken):
		return tr.say("wrong.email_taken")
	case p.Name == termsField && ruleOf(p.Rules).Name == refusal.RuleAccept:
		return tr.say("wrong.terms")
	case p.Missing && p.ID != "":
		return tr.say("wrong.required", "Field", fieldMark)
	}
	switch p.Name {
	case "email":
		return tr.say("wrong.email")
	case "username":
		return tr.say("wrong.username")
	case "preferred_language":
		return tr.say("wrong.language")
	case "name":
		return tr.wrongName(p.Rules)
	case "password", newPasswordField:
		return tr.wrongPassword(p.Rules)
	default:
		return tr.wrongAnswer(p.Rules)
	}
}

func (tr translator) wrongName(rules []refusal.Rule) (string, error) {
	switch ruleOf(rules).Name {
	case refusal.RuleCharacters:
		return tr.say("wrong.name_characters")
	case refusal.RuleMarks:
		return tr.say("wrong.name_marks")
	case refusal.RuleLink:
		return tr.say("wrong.name_link")
	default:
		return tr.say("wrong.name")
	}
}

// wrongPassword says all that a password lacks, one sentence each.
func (tr translator) wrongPassword(rules []refusal.Rule) (string, error) {
	if len(rules) == 0 {
		rules = []refusal.Rule{{}}
	}
	var sentences []string
	for _, rule := range rules {
		said, err := tr.wrongPasswordRule(rule)
		if err != nil {
			return "", err
		}
		sentences = append(sentences, said)
	}
	return strings.Join(sentences, " "), nil
}

func (tr translator) wrongPasswordRule(rule refusal.Rule) (string, error) {
	switch rule.Name {
	case refusal.RuleMinLength:
		return tr.count("wrong.password_short", number(rule))
	case refusal.RuleUpper:
		return tr.say("wrong.password_upper")
	case refusal.RuleLower:
		return tr.say("wrong.password_lower")
	case refusal.RuleDigit:
		return tr.say("wrong.password_digit")
	case refusal.RuleSpecial:
		return tr.say("wrong.password_special")
	case refusal.RuleMaxLength:
		return tr.say("wrong.password_long")
	default:
		return tr.say("wrong.password_characters")
	}
}

// wrongAnswer is for the operator's questions.
func (tr translator) wrongAnswer(rules []refusal.Rule) (string, error) {
	rule := ruleOf(rules)
	switch rule.Name {
	case refusal.RuleRequired:
		return tr.say("wrong.required", "Field", fieldMark)
	case refusal.RuleMinLength:
		return tr.count("wrong.short", number(rule), "Field", fieldMark)
	case refusal.RuleMaxLength:
		return tr.count("wrong.long", number(rule), "Field", fieldMark)
	case refusal.RuleMin:
		return tr.say("wrong.least", "Field", fieldMark, "Limit", rule.Limit)
	case refusal.RuleMax:
		return tr.say("wrong.most", "Field", fieldMark, "Limit", rule.Limit)
	case refusal.RuleUndeclared:
		return tr.say("wrong.unknown", "Field", fieldMark)
	default:
		return tr.say(wrongKind(rule.Name), "Field", fieldMark)
	}
}

// wrongKind is for what is not of the field's type.
func wrongKind(rule refusal.RuleName) string {
	switch rule {
	case refusal.RuleCharacters:
		return "wrong.characters"
	case refusal.RuleNumber:
		return "wrong.number"
	case refusal.RuleInteger:
		return "wrong.whole"
	case refusal.RuleDate:
		return "wrong.date"
	case refusal.RuleChoice:
		return "wrong.choice"
	case refusal.RuleBoolean:
		return "wrong.truth"
	default:
		return "wrong.other_value"
	}
}

func ruleOf(rules []refusal.Rule) refusal.Rule {
	if len(rules) == 0 {
		return refusal.Rule{}
	}
	return rules[0]
}

func number(rule refusal.Rule) int {
	n, _ := strconv.Atoi(rule.Limit) // 0 for none
	return n
}

// label is what a field is called: in the page's language, or as the operator
// wrote it, in whichever language that is.
func (tr translator) label(name string, written phrase) (template.HTML, error) {
	if written.Text == "" {
		if id := labelID(name); id != "" {
			said, err := tr.say(id)
			return template.HTML(template.HTMLEscapeString(said)), err //nolint:gosec // escaped
		}
		written.Text = name
	}
	lang := ""
	if written.Lang != "" && written.Lang != tr.lang() {
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
	case newPasswordField:
		return "identify.new_password"
	case "preferred_language":
		return "field.language"
	case termsField:
		return "field.terms"
	default:
		return ""
	}
}
