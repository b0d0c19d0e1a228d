package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

// SignUpRequest documents the body of a sign-up; the operator's extra fields
// are beside these.
type SignUpRequest struct {
	Name              string `json:"name" minLength:"1" maxLength:"250" doc:"the name a person goes by" example:"Ada Lovelace"`
	Username          string `json:"username" minLength:"1" maxLength:"250" pattern:"^[A-Za-z0-9._-]+$" doc:"letters, digits, dots, underscores and hyphens" example:"ada"`
	Email             string `json:"email" maxLength:"250" doc:"an email address" example:"ada@example.org"`
	Password          string `json:"password" minLength:"8" maxLength:"1024" doc:"what it must have is in the public server settings" example:"Analytical-Engine-1"`
	PreferredLanguage string `json:"preferred_language,omitempty" maxLength:"35" doc:"language tag (BCP 47) for mails; en if it is left out"`
	TermsVersion      string `json:"terms_version,omitempty" maxLength:"250" doc:"the version of the terms of use that the person accepted; required where the operator has terms"`
}

// SignUpConfirm documents the body of a confirmation.
type SignUpConfirm struct {
	Token    string `json:"token" minLength:"1" maxLength:"256" doc:"the token of the link that was mailed"`
	Password string `json:"password,omitempty" minLength:"1" maxLength:"1024" doc:"the password of the sign-up to which the token belongs, as proof that it is the same person's"`
	Ticket   string `json:"ticket,omitempty" minLength:"1" maxLength:"256" doc:"the ticket that the browser or API client got when it signed up; its sign-up is confirmed, which must have the token's email address. It takes precedence over the password."`
}

// SignUpResend documents the body of a request for another link.
type SignUpResend struct {
	Email string `json:"email" maxLength:"250" doc:"the address that was given at sign-up" example:"ada@example.org"`
}

// SignUpResponse answers a sign-up and a confirmation.
type SignUpResponse struct {
	Message                   string `json:"message" doc:"what happened and what comes next, for people"`
	EmailVerificationRequired *bool  `json:"email_verification_required" nullable:"true" doc:"true when a link was mailed that must be opened, else null; so always null in the answer to a confirmation"`
	AdminApprovalRequired     *bool  `json:"admin_approval_required" nullable:"true" doc:"true when an administrator must approve, else null"`
}

// SignUpMessage answers with a sentence only.
type SignUpMessage struct {
	Message string `json:"message" doc:"what happened, for people"`
}

// SignUpReceipt answers a sign-up.
type SignUpReceipt struct {
	SignUpResponse
	Ticket string `json:"ticket,omitempty" doc:"only if it was asked for: a secret with which the client can ask how this sign-up stands, and confirm it. It lets nobody into the application."`
}

// trueOrNil is how the API says "required": true, or null.
func trueOrNil(b bool) *bool {
	if !b {
		return nil
	}
	return &b
}

func (s *server) routeSignUp(api huma.API) {
	tags := []string{"Sign up"}
	register(api, takesSchema(s, huma.Operation{
		OperationID: "request-sign-up", Method: http.MethodPost, Path: apiPath + "/sign-up/request",
		Summary: "Sign up", Tags: tags, DefaultStatus: http.StatusCreated,
		Description: "The answer says what the person must do next. Where taken email addresses are concealed, it is the same for a free and for a taken one.",
	}, s.signUpSchema(api.OpenAPI().Components.Schemas)), s.requestSignUp, lettingIn(
		reason{code: refusal.SignUpDisabled},
		reason{refusal.EmailTaken, "the email address is taken, and the server's settings do not conceal that"},
		reason{code: refusal.UsernameTaken},
		reason{refusal.MailNotConfigured, "the email address must be confirmed, and the server cannot send mail"})...)
	register(api, takesJSON[SignUpConfirm](s, api, huma.Operation{
		OperationID: "confirm-sign-up", Method: http.MethodPost, Path: apiPath + "/sign-up/confirm",
		Summary: "Confirm the email address", Tags: tags,
		Description: "An invalid token is refused with 400. The `code` tells why: token_unknown, token_expired or already_confirmed.\n\n" +
			"Any number of people can sign up with an email address that nobody has confirmed. A token confirms the sign-up to which it belongs, " +
			"and the links of the others stop working. A token proves that somebody reads the mailbox, not who signed up: send the password or the ticket, too, to be sure that it is the same person.",
	}), s.confirmSignUp, lettingIn(
		reason{code: refusal.TokenUnknown}, reason{code: refusal.TokenExpired}, reason{code: refusal.AlreadyConfirmed},
		reason{code: refusal.WrongPassword}, reason{code: refusal.PasswordRequired},
		reason{refusal.TicketUnknown, "the ticket is not that of an unconfirmed sign-up with the token's email address"},
		reason{refusal.UserNotFound, "the user is no longer there"}, reason{code: refusal.VerificationDisabled})...)
	register(api, takesJSON[SignUpResend](s, api, huma.Operation{
		OperationID: "resend-sign-up", Method: http.MethodPost, Path: apiPath + "/sign-up/resend",
		Summary: "Send another link", Tags: tags, DefaultStatus: http.StatusAccepted,
		Description: "The answer is the same whether or not a sign-up waits for the address.",
	}), s.resendSignUp, reason{code: refusal.MailNotConfigured})
	s.routeStatus(api)
	s.routeReset(api)
}

// signUpSchema is that of SignUpRequest with the operator's fields.
func (s *server) signUpSchema(schemas huma.Registry) *huma.Schema {
	schema := schemas.Schema(reflect.TypeFor[SignUpRequest](), false, "")
	for _, f := range s.Fields {
		schema.Properties[f.Name] = schemaOf(f)
		if f.Required {
			schema.Required = append(schema.Required, f.Name)
		}
	}
	return &huma.Schema{Ref: schemaRefs + "SignUpRequest"}
}

func schemaOf(f field.Field) *huma.Schema {
	schema := &huma.Schema{
		Type: string(f.Type), Minimum: f.Min, Maximum: f.Max,
		Title: f.Label[identity.DefaultLanguage], Description: f.Help[identity.DefaultLanguage],
	}
	if f.Default != nil { // not as its default: generators of clients then make the member mandatory
		schema.Description = strings.TrimSpace(fmt.Sprintf("%s Default: %v.", schema.Description, f.Default))
	}
	switch f.Type {
	case field.String:
		schema.MinLength, schema.MaxLength = positive(f.MinLength), positive(f.MaxLength)
	case field.Date:
		schema.Type, schema.Format = huma.TypeString, "date"
	case field.Choice:
		schema.Type = huma.TypeString
		for _, choice := range f.Choices {
			schema.Enum = append(schema.Enum, choice)
		}
	}
	return schema
}

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

type signUpInput struct {
	Ticket bool `query:"ticket" doc:"whether the answer shall have a ticket, for get-sign-up-status"`
	Body   json.RawMessage
}

func (s *server) requestSignUp(ctx context.Context, in *signUpInput) (*output[SignUpReceipt], error) {
	registration, problem := readRegistration(in.Body)
	if problem != nil {
		return nil, problem
	}
	registration.WantsTicket = in.Ticket
	receipt, err := s.Service.SignUp(ctx, registration)
	out := SignUpReceipt{SignUpResponse: SignUpResponse{
		Message:                   received(receipt),
		EmailVerificationRequired: trueOrNil(receipt.EmailVerificationRequired),
		AdminApprovalRequired:     trueOrNil(receipt.AdminApprovalRequired),
	}}
	if in.Ticket && err == nil {
		out.Ticket = receipt.Ticket.Reveal()
	}
	return answer(ctx, s, out, err)
}

// readRegistration reads the built-in fields; whatever else is in the body is
// for field.List to judge.
func readRegistration(body []byte) (signup.Registration, *Problem) {
	o, problem := parseObject(body)
	if problem != nil {
		return signup.Registration{}, problem
	}
	v, errs := o.take([]string{"name", "username", "email", "password"}, []string{"preferred_language", "terms_version"})
	if len(errs) > 0 {
		return signup.Registration{}, invalidBody(errs...)
	}
	return signup.Registration{
		Name: v["name"], Username: v["username"], Email: v["email"], Password: v["password"],
		PreferredLanguage: v["preferred_language"], TermsVersion: v["terms_version"], Profile: o.values(),
	}, nil
}

// values decodes the members, numbers without loss.
func (o object) values() map[string]any {
	if len(o) == 0 {
		return nil
	}
	out := make(map[string]any, len(o))
	for name, raw := range o {
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		dec.UseNumber()
		var v any
		_ = dec.Decode(&v) // valid
		out[name] = v
	}
	return out
}

func received(r signup.Receipt) string {
	switch {
	case r.EmailVerificationRequired && r.AdminApprovalRequired:
		return "Sign-up received. Check your email and open the link in it; after that the account is pending admin approval."
	case r.EmailVerificationRequired:
		return "Sign-up received. Check your email and open the link in it to confirm your address."
	case r.AdminApprovalRequired:
		return "Sign-up received. The account is pending admin approval."
	default:
		return "Account created. You can log in now."
	}
}

const maxTokenLength = 256 // characters, by the contract

func (s *server) confirmSignUp(ctx context.Context, in *bodyInput) (*output[SignUpResponse], error) {
	values, problem := readStrings(in.Body, []string{"token"}, []string{"password", "ticket"})
	if problem != nil {
		return nil, problem
	}
	token := values["token"]
	if n := len([]rune(token)); n == 0 || n > maxTokenLength {
		return nil, invalidBody(blame("token", "must have 1 to 256 characters"))
	}
	for _, proof := range []string{"password", "ticket"} {
		if value, sent := values[proof]; sent && value == "" {
			return nil, invalidBody(blame(proof, "must not be empty"))
		}
	}
	if values["password"] != "" {
		if wait, ok := s.mayTryPassword(ctx, token); !ok {
			return nil, tooMany(wait)
		}
	}
	c, err := s.Service.ConfirmAs(ctx, token, signup.Claimant{Ticket: values["ticket"], Password: values["password"]})
	return answer(ctx, s, SignUpResponse{
		Message: confirmed(c), AdminApprovalRequired: trueOrNil(c.AdminApprovalRequired),
	}, err)
}

// passwordLimit is what a Limiter is asked for each password that is tried with
// a token; the client is then the token's hash.
const passwordLimit = "password"

func confirmed(c signup.Confirmation) string {
	if c.AdminApprovalRequired {
		return "Email address verified. The account is pending admin approval."
	}
	return "Email address verified. You can log in now."
}

const resent = "If a sign-up is waiting for this address, a new link is on its way."

func (s *server) resendSignUp(ctx context.Context, in *bodyInput) (*output[SignUpMessage], error) {
	values, problem := readStrings(in.Body, []string{"email"}, nil)
	if problem != nil {
		return nil, problem
	}
	return answer(ctx, s, SignUpMessage{resent}, s.Service.Resend(ctx, values["email"]))
}
