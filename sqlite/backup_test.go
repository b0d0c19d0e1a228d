package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/delivery"
)

// A backup taken during writes is consistent: no user lacks the mail owed to them
// and its job, and no mail or job lacks its user.
func TestBackupUnderWrites(t *testing.T) {
	s := migrated(t)
	enqueue, _ := queue(t, s)
	s.SetEnqueue(enqueue)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	written := make(chan struct{}, 1<<20)
	for w := range 4 {
		writers.Go(func() {
			for i := w; ctx.Err() == nil; i += 4 {
				if err := oweIn(ctx, s, i); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
				written <- struct{}{}
			}
		})
	}
	for range 3 {
		for range 50 {
			<-written
		}
		checkBackup(t, s)
	}
	stop()
	writers.Wait()
}

func oweIn(ctx context.Context, s *Store, i int) error {
	return s.Update(ctx, func(tx signup.Tx) error {
		u, err := tx.CreateUser(ctx, person(i))
		if err != nil {
			return err
		}
		return tx.AddMail(ctx, signup.Mail{
			ID: u.Username, Kind: signup.MailConfirmation, UserID: u.ID, RecipientID: u.ID, State: delivery.Owed, CreatedAt: now(),
		})
	})
}

func checkBackup(t *testing.T, s *Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup copy?.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("files next to the backup: %v, %v", entries, err)
	}
	db, err := sql.Open("sqlite", writerDSN(path, DefaultBusyTimeout))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var integrity string
	var users, whole int
	err = errors.Join(
		db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&integrity),
		db.QueryRowContext(t.Context(), "SELECT count(*) FROM users").Scan(&users),
		db.QueryRowContext(t.Context(), `SELECT count(*) FROM users u JOIN mails m ON m.user_id = u.id JOIN queue q ON q.id = m.id`).Scan(&whole),
	)
	if err != nil || integrity != "ok" || users < 50 || whole != users {
		t.Errorf("integrity %s, %d users, %d with mail and job, %v", integrity, users, whole, err)
	}
}

func TestBackupOverwritesNothing(t *testing.T) {
	s := migrated(t)
	path := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("backup over an existing file: %v", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(path, "below", "a.db")); err == nil {
		t.Error("no error although the folder does not exist")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := s.Backup(ctx, filepath.Join(dir, "cut.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("files left behind: %v, %v", entries, err)
	}
}
