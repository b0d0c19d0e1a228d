package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
)

// SQL returns the transaction of an update, for an application with tables of its
// own in the same database; see signup.Options.OnActive. The application's
// statements see what the update has written so far, and take effect with it or
// not at all. They must not write the tables of this package, and should name the
// schema of their own tables: the search_path of the connection may be only the
// schema of this package; see Options.Schema.
//
// The transaction must not be used after the update; Commit and Rollback fail. If
// tx writes anything more, call SQL again before the next statement.
//
// Return errors of SQL and of the statements from the update, wrapped if you like:
// the update runs again where that helps, for example after a deadlock.
func SQL(ctx context.Context, tx signup.Tx) (pgx.Tx, error) {
	w, ok := tx.(writer)
	if !ok {
		return nil, errors.New("the transaction is not of a postgres.Store")
	}
	if err := w.unit.flush(ctx); err != nil {
		return nil, fault("the update so far", err)
	}
	return borrowed{w.unit.tx}, nil
}

// A borrowed transaction cannot be ended.
type borrowed struct{ pgx.Tx }

var errBorrowed = errors.New("the update ends this transaction")

func (borrowed) Commit(context.Context) error   { return errBorrowed }
func (borrowed) Rollback(context.Context) error { return errBorrowed }
