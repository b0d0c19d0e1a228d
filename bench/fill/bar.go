package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

// A bar reports progress on stderr: on a terminal one line that is redrawn,
// otherwise a line every few seconds.
type bar struct {
	all, done      int
	began, told    time.Time
	terminal       bool
	every          time.Duration
	before, behind string
}

func newBar(all int) *bar {
	b := &bar{all: max(all, 1), began: time.Now(), told: time.Now(), every: 5 * time.Second, behind: "\n"}
	b.terminal = isatty.IsTerminal(os.Stderr.Fd())
	if b.terminal {
		b.every, b.before, b.behind = 100*time.Millisecond, "\r\033[K", ""
	}
	return b
}

func (b *bar) step(table string) {
	b.done++
	if b.done%256 == 0 && time.Since(b.told) >= b.every {
		b.tell(table)
	}
}

func (b *bar) tell(table string) {
	b.told = time.Now()
	drawn := ""
	if b.terminal {
		const width = 30
		full := min(width, width*b.done/b.all)
		drawn = "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] "
	}
	fmt.Fprintf(os.Stderr, "%s%s%3d %%  %d of %d rows, %s%s", b.before, drawn, 100*b.done/b.all, b.done, b.all, table, b.behind)
}

func (b *bar) end() {
	took := time.Since(b.began)
	fmt.Fprintf(os.Stderr, "%s%d rows in %s, %.0f a second\n", b.before, b.all, took.Round(time.Millisecond), float64(b.all)/took.Seconds())
}
