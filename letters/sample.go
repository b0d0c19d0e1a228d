package letters

import (
	"time"

	"github.com/signup-go/signup"
)

// Kinds lists every kind of letter.
func Kinds() []signup.MailKind {
	var kinds []signup.MailKind
	for _, info := range signup.MailKinds() {
		kinds = append(kinds, info.Kind)
	}
	return kinds
}

// Sample is a message to preview a letter with. Its names, addresses and
// links are made up; nothing in it leads anywhere.
func Sample(kind signup.MailKind, language string) signup.Message {
	m := signup.Message{
		Kind:      kind,
		Language:  language,
		Recipient: signup.Address{Name: "Ada Lovelace", Email: "ada@example.org"},
		User:      signup.Person{Name: "Ada Lovelace", Username: "ada", Email: "ada@example.org"},
		Link:      "https://app.example.org/login",
		Status:    signup.StatusActive,
	}
	switch kind {
	case signup.MailConfirmation, signup.MailReminder:
		m.Link = "https://app.example.org/verify-email?token=preview-preview-preview-preview-preview-prevw"
		m.Lifetime = 24 * time.Hour
		m.ExpiresAt = time.Date(2030, time.January, 2, 15, 4, 0, 0, time.UTC)
		m.Status = signup.StatusUnconfirmed
		if kind == signup.MailReminder {
			m.LapsesAt = time.Date(2030, time.January, 6, 9, 30, 0, 0, time.UTC)
		}
	case signup.MailPasswordReset:
		m.Link = "https://app.example.org/reset-password?token=preview-preview-preview-preview-preview-prevw"
		m.Lifetime = time.Hour
		m.ExpiresAt = time.Date(2030, time.January, 1, 16, 4, 0, 0, time.UTC)
	case signup.MailNewEmail:
		m.Link = "https://app.example.org/confirm-email?token=preview-preview-preview-preview-preview-prevw"
		m.Lifetime = 24 * time.Hour
		m.ExpiresAt = time.Date(2030, time.January, 2, 15, 4, 0, 0, time.UTC)
	case signup.MailEmailChanged:
		m.Link = ""
	case signup.MailAdminNotice:
		m.Recipient = signup.Address{Name: "Charles Babbage", Email: "charles@example.org"}
		m.Link = "https://app.example.org/admin/users/1"
		m.Status = signup.StatusPendingApproval
	case signup.MailAdminDigest:
		m.Recipient = signup.Address{Name: "Charles Babbage", Email: "charles@example.org"}
		m.Link = "https://app.example.org/admin/users"
		m.Status = signup.StatusPendingApproval
		m.People, m.Waiting = sampleWaiting()
	case signup.MailRejected:
		m.Link = ""
		m.Reason = "We only take members of the engine club.\nJoin the club, then sign up again."
		m.Status = signup.StatusRejected
	}
	return m
}

func sampleWaiting() (first []signup.Person, all int) {
	first = []signup.Person{
		{Name: "Ada Lovelace", Username: "ada", Email: "ada@example.org"},
		{Name: "Mary Somerville", Username: "mary.s", Email: "mary@example.org"},
		{Name: "", Username: "herschel", Email: "herschel@example.org"},
	}
	return first, 12
}
