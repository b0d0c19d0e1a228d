// Package storetest tests whether a signup.Store fulfils its contract. The tests
// of a store call Run with a function that opens an empty store.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/webhook"
)

// A test checks one requirement of the contract.
type test struct {
	name string
	run  func(*suite)
}

// A group is the tests about one kind of row.
type group struct {
	name  string
	tests []test
}

func groups() []group {
	return []group{
		{"Transaction", transactionTests()},
		{"Hold", holdTests()},
		{"Race", raceTests()},
		{"Settings", settingsTests()},
		{"User", userTests()},
		{"UserQuery", userQueryTests()},
		{"Status", statusTests()},
		{"Address", addressTests()},
		{"Token", tokenTests()},
		{"AccountToken", accountTokenTests()},
		{"Ticket", ticketTests()},
		{"LinkRequest", linkRequestTests()},
		{"Mail", mailTests()},
		{"AddressMail", addressMailTests()},
		{"Waiting", waitingTests()},
		{"Reminder", reminderTests()},
		{"Lapsed", lapsedTests()},
		{"Old", oldTests()},
		{"APIKey", apiKeyTests()},
		{"Audit", auditTests()},
		{"Event", eventTests()},
		{"Session", sessionTests()},
	}
}

// Run runs the suite. It calls open once for each test, also in parallel. The
// function open returns an empty, migrated store and registers its closing with
// t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) signup.Store) {
	for _, g := range groups() {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.tests {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(newSuite(t, open(t)))
				})
			}
		})
	}
}

// timeout ends a test that hangs.
const timeout = 2 * time.Minute

// A suite is one test with a store of its own. It must not depend on testing.T,
// because the tests of the suite itself run it with a recorder.
type suite struct {
	testing.TB
	store   signup.Store
	context context.Context
	users   int
	filled  int // number of values that fill has made
}

func newSuite(t testing.TB, store signup.Store) *suite {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return &suite{TB: t, store: store, context: ctx}
}

// start is the time at which the tests happen, with milliseconds, in UTC.
func start() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC) }

const (
	instant = time.Millisecond // the precision of the store
	many    = 50               // number of concurrent calls
)

func (s *suite) ctx() context.Context { return s.context }

// update runs an Update that must succeed.
func (s *suite) update(fn func(signup.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.ctx(), fn); err != nil {
		s.Fatalf("Update: %v", err)
	}
}

// refused runs an Update that must return want.
func (s *suite) refused(want error, fn func(signup.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.ctx(), fn); !errors.Is(err, want) {
		s.Fatalf("Update: %v, want %v", err, want)
	}
}

// view runs a View that must succeed.
func (s *suite) view(fn func(signup.Reader) error) {
	s.Helper()
	if err := s.store.View(s.ctx(), fn); err != nil {
		s.Fatalf("View: %v", err)
	}
}

// same compares two values. Times must be equal and in the same location.
func (s *suite) same(what string, got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(sameTime), cmp.Comparer(sameSecret)); diff != "" {
		s.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func sameSecret(a, b webhook.Secret) bool { return a == b }

func sameTime(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() }

// read runs one reading method in a View of its own, which must succeed.
func read[T any](s *suite, verb func(r signup.Reader) (T, error)) T {
	s.Helper()
	var got T
	s.view(func(r signup.Reader) (err error) {
		got, err = verb(r)
		return err
	})
	return got
}

// write runs one writing method in an Update of its own, which must succeed.
func write[T any](s *suite, verb func(tx signup.Tx) (T, error)) T {
	s.Helper()
	var got T
	s.update(func(tx signup.Tx) (err error) {
		got, err = verb(tx)
		return err
	})
	return got
}

// race runs n calls concurrently and returns their errors, in order of i.
func race(n int, call func(i int) error) []error {
	errs := make([]error, n)
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-gate
			errs[i] = call(i)
		})
	}
	close(gate)
	wg.Wait()
	return errs
}

// oneWins checks that exactly one error is nil and that the others are all in
// losing.
func (s *suite) oneWins(errs []error, losing ...error) {
	s.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !slices.ContainsFunc(losing, func(want error) bool { return errors.Is(err, want) }):
			s.Fatalf("a loser got %v, want one of %v", err, losing)
		}
	}
	if won != 1 {
		s.Fatalf("%d won, want exactly 1", won)
	}
}

// missing checks that err is ErrNotFound.
func (s *suite) missing(what string, err error) {
	s.Helper()
	if !errors.Is(err, signup.ErrNotFound) {
		s.Fatalf("%s: %v, want ErrNotFound", what, err)
	}
}

func second[T any](_ T, err error) error { return err }

// person returns a new unconfirmed user who needs verification and approval.
func (s *suite) person() signup.User {
	s.users++
	name := fmt.Sprintf("person%d", s.users)
	return signup.User{
		Name:                 "Person " + name,
		Username:             name,
		UsernameKey:          name,
		Email:                name + "@example.org",
		EmailKey:             name + "@example.org",
		PasswordHash:         "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
		Language:             "en",
		Role:                 signup.RoleMember,
		Origin:               signup.OriginSignUp,
		VerificationRequired: true,
		ApprovalRequired:     true,
		CreatedAt:            start(),
	}
}

// Changes to apply to a person.
func verified(u *signup.User) { u.VerifiedAt = start() }
func active(u *signup.User)   { u.VerifiedAt, u.ApprovedAt = start(), start() }
func disabled(u *signup.User) { u.DisabledAt = start() }
func rejected(u *signup.User) { u.RejectedAt = start() }
func admin(u *signup.User)    { u.Role = signup.RoleAdmin }

func address(key string) func(*signup.User)  { return func(u *signup.User) { u.EmailKey = key } }
func username(key string) func(*signup.User) { return func(u *signup.User) { u.UsernameKey = key } }
func named(name string) func(*signup.User)   { return func(u *signup.User) { u.Name = name } }

func (s *suite) createUser(changes ...func(*signup.User)) signup.User {
	s.Helper()
	u := s.person()
	for _, change := range changes {
		change(&u)
	}
	return write(s, func(tx signup.Tx) (signup.User, error) { return tx.CreateUser(s.ctx(), u) })
}

// createUsers stores all users in one Update and sets their IDs and versions.
func (s *suite) createUsers(users []signup.User) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		for i := range users {
			created, err := tx.CreateUser(s.ctx(), users[i])
			if err != nil {
				return err
			}
			users[i].ID, users[i].Version = created.ID, created.Version
		}
		return nil
	})
}

func (s *suite) user(id int64) signup.User {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.User, error) { return r.User(s.ctx(), id) })
}

// updateUser changes a user in an Update of its own and returns its error.
func (s *suite) updateUser(id int64, changes ...func(*signup.User)) error {
	return s.store.Update(s.ctx(), func(tx signup.Tx) error {
		u, err := tx.User(s.ctx(), id)
		if err != nil {
			return err
		}
		for _, change := range changes {
			change(&u)
		}
		return tx.UpdateUser(s.ctx(), u)
	})
}

// allUsers returns every ID in ascending order.
func (s *suite) allUsers() []int64 {
	s.Helper()
	users := read(s, func(r signup.Reader) ([]signup.User, error) {
		return r.Users(s.ctx(), signup.UserQuery{Limit: 1_000_000})
	})
	ids := userIDs(users)
	slices.Sort(ids)
	return ids
}

func userIDs(users []signup.User) []int64 {
	ids := []int64{}
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

func newID() string { return uuid.NewString() }

// nobody is an ID that no user has.
const nobody = 1 << 40

// is is like errors.Is, where a nil want means no error.
func is(err, want error) bool {
	if want == nil {
		return err == nil
	}
	return errors.Is(err, want)
}
