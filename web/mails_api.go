package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// Notices documents the body that says whether an administrator wants notices.
type Notices struct {
	Enabled bool `json:"enabled" doc:"whether the administrator is told of users who wait for approval"`
}

func (s *server) routeMails(api huma.API) {
	tags, noMail, noUser := []string{"Mails"}, reason{code: refusal.MailNotFound}, reason{code: refusal.UserNotFound}
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-mails", Method: http.MethodGet, Path: apiPath + "/mails",
		Summary: "List mails and what became of them, newest first", Tags: tags,
		Description: "A page of the mails that all parameters match. The text of a mail is not kept.",
	}), s.listMails)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "list-user-mails", Method: http.MethodGet, Path: apiPath + "/users/{id}/mails",
		Summary: "List the mails about a user, newest first", Tags: tags,
		Description: "Mails to the user, and notices to administrators about the user.",
	}), s.listUserMails, noUser)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "get-mail", Method: http.MethodGet, Path: apiPath + "/mails/{id}",
		Summary: "Get a mail with every attempt to send it", Tags: tags,
		Description: "Each attempt with the mail server's answer.",
	}), s.getMail, noMail)
	register(api, s.mailVerb("retry", "Retry a mail that failed or was cancelled",
		"The mail is sent as soon as possible, with a new link if it has one."), s.retryMail, noMail,
		reason{refusal.Conflict, "the mail is owed already or was sent, or what it would tell is no longer so"},
		reason{code: refusal.MailNotConfigured})
	register(api, s.mailVerb("cancel", "Cancel a mail that is owed",
		"An attempt that is already under way is not interrupted."), s.cancelMail, noMail,
		reason{refusal.Conflict, "the mail is not owed"})
	register(api, takesJSON[Notices](s, api, s.forAdmins(s.userVerb("notices", "Say whether an administrator wants notices",
		"Notices tell an administrator by mail who waits for approval."))), s.setNotices, noUser,
		reason{refusal.Conflict, "the user is no administrator"})
}

func (s *server) mailVerb(verb, summary, description string) huma.Operation {
	return s.forAdmins(huma.Operation{
		OperationID: verb + "-mail", Method: http.MethodPut, Path: apiPath + "/mails/{id}/" + verb,
		Summary: summary, Description: description, Tags: []string{"Mails"},
	})
}

type mailsInput struct {
	Before string             `query:"before" maxLength:"64" doc:"return mails older than the one with this id; pass next of the previous page"`
	Limit  int                `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"maximum number of results"`
	State  mailStateParameter `query:"state" doc:"owed: not tried yet; trying: tried at least once"`
	Kind   mailKindParameter  `query:"kind"`
	UserID int64              `query:"user_id" minimum:"0" doc:"only mails about this user"`
}

// Mails is a page of mails.
type Mails struct {
	Mails []Mail  `json:"mails"`
	Next  *string `json:"next" nullable:"true" doc:"pass as before to get the next page; null on the last"`
}

func (s *server) listMails(ctx context.Context, in *mailsInput) (*output[Mails], error) {
	q := MailsInState(signup.MailQuery{
		UserID: in.UserID, Kind: signup.MailKind(in.Kind), Before: in.Before, Limit: in.Limit + 1,
	}, string(in.State))
	mails, err := s.admin(ctx).Mails(ctx, q)
	if refusal.Is(err, refusal.Invalid) {
		return nil, invalidBody(FieldProblem{"query.before", "must be the id of a mail", string(refusal.Invalid)})
	}
	out := Mails{Mails: each(mails, MailJSON)}
	if len(mails) > in.Limit {
		out.Mails = out.Mails[:in.Limit]
		out.Next = &mails[in.Limit-1].ID
	}
	return answer(ctx, s, out, err)
}

type userMailsInput struct {
	ID     int64  `path:"id" minimum:"1"`
	Before string `query:"before" maxLength:"64" doc:"return mails older than the one with this id; pass next of the previous page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"maximum number of results"`
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
	m, err := s.admin(ctx).Mail(ctx, in.ID)
	return answer(ctx, s, MailDetailJSON(m), err)
}

func (s *server) retryMail(ctx context.Context, in *mailInput) (*output[Mail], error) {
	m, err := s.admin(ctx).RetryMail(ctx, in.ID)
	return answer(ctx, s, MailJSON(m), err)
}

func (s *server) cancelMail(ctx context.Context, in *mailInput) (*output[Mail], error) {
	m, err := s.admin(ctx).CancelMail(ctx, in.ID)
	return answer(ctx, s, MailJSON(m), err)
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
	u, err := s.admin(ctx).SetNotices(ctx, in.ID, on)
	return s.answerUser(ctx, u, err)
}
