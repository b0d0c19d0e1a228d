package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
	"github.com/signup-go/signup/postgres"
)

func exec(t testing.TB, s *postgres.Store, query string, args ...any) {
	t.Helper()
	if _, err := s.Pool().Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, s *postgres.Store, query string, args ...any) (n int) {
	t.Helper()
	if err := s.Pool().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func person(i int) signup.User {
	name := fmt.Sprintf("person%d", i)
	return signup.User{
		Name: name, Username: name, UsernameKey: name, Email: name + "@example.org", EmailKey: name + "@example.org",
		Language: "en", Role: signup.RoleMember, Origin: signup.OriginSignUp, VerificationRequired: true, CreatedAt: now(),
	}
}

// signUp stores person i.
func signUp(ctx context.Context, s *postgres.Store, i int) (u signup.User, err error) {
	err = s.Update(ctx, func(tx signup.Tx) error {
		u, err = tx.CreateUser(ctx, person(i))
		return err
	})
	return u, err
}

func mustSignUp(t testing.TB, s *postgres.Store, i int) signup.User {
	t.Helper()
	u, err := signUp(t.Context(), s, i)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func confirmation(id string, u signup.User) signup.Mail {
	return signup.Mail{
		ID: id, Kind: signup.MailConfirmation, UserID: u.ID, RecipientID: u.ID, State: delivery.Owed, CreatedAt: now(),
	}
}

// race runs all calls concurrently and returns their errors.
func race(calls ...func() error) []error {
	errs := make([]error, len(calls))
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() {
			<-gate
			errs[i] = call()
		})
	}
	close(gate)
	wg.Wait()
	return errs
}
