package sqlite

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	driver "modernc.org/sqlite"

	"github.com/signup-go/signup"
)

// waiting runs updates that all wait for their turn before the first begins, and
// returns what each came to and the transactions they had.
func waiting(t *testing.T, s *Store, updates ...func(context.Context, signup.Tx) error) (errs []error, txs []*sql.Tx) {
	t.Helper()
	errs, txs = make([]error, len(updates)), make([]*sql.Tx, len(updates))
	turn := <-s.turn
	var wg sync.WaitGroup
	for i, fn := range updates {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ctx = context.WithValue(ctx, cancelKey{}, cancel)
			defer func() {
				if v := recover(); v != nil {
					errs[i] = fmt.Errorf("panic: %v", v)
				}
			}()
			errs[i] = s.Update(ctx, func(tx signup.Tx) error {
				txs[i], _ = SQL(tx)
				return fn(ctx, tx)
			})
		})
		synctest.Wait()
	}
	s.turn <- turn
	wg.Wait()
	return errs, txs
}

type cancelKey struct{}

func adds(i int) func(context.Context, signup.Tx) error {
	return func(ctx context.Context, tx signup.Tx) error {
		_, err := tx.CreateUser(ctx, person(i))
		return err
	}
}

func usernames(t *testing.T, s *Store) (names []string) {
	t.Helper()
	err := s.View(t.Context(), func(r signup.Reader) error {
		users, err := r.Users(t.Context(), signup.UserQuery{OldestFirst: true})
		for _, u := range users {
			names = append(names, u.Username)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func wantsUsers(t *testing.T, s *Store, want ...string) {
	t.Helper()
	if got := usernames(t, s); !slices.Equal(got, want) {
		t.Errorf("users %q, want %q", got, want)
	}
}

// bubble runs a test with a fake clock, in which synctest.Wait tells when updates
// wait for their turn.
func bubble(t *testing.T, test func(t *testing.T, s *Store)) {
	synctest.Test(t, func(t *testing.T) { test(t, migrated(t)) })
}

func TestUpdatesThatWaitShareATransaction(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		errs, txs := waiting(t, s, adds(1), adds(2), adds(3))
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if txs[0] != txs[1] || txs[1] != txs[2] {
			t.Errorf("transactions %p", txs)
		}
		wantsUsers(t, s, "person1", "person2", "person3")
	})
}

// Whoever fails is alone with it, in whatever way and wherever in the group.
func TestAFailureIsUndoneAlone(t *testing.T) {
	fault := errors.New("fault")
	fails := map[string]struct {
		with func(context.Context, signup.Tx) error
		is   func(error) bool
	}{
		"an error":                               {func(context.Context, signup.Tx) error { return fault }, func(err error) bool { return errors.Is(err, fault) }},
		"a panic":                                {func(context.Context, signup.Tx) error { panic("fault") }, func(err error) bool { return err.Error() == "panic: fault" }},
		"a cancelled context":                    {cancels, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"a context that ends during a statement": {cancelsDuringAStatement, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"a statement of a cancelled context": {
			func(ctx context.Context, tx signup.Tx) error {
				_ = cancels(ctx, tx)
				return adds(9)(ctx, tx)
			},
			func(err error) bool { return errors.Is(err, context.Canceled) },
		},
	}
	for name, fails := range fails {
		for at := range 3 {
			t.Run(fmt.Sprintf("%s at %d", name, at), func(t *testing.T) {
				bubble(t, func(t *testing.T, s *Store) {
					updates := []func(context.Context, signup.Tx) error{adds(0), adds(1), adds(2)}
					want := []string{"person0", "person1", "person2"}
					updates[at] = func(ctx context.Context, tx signup.Tx) error {
						return errors.Join(adds(at)(ctx, tx), fails.with(ctx, tx))
					}
					errs, _ := waiting(t, s, updates...)
					for i, err := range errs {
						if i == at && (err == nil || !fails.is(err)) || i != at && err != nil {
							t.Errorf("update %d: %v", i, err)
						}
					}
					wantsUsers(t, s, slices.Delete(want, at, at+1)...)
				})
			})
		}
	}
}

// cancels ends the context of the update.
func cancels(ctx context.Context, _ signup.Tx) error {
	ctx.Value(cancelKey{}).(context.CancelFunc)()
	return nil
}

// Once an update has run, the end of its context harms nobody, itself included.
func TestAContextThatEndsBeforeTheCommit(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		var first context.Context
		errs, txs := waiting(t, s, func(ctx context.Context, tx signup.Tx) error {
			first = ctx
			return adds(1)(ctx, tx)
		}, func(ctx context.Context, tx signup.Tx) error {
			_ = cancels(first, tx)
			synctest.Wait()
			return adds(2)(ctx, tx)
		})
		if err := errors.Join(errs...); err != nil || txs[0] != txs[1] {
			t.Errorf("%v, transactions %p", err, txs)
		}
		wantsUsers(t, s, "person1", "person2")
	})
}

// cancelsDuringAStatement ends the context of the update while one of its
// statements is running.
func cancelsDuringAStatement(ctx context.Context, tx signup.Tx) error {
	raw, err := SQL(tx)
	if err != nil {
		return err
	}
	cancelNow.Store(ctx.Value(cancelKey{}).(context.CancelFunc))
	_, err = uninterrupted{raw}.ExecContext(ctx, `WITH RECURSIVE n(i) AS (SELECT cancel_now() UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
		INSERT INTO settings (name, value) SELECT 'n' || i, '' FROM n WHERE i % 100 = ?`, 0)
	return err
}

var cancelNow atomic.Value

func init() {
	driver.MustRegisterScalarFunction("cancel_now", 0, func(*driver.FunctionContext, []sqldriver.Value) (sqldriver.Value, error) {
		cancelNow.Load().(context.CancelFunc)()
		return int64(0), nil
	})
}

// Whoever failed because of what others in the group did sees that afterwards, and
// does not fail because of what was not committed.
func TestAFailureWaitsForTheCommit(t *testing.T) {
	taken := errors.New("taken")
	for name, last := range map[string]func(context.Context, signup.Tx) error{"committed": adds(3), "not committed": orphan} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *Store) {
				family(t, s)
				turn := <-s.turn
				var wg sync.WaitGroup
				var failed error
				saw := 0
				update := func(fn func(context.Context, signup.Tx) error) (err error) {
					return s.Update(t.Context(), func(tx signup.Tx) error { return fn(t.Context(), tx) })
				}
				wg.Go(func() { _ = update(adds(1)) })
				synctest.Wait()
				wg.Go(func() {
					failed = update(func(ctx context.Context, tx signup.Tx) error {
						n, err := tx.CountUsers(ctx, signup.UserQuery{})
						if err == nil && n > 0 {
							err = taken
						}
						return err
					})
					saw = countUsers(t, s)
				})
				synctest.Wait()
				wg.Go(func() {
					_ = update(func(ctx context.Context, tx signup.Tx) error {
						time.Sleep(time.Millisecond) // the others wait meanwhile
						return last(ctx, tx)
					})
				})
				synctest.Wait()
				s.turn <- turn
				wg.Wait()
				if is := errors.Is(failed, taken); is != (saw > 0) || is != (name == "committed") {
					t.Errorf("%v, although there are %d users", failed, saw)
				}
			})
		})
	}
}

// An update that ends everybody's transaction, as SQLite does when the disk is
// full, costs the others another run and nothing else.
func TestAGroupWhoseTransactionEndsRunsAgain(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		once := true
		ends := func(ctx context.Context, tx signup.Tx) error {
			if err := adds(2)(ctx, tx); err != nil || !once {
				return err
			}
			once = false
			return rollback(ctx, tx)
		}
		errs, _ := waiting(t, s, adds(1), ends, adds(3))
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if got := usernames(t, s); len(got) != 3 {
			t.Errorf("users %q", got)
		}
	})
}

// family makes the tables of orphan.
func family(t *testing.T, s *Store) {
	t.Helper()
	exec(t, s.writer, "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED); CREATE TABLE parent (id INTEGER PRIMARY KEY)")
}

// orphan does what the commit refuses.
func orphan(ctx context.Context, tx signup.Tx) error {
	raw, err := SQL(tx)
	if err == nil {
		_, err = raw.ExecContext(ctx, "INSERT INTO child VALUES (1)")
	}
	return err
}

// Who fails and ends everybody's transaction with it is told why, and is not run
// again.
func TestWhoEndsTheTransactionIsToldWhy(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		full, runs := errors.New("full"), 0
		ends := func(ctx context.Context, tx signup.Tx) error {
			runs++
			return errors.Join(full, rollback(ctx, tx))
		}
		errs, _ := waiting(t, s, adds(1), ends, adds(3))
		if errs[0] != nil || !errors.Is(errs[1], full) || errs[2] != nil || runs != 1 {
			t.Errorf("%v, after %d runs", errs, runs)
		}
		if got := usernames(t, s); len(got) != 2 {
			t.Errorf("users %q", got)
		}
	})
}

// Nothing takes effect by itself after the transaction has ended.
func TestNothingIsStoredOutsideTheTransaction(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		runs := 0
		errs, _ := waiting(t, s, adds(1), func(ctx context.Context, tx signup.Tx) error {
			if runs++; runs > 1 {
				return nil
			}
			err := rollback(ctx, tx)
			_ = adds(2)(ctx, tx)
			return err
		})
		if err := errors.Join(errs...); err != nil || runs != 2 {
			t.Errorf("%v after %d runs", err, runs)
		}
		wantsUsers(t, s, "person1")
	})
}

// rollback ends the transaction without the group's knowledge.
func rollback(ctx context.Context, tx signup.Tx) error {
	raw, err := SQL(tx)
	if err == nil {
		_, err = raw.ExecContext(ctx, "ROLLBACK")
	}
	return err
}

func TestACommitThatFailsFailsForAll(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		family(t, s)
		errs, _ := waiting(t, s, adds(1), orphan, adds(3))
		for i, err := range errs {
			if err == nil || errors.Is(err, signup.ErrNotFound) {
				t.Errorf("update %d: %v", i, err)
			}
		}
		wantsUsers(t, s)
		if err := signUp(t.Context(), s, 4); err != nil { // the next group is a new one
			t.Error(err)
		}
	})
}

// A group ends when it is old or large, even if others wait.
func TestAGroupIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, s *Store) {
		slow := func(ctx context.Context, tx signup.Tx) error {
			time.Sleep(2 * maxOpen)
			return adds(2)(ctx, tx)
		}
		errs, txs := waiting(t, s, adds(1), slow, adds(3), adds(4))
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if txs[0] != txs[1] || txs[1] == txs[2] || txs[2] != txs[3] {
			t.Errorf("transactions %p", txs)
		}
	})
	bubble(t, func(t *testing.T, s *Store) {
		updates := make([]func(context.Context, signup.Tx) error, maxSize+2)
		for i := range updates {
			updates[i] = adds(i)
		}
		errs, txs := waiting(t, s, updates...)
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if txs[0] != txs[maxSize-1] || txs[0] == txs[maxSize] || txs[maxSize] != txs[maxSize+1] {
			t.Errorf("transactions %p", txs)
		}
	})
}
