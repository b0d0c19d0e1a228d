package signup_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports holds every room to the arrows of ARCHITECTURE.md.
func TestImports(t *testing.T) {
	const module = "github.com/signup-go/signup"
	rooms := map[string]map[string]string{
		".": {
			"net/http":                 "the rules know no HTTP",
			"database/sql":             "the rules know no SQL",
			"github.com/riverqueue/":   "the rules owe mails; the queue is after the commit",
			"github.com/wneessen/":     "the rules never send",
			"github.com/danielgtaylor": "the rules know no HTTP",
			module:                     "the middle depends on nothing around it",
		},
		"./sqlite": {
			"net/http":            "a store only stores",
			module + "/web":       "a store only stores",
			module + "/postgres":  "stores do not know each other",
			module + "/outbox":    "a store is handed its queue",
			module + "/letters":   "a store only stores",
			module + "/smtp":      "a store never sends",
			module + "/cmd":       "the program is outermost",
			module + "/storetest": "tests stay out of the product",
		},
		"./postgres": {
			"net/http":            "a store only stores",
			module + "/web":       "a store only stores",
			module + "/sqlite":    "stores do not know each other",
			module + "/outbox":    "a store is handed its queue",
			module + "/letters":   "a store only stores",
			module + "/smtp":      "a store never sends",
			module + "/cmd":       "the program is outermost",
			module + "/storetest": "tests stay out of the product",
		},
		"./outbox": {
			module + "/sqlite":  "the queue takes any River driver",
			module + "/web":     "nothing after a commit needs a door",
			module + "/letters": "the Service is handed its writer",
			module + "/smtp":    "the queue takes any Sender",

			module + "/sendmail": "the queue takes any Sender",
			module + "/chat":     "the queue takes any Sender",
		},
		"./letters": {
			"database/sql":        "a letter needs a Message, nothing else",
			"net/http":            "a letter needs a Message, nothing else",
			module + "/sqlite":    "a letter needs a Message, nothing else",
			module + "/outbox":    "a letter needs a Message, nothing else",
			module + "/web":       "a letter needs a Message, nothing else",
			module + "/smtp":      "writing is not sending",
			"github.com/wneessen": "writing is not sending",
		},
		"./smtp": { // without smtptest, which serves tests

			"database/sql":      "sending needs a Letter, nothing else",
			module + "/sqlite":  "sending needs a Letter, nothing else",
			module + "/outbox":  "when to send is not how to send",
			module + "/web":     "sending needs a Letter, nothing else",
			module + "/letters": "sending is not writing",
		},
		"./sendmail": {
			"database/sql":      "sending needs a Letter, nothing else",
			module + "/sqlite":  "sending needs a Letter, nothing else",
			module + "/outbox":  "when to send is not how to send",
			module + "/web":     "sending needs a Letter, nothing else",
			module + "/letters": "sending is not writing",
		},
		"./chat": {
			"database/sql":      "sending needs a Letter, nothing else",
			module + "/sqlite":  "sending needs a Letter, nothing else",
			module + "/outbox":  "when to send is not how to send",
			module + "/web":     "sending needs a Letter, nothing else",
			module + "/letters": "sending is not writing",
			module + "/smtp":    "a chat is no mail",
		},
		"./web": {
			"database/sql":           "a door asks the Service",
			module + "/sqlite":       "a door asks the Service",
			module + "/outbox":       "a door never sends",
			module + "/letters":      "a door never writes mails",
			module + "/smtp":         "a door never sends",
			module + "/sendmail":     "a door never sends",
			module + "/chat":         "a door never sends",
			"github.com/riverqueue/": "a door never sends",
		},
		"./cmd/signup": {
			module + "/storetest":     "tests stay out of the product",
			module + "/smtp/smtptest": "tests stay out of the product",
			"testing":                 "tests stay out of the product",
			"C":                       "the product needs no C compiler",
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

// within reports whether path is the banned package, or below it.
func within(path, banned string) bool {
	return path == banned || strings.HasPrefix(path, strings.TrimSuffix(banned, "/")+"/")
}

// imports lists what the packages of a room import themselves. What a library
// imports in turn is its own affair.
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
