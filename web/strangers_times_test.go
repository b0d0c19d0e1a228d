package web_test

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"testing"
	"time"
)

// TestTimesTellNothing compares the times of answers by a rank test (Mann and
// Whitney): those about an address that is free, and about one that is not.
func TestTimesTellNothing(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			town := newTown(t, open(t))
			town.become("active") // the owner's is secretAddress
			town.person("early", "early@example.org", "unconfirmed")
			n := 0
			fresh := func() string { n++; return fmt.Sprintf("fresh%d", n) }
			signUp := func(username, address string) {
				town.json("/api/v1/sign-up/request", ada("username", username, "email", address, "password", "Passw0rd!stranger"))
			}
			resend := func(address string) { town.form(0, "/resend", url.Values{"email": {address}}) }
			reset := func(address string) { town.form(0, "/reset-password", url.Values{"email": {address}}) }
			for _, c := range []struct {
				what        string
				free, taken func()
			}{
				{"signing up with a held address", func() { signUp(fresh(), fresh()+"@example.org") }, func() { signUp(fresh(), secretAddress) }},
				{"signing up with an unconfirmed address", func() { signUp(fresh(), fresh()+"@example.org") }, func() { signUp(fresh(), "early@example.org") }},
				{"asking for a link to a held address", func() { resend("nobody@example.org") }, func() { resend(secretAddress) }},
				{"asking for a link to an unconfirmed address", func() { resend("nobody@example.org") }, func() { resend("early@example.org") }},
				{"asking for a new password", func() { reset("nobody@example.org") }, func() { reset(secretAddress) }},
				{"signing up as the owner with their address", func() { signUp("owner", "nobody@example.org") }, func() { signUp("owner", secretAddress) }},
			} {
				if z := lowestZ(c.free, c.taken, town.deliver); z > 3 {
					t.Errorf("%s: the times differ from those for a free one (z = %.1f)", c.what, z)
				}
			}
		})
	}
}

// lowestZ compares up to five times: chance makes one z of a hundred greater
// than 2.6, and what tells does so each time.
func lowestZ(a, b, between func()) float64 {
	const times = 120
	lowest := math.Inf(1)
	for range 5 {
		var as, bs []time.Duration
		for i := range times {
			first, second := a, b
			if i%2 == 1 {
				first, second = b, a
			}
			x, y := timed(first), timed(second)
			if i%2 == 1 {
				x, y = y, x
			}
			as, bs = append(as, x), append(bs, y)
			if i%10 == 9 {
				between()
			}
		}
		if lowest = min(lowest, mannWhitney(as, bs)); lowest < 3 {
			break
		}
	}
	return lowest
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

// mannWhitney is the absolute z of the rank test for two samples of one size.
func mannWhitney(as, bs []time.Duration) float64 {
	all := slices.Concat(as, bs)
	slices.Sort(all)
	sum := 0.0
	for _, a := range as {
		i, _ := slices.BinarySearch(all, a)
		j, _ := slices.BinarySearch(all, a+1)
		sum += float64(i+j+1) / 2 // the mean rank of those that are equal
	}
	n := float64(len(as))
	mean, deviation := n*(2*n+1)/2, math.Sqrt(n*n*(2*n+1)/12)
	return math.Abs(sum-mean) / deviation
}
