package postgres_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throttled/throttled/v2"
)

// Programs that share a database share what is left of a limit, also when they
// ask at the same moment.
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
