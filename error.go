package signup

import "errors"

// ErrNotFound is returned by a Tx when the requested row does not exist. It is
// not a refusal: the Service turns it into one where a person asked for the row.
var ErrNotFound = errors.New("not found")

// ErrBusy is returned by a Store, wrapped, when the database could not run the
// transaction in time because it was locked, full, read-only or unreachable.
// Nothing was changed, and the same call may succeed later.
var ErrBusy = errors.New("the database is busy")

// ErrInDoubt is returned by Store.Update, wrapped, when the connection broke
// during the commit and the database could not be asked for the outcome. It is
// safe to repeat the call: it either finds the work done or does it.
var ErrInDoubt = errors.New("commit outcome unknown")

// ErrUsernameTaken is returned by Tx.CreateUser and Tx.UpdateUser when another
// user who is not rejected has the username.
var ErrUsernameTaken = errors.New("another user has the username")

// ErrEmailTaken is returned by Tx.CreateUser and Tx.UpdateUser when another user
// holds the address.
var ErrEmailTaken = errors.New("another user holds the email address")

// ErrStale is returned by Tx.UpdateUser when the user has changed since it was
// read. A Store then runs the update again.
var ErrStale = errors.New("the user has changed since it was read")

// ErrNameTaken is returned by Tx.CreateAPIKey when a key that is not revoked has
// the name.
var ErrNameTaken = errors.New("an API key has this name")
