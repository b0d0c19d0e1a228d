package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throttled/throttled/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// Programs that share a database share the remainder of a limit, even if they ask
// concurrently.
func TestLimitsAreShared(t *testing.T) {
	limits := migrated(t).Limits()
	limiter, err := throttled.NewGCRARateLimiterCtx(limits, throttled.RateQuota{MaxRate: throttled.PerHour(1), MaxBurst: 9})
	if err != nil {
		t.Fatal(err)
	}
	limiter.SetMaxCASAttemptsLimit(1000)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			limited, _, err := limiter.RateLimitCtx(t.Context(), "client", 1)
			if err != nil {
				t.Error(err)
			}
			if !limited {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if n := allowed.Load(); n != 10 {
		t.Errorf("%d of 50 were allowed, want 10", n)
	}
}

func TestLimitsExpire(t *testing.T) {
	limits, ctx := migrated(t).Limits(), t.Context()
	set := func(key string, value int64, ttl time.Duration, want bool) {
		t.Helper()
		if ok, err := limits.SetIfNotExistsWithTTL(ctx, key, value, ttl); err != nil || ok != want {
			t.Fatalf("set %s: %v, %v; want %v", key, ok, err, want)
		}
	}
	get := func(key string, want int64) {
		t.Helper()
		if value, now, err := limits.GetWithTime(ctx, key); err != nil || value != want || time.Since(now).Abs() > time.Minute {
			t.Fatalf("%s is %d at %v, %v; want %d", key, value, now, err, want)
		}
	}
	get("a", -1)
	set("a", 1, time.Hour, true)
	set("a", 2, time.Hour, false)
	get("a", 1)
	set("gone", 1, -time.Second, true)
	get("gone", -1)
	set("gone", 2, -time.Second, true)
	if ok, err := limits.CompareAndSwapWithTTL(ctx, "a", 7, 8, time.Hour); err != nil || ok {
		t.Fatalf("swapped a value that was not there: %v", err)
	}
	if ok, err := limits.CompareAndSwapWithTTL(ctx, "a", 1, 8, time.Hour); err != nil || !ok {
		t.Fatalf("did not swap: %v", err)
	}
	if err := limits.Forget(ctx, 100); err != nil {
		t.Fatal(err)
	}
	get("a", 8)
	get("gone", -1)
}

// If the database does not respond, calls return soon.
func TestLimitsWaitNoLongerThanTransactions(t *testing.T) {
	store := open(t, pgtest.New(t), postgres.Options{BusyTimeout: 100 * time.Millisecond})
	tx, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), "LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	limits := store.Limits()
	for name, ask := range map[string]func(context.Context) error{
		"read": func(ctx context.Context) error { _, _, err := limits.GetWithTime(ctx, "x"); return err },
		"set": func(ctx context.Context) error {
			_, err := limits.SetIfNotExistsWithTTL(ctx, "x", 1, time.Hour)
			return err
		},
		"replace": func(ctx context.Context) error {
			_, err := limits.CompareAndSwapWithTTL(ctx, "x", 1, 2, time.Hour)
			return err
		},
		"forget": func(ctx context.Context) error { return limits.Forget(ctx, 10) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if err := ask(ctx); !errors.Is(err, signup.ErrBusy) || ctx.Err() != nil {
			t.Errorf("%s: %v, want ErrBusy soon", name, err)
		}
		cancel()
	}
}
