package sqlite

import (
	"database/sql"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite/internal/db"
)

// A reader implements signup.Reader in a transaction.
type reader struct{ q *db.Queries }

// A writer implements signup.Tx.
type writer struct {
	reader
	tx      *sql.Tx
	enqueue Enqueue
}

var _ signup.Tx = writer{}

// one is like fault, for a statement that must affect exactly one row.
func one(what string, rows int64, err error) error {
	if err == nil && rows == 0 {
		err = signup.ErrNotFound
	}
	return fault(what, err)
}
