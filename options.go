package signup

import (
	"slices"

	"github.com/signup-go/signup/field"
)

// Asks returns what a sign-up is asked for besides what every one needs: a copy
// of Options.Fields, and Options.TermsVersion.
func (s *Service) Asks() (fields field.List, termsVersion string) {
	return slices.Clone(s.o.Fields), s.o.TermsVersion
}
