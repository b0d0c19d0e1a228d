package web

import (
	"context"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/realclientip/realclientip-go"
)

// A Limiter decides whether a client may perform an action once more and, if
// not, how long to wait.
//
// Actions are "request", "confirm", "resend" and "login", each with the client's
// address, "account" with a hash of the account that somebody signs in to, and
// "password" with the hash of the link or login with which somebody tries a
// password.
type Limiter interface {
	Allow(ctx context.Context, thing, client string) (ok bool, retryAfter time.Duration, err error)
}

// A ClientAddress tells who sent a request.
type ClientAddress func(*http.Request) string

// PeerAddress is the address that a request came from, or what a trusted proxy
// says of it in X-Forwarded-For: the rightmost address there that is no trusted
// proxy itself. An IPv6 client is its /64, because whoever has one address of
// it has all.
func PeerAddress(trusted []netip.Prefix) ClientAddress {
	nets := make([]net.IPNet, len(trusted))
	for i, p := range trusted {
		nets[i] = net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
	}
	forwarded := realclientip.Must(realclientip.NewRightmostTrustedRangeStrategy("X-Forwarded-For", nets))
	return func(r *http.Request) string {
		peer := hostOf(r.RemoteAddr)
		if !trusts(trusted, peer) {
			return network(peer)
		}
		if client := forwarded.ClientIP(r.Header, r.RemoteAddr); client != "" {
			return network(client)
		}
		return network(peer)
	}
}

// TrustedPeer reports whether a request comes directly from one of the trusted
// proxies.
func TrustedPeer(trusted []netip.Prefix) func(*http.Request) bool {
	return func(r *http.Request) bool { return trusts(trusted, hostOf(r.RemoteAddr)) }
}

func hostOf(remoteAddr string) string {
	host, _, err := net.SplitHostPort(remoteAddr)
	if err != nil {
		return remoteAddr
	}
	return host
}

func trusts(trusted []netip.Prefix, host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range trusted {
		if p.Contains(addr.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// network is the part of an address that stands for its owner.
func network(host string) string {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// limited are the routes that cost us much or could be used against others.
var limited = map[string]string{
	"POST " + apiPath + "/sign-up/request":        "request",
	"POST " + apiPath + "/sign-up/confirm":        "confirm",
	"POST " + apiPath + "/sign-up/resend":         "resend",
	"POST " + apiPath + "/password-reset":         "resend",
	"POST " + apiPath + "/password-reset/confirm": "confirm",
	"POST " + resetPath:                           "resend",
	"POST " + confirmEmailPath:                    "confirm",
	"POST " + newPasswordPath:                     "confirm",
	"POST " + signUpPath:                          "request",
	"POST /verify-email":                          "confirm",
	"POST /verify-email/resend":                   "resend",
	"POST /verify-email/not-me":                   "confirm",
	"POST /resend":                                "resend",
	"POST " + statusPath + "/resend":              "resend",
	"POST " + addressPath:                         "request",
	"POST " + loginPath:                           "login",
}

// limit answers 429 to a client that asks too often. When the limiter itself
// fails, the request goes through: a sign-up is worth more than a limit.
func (s *server) limit(w http.ResponseWriter, r *http.Request, pattern string) (ok bool) {
	thing, is := limited[pattern]
	if !is || s.Limiter == nil {
		return true
	}
	return s.allow(w, r, thing, s.Client(r))
}

// allow counts one more of a thing for whom it is done, or answers 429.
func (s *server) allow(w http.ResponseWriter, r *http.Request, thing, who string) (ok bool) {
	ok, wait := s.count(r.Context(), thing, who)
	if !ok {
		s.fail(w, r, tooMany(wait))
	}
	return ok
}

// count counts one more of a thing for whom it is done, and returns how long to
// wait where that is too much.
func (s *server) count(ctx context.Context, thing, who string) (ok bool, wait time.Duration) {
	if s.Limiter == nil {
		return true, 0
	}
	ok, wait, err := s.Limiter.Allow(ctx, thing, who)
	if err != nil {
		s.Log.WarnContext(ctx, "rate limit not checked", idAttr(ctx), slog.Any("error", err))
		return true, 0
	}
	return ok, wait
}

func tooMany(wait time.Duration) *Problem {
	seconds := inSeconds(wait)
	return newProblem(http.StatusTooManyRequests, codeTooMany,
		"Too many requests; try again in "+seconds+" seconds").with("Retry-After", seconds)
}

// inSeconds is a length of time in whole seconds, rounded up.
func inSeconds(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }
