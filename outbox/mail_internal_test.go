package outbox

import (
	"testing"
	"time"
)

// A wait is never shortened, and lengthened by a tenth at most.
func TestSpread(t *testing.T) {
	different := map[time.Duration]bool{}
	for range 100 {
		got := spread(time.Minute)
		if got < time.Minute || got > time.Minute+6*time.Second {
			t.Errorf("a minute became %s", got)
		}
		different[got] = true
	}
	if len(different) < 50 {
		t.Errorf("only %d of 100 waits differ", len(different))
	}
	if got := spread(0); got != 0 {
		t.Errorf("no wait became %s", got)
	}
}
