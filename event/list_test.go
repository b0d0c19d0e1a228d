package event_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/event"
)

func TestCursorsAreReadBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	for _, c := range []event.Cursor{
		{}, event.Latest(), {Position: 1, At: at}, {Position: 1 << 62, At: at}, {Position: 7, At: time.UnixMilli(-1).UTC()},
	} {
		got, ok := event.ParseCursor(c.String())
		if !ok || got != c {
			t.Errorf("%+v became %q and then %+v, %t", c, c.String(), got, ok)
		}
	}
	if c, ok := event.ParseCursor(""); !ok || c != (event.Cursor{}) {
		t.Errorf("no text is %+v, %t", c, ok)
	}
}

func TestOtherTextsAreNoCursors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1", "1-", "-1", "-1-5", "0-0", "01-5", "1-05", "+1-5", "1-5-5", "A-5", "1 -5", "Latest", "zzzzzzzzzzzzzzzzzzzz-1"} {
		if c, ok := event.ParseCursor(text); ok {
			t.Errorf("%q is %+v", text, c)
		}
	}
}

// The table in the documents has every type that applications are told.
func TestEventsAreDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../docs/connect.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, e := range event.All() {
		if e.Public {
			_, _ = fmt.Fprintf(&want, "| `%s` | %s |\n", e.Type, e.Doc)
		}
	}
	if !strings.Contains(string(document), "| type | |\n|---|---|\n"+want.String()+"\n") {
		t.Errorf("docs/connect.md does not have this table:\n%s", &want)
	}
}

func TestApplicationsAreToldOfUsersOnly(t *testing.T) {
	t.Parallel()
	public := event.Public()
	for _, e := range event.All() {
		if told := slices.Contains(public, e.Type); told != e.Public {
			t.Errorf("%s: %t", e.Type, told)
		}
		if e.Public && !strings.HasPrefix(string(e.Type), "user.") {
			t.Errorf("%s is not about a user", e.Type)
		}
	}
	if !slices.Contains(public, event.Active) || slices.Contains(public, event.SessionStarted) {
		t.Errorf("applications are told of %v", public)
	}
}
