package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// queue returns an Enqueue that stores the IDs in a table, as a real queue does.
func queue(t *testing.T, s *Store) (enqueue Enqueue, queued func() []string) {
	exec(t, s.writer, "CREATE TABLE queue (id TEXT)")
	enqueue = func(ctx context.Context, tx *sql.Tx, id string) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO queue VALUES (?)", id)
		return err
	}
	queued = func() (ids []string) {
		rows, err := s.reader.QueryContext(t.Context(), "SELECT id FROM queue")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			ids = append(ids, "")
			if err := rows.Scan(&ids[len(ids)-1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	return enqueue, queued
}

// owe stores a user and a mail owed to them, and returns fail from the update.
func owe(t *testing.T, s *Store, i int, id string, fail error) error {
	return s.Update(t.Context(), func(tx signup.Tx) error {
		u, err := tx.CreateUser(t.Context(), person(i))
		if err != nil {
			return err
		}
		m := signup.Mail{ID: id, Kind: signup.MailConfirmation, UserID: u.ID, RecipientID: u.ID, State: delivery.Owed, CreatedAt: now()}
		return errors.Join(tx.AddMail(t.Context(), m), fail)
	})
}

func TestAMailIsEnqueuedInItsTransaction(t *testing.T) {
	s := migrated(t)
	enqueue, queued := queue(t, s)
	s.SetEnqueue(enqueue)
	fault := errors.New("fault")
	if err := owe(t, s, 1, "rolled back", fault); !errors.Is(err, fault) {
		t.Fatal(err)
	}
	if err := owe(t, s, 1, "committed", nil); err != nil {
		t.Fatal(err)
	}
	if got := queued(); !slices.Equal(got, []string{"committed"}) {
		t.Errorf("queued %q", got)
	}
}

func TestAMailThatCannotBeEnqueuedIsNotStored(t *testing.T) {
	s := migrated(t)
	s.SetEnqueue(func(context.Context, *sql.Tx, string) error { return sql.ErrNoRows })
	err := owe(t, s, 1, "id", nil)
	if !errors.Is(err, sql.ErrNoRows) || errors.Is(err, signup.ErrNotFound) {
		t.Errorf("Update: %v, want the queue's own error", err)
	}
	if n := countUsers(t, s); n != 0 {
		t.Errorf("%d users", n)
	}
	s.SetEnqueue(nil)
	if err := owe(t, s, 1, "id", nil); err != nil {
		t.Error(err)
	}
}

// The store warns once about a mail that nothing will send.
func TestAStoreWithoutAQueueWarns(t *testing.T) {
	var log bytes.Buffer
	s := open(t, filepath.Join(t.TempDir(), "signup.db"), Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err := errors.Join(s.Migrate(t.Context()), owe(t, s, 1, "a", nil), owe(t, s, 2, "b", nil)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || !strings.Contains(log.String(), "mail=a") {
		t.Errorf("%d warnings: %s", n, log.String())
	}
}
