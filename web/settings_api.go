package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/field"
)

// PublicSettings is what a sign-up form needs to know.
type PublicSettings struct {
	SignUpEnabled            bool       `json:"signup_enabled" doc:"whether anybody can sign up"`
	RequireEmailVerification bool       `json:"signup_require_email_verification" doc:"whether a new user must prove the email address"`
	RequireAdminApproval     bool       `json:"signup_require_admin_approval" doc:"whether an administrator must approve a new user"`
	PasswordType             string     `json:"password_type" enum:"strict,length_only" doc:"strict: an upper-case letter, a lower-case letter, a digit and a special character"`
	PasswordLength           int        `json:"password_length_regular_users" doc:"least number of characters of a password"`
	Fields                   field.List `json:"sign_up_fields" nullable:"false" doc:"the operator's extra fields, in the order of the form"`
	TermsURL                 *string    `json:"terms_url" nullable:"true" doc:"where the terms of use are, as an http or https URL or a path; null for none"`
	TermsVersion             *string    `json:"terms_version" nullable:"true" doc:"the version of the terms of use that a sign-up must accept; null for none"`

	constants map[string]any // Config.PublicSettings
}

// MarshalJSON adds the operator's constants.
func (p PublicSettings) MarshalJSON() ([]byte, error) {
	type plain PublicSettings // without this method
	own, err := json.Marshal(plain(p))
	if err != nil || len(p.constants) == 0 {
		return own, err
	}
	constants, err := json.Marshal(p.constants)
	return slices.Concat(own[:len(own)-1], []byte{','}, constants[1:]), err
}

// TransformSchema says in the API's document that there can be more.
func (PublicSettings) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	schema.AdditionalProperties = true
	return schema
}

var settingName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// CheckPublicSettings returns an error unless these can be Config.PublicSettings:
// JSON values under names of a-z, 0-9 and "_" that the answer does not have
// already.
func CheckPublicSettings(constants map[string]any) error {
	ours := reflect.TypeFor[PublicSettings]()
	for i := range ours.NumField() {
		name := ours.Field(i).Tag.Get("json")
		if _, taken := constants[name]; taken && name != "" {
			return fmt.Errorf("%s is there already", name)
		}
	}
	for name, value := range constants {
		if !settingName.MatchString(name) {
			return fmt.Errorf("%q: the name must have 1 to 63 characters of a-z, 0-9 and _ and start with a letter", name)
		}
		if _, err := json.Marshal(value); err != nil {
			return fmt.Errorf("%s: is not a JSON value", name)
		}
	}
	return nil
}

func (s *server) routeSettings(api huma.API) {
	tags := []string{"Settings"}
	register(api, huma.Operation{
		OperationID: "get-public-settings", Method: http.MethodGet, Path: apiPath + "/public/server_settings",
		Summary: "Get what a sign-up form needs to know", Tags: tags,
		Description: "Whether people can sign up, what is required of them, and which fields the form has. Needs no key.",
	}, s.getPublicSettings)
	register(api, s.forAdmins(huma.Operation{
		OperationID: "get-settings", Method: http.MethodGet, Path: apiPath + "/server_settings",
		Summary: "Get all settings", Tags: tags,
		Description: "The settings in force, with the defaults of those that were never changed.",
	}), s.getSettings)
	register(api, takesSchema(s, s.forAdmins(huma.Operation{
		OperationID: "change-settings", Method: http.MethodPut, Path: apiPath + "/server_settings",
		Summary: "Change some settings, all or none of them", Tags: tags,
		Description: "Settings that are left out stay as they are. If one value is refused, none is changed.",
	}), settingsChange(api.OpenAPI().Components.Schemas)), s.changeSettings)
}

// settingsChange is the schema of Settings of which nothing must be given.
func settingsChange(schemas huma.Registry) *huma.Schema {
	const name = "SettingsChange"
	schema := *schemas.Schema(reflect.TypeFor[signup.Settings](), false, "")
	schema.Required = nil
	schemas.Map()[name] = &schema
	return &huma.Schema{Ref: schemaRefs + name}
}

func (s *server) getPublicSettings(ctx context.Context, _ *struct{}) (*output[PublicSettings], error) {
	v, err := s.Service.Settings(ctx)
	fields := s.Fields
	if fields == nil {
		fields = field.List{}
	}
	return answer(ctx, s, PublicSettings{
		v.SignUpEnabled, v.RequireEmailVerification, v.RequireAdminApproval, string(v.PasswordType), v.PasswordLength, fields,
		orNil(s.TermsURL), orNil(s.TermsVersion), s.PublicSettings,
	}, err)
}

func (s *server) getSettings(ctx context.Context, _ *struct{}) (*output[signup.Settings], error) {
	v, err := s.Service.Settings(ctx)
	return answer(ctx, s, v, err)
}

func (s *server) changeSettings(ctx context.Context, in *bodyInput) (*output[signup.Settings], error) {
	o, problem := parseObject(in.Body)
	if problem != nil {
		return nil, problem
	}
	values := map[string]string{}
	for name, raw := range o {
		values[name] = string(raw)
	}
	v, err := s.admin(ctx).ChangeSettings(ctx, values)
	return answer(ctx, s, v, err)
}
