package smtp

import (
	"regexp"
	"slices"
)

// Stage is the phase as package outbox asks an error for it.
func (e *Error) Stage() string { return string(e.Phase) }

// enhanced is a status code of RFC 3463 at the beginning of the server's words.
var enhanced = regexp.MustCompile(`^5\.([0-9]{1,3})\.[0-9]{1,3}\b`)

// NoSuchAddress reports whether the server takes no mail for the address, now
// or ever. Where its answer has an enhanced status code (RFC 3463), that tells
// the address and the mailbox (5.1, 5.2; for some servers also 5.4) from what is
// the fault of others: relaying, policy, the letter itself. Without one, a
// refusal of the recipient is one of the address.
func (e *Error) NoSuchAddress() bool {
	subject := ""
	if m := enhanced.FindStringSubmatch(e.Text); m != nil {
		subject = m[1]
	}
	switch {
	case !e.permanent:
		return false
	case e.Phase == PhaseRcpt:
		return slices.Contains([]string{"", "1", "2", "4"}, subject)
	default:
		return e.Phase == PhaseData && (subject == "1" || subject == "2")
	}
}
