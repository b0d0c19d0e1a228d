package web

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
)

// SignUpRequest documents the body of a sign-up; the operator's extra fields
// are beside these.
type SignUpRequest struct {
	Name              string `json:"name" minLength:"1" maxLength:"250" doc:"the name a person goes by" example:"Ada Lovelace"`
	Username          string `json:"username" minLength:"1" maxLength:"250" pattern:"^[A-Za-z0-9._-]+$" doc:"letters, digits, dots, underscores and hyphens" example:"ada"`
	Email             string `json:"email" maxLength:"250" doc:"an e-mail address" example:"ada@example.org"`
	Password          string `json:"password" minLength:"8" maxLength:"1024" doc:"what it must have is in the public server settings" example:"Analytical-Engine-1"`
	PreferredLanguage string `json:"preferred_language,omitempty" maxLength:"35" default:"en" doc:"language tag (BCP 47) for mails"`
	TermsVersion      string `json:"terms_version,omitempty" maxLength:"250" doc:"the version of the terms of use that the person accepted; required where the operator has terms"`
}

// SignUpConfirm documents the body of a confirmation.
type SignUpConfirm struct {
	Token string `json:"token" minLength:"1" maxLength:"256" doc:"the token of the link that was mailed"`
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
	}, s.signUpSchema(api.OpenAPI().Components.Schemas)), s.requestSignUp,
		reason{code: signup.CodeSignUpDisabled},
		reason{signup.CodeEmailTaken, "the e-mail address is taken, and the server's settings do not conceal that"},
		reason{code: signup.CodeUsernameTaken},
		reason{signup.CodeMailNotConfigured, "the e-mail address must be confirmed, and the server cannot send mail"})
	register(api, takesJSON[SignUpConfirm](s, api, huma.Operation{
		OperationID: "confirm-sign-up", Method: http.MethodPost, Path: apiPath + "/sign-up/confirm",
		Summary: "Confirm the e-mail address", Tags: tags,
		Description: "An invalid token is refused with 400. The `code` tells why: token_unknown, token_expired or already_confirmed.",
	}), s.confirmSignUp,
		reason{code: signup.CodeTokenUnknown}, reason{code: signup.CodeTokenExpired}, reason{code: signup.CodeAlreadyConfirmed},
		reason{signup.CodeUserNotFound, "the user is no longer there"}, reason{code: signup.CodeVerificationDisabled})
	register(api, takesJSON[SignUpResend](s, api, huma.Operation{
		OperationID: "resend-sign-up", Method: http.MethodPost, Path: apiPath + "/sign-up/resend",
		Summary: "Send another link", Tags: tags, DefaultStatus: http.StatusAccepted,
		Description: "The answer is the same whether or not a sign-up waits for the address.",
	}), s.resendSignUp, reason{code: signup.CodeMailNotConfigured})
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

func schemaOf(f signup.Field) *huma.Schema {
	schema := &huma.Schema{
		Type: string(f.Type), Minimum: f.Min, Maximum: f.Max,
		Title: f.Label[signup.DefaultLanguage], Description: f.Help[signup.DefaultLanguage],
	}
	switch f.Type {
	case signup.FieldString:
		schema.MinLength, schema.MaxLength = positive(f.MinLength), positive(f.MaxLength)
	case signup.FieldDate:
		schema.Type, schema.Format = huma.TypeString, "date"
	case signup.FieldChoice:
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

func (s *server) requestSignUp(ctx context.Context, in *bodyInput) (*output[SignUpResponse], error) {
	registration, problem := readRegistration(in.Body)
	if problem != nil {
		return nil, problem
	}
	receipt, err := s.Service.SignUp(ctx, registration)
	return answer(ctx, s, SignUpResponse{
		Message:                   received(receipt),
		EmailVerificationRequired: trueOrNil(receipt.EmailVerificationRequired),
		AdminApprovalRequired:     trueOrNil(receipt.AdminApprovalRequired),
	}, err)
}

// readRegistration reads the built-in fields; whatever else is in the body is
// for signup.Fields to judge.
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
		return "Sign-up received. Check your e-mail and open the link in it; after that the account is pending admin approval."
	case r.EmailVerificationRequired:
		return "Sign-up received. Check your e-mail and open the link in it to confirm your address."
	case r.AdminApprovalRequired:
		return "Sign-up received. The account is pending admin approval."
	default:
		return "Account created. You can log in now."
	}
}

const maxTokenLength = 256 // characters, by the contract

func (s *server) confirmSignUp(ctx context.Context, in *bodyInput) (*output[SignUpResponse], error) {
	values, problem := readStrings(in.Body, []string{"token"}, nil)
	if problem != nil {
		return nil, problem
	}
	token := values["token"]
	if n := len([]rune(token)); n == 0 || n > maxTokenLength {
		return nil, invalidBody(blame("token", "must have 1 to 256 characters"))
	}
	c, err := s.Service.Confirm(ctx, token)
	return answer(ctx, s, SignUpResponse{
		Message: confirmed(c), AdminApprovalRequired: trueOrNil(c.AdminApprovalRequired),
	}, err)
}

func confirmed(c signup.Confirmation) string {
	if c.AdminApprovalRequired {
		return "E-mail address verified. The account is pending admin approval."
	}
	return "E-mail address verified. You can log in now."
}

const resent = "If a sign-up is waiting for this address, a new link is on its way."

func (s *server) resendSignUp(ctx context.Context, in *bodyInput) (*output[SignUpMessage], error) {
	values, problem := readStrings(in.Body, []string{"email"}, nil)
	if problem != nil {
		return nil, problem
	}
	return answer(ctx, s, SignUpMessage{resent}, s.Service.Resend(ctx, values["email"]))
}
