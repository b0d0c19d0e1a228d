// Package storetest holds every signup.Store to its contract. A store's own
// tests call Run with a function that opens an empty one.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/signup-go/signup"
)

// A test is one MUST of the contract.
type test struct {
	name string
	run  func(*suite)
}

// Run runs the suite. It calls open once for each test, also in parallel; open
// returns an empty, migrated store and closes it in t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) signup.Store) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"Transaction", transactionTests()},
		{"Settings", settingsTests()},
		{"User", userTests()},
		{"UserQuery", userQueryTests()},
		{"Username", usernameTests()},
		{"Token", tokenTests()},
		{"Claim", claimTests()},
		{"Ticket", ticketTests()},
		{"AddressMails", addressTests()},
		{"Mail", mailTests()},
		{"Post", postTests()},
		{"Lapsed", lapsedTests()},
		{"APIKey", apiKeyTests()},
		{"Audit", auditTests()},
		{"Session", sessionTests()},
		{"Statistics", statisticsTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.tests {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(&suite{T: t, store: open(t)})
				})
			}
		})
	}
}

// A suite is one test with a store of its own.
type suite struct {
	*testing.T
	store signup.Store
	users int
}

// start is when the tests happen: with milliseconds, in UTC.
func start() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC) }

const (
	instant = time.Millisecond // the store's precision
	many    = 50               // racers
)

func (s *suite) ctx() context.Context { return s.Context() }

// update runs an Update that must succeed.
func (s *suite) update(fn func(signup.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.ctx(), fn); err != nil {
		s.Fatalf("Update: %v", err)
	}
}

// refused runs an Update that must end with want.
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

func (s *suite) same(what string, got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// read is one reading verb in a View of its own, which must succeed.
func read[T any](s *suite, verb func(r signup.Reader) (T, error)) T {
	s.Helper()
	var got T
	s.view(func(r signup.Reader) (err error) {
		got, err = verb(r)
		return err
	})
	return got
}

// race starts n calls at once and returns their errors, in order of i.
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

// oneWins checks that one error is nil and all others are want.
func (s *suite) oneWins(errs []error, want error) {
	s.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, want):
			s.Fatalf("a loser got %v, want %v", err, want)
		}
	}
	if won != 1 {
		s.Fatalf("%d won, want exactly 1", won)
	}
}

// person is a user with every field set that needs to be, unlike all others.
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

func (s *suite) createUser(changes ...func(*signup.User)) signup.User {
	s.Helper()
	u := s.person()
	for _, change := range changes {
		change(&u)
	}
	s.update(func(tx signup.Tx) (err error) {
		u, err = tx.CreateUser(s.ctx(), u)
		return err
	})
	return u
}

func (s *suite) user(id int64) signup.User {
	s.Helper()
	return read(s, func(r signup.Reader) (signup.User, error) { return r.User(s.ctx(), id) })
}

// allUsers are all ids, ascending.
func (s *suite) allUsers() []int64 {
	s.Helper()
	users := read(s, func(r signup.Reader) ([]signup.User, error) {
		return r.Users(s.ctx(), signup.UserQuery{Limit: 1_000_000})
	})
	return ascending(users)
}

func ascending(users []signup.User) []int64 {
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

// token is a token of the user that works for an hour from start.
func token(userID int64) signup.SignUpToken {
	return signup.SignUpToken{
		ID:        newID(),
		UserID:    userID,
		TokenHash: strings.ReplaceAll(newID()+newID(), "-", ""),
		Address:   "person@example.org",
		CreatedAt: start(),
		ExpiresAt: start().Add(time.Hour),
	}
}

func (s *suite) createToken(userID int64, changes ...func(*signup.SignUpToken)) signup.SignUpToken {
	s.Helper()
	t := token(userID)
	for _, change := range changes {
		change(&t)
	}
	s.update(func(tx signup.Tx) (err error) {
		t, err = tx.CreateToken(s.ctx(), t)
		return err
	})
	return t
}

// mail is a mail owed to the user about himself.
func mail(userID int64) signup.Mail {
	return signup.Mail{
		ID:          newID(),
		Kind:        signup.MailConfirmation,
		UserID:      userID,
		RecipientID: userID,
		State:       signup.MailOwed,
		CreatedAt:   start(),
	}
}

func (s *suite) addMail(userID int64, changes ...func(*signup.Mail)) signup.Mail {
	s.Helper()
	m := mail(userID)
	for _, change := range changes {
		change(&m)
	}
	s.update(func(tx signup.Tx) error { return tx.AddMail(s.ctx(), m) })
	return m
}

func claim(userID int64) signup.Claim {
	return signup.Claim{
		ID:           newID(),
		UserID:       userID,
		Name:         "Claimant",
		Username:     "claimant",
		UsernameKey:  "claimant",
		Email:        "Person@example.org",
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
		Language:     "de",
		CreatedAt:    start(),
	}
}

func (s *suite) createClaim(userID int64, changes ...func(*signup.Claim)) signup.Claim {
	s.Helper()
	c := claim(userID)
	for _, change := range changes {
		change(&c)
	}
	s.update(func(tx signup.Tx) error { return tx.CreateClaim(s.ctx(), c) })
	return c
}

func newID() string { return uuid.NewString() }

// awkward strings must come back as they went in.
func awkward() []string {
	return []string{
		"", " ", "Zoë Łukasiewicz", "名前", "🧵👩‍👩‍👧‍👦🏳️‍🌈", "e\u0301 is not \u00e9", "\u202eright to left", "O'Brien\"; DROP TABLE users; --",
		"line\r\nbreak\ttab", `back\slash %41 _ % $1 ?1 :x @x`, "null", "\U0010ffff",
	}
}
