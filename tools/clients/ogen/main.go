// Ogen talks to a running server with the client that ogen generates, as an
// administrator and as somebody who signs up. It exits with 1 at the first answer
// that is not as expected.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/signup-go/signup/tools/clients/ogen/api"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "ogen:", err)
		os.Exit(1)
	}
}

// A key is an API key or a ticket, as the client asks for it.
type key string

// ApiKey returns the key. The generator chose the method's name.
func (k key) ApiKey(context.Context, api.OperationName) (api.ApiKey, error) { //nolint:revive
	return api.ApiKey{Token: string(k)}, nil
}

// Ticket returns the ticket.
func (k key) Ticket(context.Context, api.OperationName) (api.Ticket, error) {
	return api.Ticket{Token: string(k)}, nil
}

func run(ctx context.Context, server, secret string) error {
	client, err := api.NewClient(server, key(secret))
	if err != nil {
		return err
	}
	return errors.Join(signUp(ctx, client, server), administer(ctx, client), unauthorized(ctx, server))
}

// as returns the answer if it is of the expected type.
func as[T, R any](answer R, err error) (want T, _ error) {
	if err != nil {
		return want, err
	}
	want, ok := any(answer).(T)
	if !ok {
		return want, fmt.Errorf("answer is %T %+v, want %T", answer, answer, want)
	}
	return want, nil
}

func signUp(ctx context.Context, client *api.Client, server string) error {
	settings, err := as[*api.PublicSettings](client.GetPublicSettings(ctx))
	if err != nil || !settings.SignupEnabled || settings.SignUpFields == nil {
		return fmt.Errorf("public settings: %+v, %w", settings, err)
	}
	ticket := api.RequestSignUpParams{Ticket: api.NewOptBool(true)}
	form := &api.SignUpRequest{Name: "Olga Gen", Username: "olga", Email: "olga@example.org", Password: "password"}
	weak, err := as[*api.RequestSignUpUnprocessableEntity](client.RequestSignUp(ctx, form, ticket))
	if err != nil || weak.Code != api.ProblemCodeInvalid || len(weak.Errors) != 1 || weak.Errors[0].Location != "body.password" {
		return fmt.Errorf("weak password: %+v, %w", weak, err)
	}
	form.Password = "Analytical-1"
	created, err := as[*api.SignUpReceipt](client.RequestSignUp(ctx, form, ticket))
	if err != nil || !created.EmailVerificationRequired.Value || created.AdminApprovalRequired.Null {
		return fmt.Errorf("sign up: %+v, %w", created, err)
	}
	if err := status(ctx, server, created.Ticket.Value); err != nil {
		return err
	}
	form.Email = "other@example.org"
	taken, err := as[*api.RequestSignUpConflict](client.RequestSignUp(ctx, form, ticket))
	if err != nil || taken.Code != api.ProblemCodeUsernameTaken {
		return fmt.Errorf("taken username: %+v, %w", taken, err)
	}
	bad, err := as[*api.ConfirmSignUpBadRequest](client.ConfirmSignUp(ctx, &api.SignUpConfirm{Token: "no-such-token"}))
	if err != nil || bad.Code != api.ProblemCodeTokenUnknown {
		return fmt.Errorf("unknown token: %+v, %w", bad, err)
	}
	return nil
}

func status(ctx context.Context, server, ticket string) error {
	client, err := api.NewClient(server, key(ticket))
	if err != nil {
		return err
	}
	st, err := as[*api.SignUpStatus](client.GetSignUpStatus(ctx))
	if err != nil || st.Status != api.SignUpStatusStatusUnconfirmed || st.Mail.Value != "owed" || st.ResendAt.Null {
		return fmt.Errorf("status: %+v, %w", st, err)
	}
	return nil
}

func administer(ctx context.Context, client *api.Client) error {
	found, err := as[*api.Users](client.ListUsers(ctx, api.ListUsersParams{Search: api.NewOptString("olga")}))
	if err != nil || len(found.Users) != 1 || found.Users[0].Status != api.UserStatusUnconfirmed {
		return fmt.Errorf("list users: %+v, %w", found, err)
	}
	id := found.Users[0].ID
	early, err := as[*api.ApproveUserBadRequest](client.ApproveUser(ctx, api.ApproveUserParams{ID: id}))
	if err != nil || early.Code != api.ProblemCodeEmailNotVerified {
		return fmt.Errorf("approve too early: %+v, %w", early, err)
	}
	if _, err := as[*api.User](client.VerifyUser(ctx, api.VerifyUserParams{ID: id})); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	active, err := as[*api.User](client.ApproveUser(ctx, api.ApproveUserParams{ID: id}))
	if err != nil || active.Status != api.UserStatusActive || active.RejectedAt.Null == false {
		return fmt.Errorf("approve: %+v, %w", active, err)
	}
	refused, err := as[*api.RejectUserConflict](client.RejectUser(ctx, api.OptRejection{}, api.RejectUserParams{ID: id}))
	if err != nil || refused.Code != api.ProblemCodeConflict {
		return fmt.Errorf("reject an active user: %+v, %w", refused, err)
	}
	detail, err := as[*api.UserDetail](client.GetUser(ctx, api.GetUserParams{ID: id}))
	if err != nil || len(detail.Mails) == 0 || len(detail.Audit) == 0 {
		return fmt.Errorf("get user: %+v, %w", detail, err)
	}
	mail, err := as[*api.MailDetail](client.GetMail(ctx, api.GetMailParams{ID: detail.Mails[0].ID}))
	if err != nil || mail.Log == nil || mail.Kind != api.MailDetailKindApproved {
		return fmt.Errorf("get mail: %+v, %w", mail, err)
	}
	return change(ctx, client)
}

func change(ctx context.Context, client *api.Client) error {
	changed, err := as[*api.Settings](client.ChangeSettings(ctx, &api.SettingsChange{PasswordLengthRegularUsers: api.NewOptInt64(9)}))
	if err != nil || changed.PasswordLengthRegularUsers != 9 {
		return fmt.Errorf("change settings: %+v, %w", changed, err)
	}
	none, err := as[*api.Users](client.ListUsers(ctx, api.ListUsersParams{Search: api.NewOptString("nobody")}))
	if err != nil || none.Users == nil || !none.Next.Null {
		return fmt.Errorf("an empty list: %+v, %w", none, err)
	}
	return nil
}

func unauthorized(ctx context.Context, server string) error {
	client, err := api.NewClient(server, key("signup_wrong"))
	if err != nil {
		return err
	}
	refused, err := as[*api.ListUsersUnauthorized](client.ListUsers(ctx, api.ListUsersParams{}))
	if err != nil || refused.Code != api.ProblemCodeUnauthorized {
		return fmt.Errorf("wrong key: %+v, %w", refused, err)
	}
	return nil
}
