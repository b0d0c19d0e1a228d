// Package event lists the types of events. Events form the audit trail and are
// counted in statistics; each is stored in the transaction of the change that it
// reports.
package event

// A Type identifies what happened.
type Type string

// The events.
const (
	SignedUp         Type = "user.signed_up"
	Verified         Type = "user.verified"
	Approved         Type = "user.approved"
	Rejected         Type = "user.rejected"
	Reconsidered     Type = "user.reconsidered"
	Active           Type = "user.active"
	SignUpReplaced   Type = "user.sign_up_replaced"
	EmailCorrected   Type = "user.email_corrected"
	PasswordChosen   Type = "user.password_chosen"
	LinkSentAgain    Type = "user.link_sent_again"
	Reminded         Type = "user.reminded"
	Disowned         Type = "user.disowned"
	Lapsed           Type = "user.lapsed"
	AdminCreated     Type = "user.admin_created"
	Imported         Type = "user.imported"
	Removed          Type = "user.removed"
	PasswordSet      Type = "user.password_set"
	PasswordReset    Type = "user.password_reset"
	EmailChangeAsked Type = "user.email_change_asked"
	EmailChanged     Type = "user.email_changed"
	RoleSet          Type = "user.role_set"
	Changed          Type = "user.changed"
	Disabled         Type = "user.disabled"
	Enabled          Type = "user.enabled"
	Exported         Type = "user.exported"
	NoticesOn        Type = "user.notices_on"
	NoticesOff       Type = "user.notices_off"
	TokenCreated     Type = "token.created"
	SessionStarted   Type = "session.started"
	SessionRefused   Type = "session.refused"
	SessionEnded     Type = "session.ended"
	MailRetried      Type = "mail.retried"
	MailCancelled    Type = "mail.cancelled"
	SettingsChanged  Type = "settings.changed"
	APIKeyCreated    Type = "api_key.created"
	APIKeyRevoked    Type = "api_key.revoked"
	WebHookAdded     Type = "web_hook.added"
	WebHookChanged   Type = "web_hook.changed"
	WebHookRemoved   Type = "web_hook.removed"
	WebHookDisabled  Type = "web_hook.disabled"
)

// An Info describes a type of event.
type Info struct {
	Type   Type
	Public bool   // applications are told, not only administrators: the event changes who a user is, or who may log in
	Doc    string // one sentence, for documentation
}

// Public returns the types of events that applications are told.
func Public() (types []Type) {
	for _, e := range All() {
		if e.Public {
			types = append(types, e.Type)
		}
	}
	return types
}

// All returns a description of every type of event.
func All() []Info {
	return []Info{
		{SignedUp, true, "A person signed up."},
		{Verified, true, "The email address was proved, by its link or by an administrator."},
		{Approved, true, "An administrator approved the sign-up."},
		{Rejected, true, "An administrator rejected the sign-up."},
		{Reconsidered, true, "An administrator took a rejection back."},
		{Active, true, "The user became active: the application may let them in."},
		{SignUpReplaced, true, "The browser that signed up sent the form again, with corrections."},
		{EmailCorrected, true, "The email address was corrected before it was proved."},
		{PasswordChosen, true, "The owner of the mailbox chose a new password while confirming."},
		{LinkSentAgain, false, "An administrator had the link sent again."},
		{Reminded, false, "A reminder to confirm was owed."},
		{Disowned, true, "The owner of the mailbox removed a sign-up that was not theirs."},
		{Lapsed, true, "A sign-up was removed: not confirmed in time, or rejected long ago."},
		{AdminCreated, true, "An administrator was created."},
		{Imported, true, "The operator imported somebody who has an account elsewhere."},
		{Removed, true, "An administrator removed the user, with all personal data."},
		{PasswordSet, true, "An administrator set a user's password."},
		{PasswordReset, true, "The user chose a new password, by a link that was mailed."},
		{EmailChangeAsked, false, "An administrator requested another email address for a user."},
		{EmailChanged, true, "The email address was changed, and proved by a link to the new one."},
		{RoleSet, true, "A user's role was changed."},
		{Changed, true, "An administrator changed a user's name or username."},
		{Disabled, true, "An administrator disabled the user: the application must not let them in."},
		{Enabled, true, "An administrator enabled the user again."},
		{Exported, false, "An administrator exported everything stored about a user."},
		{NoticesOn, false, "An administrator gets notices again."},
		{NoticesOff, false, "An administrator gets no more notices."},
		{TokenCreated, false, "A token was created by an administrator."},
		{SessionStarted, false, "An administrator signed in."},
		{SessionRefused, false, "A sign-in was refused."},
		{SessionEnded, false, "An administrator's session was ended."},
		{MailRetried, false, "An administrator had a mail tried again."},
		{MailCancelled, false, "An administrator cancelled a mail."},
		{SettingsChanged, false, "Settings were changed; the detail has the new values."},
		{APIKeyCreated, false, "An API key was created."},
		{APIKeyRevoked, false, "An API key was revoked."},
		{WebHookAdded, false, "A web hook was added."},
		{WebHookChanged, false, "A web hook was changed, enabled, retried or replayed; the detail has what."},
		{WebHookRemoved, false, "A web hook was removed."},
		{WebHookDisabled, false, "A web hook was disabled because its receiver failed; the detail has the reason."},
	}
}
