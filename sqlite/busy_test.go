package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signup-go/signup"
)

func exec(t testing.TB, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, query string, args ...any,
) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// outsider returns a connection of another program to the same file.
func outsider(t testing.TB, s *Store) *sql.Conn {
	t.Helper()
	pool, err := sql.Open("sqlite", dsn(s.path, 5*time.Second, map[string][]string{}))
	if err != nil {
		t.Fatal(err)
	}
	c, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), pool.Close() })
	return c
}

func person(i int) signup.User {
	name := fmt.Sprintf("person%d", i)
	return signup.User{
		Name: name, Username: name, UsernameKey: name, Email: name + "@example.org", EmailKey: name + "@example.org",
		Language: "en", Role: signup.RoleMember, Origin: signup.OriginSignUp, VerificationRequired: true, CreatedAt: now(),
	}
}

func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// signUp stores person i.
func signUp(ctx context.Context, s *Store, i int) error {
	return s.Update(ctx, func(tx signup.Tx) error {
		_, err := tx.CreateUser(ctx, person(i))
		return err
	})
}

// signUpAtLast stores person i, retrying because a loaded machine may need
// several attempts with a short BusyTimeout.
func signUpAtLast(t *testing.T, s *Store, i int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := signUp(ctx, s, i)
	for errors.Is(err, signup.ErrBusy) && ctx.Err() == nil {
		err = signUp(ctx, s, i)
	}
	if err != nil {
		t.Error(err)
	}
}

func countUsers(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.View(t.Context(), func(r signup.Reader) (err error) {
		n, err = r.CountUsers(t.Context(), signup.UserQuery{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Case B46: no sign-up is lost while another program holds an exclusive lock or
// makes a backup.
func TestSignUpsOutlastAnExclusiveLockAndABackup(t *testing.T) {
	timeout := DefaultBusyTimeout
	if raceEnabled {
		timeout *= 6 // writing a hundred users is what takes long
	}
	s := open(t, filepath.Join(t.TempDir(), "signup.db"), Options{BusyTimeout: timeout})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	held := 3 * time.Second
	if testing.Short() {
		held = 300 * time.Millisecond
	}
	locker, backup := outsider(t, s), outsider(t, s)
	exec(t, locker, "BEGIN EXCLUSIVE")
	const n = 100
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = signUp(t.Context(), s, i) })
	}
	copied := filepath.Join(t.TempDir(), "backup.db")
	lock, cancel := context.WithTimeout(t.Context(), held)
	defer cancel()
	wg.Go(func() {
		<-lock.Done()
		_, errLock := locker.ExecContext(t.Context(), "COMMIT")
		_, errBackup := backup.ExecContext(t.Context(), "VACUUM INTO ?", copied)
		if err := errors.Join(errLock, errBackup); err != nil {
			t.Error(err)
		}
	})
	if n := countUsers(t, s); n != 0 { // reading still works
		t.Errorf("%d users while the lock is held", n)
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if got := countUsers(t, s); got != n {
		t.Errorf("%d users, want %d", got, n)
	}
}

func TestAPersistentLockIsErrBusyWithItsCause(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signup.db")
	s := open(t, path, Options{BusyTimeout: 500 * time.Millisecond})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	locker := outsider(t, s)
	exec(t, locker, "BEGIN EXCLUSIVE")
	err := signUp(t.Context(), s, 1)
	if !errors.Is(err, signup.ErrBusy) || errors.Is(err, signup.ErrEmailTaken) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update: %v, want ErrBusy", err)
	}
	exec(t, locker, "ROLLBACK")
	signUpAtLast(t, s, 1)
}

func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	s := migrated(t)
	exec(t, outsider(t, s), "BEGIN EXCLUSIVE")
	for name, wait := range map[string]time.Duration{"lock": 20 * time.Millisecond, "none": 0} {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		err := signUp(ctx, s, 1)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, signup.ErrBusy) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
}

func TestWaitingForATurnIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signup.db")
	s := open(t, path, Options{BusyTimeout: 500 * time.Millisecond})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(signup.Tx) error { return signUp(t.Context(), s, 1) })
	if !errors.Is(err, signup.ErrBusy) {
		t.Errorf("an Update in an Update: %v, want ErrBusy", err)
	}
	conn, err := s.Writer().Conn(t.Context()) // as a queue does
	if err != nil {
		t.Fatal(err)
	}
	if err := signUp(t.Context(), s, 1); !errors.Is(err, signup.ErrBusy) {
		t.Errorf("while the writer connection is in use: %v, want ErrBusy", err)
	}
	_ = conn.Close()
	signUpAtLast(t, s, 1)
}

func TestReadOnlyAndFullAreErrBusyWithTheirCause(t *testing.T) {
	for pragma, cause := range map[string]string{"query_only=1": "read-only", "max_page_count=1": "disk is full"} {
		t.Run(cause, func(t *testing.T) {
			s := migrated(t)
			exec(t, s.writer, "PRAGMA "+pragma)
			err := s.Update(t.Context(), func(tx signup.Tx) error {
				return tx.PutSettings(t.Context(), map[string]string{"a": strings.Repeat("x", 1<<20)})
			})
			if !errors.Is(err, signup.ErrBusy) || !strings.Contains(err.Error(), cause) {
				t.Errorf("Update: %v, want ErrBusy and %q", err, cause)
			}
		})
	}
}

func TestAReaderCannotWrite(t *testing.T) {
	s := migrated(t)
	_, err := s.reader.ExecContext(t.Context(), "DELETE FROM users")
	if cause, _ := busyCause(extendedCode(err)); cause != "the database is read-only" {
		t.Errorf("a write by a reader: %v", err)
	}
}

// Case B33: sign-ups get through while a backlog is deleted in batches.
func TestDeletingABacklogLetsWritersThrough(t *testing.T) {
	s := migrated(t)
	rows := 200_000
	if testing.Short() || raceEnabled {
		rows = 5_000
	}
	if err := signUp(t.Context(), s, 0); err != nil {
		t.Fatal(err)
	}
	exec(t, s.writer, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO sign_up_tokens (id, user_id, token_hash, address, email_key, created_at, expires_at)
		SELECT 'id' || i, 1, 'hash' || i, '', '', 0, i FROM n`, rows)
	cleaning, done := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	signUps, slowest := 0, time.Duration(0)
	wg.Go(func() {
		for cleaning.Err() == nil {
			began := time.Now()
			signUps++
			if err := signUp(t.Context(), s, signUps); err != nil {
				t.Error(err)
			}
			slowest = max(slowest, time.Since(began))
		}
	})
	removed := 0
	for batch := 1; batch > 0; removed += batch {
		batch = deleteExpired(t, s, 1000)
	}
	done()
	wg.Wait()
	t.Logf("%d rows deleted, %d concurrent sign-ups, the slowest took %v", removed, signUps, slowest)
	if removed != rows || countUsers(t, s) != signUps+1 {
		t.Errorf("%d removed, want %d; %d users, want %d", removed, rows, countUsers(t, s), signUps+1)
	}
	if batches := rows / 1000; signUps < batches/4 {
		t.Errorf("%d sign-ups during %d batches", signUps, batches)
	}
}

func deleteExpired(t *testing.T, s *Store, limit int) (n int) {
	t.Helper()
	err := s.Update(t.Context(), func(tx signup.Tx) (err error) {
		n, err = tx.DeleteOld(t.Context(), signup.OldTokens, now(), limit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An Update that reads before it writes takes the write lock first, so that no
// other process can write in between.
func TestUpdateLocksBeforeItReads(t *testing.T) {
	s := migrated(t)
	other := outsider(t, s)
	exec(t, other, "PRAGMA busy_timeout = 0")
	err := s.Update(t.Context(), func(signup.Tx) error {
		_, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
		if _, again := busyCause(extendedCode(err)); !again {
			t.Errorf("BEGIN IMMEDIATE by another process: %v, want SQLITE_BUSY", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
