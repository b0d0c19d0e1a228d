package signup

import (
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// A Registration is the data a person submits to sign up. Printed or logged it
// reads "[registration]", because it contains the password.
type Registration struct {
	Name              string         // display name, 1..250 characters
	Username          string         // 1..250 of letters, digits, "." "_" "-"
	Email             string         // at most 250 characters
	Password          string         // see password.Check
	PreferredLanguage string         // BCP 47; "" is "en"
	Profile           map[string]any // the operator's extra fields, see Fields
	TermsVersion      string         // the version of the terms of use that the person accepted; see Options.TermsVersion

	// PasswordHash is a hash instead of the Password, only for Admin.Import.
	PasswordHash password.Hash

	// WantsTicket requests Receipt.Ticket, for the browser that signs up.
	WantsTicket bool
	// Ticket is the ticket that the browser already has, or "". If it belongs to
	// an unconfirmed sign-up with the same username, the registration replaces
	// the data of that sign-up.
	Ticket string
}

// An applicant is a registration that has passed validation.
type applicant struct {
	name     string
	username identity.Username
	email    identity.Email
	hash     password.Hash
	language string
	profile  map[string]any
	terms    string // the accepted version, "" for none
	settings Settings
	taken    string // see Options.Taken
	at       time.Time
}

// examine validates every field and returns all refusals at once.
func (s *Service) examine(r Registration, settings Settings) (applicant, error) {
	a, errs := s.examineIdentity(r, settings)
	profile, fieldErrs := s.o.Fields.Parse(r.Profile)
	a.profile, a.terms = profile, s.o.TermsVersion
	errs.Add(password.Check(r.Password, settings.PasswordType, settings.PasswordLength))
	errs.Add(s.checkTerms(r))
	errs.Add(fieldErrs)
	return a, errs.OrNil()
}

// examineIdentity is like examine, without the password, the operator's extra
// fields and the terms.
func (s *Service) examineIdentity(r Registration, settings Settings) (applicant, refusal.Errors) {
	var errs refusal.Errors
	a := applicant{settings: settings, at: s.now()}
	var err error
	a.name, err = identity.ParseDisplayName(r.Name)
	errs.Add(err)
	a.username, err = identity.ParseUsername(r.Username)
	errs.Add(err)
	a.email, err = s.parseReachable(r.Email)
	errs.Add(err)
	a.language, err = identity.ParseLanguage(r.PreferredLanguage)
	errs.Add(err)
	return a, errs
}

// parseReachable is like ParseEmail, for an address that must be able to receive
// mail.
func (s *Service) parseReachable(typed string) (identity.Email, error) {
	email, err := identity.ParseEmail(typed)
	if err == nil && !s.o.Reaches(email.Typed) {
		return identity.Email{}, refusal.Field("email", "has characters before the @ that this mail server cannot send to")
	}
	return email, err
}

// user returns the user to store for the applicant.
func (a applicant) user() User {
	u := User{
		Role: RoleMember, Origin: OriginSignUp, CreatedAt: a.at, LinkAskedAt: a.at,
		VerificationRequired: a.settings.RequireEmailVerification,
		ApprovalRequired:     a.settings.RequireAdminApproval,
		Email:                a.email.Typed, EmailKey: a.email.Key,
	}
	a.fill(&u)
	return u
}

// operatorUser returns the user to store for an applicant whom the operator
// vouches for.
func (a applicant) operatorUser(role Role) User {
	u := a.user()
	u.Role, u.Origin, u.LinkAskedAt = role, OriginOperator, time.Time{}
	return u
}

// fill copies everything but the address to u.
func (a applicant) fill(u *User) {
	u.Name, u.Username, u.UsernameKey = a.name, a.username.Typed, a.username.Key
	u.PasswordHash, u.Language, u.Profile = a.hash, a.language, a.profile
	u.TermsVersion, u.TermsAt = a.terms, time.Time{}
	if a.terms != "" {
		u.TermsAt = a.at
	}
}

// termsField is the field that a refusal names when the terms were not accepted;
// termsBox is its name in the form on the page.
const (
	termsField = "terms_version"
	termsBox   = "terms"
)

const maxTermsVersion = 250 // characters

// checkTerms refuses a registration that does not accept the current terms.
func (s *Service) checkTerms(r Registration) error {
	if s.o.TermsVersion == "" || r.TermsVersion == s.o.TermsVersion {
		return nil
	}
	return refusal.Field(termsField, "must be the current version of the terms of use").By(refusal.Rule{Name: refusal.RuleAccept})
}

func checkTermsOptions(o Options) error {
	switch {
	case o.TermsVersion == "":
		return nil
	case utf8.RuneCountInString(o.TermsVersion) > maxTermsVersion || !field.IsLabel(o.TermsVersion):
		return errors.New("signup: Options.TermsVersion must be trimmed, in NFC, with 1 to 250 visible characters")
	case slices.ContainsFunc(o.Fields, func(f field.Field) bool { return f.Name == termsBox }):
		return errors.New("signup: extra fields: the name \"terms\" is reserved for the terms of use")
	default:
		return nil
	}
}
