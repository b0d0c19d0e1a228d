package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
)

// PasswordCheck documents the body of a request to check a password.
type PasswordCheck struct {
	Login    string `json:"login" minLength:"1" maxLength:"320" doc:"the username, or the confirmed email address"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
	Client   string `json:"client,omitempty" maxLength:"64" doc:"the address of the client that typed the password, such as 203.0.113.7; attempts are then limited per client, too"`
}

func (s *server) routePasswords(api huma.API) {
	register(api, takesJSON[PasswordCheck](s, api, s.needs(scope.CheckPassword, huma.Operation{
		OperationID: "check-password", Method: http.MethodPost, Path: apiPath + "/check-password",
		Summary: "Check a password at log-in", Tags: []string{"Users"},
		Description: "Answers with the user if an active one has this login and password. All other attempts get the same refusal after the same time. " +
			"Attempts are limited per login and, if `client` is sent, per client.",
	})), s.checkPassword, reason{refusal.WrongPassword, "no active user has this login and password"}, reason{code: codeTooMany})
	register(api, takesJSON[NewPassword](s, api, s.forAdmins(huma.Operation{
		OperationID: "set-password", Method: http.MethodPost, Path: apiPath + "/users/{id}/password",
		Summary: "Set an active user's password", Tags: []string{"Users"},
		Description: "The password must follow the rules of sign-up. All sessions of the user end. Nobody is mailed.",
	})), s.setPassword, reason{code: refusal.UserNotFound},
		reason{refusal.Conflict, "the user is not active, or the application refuses"})
}

// NewPassword documents the body of a request to set a password.
type NewPassword struct {
	Password string `json:"password" minLength:"8" maxLength:"1024" doc:"what it must have is in the public server settings"`
}

func (s *server) setPassword(ctx context.Context, in *userBodyInput) (*output[User], error) {
	values, problem := readStrings(in.Body, []string{"password"}, nil)
	if problem != nil {
		return nil, problem
	}
	u, err := s.admin(ctx).SetPassword(ctx, in.ID, values["password"])
	return s.answerUser(ctx, u, err)
}

func (s *server) checkPassword(ctx context.Context, in *bodyInput) (*output[User], error) {
	values, problem := readStrings(in.Body, []string{"login", "password"}, []string{"client"})
	if problem != nil {
		return nil, problem
	}
	counted := [][2]string{{passwordLimit, "of " + hashOfLogin(values["login"])}}
	if client := values["client"]; client != "" {
		counted = append(counted, [2]string{"login", network(client)})
		ctx = password.WithClient(ctx, network(client))
	}
	for _, c := range counted {
		if ok, wait := s.count(ctx, c[0], c[1]); !ok {
			return nil, tooMany(wait)
		}
	}
	u, err := s.Service.CheckPassword(ctx, values["login"], values["password"])
	return s.answerUser(ctx, u, err)
}

// hashOfLogin stands for a login in limits: people type passwords into the wrong
// field.
func hashOfLogin(login string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(login))))
	return hex.EncodeToString(sum[:])
}
