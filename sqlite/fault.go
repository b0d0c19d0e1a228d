package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"github.com/signup-go/signup"
)

// A busyError is a signup.ErrBusy that names its cause.
type busyError struct {
	cause string
	again bool // it may pass within moments
	err   error
}

func (e *busyError) Error() string   { return e.cause + ": " + e.err.Error() }
func (e *busyError) Unwrap() []error { return []error{signup.ErrBusy, e.err} }

// fault says what failed, in the contract's errors. It returns nil for nil.
func fault(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) || extendedCode(err) == code.SQLITE_CONSTRAINT_FOREIGNKEY {
		return fmt.Errorf("%s: %w", what, signup.ErrNotFound)
	}
	return busy(what, err)
}

// busy says what failed, with signup.ErrBusy where SQLite's code means it.
func busy(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause, again := busyCause(extendedCode(err)); cause != "" && !errors.Is(err, signup.ErrBusy) {
		err = &busyError{cause, again, err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// busyCause is empty for a code that is no reason to try later.
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

// extendedCode is 0 when the error is not SQLite's.
func extendedCode(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func isUnique(err error) bool { return extendedCode(err) == code.SQLITE_CONSTRAINT_UNIQUE }

// passing reports whether err may pass within moments.
func passing(err error) bool {
	var e *busyError
	return errors.As(err, &e) && e.again
}

func unreachable(err error) error {
	return &busyError{cause: "the database file cannot be opened", err: err}
}

// noTurn is the error of one who waited long enough, unless ctx, on whose behalf
// he waited, is itself over.
func noTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return &busyError{cause: "other transactions hold the database", err: errNoTurn}
}

var errNoTurn = errors.New("no turn in time")
