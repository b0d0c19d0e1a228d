// Package scope defines what an API key may do.
package scope

import (
	"errors"
	"slices"
	"strings"
)

// A Scope allows a group of calls of the API.
type Scope string

// The scopes.
const (
	Read          Scope = "read"           // read users, mails, events and settings
	Approve       Scope = "approve"        // decide on sign-ups: approve, reject, reconsider, verify, correct the address
	CheckPassword Scope = "check-password" // ask whether somebody's password is right
	Admin         Scope = "admin"          // everything, including what the others allow
)

// All returns every scope.
func All() []Scope { return []Scope{Read, Approve, CheckPassword, Admin} }

// A Set is any number of scopes, separated by single spaces as in OAuth 2.0
// (RFC 6749, section 3.3).
type Set string

// Of returns a Set of scopes.
func Of(scopes ...Scope) Set {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return Set(strings.Join(names, " "))
}

// Parse reads scopes that are separated by spaces or commas. It fails if there is
// none, or one that is not a scope.
func Parse(text string) (Set, error) {
	names := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
	var scopes []Scope
	for _, s := range All() { // in this order, each once
		if slices.Contains(names, string(s)) {
			scopes = append(scopes, s)
		}
	}
	unknown := slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(All(), Scope(name)) })
	if unknown || len(scopes) == 0 {
		return "", errors.New("must be some of " + strings.ReplaceAll(string(Of(All()...)), " ", ", "))
	}
	return Of(scopes...), nil
}

// Has reports whether the set allows what s does.
func (set Set) Has(s Scope) bool {
	names := strings.Fields(string(set))
	return slices.Contains(names, string(s)) || slices.Contains(names, string(Admin))
}
