package webhook

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/signup-go/signup/refusal"
)

const maxURL = 2000 // bytes

// checkURL refuses what nothing can be posted to. Which addresses a name has is
// checked when a connection is made.
func checkURL(text string, allow []string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "" || len(text) > maxURL:
		return refusal.Field("url", "must be an absolute http or https URL of at most 2000 bytes, such as https://app.example.org/hook")
	case u.User != nil || u.Fragment != "" || strings.HasSuffix(text, "#"):
		return refusal.Field("url", "must have no user and no #fragment")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !allows(allow, u.Hostname()) && !IsPublic(addr) {
		return refusal.Field("url", "must not be a private address, unless web-hook-allow has it")
	}
	return nil
}

// Allows reports whether the operator has allowed a host by name, whatever its
// addresses are.
func (h *Hooks) Allows(host string) bool { return allows(h.o.Allow, host) }

func allows(list []string, host string) bool {
	return slices.ContainsFunc(list, func(name string) bool { return strings.EqualFold(name, host) })
}

// IsPublic reports whether an address is of the public internet. Requests to
// other addresses could reach what trusts this machine or its network.
func IsPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// special returns what of the global unicast addresses is not public, by the
// registries of IANA (https://www.iana.org/assignments/iana-ipv4-special-registry
// and iana-ipv6-special-registry), and the metadata address of Azure.
func special() []netip.Prefix {
	var list []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}
