package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A program is one run of the command, with all it touches of the process
// around it, so that tests run it in theirs.
type program struct {
	args    []string // without the program's name
	environ []string // as of os.Environ
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer

	// ready, if set, is called by serve once it accepts connections.
	ready func(addr string)
}

// run does what the arguments ask until it is done or ctx ends, and returns
// the exit code.
func (p program) run(ctx context.Context) int {
	err := p.execute(ctx)
	switch {
	case err == nil || errors.Is(err, errHelpShown):
		return exitOK
	case slices.Contains(p.args, "--json"):
		writeErrorJSON(p.stderr, err)
	default:
		_, _ = fmt.Fprintln(p.stderr, "signup: "+errorText(err))
	}
	return exitCode(err)
}

func (p program) execute(ctx context.Context) error {
	var grammar cli
	parser, err := newParser(&grammar, p)
	if err != nil {
		return err
	}
	kctx, err := parser.Parse(helpForNothing(p.args))
	if err != nil {
		return usageOf(err)
	}
	s := &session{program: p, json: grammar.JSON}
	if grammar.readsConfig(kctx) {
		s.config = readConfig(settingsOf(parser.Model), p.environ)
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	return kctx.Run(s)
}

// helpForNothing shows the help when no command is given.
func helpForNothing(args []string) []string {
	if len(args) == 0 || len(args) == 1 && args[0] == "help" {
		return []string{"--help"}
	}
	return args
}

// usageOf makes kong's complaints usage errors, and leaves the others.
func usageOf(err error) error {
	var parse *kong.ParseError
	if errors.As(err, &parse) && !errors.Is(err, errHelpShown) {
		command := "signup"
		if node := parse.Context.Selected(); node != nil {
			command = node.FullPath()
		}
		if node := parse.Context.Selected(); node == nil || !node.Leaf() {
			err = noCommand(err)
		}
		return usagef("%w\nRun \"%s --help\" for how to use it.", err, command)
	}
	return err
}

// noCommand says what kong means by an argument where a command should be.
func noCommand(err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "unexpected argument "); ok {
		return errors.New("there is no command " + name)
	}
	return err
}

// A session is what every command gets to work with.
type session struct {
	program
	config config
	json   bool // answer in JSON
}
