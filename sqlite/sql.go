package sqlite

import (
	"database/sql"
	"errors"

	"github.com/signup-go/signup"
)

// SQL returns the transaction of an update, for an application with tables of its
// own in the same file; see signup.Options.OnActive. The application's statements
// take effect with the update or not at all. They must not write the tables of
// this package, must not end the transaction, and must not use it after the
// update.
func SQL(tx signup.Tx) (*sql.Tx, error) {
	w, ok := tx.(writer)
	if !ok {
		return nil, errors.New("the transaction is not of a sqlite.Store")
	}
	return w.tx, nil
}
