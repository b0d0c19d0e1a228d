package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// answer prints v as JSON when that was asked for, else lets human print.
func (s *session) answer(v any, human func(w io.Writer)) error {
	if s.json {
		return s.printJSON(v)
	}
	// One write: a pipe gets all of it or an error.
	var b strings.Builder
	human(&b)
	_, err := io.WriteString(s.stdout, b.String())
	return err
}

func (s *session) printJSON(v any) error {
	enc := json.NewEncoder(s.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// hint tells people what is no part of the answer. Programs do not need it.
func (s *session) hint(format string, args ...any) {
	if !s.json {
		_, _ = fmt.Fprintf(s.stderr, format+"\n", args...)
	}
}

// table prints rows with aligned columns, the first row being the head.
func table(w io.Writer, rows [][]string) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				_, _ = io.WriteString(tw, "\t")
			}
			_, _ = io.WriteString(tw, printable(cell))
		}
		_, _ = io.WriteString(tw, "\n")
	}
	_ = tw.Flush()
}

// printable replaces what could play tricks on a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// moment is a time for people.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// moments is a time for programs: null when it is not set.
func moments(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// count is "1 user", "2 users".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// during runs f and says on stderr, from the first second on, that it still
// runs; on a terminal at once.
func (s *session) during(ctx context.Context, what string, f func() error) error {
	if s.json {
		return f()
	}
	if isTerminal(s.stderr) {
		s.hint("%s ...", what)
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	started, tick := time.Now(), time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			s.hint("%s: %s", what, time.Since(started).Round(time.Second))
		case <-ctx.Done():
			return <-done
		}
	}
}
