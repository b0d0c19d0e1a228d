package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/signup-go/signup/web"
)

type configCmd struct{}

func (configCmd) Help() string {
	return `Secrets are masked. The column "from" says which flag, variable or place in a file gave a value. Letters and pages of your own are tried as well. The exit code is 2 when something is wrong.

Examples:

    signup config
    signup config --config signup.yaml --json`
}

// A shownSetting is a setting as `signup config` shows it.
type shownSetting struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	From     string `json:"from"`
	Variable string `json:"variable"`
}

// Run prints the configuration even when it is wrong: this is where one looks
// for what is.
func (configCmd) Run(s *session) error {
	shown := s.config.shown()
	err := s.answer(map[string]any{"settings": shown}, func(w io.Writer) {
		rows := [][]string{{"SETTING", "VALUE", "FROM"}}
		for _, v := range shown {
			rows = append(rows, []string{v.Name, orDash(v.Value), v.From})
		}
		table(w, rows)
	})
	if err != nil {
		return err
	}
	if err := s.config.err(); err != nil {
		return err
	}
	if err := s.checkLetters(); err != nil {
		return err
	}
	return s.config.checkPages()
}

// checkLetters tries the operator's own letters.
func (s *session) checkLetters() error {
	if s.config.brand.letters == "" {
		return nil
	}
	if _, err := s.letters("https://example.org"); err != nil {
		return usageError{err}
	}
	return nil
}

// checkPages tries the operator's own pages.
func (c *config) checkPages() error {
	files := c.pages.files()
	if files == nil {
		return nil
	}
	if err := web.CheckPages(files, c.fields); err != nil {
		return usageError{err}
	}
	return nil
}

func (c *config) shown() []shownSetting {
	var shown []shownSetting
	for _, s := range c.settings {
		shown = append(shown, shownSetting{s.name, masked(s), s.where, variableOf(s.name)})
	}
	if n := len(c.fields); n > 0 {
		shown = append(shown, shownSetting{Name: fieldsKey, Value: fmt.Sprint(n), From: c.fieldsWhere})
	}
	return shown
}

const mask = "********"

// masked is the value without what is secret in it: all of a password, the
// password inside a URL, and all of a chat's URL but its kind.
func masked(s *setting) string {
	if s.secret && s.value != "" {
		return mask
	}
	if s.name == notifySetting {
		return maskedChats(s.value)
	}
	if !strings.Contains(s.value, "@") || !strings.Contains(s.value, "://") {
		return s.value
	}
	u, err := url.Parse(s.value)
	if err != nil {
		return mask
	}
	if _, ok := u.User.Password(); ok {
		u.User = url.UserPassword(u.User.Username(), mask)
	}
	for key := range u.Query() {
		if strings.Contains(strings.ToLower(key), "password") {
			return mask
		}
	}
	return strings.ReplaceAll(u.String(), url.QueryEscape(mask), mask)
}
