package signup

import "strconv"

// A RuleName names a rule that a field can break.
type RuleName string

// The rules.
const (
	RuleRequired   RuleName = "required"
	RuleMinLength  RuleName = "min_length" // Limit: the least number of characters
	RuleMaxLength  RuleName = "max_length" // Limit: the greatest number of characters, or of bytes for a password
	RuleMin        RuleName = "min"        // Limit: the least value
	RuleMax        RuleName = "max"        // Limit: the greatest value
	RuleCharacters RuleName = "characters" // one of them is not allowed
	RuleMarks      RuleName = "marks"      // too many on one letter
	RuleLink       RuleName = "link"       // looks like a web address
	RuleUpper      RuleName = "upper"      // an upper-case letter is missing
	RuleDigit      RuleName = "digit"      // a digit is missing
	RuleSpecial    RuleName = "special"    // a special character is missing
	RuleNumber     RuleName = "number"     // is none
	RuleInteger    RuleName = "integer"    // is none
	RuleBoolean    RuleName = "boolean"    // is none
	RuleDate       RuleName = "date"       // is none
	RuleChoice     RuleName = "choice"     // is none of them
	RuleUndeclared RuleName = "undeclared" // there is no such field
	RuleAccept     RuleName = "accept"     // the terms in force were not accepted
)

// A Rule is one rule that a field breaks, for whoever says it in other words
// than Error.Message, such as those of another language.
type Rule struct {
	Name  RuleName
	Limit string // a number in decimal, where the rule has one
}

// by says which rules a refusal is for.
func (e *Error) by(rules ...Rule) *Error {
	e.Rules = rules
	return e
}

func limit(name RuleName, n int) Rule { return Rule{name, strconv.Itoa(n)} }
