package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// owe stores a user and a mail owed to them, and returns fail from the update.
func owe(t *testing.T, s *postgres.Store, i int, id string, fail error) error {
	t.Helper()
	return s.Update(t.Context(), func(tx signup.Tx) error {
		u, err := tx.CreateUser(t.Context(), person(i))
		if err != nil {
			return err
		}
		return errors.Join(tx.AddMail(t.Context(), confirmation(id, u)), fail)
	})
}

func TestAMailIsEnqueuedInItsTransaction(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	exec(t, s, "CREATE TABLE queue (mail_id text)") // like the table of a real queue
	s.SetEnqueue(func(ctx context.Context, tx pgx.Tx, id string) error {
		_, err := tx.Exec(ctx, "INSERT INTO queue VALUES ($1)", id)
		return err
	})
	fault := errors.New("fault")
	if err := owe(t, s, 1, "rolled back", fault); !errors.Is(err, fault) {
		t.Fatal(err)
	}
	if err := owe(t, s, 1, "committed", nil); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "SELECT count(*) FROM queue"); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if n := count(t, s, "SELECT count(*) FROM queue WHERE mail_id = 'committed'"); n != 1 {
		t.Errorf("%d jobs of the mail", n)
	}
}

func TestAMailThatCannotBeEnqueuedIsNotStored(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	s.SetEnqueue(func(context.Context, pgx.Tx, string) error { return pgx.ErrNoRows })
	err := owe(t, s, 1, "id", nil)
	if !errors.Is(err, pgx.ErrNoRows) || errors.Is(err, signup.ErrNotFound) {
		t.Errorf("Update: %v, want the queue's own error", err)
	}
	if n := count(t, s, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d users", n)
	}
	s.SetEnqueue(nil)
	if err := owe(t, s, 1, "id", nil); err != nil {
		t.Error(err)
	}
}

// A mail server may respond with bytes that PostgreSQL cannot store.
func TestAnyLastAnswerCanBeStored(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	u := mustSignUp(t, s, 1)
	m := confirmation("m", u)
	m.LastAnswer = "550 a\x00b\xff"
	var got signup.Mail
	err := s.Update(t.Context(), func(tx signup.Tx) (err error) {
		if err := errors.Join(tx.AddMail(t.Context(), m), tx.UpdateMail(t.Context(), m)); err != nil {
			return err
		}
		got, err = tx.Mail(t.Context(), m.ID)
		return err
	})
	if err != nil || got.LastAnswer != "550 a\uFFFDb\uFFFD" {
		t.Errorf("%q, %v", got.LastAnswer, err)
	}
}

// The store warns once about a mail that nothing will send.
func TestAStoreWithoutAQueueWarns(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := open(t, pgtest.New(t), postgres.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err := errors.Join(owe(t, s, 1, "a", nil), owe(t, s, 2, "b", nil)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || !strings.Contains(log.String(), "mail=a") {
		t.Errorf("%d warnings: %s", n, log.String())
	}
}
