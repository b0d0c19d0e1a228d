package signup_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports checks that every package imports only what ARCHITECTURE.md allows.
func TestImports(t *testing.T) {
	const module = "github.com/signup-go/signup"
	leaf := map[string]string{
		"net/http": "validating a value needs only the value", "database/sql": "validating a value needs only the value",
		module + "/event": "validating a value needs only the value", module + "/letters": "validating a value needs only the value",
	}
	rooms := map[string]map[string]string{
		".": {
			"net/http":                 "the rules do not depend on HTTP",
			"database/sql":             "the rules do not depend on SQL",
			"github.com/riverqueue/":   "the rules store mails owed; the queue runs after the commit",
			"github.com/wneessen/":     "the rules never send mail",
			"github.com/danielgtaylor": "the rules do not depend on HTTP",
			module + "/sqlite":         "the store is passed in",
			module + "/postgres":       "the store is passed in",
			module + "/internal/rows":  "the rules do not depend on SQL",
			module + "/outbox":         "the rules store mails owed; the queue runs after the commit",
			module + "/letters":        "the writer of letters is passed in",
			module + "/smtp":           "the rules never send mail",
			module + "/web":            "the rules do not depend on HTTP",
			module + "/cmd":            "nothing imports the program",
		},
		"./refusal":  {module: "every package imports it, so it imports none"},
		"./event":    {module: "every package imports it, so it imports none"},
		"./delivery": {module: "every package imports it, so it imports none"},
		"./scope":    {module: "every package imports it, so it imports none"},
		"./password": leaf,
		"./identity": leaf,
		"./field":    leaf,
		"./sqlite": {
			"net/http":            "a store only stores",
			module + "/web":       "a store only stores",
			module + "/postgres":  "the stores are independent of each other",
			module + "/outbox":    "the queue is passed in",
			module + "/letters":   "a store only stores",
			module + "/smtp":      "a store never sends mail",
			module + "/cmd":       "nothing imports the program",
			module + "/storetest": "no test code in the program",
		},
		"./postgres": {
			"net/http":            "a store only stores",
			module + "/web":       "a store only stores",
			module + "/sqlite":    "the stores are independent of each other",
			module + "/outbox":    "the queue is passed in",
			module + "/letters":   "a store only stores",
			module + "/smtp":      "a store never sends mail",
			module + "/cmd":       "nothing imports the program",
			module + "/storetest": "no test code in the program",
		},
		"./outbox": {
			module + "/sqlite":  "the queue works with any River driver",
			module + "/web":     "background work does not depend on HTTP",
			module + "/letters": "the writer of letters is passed to the Service",
			module + "/smtp":    "the queue works with any Sender",

			module + "/sendmail": "the queue works with any Sender",
			module + "/chat":     "the queue works with any Sender",
		},
		"./webhook": { // and below it, dispatch
			"database/sql":           "the store is passed in",
			"github.com/riverqueue/": "deliveries are rows of their own",
			module + "/sqlite":       "the store is passed in",
			module + "/postgres":     "the store is passed in",
			module + "/web":          "what an event shows is passed in",
			module + "/outbox":       "deliveries are rows of their own",
		},
		"./letters": {
			"database/sql":        "a letter is made from a Message alone",
			"net/http":            "a letter is made from a Message alone",
			module + "/sqlite":    "a letter is made from a Message alone",
			module + "/outbox":    "a letter is made from a Message alone",
			module + "/web":       "a letter is made from a Message alone",
			module + "/smtp":      "writing is not sending",
			"github.com/wneessen": "writing is not sending",
		},
		"./smtp": { // except smtptest, which is for tests

			"database/sql":      "sending needs only a Letter",
			module + "/sqlite":  "sending needs only a Letter",
			module + "/outbox":  "the queue decides when to send",
			module + "/web":     "sending needs only a Letter",
			module + "/letters": "sending is not writing",
		},
		"./sendmail": {
			"database/sql":      "sending needs only a Letter",
			module + "/sqlite":  "sending needs only a Letter",
			module + "/outbox":  "the queue decides when to send",
			module + "/web":     "sending needs only a Letter",
			module + "/letters": "sending is not writing",
		},
		"./chat": {
			"database/sql":      "sending needs only a Letter",
			module + "/sqlite":  "sending needs only a Letter",
			module + "/outbox":  "the queue decides when to send",
			module + "/web":     "sending needs only a Letter",
			module + "/letters": "sending is not writing",
			module + "/smtp":    "a chat is not mail",
		},
		"./web": {
			"database/sql":           "the web uses the Service, not the database",
			module + "/sqlite":       "the web uses the Service, not a store",
			module + "/outbox":       "the web never sends mail",
			module + "/letters":      "the web never writes letters",
			module + "/smtp":         "the web never sends mail",
			module + "/sendmail":     "the web never sends mail",
			module + "/chat":         "the web never sends notices",
			"github.com/riverqueue/": "the web never sends mail",
		},
		"./cmd/signup": {
			module + "/storetest":     "no test code in the program",
			module + "/smtp/smtptest": "no test code in the program",
			"testing":                 "no test code in the program",
			"C":                       "the program builds without a C compiler",
		},
	}
	for room, bans := range rooms {
		t.Run(room, func(t *testing.T) {
			for _, path := range imports(t, room) {
				for banned, why := range bans {
					if within(path, banned) {
						t.Errorf("%s imports %s: %s", room, path, why)
					}
				}
			}
		})
	}
}

// TestOutboxHasNoPages keeps River's web pages, which weigh as much as the rest, out
// of programs that do not show them.
func TestOutboxHasNoPages(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./outbox").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if within(path, "riverqueue.com/riverui") {
			t.Errorf("outbox depends on %s", path)
		}
	}
}

// TestStoresHaveNoHTTP keeps net/http out of programs that use only a store: the
// stores know package webhook, which sends nothing.
func TestStoresHaveNoHTTP(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./sqlite", "./postgres").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if path == "net/http" {
			t.Error("a store depends on net/http")
		}
	}
}

// within reports whether path is the banned package or below it.
func within(path, banned string) bool {
	return path == banned || strings.HasPrefix(path, strings.TrimSuffix(banned, "/")+"/")
}

// imports returns the direct imports of the packages in a folder. Indirect
// imports through libraries do not count.
func imports(t *testing.T, room string) []string {
	t.Helper()
	pattern := room + "/..."
	if room == "." {
		pattern = room
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, pattern)
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pattern, err)
	}
	return strings.Fields(string(out))
}
