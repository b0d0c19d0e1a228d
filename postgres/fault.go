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
	"github.com/signup-go/signup/internal/retry"
)

// SQLSTATEs with a meaning in the contract of signup.Store
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	foreignKeyViolation = "23503"
	uniqueViolation     = "23505"
	readOnly            = "25006"
	notPermitted        = "42501"
	notInState          = "55000" // while connecting: ALTER DATABASE ... ALLOW_CONNECTIONS false
)

// fault adds what failed and maps err to the errors of signup.Store. It returns
// nil for nil.
func fault(what string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) || sqlState(err) == foreignKeyViolation {
		return fmt.Errorf("%s: %w (%w)", what, signup.ErrNotFound, err)
	}
	return busy(what, err)
}

// busy adds what failed, and wraps signup.ErrBusy if the SQLSTATE calls for it.
func busy(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause, again := busyCause(err); cause != "" && !errors.Is(err, signup.ErrBusy) {
		err = &retry.Busy{Cause: cause, Again: again, Err: err}
	}
	if taken := takenBy(err); taken != nil {
		err = fmt.Errorf("%w (%w)", taken, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// takenBy returns the error for the unique index that refused a user. It can
// surface at a later statement or at the commit, because UpdateUser may be sent
// with one of those.
func takenBy(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != uniqueViolation {
		return nil
	}
	switch e.ConstraintName {
	case "users_username":
		return signup.ErrUsernameTaken
	case "users_verified_email":
		return signup.ErrEmailTaken
	}
	return nil
}

// busyCause returns "" if the error is not a reason to try again later.
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

// isLost reports whether the connection is broken or was never made.
func isLost(err error) bool {
	var connect *pgconn.ConnectError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate): // trying again does not help
		return false
	case errors.As(err, &connect):
		return true
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}

// sqlState returns "" if the error does not come from the server.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func isReadOnly(err error) bool { return sqlState(err) == readOnly }

// waited is like busy, for a step that wait may have ended. If ctx itself has
// ended, it returns ctx's error.
func waited(ctx, wait context.Context, what string, err error) error {
	switch {
	case err == nil || wait.Err() == nil:
		return busy(what, err)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, ctx.Err())
	default:
		return fmt.Errorf("%s: %w", what, &retry.Busy{Cause: "no connection to the database came free in time", Err: err})
	}
}
