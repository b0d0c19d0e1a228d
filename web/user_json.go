package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/event"
)

// User is a user as administrators see it, in the API and in what commands
// print as JSON. The password hash is never in it.
type User struct {
	ID                        int64          `json:"id"`
	Status                    signup.Status  `json:"status"`
	Name                      string         `json:"name"`
	Username                  string         `json:"username"`
	Email                     string         `json:"email"`
	NewEmail                  *string        `json:"new_email" nullable:"true" doc:"the address that the user gets once the link that was mailed there is opened; null for none"`
	PreferredLanguage         string         `json:"preferred_language"`
	Role                      string         `json:"role" enum:"member,admin"`
	Origin                    string         `json:"origin" enum:"signup,operator" doc:"who made the account"`
	Profile                   map[string]any `json:"profile" doc:"the operator's extra fields"`
	EmailVerificationRequired bool           `json:"email_verification_required" doc:"whether this user had to verify the address"`
	AdminApprovalRequired     bool           `json:"admin_approval_required" doc:"whether this user had to be approved"`
	CreatedAt                 time.Time      `json:"created_at"`
	TermsVersion              *string        `json:"terms_version" nullable:"true" doc:"the version of the terms of use that the person accepted; null for none"`
	TermsAt                   *time.Time     `json:"terms_at" nullable:"true" doc:"when the person accepted them"`
	UndeliverableAt           *time.Time     `json:"undeliverable_at" nullable:"true" doc:"when a mail server refused the address for good, if nothing arrived since"`
	RemindedAt                *time.Time     `json:"reminded_at" nullable:"true" doc:"when the person was reminded to confirm"`
	Notices                   bool           `json:"notices" doc:"whether an administrator wants notices of those who wait for approval"`
	VerifiedAt                *time.Time     `json:"verified_at" nullable:"true"`
	ApprovedAt                *time.Time     `json:"approved_at" nullable:"true"`
	ApprovedBy                *string        `json:"approved_by" nullable:"true"`
	RejectedAt                *time.Time     `json:"rejected_at" nullable:"true"`
	RejectedBy                *string        `json:"rejected_by" nullable:"true"`
	RejectionReason           *string        `json:"rejection_reason" nullable:"true" doc:"told to the person"`
	RejectionNote             *string        `json:"rejection_note" nullable:"true" doc:"for administrators only"`
	DisabledAt                *time.Time     `json:"disabled_at" nullable:"true" doc:"when an administrator shut the user out; null for a user who is not disabled"`
	DisabledBy                *string        `json:"disabled_by" nullable:"true"`
	AddressHeldBy             *int64         `json:"address_held_by" nullable:"true" doc:"the other user who has confirmed this email address; null for nobody"`
	AddressShared             bool           `json:"address_shared" doc:"whether other unconfirmed users have the email address of this one, who is unconfirmed too"`
}

// TransformSchema lists the statuses in the API's document.
func (User) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return withEnum(schema, "status", signup.Statuses())
}

// AddressNotes tells what administrators should know about the address of a
// user: which other user holds it, 0 for nobody, and how many other unconfirmed
// users have it, 0 for a user who is not unconfirmed.
func AddressNotes(u signup.User, use signup.AddressUse) (heldBy int64, others int) {
	if use.HolderID != u.ID {
		heldBy = use.HolderID
	}
	if u.Status() == signup.StatusUnconfirmed {
		others = max(use.Unconfirmed-1, 0)
	}
	return heldBy, others
}

// UserJSON is a user with what the address is used for.
func UserJSON(u signup.User, use signup.AddressUse) User {
	heldBy, others := AddressNotes(u, use)
	profile := u.Profile
	if profile == nil {
		profile = map[string]any{}
	}
	return User{
		ID: u.ID, Status: u.Status(), Name: u.Name, Username: u.Username, Email: u.Email, NewEmail: orNil(u.NewEmail),
		PreferredLanguage: u.Language, Role: string(u.Role), Origin: string(u.Origin), Profile: profile,
		EmailVerificationRequired: u.VerificationRequired, AdminApprovalRequired: u.ApprovalRequired,
		CreatedAt: u.CreatedAt, TermsVersion: orNil(u.TermsVersion), TermsAt: timeOrNil(u.TermsAt), VerifiedAt: timeOrNil(u.VerifiedAt),
		UndeliverableAt: timeOrNil(u.UndeliverableAt), RemindedAt: timeOrNil(u.RemindedAt),
		Notices:    u.Role == signup.RoleAdmin && !u.NoticesOff,
		ApprovedAt: timeOrNil(u.ApprovedAt), ApprovedBy: orNil(u.ApprovedBy),
		RejectedAt: timeOrNil(u.RejectedAt), RejectedBy: orNil(u.RejectedBy),
		RejectionReason: orNil(u.RejectionReason), RejectionNote: orNil(u.RejectionNote),
		DisabledAt: timeOrNil(u.DisabledAt), DisabledBy: orNil(u.DisabledBy),
		AddressHeldBy: idOrNil(heldBy), AddressShared: others > 0,
	}
}

// UserDetail is a user with what happened to it.
type UserDetail struct {
	User
	Mails []Mail       `json:"mails" doc:"mails owed about the user, newest first, at most 100"`
	Audit []AuditEvent `json:"audit" doc:"what was done to the user, newest first, at most 100"`
}

// UserDetailJSON is a user with mails and events.
func UserDetailJSON(u User, mails []signup.Mail, events []signup.AuditEvent) UserDetail {
	return UserDetail{u, each(mails, MailJSON), each(events, AuditJSON)}
}

// AuditEvent is who did what to whom, and when.
type AuditEvent struct {
	ID     int64             `json:"id"`
	At     time.Time         `json:"at"`
	Actor  string            `json:"actor"`
	Action event.Type        `json:"action"`
	UserID *int64            `json:"user_id" nullable:"true"`
	Detail map[string]string `json:"detail"`
}

// TransformSchema lists the types of events in the API's document. It is no
// closed list: the trail keeps events of types that are no longer recorded.
func (AuditEvent) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	lines := []string{"what happened. Other versions may have other types.", ""}
	for _, e := range event.All() {
		lines = append(lines, fmt.Sprintf("* `%s`: %s", e.Type, e.Doc))
	}
	schema.Properties["action"].Description = strings.Join(lines, "\n")
	return schema
}

// AuditJSON is an event of the audit trail.
func AuditJSON(e signup.AuditEvent) AuditEvent {
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	return AuditEvent{
		ID: e.ID, At: e.At, Actor: string(e.Actor), Action: e.Type, UserID: idOrNil(e.UserID), Detail: detail,
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orNil[T ~string](v T) *string {
	if v == "" {
		return nil
	}
	s := string(v)
	return &s
}

func idOrNil(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// each converts a list; it is never null in JSON.
func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}
