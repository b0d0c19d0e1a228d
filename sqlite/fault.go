package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/retry"
)

// fault adds what failed and maps err to the errors of signup.Store. It returns
// nil for nil.
func fault(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) || extendedCode(err) == code.SQLITE_CONSTRAINT_FOREIGNKEY {
		return fmt.Errorf("%s: %w", what, signup.ErrNotFound)
	}
	return busy(what, err)
}

// busy adds what failed, and wraps signup.ErrBusy if SQLite's error code calls
// for it.
func busy(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause, again := busyCause(extendedCode(err)); cause != "" && !errors.Is(err, signup.ErrBusy) {
		err = &retry.Busy{Cause: cause, Again: again, Err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// busyCause returns "" if the error code is not a reason to try again later.
func busyCause(extended int) (cause string, again bool) {
	switch extended & 0xff { // the primary code
	case code.SQLITE_BUSY, code.SQLITE_LOCKED, code.SQLITE_PROTOCOL:
		return "the database is locked by another process", true
	case code.SQLITE_FULL:
		return "the disk is full", false
	case code.SQLITE_READONLY:
		return "the database is read-only", false
	case code.SQLITE_CANTOPEN, code.SQLITE_PERM:
		return "the database file cannot be opened", false
	case code.SQLITE_IOERR:
		return "the disk failed", false
	}
	return "", false
}

// extendedCode returns 0 if the error does not come from SQLite.
func extendedCode(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func isUnique(err error) bool { return extendedCode(err) == code.SQLITE_CONSTRAINT_UNIQUE }

func unreachable(err error) error {
	return &retry.Busy{Cause: "the database file cannot be opened", Err: err}
}

// noTurn returns the error of an update or view that did not get its turn: ctx's
// own error if ctx ended the wait, otherwise one that wraps signup.ErrBusy.
func noTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return &retry.Busy{Cause: "other transactions hold the database", Err: errNoTurn}
}

var errNoTurn = errors.New("timed out waiting for the database connection")
