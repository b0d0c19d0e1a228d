package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/throttled/throttled/v2"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/web"
)

// limitedClients is how many clients a limit in memory remembers; the one that
// was seen longest ago is forgotten first.
const limitedClients = 1 << 16

// A limiter is a web.Limiter by the generic cell rate algorithm: N at once,
// then one every Per/N.
type limiter struct {
	clients   *throttled.GCRARateLimiterCtx // what one client may do
	passwords *throttled.GCRARateLimiterCtx // passwords tried with one token
}

// passwordLimit is how many passwords can be tried with one token, by all
// clients together.
func passwordLimit() signup.Limit { return signup.Limit{N: 10, Per: 10 * time.Minute} }

// newLimiter returns nil when the limit is off.
func newLimiter(l signup.Limit, store throttled.GCRAStoreCtx) (web.Limiter, error) {
	if l.N == 0 {
		return nil, nil
	}
	clients, err := newGCRA(l, store)
	if err != nil {
		return nil, err
	}
	passwords, err := newGCRA(passwordLimit(), store)
	return limiter{clients, passwords}, err
}

func newGCRA(l signup.Limit, store throttled.GCRAStoreCtx) (*throttled.GCRARateLimiterCtx, error) {
	gcra, err := throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{
		MaxRate: throttled.PerDuration(l.N, l.Per), MaxBurst: l.N - 1,
	})
	if err != nil {
		return nil, fmt.Errorf("rate limit: %w", err)
	}
	return gcra, nil
}

func (l limiter) Allow(ctx context.Context, thing, client string) (bool, time.Duration, error) {
	gcra := l.clients
	if thing == "password" {
		gcra = l.passwords
	}
	limited, result, err := gcra.RateLimitCtx(ctx, thing+" "+client, 1)
	return !limited, result.RetryAfter, err
}

var limitPattern = regexp.MustCompile(`^([1-9][0-9]{0,5})/([smh])$`)

func (c *config) readRateLimit(s string) error {
	if s == "off" {
		return nil
	}
	m := limitPattern.FindStringSubmatch(s)
	if m == nil {
		return errors.New("must be off, or a number and a unit of time: 10/m, 1/s, 100/h")
	}
	n, err := strconv.Atoi(m[1])
	c.rateLimit = signup.Limit{N: n, Per: map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[m[2]]}
	return err
}

func (c *config) readTrustedProxies(s string) error {
	for _, item := range strings.Split(s, ",") {
		prefix, err := parseRange(strings.TrimSpace(item))
		if err != nil {
			return errors.New("must be IP addresses or ranges such as 10.0.0.0/8, with commas between")
		}
		c.trustedProxies = append(c.trustedProxies, prefix)
	}
	return nil
}

func (c *config) readCORSOrigins(s string) error {
	for _, item := range strings.Split(s, ",") {
		origin := strings.TrimSpace(item)
		if err := web.CheckOrigin(origin); err != nil {
			return err
		}
		c.corsOrigins = append(c.corsOrigins, origin)
	}
	return nil
}

func parseRange(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	return prefix.Masked(), err
}
