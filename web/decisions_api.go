package web

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

// Rejection documents the body of a rejection; all of it may be left out.
type Rejection struct {
	Reason string `json:"reason,omitempty" maxLength:"2000" doc:"told to the person by mail"`
	Note   string `json:"note,omitempty" maxLength:"2000" doc:"for administrators only"`
}

// EmailCorrection documents the body of a corrected address.
type EmailCorrection struct {
	Email string `json:"email" maxLength:"250" example:"ada@example.org"`
}

func (s *server) routeDecisions(api huma.API) {
	noUser, notVerified := reason{code: refusal.UserNotFound}, reason{code: refusal.NotVerified}
	register(api, s.decision("approve", "Let a user in",
		"The user becomes active and is told by mail. Approving an active user changes nothing."), s.approve, lettingIn(notVerified, noUser,
		reason{refusal.Conflict, "the user was rejected; reconsider that first"})...)
	register(api, s.decision("reconsider", "Take a rejection back",
		"The user waits for approval again."), s.reconsider, noUser,
		reason{refusal.Conflict, "the user is not rejected, or another user has the email address or the username by now"})
	register(api, s.decision("verify", "Mark a user's email address as verified without the link",
		"For a user whom the mail does not reach and whom an administrator knows otherwise."), s.verify, lettingIn(noUser,
		reason{refusal.Conflict, "the user was rejected, or other sign-ups have the email address, so that only the mailbox tells whose it is"})...)
	register(api, s.rejectOperation(api), s.reject, notVerified, noUser,
		reason{refusal.Conflict, "the user is active"})
	register(api, takesJSON[EmailCorrection](s, api, s.decision("email", "Correct the address of an unconfirmed user",
		"A link is mailed to the new address.")), s.correctEmail,
		noUser, reason{code: refusal.EmailTaken},
		reason{refusal.Conflict, "the address is confirmed"},
		reason{refusal.TooManyCorrections, "the address was corrected too often"})
	register(api, takesJSON[EmailCorrection](s, api, s.forAdmins(huma.Operation{
		OperationID: "change-email", Method: http.MethodPost, Path: apiPath + "/users/{id}/email",
		Summary: "Change the address of an active user", Tags: []string{"Users"},
		Description: "The user keeps the present address until a link that is mailed to the other is opened. Another request replaces it, and one for the present address withdraws it. " +
			"`email_taken` tells that somebody has the address: do not pass it on to the person where taken addresses are concealed.",
	})), s.changeEmail, noUser, reason{code: refusal.EmailTaken}, reason{code: refusal.MailNotConfigured},
		reason{refusal.Conflict, "the user is not active"})
}

func (s *server) decision(verb, summary, description string) huma.Operation {
	return s.needs(scope.Approve, s.userVerb(verb, summary, description))
}

func (s *server) userVerb(verb, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: verb + "-user", Method: http.MethodPut, Path: apiPath + "/users/{id}/" + verb,
		Summary: summary, Description: description, Tags: []string{"Users"},
	}
}

// rejectOperation has a body that may be missing.
func (s *server) rejectOperation(api huma.API) huma.Operation {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Rejection](), true, "")
	op := takesSchema(s, s.decision("reject", "Turn a pending user down",
		"The user is told by mail, with the reason. The email address and the username become free."), schema)
	op.RequestBody.Required = false
	op.Middlewares[len(op.Middlewares)-1] = s.readJSON(true)
	return op
}

func (s *server) approve(ctx context.Context, in *userInput) (*output[User], error) {
	u, err := s.admin(ctx).Approve(ctx, in.ID)
	return s.answerUser(ctx, u, err)
}

func (s *server) reconsider(ctx context.Context, in *userInput) (*output[User], error) {
	u, err := s.admin(ctx).Reconsider(ctx, in.ID)
	return s.answerUser(ctx, u, err)
}

func (s *server) verify(ctx context.Context, in *userInput) (*output[User], error) {
	u, err := s.admin(ctx).VerifyEmail(ctx, in.ID)
	return s.answerUser(ctx, u, err)
}

type rejectInput struct {
	ID   int64            `path:"id" minimum:"1"` // huma does not see what an unexported type embeds
	Body *json.RawMessage // a pointer, because huma requires any other body
}

func (s *server) reject(ctx context.Context, in *rejectInput) (*output[User], error) {
	values := map[string]string{}
	if in.Body != nil {
		var problem *Problem
		if values, problem = readStrings(*in.Body, nil, []string{"reason", "note"}); problem != nil {
			return nil, problem
		}
	}
	u, err := s.admin(ctx).Reject(ctx, in.ID, values["reason"], values["note"])
	return s.answerUser(ctx, u, err)
}

// A userBodyInput is a request about one user, with a body.
type userBodyInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body json.RawMessage
}

func (s *server) correctEmail(ctx context.Context, in *userBodyInput) (*output[User], error) {
	values, problem := readStrings(in.Body, []string{"email"}, nil)
	if problem != nil {
		return nil, problem
	}
	u, err := s.admin(ctx).CorrectEmail(ctx, in.ID, values["email"])
	return s.answerUser(ctx, u, err)
}

func (s *server) changeEmail(ctx context.Context, in *userBodyInput) (*output[User], error) {
	values, problem := readStrings(in.Body, []string{"email"}, nil)
	if problem != nil {
		return nil, problem
	}
	u, err := s.admin(ctx).ChangeEmail(ctx, in.ID, values["email"])
	return s.answerUser(ctx, u, err)
}
