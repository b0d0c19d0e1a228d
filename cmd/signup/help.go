package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
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

// A versionFlag is the command version for who types it as a flag.
type versionFlag bool

// BeforeReset is as helpFlag's.
func (versionFlag) BeforeReset(kctx *kong.Context) error {
	s := &session{program: program{stdout: kctx.Stdout}, json: slices.Contains(kctx.Args, "--json")}
	if err := (versionCmd{}).Run(s); err != nil {
		return err
	}
	return errHelpShown
}

const description = `Sign-up for applications that people host themselves: register, confirm the e-mail address, be approved.`

const detail = `Try it without any configuration:

    signup serve --dev

Configure it by flags, variables, files or one YAML file; the first that is set wins:

    --smtp URL              flag
    SIGNUP_SMTP             variable
    SIGNUP_SMTP_FILE        variable with the path of a file that holds the value
    smtp: URL               key of the file that --config or SIGNUP_CONFIG names
                            (extra sign-up fields go under the key "fields")

The mail server's password has no flag, for others could see it: use SIGNUP_SMTP_PASSWORD, SIGNUP_SMTP_PASSWORD_FILE or the file's key smtp-password.

Exit codes:

    0  done
    1  a fault, such as a database that cannot be opened
    2  the command line or the configuration is wrong, or lacks what the command needs
    3  refused by a rule, such as approving somebody who was rejected
    4  what was named does not exist`

func newParser(grammar *cli, p program) (*kong.Kong, error) {
	parser, err := kong.New(grammar,
		kong.Name("signup"),
		kong.Vars{"user": userArgument, "kinds": kindNames(","), "kindlist": kindNames(", ")},
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
