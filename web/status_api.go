package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/refusal"
)

// SignUpStatus is how a sign-up stands, for the client that made it.
type SignUpStatus struct {
	Status          signup.Status `json:"status"`
	Name            string        `json:"name"`
	Username        string        `json:"username"`
	Email           string        `json:"email"`
	EmailVerified   bool          `json:"email_verified"`
	Approval        bool          `json:"admin_approval_required" doc:"whether an administrator must approve this sign-up"`
	RejectionReason *string       `json:"rejection_reason" nullable:"true" doc:"why it was rejected, for the person; null for no reason"`
	Mail            *string       `json:"mail" nullable:"true" doc:"what became of the mail with the link: owed, sent or failed; null once the email address is confirmed"`
	ResendAt        *time.Time    `json:"resend_at" nullable:"true" doc:"when the status page lets the person ask for another link; null once the email address is confirmed"`
}

// TransformSchema lists the statuses in the API's document.
func (SignUpStatus) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return withEnum(schema, "status", signup.Statuses())
}

func (s *server) routeStatus(api huma.API) {
	register(api, huma.Operation{
		OperationID: "get-sign-up-status", Method: http.MethodGet, Path: apiPath + "/sign-up/status",
		Summary: "Get the status of a sign-up", Tags: []string{"Sign up"},
		Description: "For the client that signed up: sign up with `?ticket=true`, keep the ticket that the answer has, and send it as bearer token. " +
			"A ticket works for 30 days. While the email address is unconfirmed, the answer does not depend on what others do with the address.",
		Security: []map[string][]string{{ticketName: {}}},
	}, s.getSignUpStatus, reason{code: refusal.TicketUnknown})
}

type ticketInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
}

func (s *server) getSignUpStatus(ctx context.Context, in *ticketInput) (*output[SignUpStatus], error) {
	st, err := s.Service.SignUpStatus(ctx, bearer(in.Authorization))
	return answer(ctx, s, SignUpStatus{
		Status: st.Status, Name: st.Name, Username: st.Username, Email: st.Email,
		EmailVerified: st.Verified, Approval: st.ApprovalRequired, RejectionReason: orNil(st.Reason),
		Mail: orNil(st.Mail), ResendAt: timeOrNil(st.ResendAt),
	}, err)
}
