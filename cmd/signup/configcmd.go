package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

type configCmd struct{}

func (configCmd) Help() string {
	return `Secrets are masked. The column "from" says which flag, variable or place in a file gave a value. Everything is tried as signup serve would, letters, pages and the mail's keys too, but for the network and the database. The exit code is 2 when signup serve would refuse to start, also for want of a setting; other commands need less.

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
	return s.wouldServe()
}

// wouldServe says all for which serve would not start, without touching the
// network or the database.
func (s *session) wouldServe() error {
	wrong := s.config.err()
	if wrong == nil {
		wrong = errors.Join(s.config.checkSender(), s.checkRules(), s.checkLetters(), s.config.checkPages())
	}
	return errors.Join(wrong, s.config.readyToServe())
}

// checkSender tries what there is of the way out, with anybody as the sender
// where there is none; whether the DKIM domain is the sender's is for later then.
func (c *config) checkSender() error {
	if c.noMail {
		return nil
	}
	tried := *c
	if tried.mailFrom.Email == "" {
		tried.mailFrom.Email, tried.dkim.domain = "nobody@example.org", ""
	}
	head, err := tried.letterhead()
	if err != nil || c.smtp == nil && c.sendmail == nil {
		return err
	}
	sender, err := tried.senderWith(head)
	closeSender(sender)
	return err
}

// checkRules tries what the rules are told. All of it was checked when it was
// read, but for the version of the terms.
func (s *session) checkRules() error {
	if _, err := s.service(&database{store: noStore{}}, nil, "", nil, nil); err != nil {
		return usageError{s.config.wrong("terms-version", err)}
	}
	return nil
}

// noStore is the store of rules that are only checked.
type noStore struct{ signup.Store }

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
	if n := len(c.public); n > 0 {
		shown = append(shown, shownSetting{Name: publicKey, Value: fmt.Sprint(n), From: c.fieldsWhere})
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
