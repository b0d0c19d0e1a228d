package postgres

import (
	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres/internal/db"
)

// A reader implements signup.Reader in a transaction.
type reader struct{ q *db.Queries }

// A writer implements signup.Tx. Its reads lock what they find; see hold.go.
type writer struct {
	reader
	later   *db.Queries // for statements that return at most an error and can be delayed; see pipe.go
	unit    *unit
	enqueue Enqueue
	held    held
}

var _ signup.Tx = writer{}

func newWriter(u *unit, enqueue Enqueue) writer {
	return writer{reader{db.New(&u.pipe)}, db.New(later{&u.pipe}), u, enqueue, newHeld()}
}

// one is like fault, for a statement that must affect exactly one row.
func one(what string, rows int64, err error) error {
	if err == nil && rows == 0 {
		err = signup.ErrNotFound
	}
	return fault(what, err)
}
