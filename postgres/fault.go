package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signup-go/signup"
)

// SQLSTATEs that mean something to the contract
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	foreignKeyViolation = "23503"
	uniqueViolation     = "23505"
	readOnly            = "25006"
	notInState          = "55000" // while connecting: ALTER DATABASE ... ALLOW_CONNECTIONS false
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
	if errors.Is(err, pgx.ErrNoRows) || sqlState(err) == foreignKeyViolation {
		return fmt.Errorf("%s: %w (%w)", what, signup.ErrNotFound, err)
	}
	return busy(what, err)
}

// busy says what failed, with signup.ErrBusy where the SQLSTATE means it.
func busy(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause, again := busyCause(err); cause != "" && !errors.Is(err, signup.ErrBusy) {
		err = &busyError{cause, again, err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// busyCause is empty for an error that is no reason to try later.
func busyCause(err error) (cause string, again bool) {
	var connect *pgconn.ConnectError
	switch state := sqlState(err); {
	case state == notInState && errors.As(err, &connect):
		return "the database accepts no connections", true
	case state != "":
		return causeOfState(state)
	case isLost(err):
		return "the database is out of reach", true
	}
	return "", false
}

func causeOfState(state string) (cause string, again bool) {
	switch state {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return "transactions got in each other's way", true
	case "55P03": // lock_not_available
		return "another transaction holds the row", false
	case "57014": // query_canceled
		return "a statement took longer than the server allows", false
	case "57P01", "57P02", "57P03", "57P05", "25P03": // shutdown, crash, starting up, time-outs of idle sessions
		return "the database closed the connection or is starting up", true
	case "53300": // too_many_connections
		return "the database has no connection left", true
	case "53000", "53200", "53400": // insufficient_resources and kinds of it
		return "the database is short of resources", false
	case "53100": // disk_full
		return "the database's disk is full", false
	case readOnly:
		return "the database is read-only", false
	}
	if state[:2] == "08" { // connection_exception
		return "the connection broke", true
	}
	return "", false
}

// isLost reports whether there is no connection (any more).
func isLost(err error) bool {
	var connect *pgconn.ConnectError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate): // trying again makes it no better
		return false
	case errors.As(err, &connect):
		return true
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}

// sqlState is empty when the error is not the server's.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func isUnique(err error) bool   { return sqlState(err) == uniqueViolation }
func isReadOnly(err error) bool { return sqlState(err) == readOnly }

// isDangling reports whether a statement referred to a row that is not there.
func isDangling(err error) bool { return sqlState(err) == foreignKeyViolation }

// passing reports whether err may pass within moments.
func passing(err error) bool {
	var e *busyError
	return errors.As(err, &e) && e.again
}

// waited is busy for a step that wait ends, unless ctx, on whose behalf it
// waited, is itself over.
func waited(ctx, wait context.Context, what string, err error) error {
	switch {
	case err == nil || wait.Err() == nil:
		return busy(what, err)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, ctx.Err())
	default:
		return fmt.Errorf("%s: %w", what, &busyError{cause: "no connection to the database came free in time", err: err})
	}
}
