package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
)

// historyLimit is how much of a user's history comes with the user.
const historyLimit = 100

func (s *server) routeUsers(api huma.API) {
	tags := []string{"Users"}
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: apiPath + "/users",
		Summary: "List users, newest first", Tags: tags,
	}), s.listUsers)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "get-user", Method: http.MethodGet, Path: apiPath + "/users/{id}",
		Summary: "Get a user with mails and audit trail", Tags: tags,
	}), s.getUser, reason{code: signup.CodeUserNotFound})
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: apiPath + "/audit",
		Summary: "List the audit trail, newest first", Tags: []string{"Audit"},
	}), s.listAudit)
}

type usersInput struct {
	Before int64  `query:"before" minimum:"0" doc:"only what is older than this id: next of the answer before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"at most so many"`
	Status string `query:"status" enum:"unconfirmed,pending_approval,active,rejected"`
	Role   string `query:"role" enum:"member,admin"`
	Search string `query:"search" maxLength:"250" doc:"part of name, username or e-mail address"`
}

// Users is a page of users.
type Users struct {
	Users []User `json:"users"`
	Total int    `json:"total" doc:"how many there are on all pages"`
	Next  *int64 `json:"next" nullable:"true" doc:"before of the next page; null on the last"`
}

func (s *server) listUsers(ctx context.Context, in *usersInput) (*output[Users], error) {
	q := signup.UserQuery{
		Status: signup.Status(in.Status), Role: signup.Role(in.Role), Search: in.Search,
		Before: in.Before, Limit: in.Limit + 1,
	}
	users, total, err := s.Service.Users(ctx, q)
	users, next := page(users, in.Limit, func(u signup.User) int64 { return u.ID })
	return answer(ctx, s, Users{each(users, userJSON), total, next}, err)
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
	mails, err := s.Service.Mails(ctx, signup.MailQuery{UserID: u.ID, Limit: historyLimit})
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	events, err := s.Service.Audit(ctx, signup.AuditQuery{UserID: u.ID, Limit: historyLimit})
	return answer(ctx, s, UserDetail{userJSON(u), each(mails, mailJSON), each(events, auditJSON)}, err)
}

type auditInput struct {
	Before int64 `query:"before" minimum:"0" doc:"only what is older than this id: next of the answer before"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"at most so many"`
	UserID int64 `query:"user_id" minimum:"0" doc:"only what was done to this user"`
}

// Audit is a page of the audit trail.
type Audit struct {
	Events []AuditEvent `json:"events"`
	Next   *int64       `json:"next" nullable:"true" doc:"before of the next page; null on the last"`
}

func (s *server) listAudit(ctx context.Context, in *auditInput) (*output[Audit], error) {
	events, err := s.Service.Audit(ctx, signup.AuditQuery{UserID: in.UserID, Before: in.Before, Limit: in.Limit + 1})
	events, next := page(events, in.Limit, func(e signup.AuditEvent) int64 { return e.ID })
	return answer(ctx, s, Audit{each(events, auditJSON), next}, err)
}
