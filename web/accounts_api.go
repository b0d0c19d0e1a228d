package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

// UserChange documents the body of a change of name or username; what is left out
// stays as it is.
type UserChange struct {
	Name     string `json:"name,omitempty" maxLength:"250"`
	Username string `json:"username,omitempty" maxLength:"250"`
}

func (s *server) routeAccounts(api huma.API) {
	noUser := reason{code: refusal.UserNotFound}
	const refuses = ", or the application refuses"
	register(api, s.forAdmins(s.userVerb("disable", "Shut an active user out",
		"The user keeps the email address and the username, but cannot sign in any more; sessions end. Nobody is mailed. Disabling twice changes nothing.")),
		s.disable, noUser, reason{refusal.Conflict, "the user is not active or the last administrator" + refuses})
	register(api, s.forAdmins(s.userVerb("enable", "Let a disabled user in again",
		"The user is as before. Nobody is mailed. Enabling twice changes nothing.")),
		s.enable, noUser, reason{refusal.Conflict, "the user is neither disabled nor active" + refuses})
	register(api, takesJSON[UserChange](s, api, s.forAdmins(huma.Operation{
		OperationID: "change-user", Method: http.MethodPatch, Path: apiPath + "/users/{id}",
		Summary: "Change a user's name or username", Tags: []string{"Users"},
		Description: "By the rules of sign-up. What is left out stays as it is. Nobody is mailed.",
	})), s.changeUser, noUser,
		reason{refusal.UsernameTaken, "another user, or the application that uses this server, has the username"},
		reason{refusal.Conflict, "the user was rejected" + refuses})
	register(api, s.needs(scope.Admin, huma.Operation{
		OperationID: "export-user", Method: http.MethodGet, Path: apiPath + "/users/{id}/export",
		Summary: "Export everything stored about a user", Tags: []string{"Users"},
		Description: "For a person who asks for their data (articles 15 and 20 of the GDPR): everything but secrets and their hashes. It is recorded in the audit trail.",
	}), s.exportUser, noUser)
}

func (s *server) disable(ctx context.Context, in *userInput) (*output[User], error) {
	u, err := s.admin(ctx).SetDisabled(ctx, in.ID, true)
	return s.answerUser(ctx, u, err)
}

func (s *server) enable(ctx context.Context, in *userInput) (*output[User], error) {
	u, err := s.admin(ctx).SetDisabled(ctx, in.ID, false)
	return s.answerUser(ctx, u, err)
}

func (s *server) changeUser(ctx context.Context, in *userBodyInput) (*output[User], error) {
	values, problem := readStrings(in.Body, nil, []string{"name", "username"})
	if problem != nil {
		return nil, problem
	}
	u, err := s.admin(ctx).Change(ctx, in.ID, changes(values))
	return s.answerUser(ctx, u, err)
}

// changes are those that were sent.
func changes(values map[string]string) (c signup.Changes) {
	if name, ok := values["name"]; ok {
		c.Name = &name
	}
	if username, ok := values["username"]; ok {
		c.Username = &username
	}
	return c
}

// UserExport is everything stored about a user, except secrets and their hashes.
type UserExport struct {
	User     User         `json:"user"`
	OldEmail *string      `json:"old_email" nullable:"true" doc:"the address before it was last changed"`
	Mails    []MailDetail `json:"mails" doc:"mails about the user, newest first"`
	Sessions []Session    `json:"sessions" doc:"where an administrator is signed in, newest first"`
	Audit    []AuditEvent `json:"audit" doc:"what was done to the user, newest first"`
}

// Session is a sign-in of an administrator.
type Session struct {
	ID        string    `json:"id"`
	Agent     string    `json:"agent" doc:"the browser's User-Agent"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"when it was last used, to the minute"`
	ExpiresAt time.Time `json:"expires_at"`
}

// UserExportJSON is the personal data of a user. Of the address it does not say
// which other users have it: that is about them.
func UserExportJSON(d signup.PersonalData) UserExport {
	return UserExport{
		User: UserJSON(d.User, signup.AddressUse{}), OldEmail: orNil(d.User.OldEmail), Mails: each(d.Mails, MailDetailJSON),
		Sessions: each(d.Sessions, SessionJSON), Audit: each(d.Events, AuditJSON),
	}
}

// SessionJSON is a sign-in of an administrator.
func SessionJSON(s signup.Session) Session {
	return Session{s.ID, s.Agent, s.CreatedAt, s.SeenAt, s.ExpiresAt}
}

func (s *server) exportUser(ctx context.Context, in *userInput) (*output[UserExport], error) {
	d, err := s.admin(ctx).Export(ctx, in.ID)
	return answer(ctx, s, UserExportJSON(d), err)
}
