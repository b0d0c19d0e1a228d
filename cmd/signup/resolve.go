package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A setting is one option with the value in force and where that comes from.
type setting struct {
	name     string // of the flag and of the file's key
	fallback string // the default
	example  string
	help     string
	secret   bool // has no flag and is never shown
	flag     reflect.Value

	value string
	where string // "default", or the flag, variable or place in a file
}

// isSet reports whether somebody gave a value.
func (s *setting) isSet() bool { return s.where != "default" }

// settingsOf lists the settings that the parsed command line knows.
func settingsOf(model *kong.Application) []*setting {
	var all []*setting
	for _, flag := range model.Flags {
		if configures(flag) {
			all = append(all, &setting{
				name: flag.Name, fallback: flag.Tag.Get("fallback"), example: flag.Tag.Get("example"),
				help: flag.Help, flag: flag.Target,
			})
		}
		if flag.Name == "smtp" {
			all = append(all, &setting{name: "smtp-password", secret: true})
		}
	}
	return all
}

// variableOf is the variable of a setting: SIGNUP_BASE_URL for base-url.
func variableOf(name string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

const (
	variablePrefix = "SIGNUP_"
	fileSuffix     = "_FILE"
)

// resolve finds the value in force: flag, variable, the file that a variable
// names, the configuration file, default.
func (s *setting) resolve(vars variables, file *configFile) error {
	if s.flag.IsValid() && !s.flag.IsNil() {
		s.value, s.where = flagValue(s.flag), "--"+s.name
		return nil
	}
	value, where, err := vars.get(variableOf(s.name))
	if err != nil {
		return err
	}
	if where == "" {
		value, where = file.get(s.name)
	}
	if where == "" {
		value, where = s.fallback, "default"
	}
	s.value, s.where = value, where
	return nil
}

// flagValue is what was given; of a flag that can be repeated, a line for each.
func flagValue(flag reflect.Value) string {
	if list, ok := flag.Interface().([]string); ok {
		return strings.Join(list, "\n")
	}
	return fmt.Sprint(flag.Elem().Interface())
}

// variables are the environment. An empty variable counts as not set.
type variables map[string]string

func newVariables(environ []string) variables {
	vars := variables{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" && strings.HasPrefix(name, variablePrefix) {
			vars[name] = value
		}
	}
	return vars
}

// get returns the value of a variable, or of the file that NAME_FILE names, and
// where it was found: "" for nowhere.
func (v variables) get(name string) (value, where string, err error) {
	if value, ok := v[name]; ok {
		return value, name, nil
	}
	path, ok := v[name+fileSuffix]
	if !ok || name == variableOf("config") {
		return "", "", nil
	}
	value, err = readValue(path)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name+fileSuffix, err)
	}
	return value, fmt.Sprintf("%s (%s)", name+fileSuffix, path), nil
}

const maxValue = 64 << 10 // bytes

// readValue reads a file that holds one value, without the line's end.
func readValue(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxValue+1))
	switch {
	case err != nil:
		return "", err
	case len(b) > maxValue:
		return "", errors.New("the file is too long to hold a value")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}

// unknown complains about variables that look like settings but are not.
func (v variables) unknown(settings []*setting) []error {
	known := []string{
		adminPasswordVariable, adminPasswordVariable + fileSuffix, passwordVariable, passwordVariable + fileSuffix,
	}
	for _, s := range settings {
		known = append(known, variableOf(s.name))
		if s.name != "config" {
			known = append(known, variableOf(s.name)+fileSuffix)
		}
	}
	var problems []error
	for name := range v {
		if !slices.Contains(known, name) && !reserved(name) {
			problems = append(problems, fmt.Errorf("%s is not a variable of signup%s", name, didYouMean(name, known)))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

// reserved are the variables of tests, those kept for the future, and those
// that Docker links and Kubernetes set for a service named "signup".
func reserved(name string) bool {
	for _, prefix := range []string{"TEST_", "SERVICE_HOST", "SERVICE_PORT", "PORT_"} {
		if strings.HasPrefix(name, variablePrefix+prefix) {
			return true
		}
	}
	return name == variablePrefix+"PORT"
}
