package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// A mistyped --database is not made: only the commands that one begins with
// make one. The list is that of the grammar, so that no command is forgotten.
func TestNoDatabase(t *testing.T) {
	apart := map[string]string{
		"serve": "makes", "migrate": "makes", "user create-admin": "makes", "key create": "makes", "settings set": "makes",
		"config": "needs none", "version": "needs none", "healthcheck": "needs none",
		"mail test": "needs none", "mail test-chats": "needs none", "mail preview": "needs none",
		"copy": "has its own names",
	}
	parser, err := newParser(&cli{}, program{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		words := strings.TrimPrefix(commandPath(command), "signup ")
		if apart[words] != "" {
			continue
		}
		t.Run(words, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "data")
			args := append([]string{"--database", "sqlite:" + filepath.Join(folder, "signup.db")}, anyArguments(command)...)
			for _, args := range [][]string{args, append(args, "--json")} {
				code, stdout, stderr := runProgram(t, nil, args...)
				if code != exitFault || !strings.Contains(stderr, "there is no database at "+folder) || stdout != "" {
					t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
				}
			}
			if _, err := os.Stat(folder); err == nil {
				t.Error("the folder was made")
			}
		})
	}
}

// The commands that one begins with make the database.
func TestFirstCommands(t *testing.T) {
	for _, args := range [][]string{
		{"migrate"},
		{"user", "create-admin", "--username", "boss", "--email", "boss@example.org"},
		{"key", "create", "--name", "app"},
		{"settings", "set", "signup_enabled=false"},
	} {
		s := newServer(t)
		s.Run(args...)
		s.Run("user", "list")
	}
}

func commandPath(command *kong.Node) string {
	words := []string{command.Name}
	for p := command.Parent; p != nil; p = p.Parent {
		words = append([]string{p.Name}, words...)
	}
	return strings.Join(words, " ")
}

// anyArguments is a command line that the grammar takes.
func anyArguments(command *kong.Node) []string {
	args := strings.Fields(commandPath(command))[1:]
	for _, p := range command.Positional {
		value := "1"
		if p.Enum != "" {
			value, _, _ = strings.Cut(p.Enum, ",")
		}
		args = append(args, value)
	}
	for _, flag := range command.Flags {
		if flag.Required {
			args = append(args, "--"+flag.Name+"=1h")
		}
	}
	return args
}
