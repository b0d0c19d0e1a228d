package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/signup-go/signup"
)

type settingsCmd struct {
	Get settingsGetCmd `cmd:"" help:"Show the settings, or one of them."`
	Set settingsSetCmd `cmd:"" help:"Change settings: all that are given, or none."`
}

// Help describes every setting, from what its type says of it.
func (settingsCmd) Help() string {
	var b strings.Builder
	_, _ = b.WriteString("The settings, and their values as long as nobody changes them. Times are written as 90m or 48h.\n")
	values := signup.DefaultSettings().Values()
	for i, name := range signup.SettingNames() {
		doc := reflect.TypeFor[signup.Settings]().Field(i).Tag.Get("doc")
		choice := ""
		if value := values[name]; value == "true" || value == "false" {
			choice = "true or false, "
		}
		_, _ = fmt.Fprintf(&b, "\n%s (%sdefault %s): %s.\n", name, choice, plainValue(values[name]), doc)
	}
	return b.String()
}

type settingsGetCmd struct {
	Name string `arg:"" optional:"" help:"Name of one setting; its value alone is printed."`
}

// Run shows the settings in force.
func (c settingsGetCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(svc *signup.Service) error {
		settings, err := svc.Settings(ctx)
		if err != nil {
			return err
		}
		if c.Name == "" {
			return s.showSettings(settings)
		}
		value, ok := settings.Values()[c.Name]
		if !ok {
			return unknownSetting(c.Name)
		}
		return s.answer(map[string]json.RawMessage{c.Name: json.RawMessage(value)}, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, plainValue(value))
		})
	})
}

func unknownSetting(name string) error {
	return notFoundError{fmt.Errorf("%s is not a setting%s", printable(name), didYouMean(name, signup.SettingNames()))}
}

type settingsSetCmd struct {
	Values []string `arg:"" name:"name=value" help:"Settings and their values, as they are: true, 24h, length_only."`
}

func (settingsSetCmd) Help() string {
	return `signup settings --help describes every setting. A running server follows at once. People who signed up before keep what was required of them then.

Examples:

    signup settings set signup_require_admin_approval=false
    signup settings set password_type=length_only password_length_regular_users=12
    signup settings set token_lifetime=48h rejected_retention=never`
}

// Run changes the settings.
func (c settingsSetCmd) Run(ctx context.Context, s *session) error {
	values := map[string]string{}
	for _, pair := range c.Values {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usagef("%s must be given as NAME=VALUE", printable(pair))
		}
		if !slices.Contains(signup.SettingNames(), name) {
			return unknownSetting(name)
		}
		if _, twice := values[name]; twice {
			return usagef("%s is given twice", name)
		}
		values[name] = jsonValue(name, value)
	}
	return s.withNew(ctx, func(svc *signup.Service) error {
		settings, err := svc.As(signup.ActorCLI).ChangeSettings(ctx, values)
		if err != nil {
			return err
		}
		return s.showSettings(settings)
	})
}

func (s *session) showSettings(settings signup.Settings) error {
	return s.answer(settings, func(w io.Writer) {
		values := settings.Values()
		rows := [][]string{{"SETTING", "VALUE"}}
		for _, name := range signup.SettingNames() {
			rows = append(rows, []string{name, plainValue(values[name])})
		}
		table(w, rows)
	})
}

// jsonValue makes a value that was typed JSON, of the type the setting has.
func jsonValue(name, typed string) string {
	isString := strings.HasPrefix(signup.DefaultSettings().Values()[name], `"`)
	if !isString {
		return typed
	}
	b, err := json.Marshal(typed)
	if err != nil {
		return typed // a string always marshals
	}
	return string(b)
}

// plainValue is a JSON value as one types it.
func plainValue(value string) string {
	var s string
	if json.Unmarshal([]byte(value), &s) == nil {
		return s
	}
	return value
}
