package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/refusal"
)

// PasswordReset documents the body of a request for a link to reset a password.
type PasswordReset struct {
	Email string `json:"email" maxLength:"250" doc:"the address of the account" example:"ada@example.org"`
}

// PasswordResetConfirm documents the body with which a password is reset.
type PasswordResetConfirm struct {
	Token    string `json:"token" minLength:"1" maxLength:"256" doc:"the token of the link that was mailed"`
	Password string `json:"password" minLength:"8" maxLength:"1024" doc:"the new password; what it must have is in the public server settings"`
}

func (s *server) routeReset(api huma.API) {
	tags := []string{"Passwords"}
	register(api, takesJSON[PasswordReset](s, api, huma.Operation{
		OperationID: "request-password-reset", Method: http.MethodPost, Path: apiPath + "/password-reset",
		Summary: "Mail a link to reset a password", Tags: tags, DefaultStatus: http.StatusAccepted,
		Description: "The link is mailed if an active user has confirmed the address. The answer is the same, and takes the same time, whether or not there is one.",
	}), s.requestResetByAPI, reason{code: refusal.MailNotConfigured})
	register(api, takesJSON[PasswordResetConfirm](s, api, huma.Operation{
		OperationID: "confirm-password-reset", Method: http.MethodPost, Path: apiPath + "/password-reset/confirm",
		Summary: "Set a new password by the token of a link", Tags: tags,
		Description: "A token works once, for an hour. The other links of the user stop working, and all sessions end. An invalid token is refused with 400.",
	}), s.resetPasswordByAPI, reason{code: refusal.TokenUnknown}, reason{code: refusal.TokenExpired},
		reason{refusal.Conflict, "the application refuses"})
}

const resetRequested = "If there is an account with this address, a link is on its way."

func (s *server) requestResetByAPI(ctx context.Context, in *bodyInput) (*output[SignUpMessage], error) {
	values, problem := readStrings(in.Body, []string{"email"}, nil)
	if problem != nil {
		return nil, problem
	}
	return answer(ctx, s, SignUpMessage{resetRequested}, s.Service.RequestPasswordReset(ctx, values["email"]))
}

func (s *server) resetPasswordByAPI(ctx context.Context, in *bodyInput) (*output[SignUpMessage], error) {
	values, problem := readStrings(in.Body, []string{"token", "password"}, nil)
	if problem != nil {
		return nil, problem
	}
	token := values["token"]
	if n := len([]rune(token)); n == 0 || n > maxTokenLength {
		return nil, invalidBody(blame("token", "must have 1 to 256 characters"))
	}
	return answer(ctx, s, SignUpMessage{"The password is changed."}, s.Service.ResetPassword(ctx, token, values["password"]))
}
