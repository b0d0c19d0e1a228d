package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"
)

// newLog writes to w: text for people, JSON for programs.
func newLog(w io.Writer, format string, level slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "text" || format != "json" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// commandLog is the log of a command other than serve: it has an answer to
// give, and logs only what is not as it should be, unless asked for more.
func (s *session) commandLog() *slog.Logger {
	level := s.config.logLevel
	if !s.config.setting("log-level").isSet() {
		level = slog.LevelWarn
	}
	return newLog(s.stderr, s.config.logFormat, level)
}
