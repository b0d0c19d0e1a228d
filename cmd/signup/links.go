package main

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/signup-go/signup"
)

// linkTemplates are the URLs that letters carry besides the confirmation.
type linkTemplates struct {
	login  string // with {base}
	review string // with {base}, {username} and {id}
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// checkTemplate refuses what could never become a web address.
func checkTemplate(s string, names ...string) error {
	names = append(names, "base")
	for _, found := range placeholder.FindAllString(s, -1) {
		if !slices.Contains(names, found[1:len(found)-1]) {
			return fmt.Errorf("only {%s} can stand in it", strings.Join(names, "}, {"))
		}
	}
	u, err := url.Parse(placeholder.ReplaceAllString(strings.Replace(s, "{base}", "https://base", 1), "x"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("must be an absolute http or https URL, or begin with {base}")
	}
	return nil
}

// linksUnder makes the links of a server at base.
func (t linkTemplates) linksUnder(base string) signup.Links {
	return signup.Links{
		Confirm: func(token signup.Token) string { return confirmLink(base, token) },
		Login:   func() string { return t.loginUnder(base) },
		ConfirmEmail: func(token signup.Token) string {
			return base + "/confirm-email?token=" + url.QueryEscape(token.Reveal())
		},
		ResetPassword: func(token signup.Token) string {
			return base + "/reset-password?token=" + url.QueryEscape(token.Reveal())
		},
		Review: func(u signup.User) string {
			return strings.NewReplacer(
				"{base}", base,
				"{username}", url.QueryEscape(u.Username),
				"{id}", strconv.FormatInt(u.ID, 10),
			).Replace(t.review)
		},
	}
}

func (t linkTemplates) loginUnder(base string) string {
	return strings.ReplaceAll(t.login, "{base}", base)
}

func confirmLink(base string, token signup.Token) string {
	return base + "/verify-email?token=" + url.QueryEscape(token.Reveal())
}
