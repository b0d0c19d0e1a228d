package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
)

// A pragma is a connection setting and its value, as SQLite prints it.
type pragma struct{ name, value string }

// checkPragmas reads the settings of the DSN back, on a connection of each pool.
func (s *Store) checkPragmas(ctx context.Context, o Options) error {
	want := []pragma{
		{"journal_mode", "wal"},
		{"synchronous", "2"}, // FULL
		{"foreign_keys", "1"},
		{"busy_timeout", strconv.FormatInt(o.BusyTimeout.Milliseconds(), 10)},
	}
	if err := inForce(ctx, s.writer, append(want, pragma{"query_only", "0"})); err != nil {
		return err
	}
	if err := inForce(ctx, s.reader, append(want, pragma{"query_only", "1"})); err != nil {
		return err
	}
	return s.logPragmas(ctx, want, o.Log)
}

func inForce(ctx context.Context, db *sql.DB, want []pragma) error {
	for _, p := range want {
		got, err := readPragma(ctx, db, p.name)
		if err != nil {
			return err
		}
		if got != p.value {
			return fmt.Errorf("the database's %s is %s, but must be %s", p.name, got, p.value)
		}
	}
	return nil
}

func (s *Store) logPragmas(ctx context.Context, names []pragma, log *slog.Logger) error {
	if log == nil {
		return nil
	}
	attrs := []slog.Attr{slog.String("path", s.path)}
	for _, p := range names {
		got, err := readPragma(ctx, s.writer, p.name)
		if err != nil {
			return err
		}
		attrs = append(attrs, slog.String(p.name, got))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "SQLite opened", attrs...)
	return nil
}

func readPragma(ctx context.Context, db *sql.DB, name string) (string, error) {
	var value string
	err := db.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	return value, fault("read pragma "+name, err)
}
