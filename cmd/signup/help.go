package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

// errHelpShown ends a run that was only to show the help, or the version.
var errHelpShown = errors.New("help shown")

// A helpFlag shows the help and ends the run without ending the process.
type helpFlag bool

// BeforeReset comes before any other flag is looked at.
func (helpFlag) BeforeReset(kctx *kong.Context) error {
	if err := kctx.PrintUsage(false); err != nil {
		return err
	}
	return errHelpShown
}

// A versionFlag is the command version, given as a flag.
type versionFlag bool

// BeforeReset is as helpFlag's.
func (versionFlag) BeforeReset(kctx *kong.Context) error {
	s := &session{program: program{stdout: kctx.Stdout}, json: slices.Contains(kctx.Args, "--json")}
	if err := (versionCmd{}).Run(s); err != nil {
		return err
	}
	return errHelpShown
}

const description = `Sign-up for applications that people host themselves: register, confirm the email address, be approved.`

const detail = `Try it without any configuration:

    signup serve --dev

Configure it by flags, variables, files or one YAML file; the first that is set wins:

    --smtp URL              flag
    SIGNUP_SMTP             variable
    SIGNUP_SMTP_FILE        variable with the path of a file that holds the value
    smtp: URL               key of the file that --config or SIGNUP_CONFIG names
                            (extra sign-up fields go under the key "fields")

The mail server's password has no flag, because other users can see command lines: use SIGNUP_SMTP_PASSWORD, SIGNUP_SMTP_PASSWORD_FILE or the file's key smtp-password.

Exit codes:

    0  done
    1  a fault, such as a database that cannot be opened
    2  the command line or the configuration is wrong, or lacks what the command needs
    3  refused by a rule, such as approving somebody who was rejected
    4  what was named does not exist`

func newParser(grammar *cli, p program) (*kong.Kong, error) {
	parser, err := kong.New(grammar,
		kong.Name("signup"),
		grammarVars(),
		kong.Description(description),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) {}),
		kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.ValueFormatter(flagHelp),
		kong.Help(printHelp),
		kong.ExplicitGroups([]kong.Group{{Key: configurationGroup, Title: "Configuration:"}}),
	)
	if err != nil {
		return nil, fmt.Errorf("build the command line: %w", err)
	}
	parser.Model.Detail = detail
	return parser, nil
}

// grammarVars are what tags of the grammar name: the help of every USER, and
// lists of values, with commas alone for "enum" and with spaces for people.
func grammarVars() kong.Vars {
	vars := kong.Vars{"user": userArgument}
	for name, values := range map[string][]string{
		"kinds": kindNames(), "statuses": texts(signup.Statuses()), "mailstates": web.MailStates(),
	} {
		vars[name] = strings.Join(values, ",")
		vars[name+"_list"] = strings.Join(values, ", ")
	}
	return vars
}

// kindNames lists the kinds of mails.
func kindNames() []string {
	var names []string
	for _, kind := range signup.MailKinds() {
		names = append(names, string(kind.Kind))
	}
	return names
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

const configurationGroup = "configuration"

func configures(flag *kong.Flag) bool {
	return flag.Group != nil && flag.Group.Key == configurationGroup
}

// flagHelp adds to a setting's help the variable and the default.
func flagHelp(value *kong.Value) string {
	if value.Flag == nil || !configures(value.Flag) {
		return value.Help
	}
	help := fmt.Sprintf("%s (%s", value.Help, variableOf(value.Name))
	if fallback := value.Tag.Get("fallback"); fallback != "" && fallback != "false" {
		help += ", default " + fallback
	}
	return help + ")"
}

// printHelp leaves out the settings that a command makes little of.
func printHelp(o kong.HelpOptions, kctx *kong.Context) error {
	selected := kctx.Selected()
	for _, flag := range kctx.Model.Flags {
		flag.Hidden = flag.Hidden || flag.Name == "version" && selected != nil
	}
	if selected != nil && selected.Name != "serve" && selected.Name != "config" {
		for _, flag := range kctx.Model.Flags {
			if configures(flag) && !slices.Contains([]string{"config", "database"}, flag.Name) {
				flag.Hidden = true
			}
		}
	}
	return kong.DefaultHelpPrinter(o, kctx)
}
