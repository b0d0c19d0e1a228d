package refusal

import "strconv"

// A RuleName identifies a rule for the value of a field.
type RuleName string

// The rules.
const (
	RuleRequired   RuleName = "required"
	RuleMinLength  RuleName = "min_length" // Limit: the minimum number of characters
	RuleMaxLength  RuleName = "max_length" // Limit: the maximum number of characters, or of bytes for a password
	RuleMin        RuleName = "min"        // Limit: the minimum value
	RuleMax        RuleName = "max"        // Limit: the maximum value
	RuleCharacters RuleName = "characters" // has characters that are not allowed, or lacks required ones
	RuleMarks      RuleName = "marks"      // too many combining marks on one letter
	RuleLink       RuleName = "link"       // looks like a web address
	RuleUpper      RuleName = "upper"      // an upper-case letter is missing
	RuleLower      RuleName = "lower"      // a lower-case letter is missing
	RuleDigit      RuleName = "digit"      // a digit is missing
	RuleSpecial    RuleName = "special"    // a special character is missing
	RuleNumber     RuleName = "number"     // not a number
	RuleInteger    RuleName = "integer"    // not a whole number
	RuleBoolean    RuleName = "boolean"    // neither true nor false
	RuleDate       RuleName = "date"       // not a date
	RuleChoice     RuleName = "choice"     // not one of the choices
	RuleUndeclared RuleName = "undeclared" // the form has no field with this name
	RuleAccept     RuleName = "accept"     // the current terms were not accepted
)

// A Rule names the rule a field broke, for callers that translate messages.
type Rule struct {
	Name  RuleName
	Limit string // a decimal number; "" for rules without a limit
}

// By sets the rules that the field broke, and returns e.
func (e *Error) By(rules ...Rule) *Error {
	e.Rules = rules
	return e
}

// AtLimit returns a rule with a limit.
func AtLimit(name RuleName, n int) Rule { return Rule{name, strconv.Itoa(n)} }
