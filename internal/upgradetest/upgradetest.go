// Package upgradetest tests, on both databases, what the migration that made
// every sign-up a row of users does to existing data.
package upgradetest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

// A Database is a database made by an older version.
type Database struct {
	Store   signup.Store
	Migrate func() error

	// Exec runs a statement with ? for parameters. Arguments may be bool and
	// time.Time values.
	Exec func(query string, args ...any) error
	// Count runs a query that returns one number.
	Count func(query string) int

	Overriding string            // what an INSERT needs in order to set the IDs of users
	Given      func(int64) error // is called after an INSERT that set this ID
}

type world struct {
	*testing.T
	Database
}

func (w world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w world) migrate() {
	w.Helper()
	w.must(w.Migrate())
}

type row map[string]any

// insert stores a row; columns that are not in r come from base.
func (w world) insert(table string, base, r row) {
	w.Helper()
	all := maps.Clone(base)
	maps.Copy(all, r)
	columns := slices.Sorted(maps.Keys(all))
	var args []any
	for _, c := range columns {
		args = append(args, all[c])
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")
	w.must(w.Exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") "+w.Overriding+" VALUES ("+marks+")", args...))
}

// at returns the time i minutes after the start of the test's clock.
func at(i int) time.Time {
	return time.Date(2026, 3, 4, 5, 6, 7, 890_000_000, time.UTC).Add(time.Duration(i) * time.Minute)
}

// user stores an unconfirmed user who signed up with the username.
func (w world) user(id int64, username string, changes ...row) {
	w.Helper()
	r := row{
		"id": id, "name": "Name of " + username, "username": username, "username_key": strings.ToLower(username),
		"email": username + "@example.org", "email_key": strings.ToLower(username) + "@example.org", "password_hash": "hash of " + username,
	}
	for _, c := range changes {
		maps.Copy(r, c)
	}
	w.insert("users", row{
		"language": "en", "profile": "null", "role": "member", "origin": "signup", "verification_required": true,
		"approval_required": false, "created_at": at(0), "approved_by": "", "rejected_by": "", "rejection_reason": "",
		"rejection_note": "", "corrections": 0, "version": 1, "search": strings.ToLower(username),
	}, r)
	w.must(w.Given(id))
	w.must(w.Exec("INSERT INTO usernames (key, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING", r["username_key"], id))
}

func verified() row { return row{"verified_at": at(1)} }
func rejected() row { return row{"verified_at": at(1), "rejected_at": at(2), "rejected_by": "cli"} }

// claim stores a further sign-up with the user's address, the given number of
// minutes after the start.
func (w world) claim(id string, userID int64, username, email string, minutes int, changes ...row) {
	w.Helper()
	r := row{
		"id": id, "user_id": userID, "name": "Name of " + id, "username": username, "username_key": strings.ToLower(username),
		"email": email, "password_hash": "hash of " + id, "created_at": at(minutes),
	}
	for _, c := range changes {
		maps.Copy(r, c)
	}
	w.insert("claims", row{"language": "de", "profile": `{"a":1}`, "approval_required": false, "terms_version": "2", "terms_at": at(minutes)}, r)
}

func (w world) token(id string, userID int64, claim, address string, used bool, minutes int) {
	w.Helper()
	w.insert("sign_up_tokens", row{}, row{
		"id": id, "user_id": userID, "claim_id": claim, "token_hash": id, "address": address,
		"created_at": at(minutes), "expires_at": at(minutes + 60), "used": used,
	})
}

func (w world) mail(id string, userID, recipientID int64, claim, kind, state string) {
	w.Helper()
	r := row{
		"id": id, "kind": kind, "user_id": userID, "recipient_id": recipientID, "claim_id": claim, "state": state,
		"attempts": 1, "created_at": at(3), "last_answer": "", "channel": "",
	}
	w.insert("mails", row{}, r)
	w.insert("mail_attempts", row{}, row{"mail_id": id, "at": at(4), "phase": "", "answer": "later", "outcome": "again"})
}

func (w world) ticket(hash string, userID int64, claim, held string) {
	w.Helper()
	w.insert("tickets", row{}, row{
		"hash": hash, "user_id": userID, "claim_id": claim, "held": held, "corrections": 1, "resends": 2,
		"asked_at": at(5), "created_at": at(0), "expires_at": at(1000),
	})
}

// Reading the migrated data through the store.

func read[T any](w world, verb func(signup.Reader) (T, error)) (got T) {
	w.Helper()
	w.must(w.Store.View(w.Context(), func(r signup.Reader) (err error) {
		got, err = verb(r)
		return err
	}))
	return got
}

// missing checks that the row does not exist.
func missing[T any](w world, what string, verb func(signup.Reader) (T, error)) {
	w.Helper()
	err := w.Store.View(w.Context(), func(r signup.Reader) error {
		_, err := verb(r)
		return err
	})
	if !isNotFound(err) {
		w.Errorf("%s: %v, want ErrNotFound", what, err)
	}
}

func (w world) byName(username string) signup.User {
	w.Helper()
	return read(w, func(r signup.Reader) (signup.User, error) { return r.UserByUsernameKey(w.Context(), username) })
}

func (w world) byID(id int64) signup.User {
	w.Helper()
	return read(w, func(r signup.Reader) (signup.User, error) { return r.User(w.Context(), id) })
}

func (w world) tokenOf(hash string) signup.SignUpToken {
	w.Helper()
	return read(w, func(r signup.Reader) (signup.SignUpToken, error) { return r.Token(w.Context(), hash) })
}

func (w world) ticketOf(hash string) signup.Ticket {
	w.Helper()
	return read(w, func(r signup.Reader) (signup.Ticket, error) { return r.Ticket(w.Context(), hash) })
}

func (w world) mailOf(id string) signup.Mail {
	w.Helper()
	return read(w, func(r signup.Reader) (signup.Mail, error) { return r.Mail(w.Context(), id) })
}

func (w world) attempts(id string) int {
	w.Helper()
	return len(read(w, func(r signup.Reader) ([]signup.MailAttempt, error) { return r.MailAttempts(w.Context(), id) }))
}

func same[T comparable](w world, what string, got, want T) {
	w.Helper()
	if got != want {
		w.Errorf("%s is %v, want %v", what, got, want)
	}
}

// nextID returns the ID that the next new user gets.
func (w world) nextID() (id int64) {
	w.Helper()
	w.must(w.Store.Update(w.Context(), func(tx signup.Tx) error {
		u, err := tx.CreateUser(w.Context(), signup.User{
			Name: "New", Username: "new", UsernameKey: "new", Email: "new@example.org", EmailKey: "new@example.org",
			Language: "en", Role: signup.RoleMember, Origin: signup.OriginSignUp, VerificationRequired: true, CreatedAt: at(0),
		})
		id = u.ID
		return err
	}))
	return id
}
