package outbox

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

// What the queue reports about cancelled work is not an error; its other errors
// are.
func TestQuiet(t *testing.T) {
	t.Parallel()
	calledOff, cancel := context.WithCancel(t.Context())
	cancel()
	var said bytes.Buffer
	log := Quiet(slog.New(slog.NewTextHandler(&said, nil)))
	log.InfoContext(t.Context(), "started")
	log.ErrorContext(calledOff, "not notified")
	if said.Len() != 0 {
		t.Errorf("said: %s", &said)
	}
	log.ErrorContext(t.Context(), "broken")
	if !strings.Contains(said.String(), "level=ERROR msg=broken") {
		t.Errorf("said: %s", &said)
	}
}
