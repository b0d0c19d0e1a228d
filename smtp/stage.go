package smtp

import (
	"regexp"
	"slices"
)

// Stage returns the phase; package outbox stores it with the attempt.
func (e *Error) Stage() string { return string(e.Phase) }

// enhanced matches a status code of RFC 3463 at the beginning of a reply.
var enhanced = regexp.MustCompile(`^5\.([0-9]{1,3})\.[0-9]{1,3}\b`)

// NoSuchAddress reports whether the server permanently refuses mail for the
// address. If the reply has an enhanced status code (RFC 3463), the code tells
// problems with the address or the mailbox (5.1 and 5.2, for some servers also
// 5.4) from other causes: relaying, policy, or the letter itself. Without such a
// code, a refusal of the recipient counts as one of the address.
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
