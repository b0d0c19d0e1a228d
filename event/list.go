package event

import (
	"strconv"
	"strings"
	"time"
)

// A Query selects a page of the list of events that applications are told.
type Query struct {
	After Cursor // the zero value: from the first event on
	Types []Type // none: all of Public
	Limit int    // maximum number of results; 0 means 100
}

// An End is where the list of events ends.
type End struct {
	Position   int64     // of the last event; 0 for none
	At         time.Time // of the last event
	Unnumbered bool      // there are events that have no position yet
}

// A Cursor is a place in the list of events: its reader has every event up to it.
// At is the time of the event at Position. It tells whether the list is the one
// that the cursor was made for: after an older backup was restored, another event
// can be there.
type Cursor struct {
	Position int64
	At       time.Time
}

// Latest returns the cursor for the end of the list, wherever that is.
func Latest() Cursor { return Cursor{Position: -1} }

const (
	latest = "latest"
	base   = 36 // shorter than decimal
)

// String returns the cursor in the form that ParseCursor reads.
func (c Cursor) String() string {
	switch {
	case c == Latest():
		return latest
	case c.Position == 0:
		return "0"
	default:
		return strconv.FormatInt(c.Position, base) + "-" + strconv.FormatInt(c.At.UnixMilli(), base)
	}
}

// ParseCursor reads what String returned; "" is the zero value. ok is false for
// any other text.
func ParseCursor(text string) (c Cursor, ok bool) {
	switch text {
	case "", "0":
		return Cursor{}, true
	case latest:
		return Latest(), true
	}
	position, at, _ := strings.Cut(text, "-")
	n, errPosition := strconv.ParseInt(position, base, 64)
	ms, errAt := strconv.ParseInt(at, base, 64)
	c = Cursor{n, time.UnixMilli(ms).UTC()}
	return c, errPosition == nil && errAt == nil && n > 0 && c.String() == text
}

// A DayCount holds the number of events on one day.
type DayCount struct {
	Day    time.Time // start of the day, UTC
	Counts []int     // one per requested type, in the same order
}
