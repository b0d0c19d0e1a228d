// Oapi talks to a running server with the client that oapi-codegen generates, as an
// administrator and as somebody who signs up. It exits with 1 at the first answer
// that is not as expected.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/signup-go/signup/tools/clients/oapi/api"
)

func main() {
	client, err := api.NewClientWithResponses(os.Args[1])
	if err == nil {
		s := session{client, os.Args[2]}
		err = errors.Join(s.signUp(context.Background()), s.administer(context.Background()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "oapi-codegen:", err)
		os.Exit(1)
	}
}

// A session is a client with a key.
type session struct {
	*api.ClientWithResponses
	key string
}

func (s session) authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+s.key)
	return nil
}

func (s session) signUp(ctx context.Context) error {
	settings, err := s.GetPublicSettingsWithResponse(ctx)
	if err != nil || settings.JSON200 == nil || !settings.JSON200.SignupEnabled || settings.JSON200.SignUpFields == nil {
		return fmt.Errorf("public settings: %+v, %w", settings, err)
	}
	form := api.SignUpRequest{Name: "Olivia Api", Username: "olivia", Email: "olivia@example.org", Password: "password"}
	weak, err := s.RequestSignUpWithResponse(ctx, nil, form)
	if err != nil || weak.ApplicationproblemJSON422 == nil || weak.ApplicationproblemJSON422.Errors == nil {
		return fmt.Errorf("weak password: %+v, %w", weak, err)
	}
	form.Password = "Analytical-1"
	created, err := s.RequestSignUpWithResponse(ctx, nil, form)
	if err != nil || created.JSON201 == nil || created.JSON201.AdminApprovalRequired == nil {
		return fmt.Errorf("sign up: %+v, %w", created, err)
	}
	bad, err := s.ConfirmSignUpWithResponse(ctx, api.SignUpConfirm{Token: "no-such-token"})
	if err != nil || bad.ApplicationproblemJSON400 == nil || bad.ApplicationproblemJSON400.Code != api.TokenUnknown {
		return fmt.Errorf("unknown token: %+v, %w", bad, err)
	}
	return nil
}

func (s session) administer(ctx context.Context) error {
	search := "olivia"
	found, err := s.ListUsersWithResponse(ctx, &api.ListUsersParams{Search: &search}, s.authorize)
	if err != nil || found.JSON200 == nil || len(found.JSON200.Users) != 1 || found.JSON200.Next != nil {
		return fmt.Errorf("list users: %+v, %w", found, err)
	}
	id := found.JSON200.Users[0].Id
	verified, err := s.VerifyUserWithResponse(ctx, id, s.authorize)
	if err != nil || verified.JSON200 == nil || verified.JSON200.Status != api.UserStatusPendingApproval {
		return fmt.Errorf("verify: %+v, %w", verified, err)
	}
	active, err := s.ApproveUserWithResponse(ctx, id, s.authorize)
	if err != nil || active.JSON200 == nil || active.JSON200.Status != api.UserStatusActive {
		return fmt.Errorf("approve: %+v, %w", active, err)
	}
	detail, err := s.GetUserWithResponse(ctx, id, s.authorize)
	if err != nil || detail.JSON200 == nil || len(detail.JSON200.Mails) == 0 || detail.JSON200.ApprovedBy == nil {
		return fmt.Errorf("get user: %+v, %w", detail, err)
	}
	anonymous, err := s.ListUsersWithResponse(ctx, nil)
	if err != nil || anonymous.ApplicationproblemJSON401 == nil {
		return fmt.Errorf("without a key: %+v, %w", anonymous, err)
	}
	return nil
}
