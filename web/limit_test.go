package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/signup-go/signup/web"
)

// A forwarded address is believed from a trusted proxy only, and only the last
// one that is no proxy itself.
func TestPeerAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		peer    string
		headers []string
		want    string
	}{
		"no proxy":                      {nil, "192.0.2.1:1234", nil, "192.0.2.1"},
		"nobody is believed by default": {nil, "192.0.2.1:1234", []string{"198.51.100.9"}, "192.0.2.1"},
		"a stranger is not believed":    {trusted, "192.0.2.1:1234", []string{"198.51.100.9"}, "192.0.2.1"},
		"a proxy is":                    {trusted, "10.1.1.1:1234", []string{"198.51.100.9"}, "198.51.100.9"},
		"what the client made up":       {trusted, "10.1.1.1:1234", []string{"203.0.113.7, 198.51.100.9"}, "198.51.100.9"},
		"through two proxies":           {trusted, "10.1.1.1:1234", []string{"203.0.113.7, 198.51.100.9, 10.2.2.2"}, "198.51.100.9"},
		"in two header lines":           {trusted, "10.1.1.1:1234", []string{"203.0.113.7", "198.51.100.9"}, "198.51.100.9"},
		"the proxy itself":              {trusted, "10.1.1.1:1234", nil, "10.1.1.1"},
		"junk":                          {trusted, "10.1.1.1:1234", []string{"junk"}, "10.1.1.1"},
		"IPv6 is its /64":               {nil, "[2001:db8:1:2:3:4:5:6]:1", nil, "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                  {nil, "[::ffff:192.0.2.1]:1", nil, "192.0.2.1"},
		"forwarded IPv6":                {trusted, "[fd00::1]:1", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.headers
			if got := web.PeerAddress(c.trusted)(r); got != c.want {
				t.Errorf("the client is %q, want %q", got, c.want)
			}
		})
	}
}
