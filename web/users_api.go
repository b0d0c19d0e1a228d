package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// historyLimit is how much of a user's history comes with the user.
const historyLimit = 100

func (s *server) routeUsers(api huma.API) {
	tags := []string{"Users"}
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: apiPath + "/users",
		Summary: "List users, newest first", Tags: tags,
		Description: "A page of the users that all parameters match, and how many there are on all pages.",
	}), s.listUsers)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "get-user", Method: http.MethodGet, Path: apiPath + "/users/{id}",
		Summary: "Get a user with mails and audit trail", Tags: tags,
		Description: "The user with the last 100 mails about the user and the last 100 events.",
	}), s.getUser, reason{code: refusal.UserNotFound})
	register(api, s.forAdmins(huma.Operation{
		OperationID: "remove-user", Method: http.MethodDelete, Path: apiPath + "/users/{id}",
		Summary: "Remove a user with all personal data", Tags: tags, DefaultStatus: http.StatusNoContent,
		Description: "Nobody is mailed. The audit trail keeps the user's id.",
	}), s.removeUser, reason{code: refusal.UserNotFound},
		reason{refusal.Conflict, "the user is an administrator, who must become a member first, or the application refuses"})
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: apiPath + "/audit",
		Summary: "List the audit trail, newest first", Tags: []string{"Audit"},
		Description: "Who did what to whom, and when. Events about users who were removed stay.",
	}), s.listAudit)
}

type usersInput struct {
	Before int64           `query:"before" minimum:"0" doc:"return items older than this id; pass next of the previous page"`
	Limit  int             `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"maximum number of results"`
	Status statusParameter `query:"status"`
	Role   string          `query:"role" enum:"member,admin"`
	Search string          `query:"search" maxLength:"250" doc:"part of name, username or email address"`
}

// Users is a page of users.
type Users struct {
	Users []User `json:"users"`
	Total int    `json:"total" doc:"how many there are on all pages"`
	Next  *int64 `json:"next" nullable:"true" doc:"pass as before to get the next page; null on the last"`
}

func (s *server) listUsers(ctx context.Context, in *usersInput) (*output[Users], error) {
	q := signup.UserQuery{
		Status: signup.Status(in.Status), Role: signup.Role(in.Role), Search: in.Search,
		Before: in.Before, Limit: in.Limit + 1,
	}
	users, total, err := s.admin(ctx).Users(ctx, q)
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	users, next := page(users, in.Limit, func(u signup.User) int64 { return u.ID })
	shown, err := s.usersJSON(ctx, users...)
	return answer(ctx, s, Users{shown, total, next}, err)
}

// usersJSON looks up what the addresses of users are used for.
func (s *server) usersJSON(ctx context.Context, users ...signup.User) ([]User, error) {
	uses, err := s.admin(ctx).AddressUses(ctx, users...)
	return each(users, func(u signup.User) User { return UserJSON(u, uses[u.EmailKey]) }), err
}

// answerUser answers with the user that a verb returned, or with its refusal.
func (s *server) answerUser(ctx context.Context, u signup.User, err error) (*output[User], error) {
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	shown, err := s.usersJSON(ctx, u)
	return answer(ctx, s, shown[0], err)
}

// page cuts off the one that was asked for to see whether there are more.
func page[T any](list []T, limit int, id func(T) int64) (cut []T, next *int64) {
	if len(list) <= limit {
		return list, nil
	}
	last := id(list[limit-1])
	return list[:limit], &last
}

type userInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (s *server) getUser(ctx context.Context, in *userInput) (*output[UserDetail], error) {
	u, err := s.Service.User(ctx, in.ID)
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	mails, err := s.admin(ctx).Mails(ctx, signup.MailQuery{UserID: u.ID, Limit: historyLimit})
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	events, err := s.admin(ctx).Audit(ctx, signup.AuditQuery{UserID: u.ID, Limit: historyLimit})
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	shown, err := s.usersJSON(ctx, u)
	return answer(ctx, s, UserDetailJSON(shown[0], mails, events), err)
}

func (s *server) removeUser(ctx context.Context, in *userInput) (*struct{}, error) {
	if err := s.admin(ctx).Remove(ctx, in.ID); err != nil {
		return nil, s.problemOf(ctx, err)
	}
	return nil, nil
}

type auditInput struct {
	Before int64 `query:"before" minimum:"0" doc:"return items older than this id; pass next of the previous page"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"maximum number of results"`
	UserID int64 `query:"user_id" minimum:"0" doc:"only what was done to this user"`
}

// Audit is a page of the audit trail.
type Audit struct {
	Events []AuditEvent `json:"events"`
	Next   *int64       `json:"next" nullable:"true" doc:"pass as before to get the next page; null on the last"`
}

func (s *server) listAudit(ctx context.Context, in *auditInput) (*output[Audit], error) {
	events, err := s.admin(ctx).Audit(ctx, signup.AuditQuery{UserID: in.UserID, Before: in.Before, Limit: in.Limit + 1})
	events, next := page(events, in.Limit, func(e signup.AuditEvent) int64 { return e.ID })
	return answer(ctx, s, Audit{each(events, AuditJSON), next}, err)
}
