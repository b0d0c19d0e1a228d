package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
)

// Notices documents the body that says whether an administrator wants notices.
type Notices struct {
	Enabled bool `json:"enabled" doc:"whether the administrator is told of users who wait for approval"`
}

func (s *server) routeMails(api huma.API) {
	tags, noMail, noUser := []string{"Mails"}, reason{code: signup.CodeMailNotFound}, reason{code: signup.CodeUserNotFound}
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-mails", Method: http.MethodGet, Path: apiPath + "/mails",
		Summary: "List mails and what became of them, newest first", Tags: tags,
	}), s.listMails)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-user-mails", Method: http.MethodGet, Path: apiPath + "/users/{id}/mails",
		Summary: "List the mails about a user, newest first", Tags: tags,
	}), s.listUserMails, noUser)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "get-mail", Method: http.MethodGet, Path: apiPath + "/mails/{id}",
		Summary: "Get a mail with every attempt to send it", Tags: tags,
	}), s.getMail, noMail)
	register(api, s.mailVerb("retry", "Send a mail after all that failed or was cancelled"), s.retryMail, noMail,
		reason{signup.CodeConflict, "the mail is owed already or was sent, or what it would tell is no longer so"},
		reason{code: signup.CodeMailNotConfigured})
	register(api, s.mailVerb("cancel", "Cancel a mail that is owed"), s.cancelMail, noMail,
		reason{signup.CodeConflict, "the mail is not owed"})
	register(api, takesJSON[Notices](s, api, s.decision("notices", "Say whether an administrator wants notices")), s.setNotices, noUser,
		reason{signup.CodeConflict, "the user is no administrator"})
}

func (s *server) mailVerb(verb, summary string) huma.Operation {
	return s.forAdmins(huma.Operation{
		OperationID: verb + "-mail", Method: http.MethodPut, Path: apiPath + "/mails/{id}/" + verb,
		Summary: summary, Tags: []string{"Mails"},
	})
}

type mailsInput struct {
	Before string `query:"before" maxLength:"64" doc:"only what comes after the mail with this id: next of the answer before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"at most so many"`
	State  string `query:"state" enum:"owed,trying,sent,failed,superseded,cancelled" doc:"owed: not tried yet; trying: tried at least once"`
	Kind   string `query:"kind" enum:"confirmation,admin_notice,approved,rejected,account_exists,reminder,welcome,admin_digest"`
	UserID int64  `query:"user_id" minimum:"0" doc:"only mails about this user"`
}

// Mails is a page of mails.
type Mails struct {
	Mails []Mail  `json:"mails"`
	Next  *string `json:"next" nullable:"true" doc:"before of the next page; null on the last"`
}

func (s *server) listMails(ctx context.Context, in *mailsInput) (*output[Mails], error) {
	q := signup.MailQuery{
		UserID: in.UserID, Kind: signup.MailKind(in.Kind), Before: in.Before, Limit: in.Limit + 1,
	}.InProgress(in.State)
	mails, err := s.Service.Mails(ctx, q)
	if signup.IsCode(err, signup.CodeInvalid) {
		return nil, invalidBody(FieldProblem{"query.before", "must be the id of a mail", string(signup.CodeInvalid)})
	}
	out := Mails{Mails: each(mails, mailJSON)}
	if len(mails) > in.Limit {
		out.Mails = out.Mails[:in.Limit]
		out.Next = &mails[in.Limit-1].ID
	}
	return answer(ctx, s, out, err)
}

type userMailsInput struct {
	ID     int64  `path:"id" minimum:"1"`
	Before string `query:"before" maxLength:"64" doc:"only what comes after the mail with this id: next of the answer before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"at most so many"`
}

func (s *server) listUserMails(ctx context.Context, in *userMailsInput) (*output[Mails], error) {
	if _, err := s.Service.User(ctx, in.ID); err != nil {
		return nil, s.problemOf(ctx, err)
	}
	return s.listMails(ctx, &mailsInput{UserID: in.ID, Before: in.Before, Limit: in.Limit})
}

type mailInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *server) getMail(ctx context.Context, in *mailInput) (*output[MailDetail], error) {
	m, err := s.Service.Mail(ctx, in.ID)
	return answer(ctx, s, MailDetail{mailJSON(m.Mail), each(m.Log, attemptJSON)}, err)
}

func (s *server) retryMail(ctx context.Context, in *mailInput) (*output[Mail], error) {
	m, err := s.Service.RetryMail(ctx, in.ID, actor(ctx))
	return answer(ctx, s, mailJSON(m), err)
}

func (s *server) cancelMail(ctx context.Context, in *mailInput) (*output[Mail], error) {
	m, err := s.Service.CancelMail(ctx, in.ID, actor(ctx))
	return answer(ctx, s, mailJSON(m), err)
}

// readFlag reads a body that has this member, true or false, and no other.
func readFlag(body []byte, name string) (bool, *Problem) {
	o, problem := parseObject(body)
	if problem != nil {
		return false, problem
	}
	var errs []FieldProblem
	raw, ok := o[name]
	delete(o, name)
	switch value := string(raw); {
	case !ok:
		errs = append(errs, blame(name, "is required"))
	case value != "true" && value != "false":
		errs = append(errs, blame(name, "must be true or false"))
	}
	if errs = append(errs, o.unknown()...); len(errs) > 0 {
		return false, invalidBody(errs...)
	}
	return string(raw) == "true", nil
}

type noticesInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body json.RawMessage
}

func (s *server) setNotices(ctx context.Context, in *noticesInput) (*output[User], error) {
	on, problem := readFlag(in.Body, "enabled")
	if problem != nil {
		return nil, problem
	}
	u, err := s.Service.SetNotices(ctx, in.ID, on, actor(ctx))
	return answer(ctx, s, userJSON(u), err)
}
