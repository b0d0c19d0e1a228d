// Package event lists the types of events. Events form the audit trail and are
// counted in statistics; each is stored in the transaction of the change that it
// reports.
package event

// A Type identifies what happened.
type Type string

// The events.
const (
	SignedUp        Type = "user.signed_up"
	Verified        Type = "user.verified"
	Approved        Type = "user.approved"
	Rejected        Type = "user.rejected"
	Reconsidered    Type = "user.reconsidered"
	Active          Type = "user.active"
	SignUpReplaced  Type = "user.sign_up_replaced"
	EmailCorrected  Type = "user.email_corrected"
	PasswordChosen  Type = "user.password_chosen"
	LinkSentAgain   Type = "user.link_sent_again"
	Reminded        Type = "user.reminded"
	Disowned        Type = "user.disowned"
	Lapsed          Type = "user.lapsed"
	AdminCreated    Type = "user.admin_created"
	Imported        Type = "user.imported"
	Removed         Type = "user.removed"
	PasswordSet     Type = "user.password_set"
	RoleSet         Type = "user.role_set"
	NoticesOn       Type = "user.notices_on"
	NoticesOff      Type = "user.notices_off"
	TokenCreated    Type = "token.created"
	SessionStarted  Type = "session.started"
	SessionRefused  Type = "session.refused"
	SessionEnded    Type = "session.ended"
	MailRetried     Type = "mail.retried"
	MailCancelled   Type = "mail.cancelled"
	SettingsChanged Type = "settings.changed"
	APIKeyCreated   Type = "api_key.created"
	APIKeyRevoked   Type = "api_key.revoked"
)

// An Info describes a type of event.
type Info struct {
	Type Type
	Doc  string // one sentence, for documentation
}

// All returns a description of every type of event.
func All() []Info {
	return []Info{
		{SignedUp, "A person signed up."},
		{Verified, "The email address was proved, by its link or by an administrator."},
		{Approved, "An administrator approved the sign-up."},
		{Rejected, "An administrator rejected the sign-up."},
		{Reconsidered, "An administrator took a rejection back."},
		{Active, "The user became active: the application may let them in."},
		{SignUpReplaced, "The browser that signed up sent the form again, with corrections."},
		{EmailCorrected, "The email address was corrected before it was proved."},
		{PasswordChosen, "The owner of the mailbox chose a new password while confirming."},
		{LinkSentAgain, "An administrator had the link sent again."},
		{Reminded, "A reminder to confirm was owed."},
		{Disowned, "The owner of the mailbox removed a sign-up that was not theirs."},
		{Lapsed, "A sign-up was removed: not confirmed in time, or rejected long ago."},
		{AdminCreated, "An administrator was created."},
		{Imported, "The operator imported somebody who has an account elsewhere."},
		{Removed, "An administrator removed the user, with all personal data."},
		{PasswordSet, "An administrator set a user's password."},
		{RoleSet, "A user's role was changed."},
		{NoticesOn, "An administrator gets notices again."},
		{NoticesOff, "An administrator gets no more notices."},
		{TokenCreated, "A token was created by an administrator."},
		{SessionStarted, "An administrator signed in."},
		{SessionRefused, "A sign-in was refused."},
		{SessionEnded, "An administrator's session was ended."},
		{MailRetried, "An administrator had a mail tried again."},
		{MailCancelled, "An administrator cancelled a mail."},
		{SettingsChanged, "Settings were changed; the detail has the new values."},
		{APIKeyCreated, "An API key was created."},
		{APIKeyRevoked, "An API key was revoked."},
	}
}
