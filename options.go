package signup

import (
	"slices"

	"github.com/signup-go/signup/field"
)

// Fields returns a copy of Options.Fields, the operator's extra sign-up fields.
func (s *Service) Fields() field.List { return slices.Clone(s.o.Fields) }

// TermsVersion returns Options.TermsVersion, the version of the terms of use that
// a sign-up must accept; "" for none.
func (s *Service) TermsVersion() string { return s.o.TermsVersion }
