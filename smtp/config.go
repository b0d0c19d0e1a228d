package smtp

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/signup-go/signup"
)

// A TLSMode says how the connection is encrypted.
type TLSMode string

// The modes. There is no "STARTTLS if offered": whoever sits on the wire could
// take the offer away.
const (
	TLSStartTLS TLSMode = "starttls" // from the STARTTLS command on, or not at all; port 587
	TLSImplicit TLSMode = "implicit" // from the first byte; port 465
	TLSNone     TLSMode = "none"     // never, and never with credentials; port 25
)

// Config says which server takes the mail, and how.
type Config struct {
	Host     string
	Port     int     // 0 for the port of the mode
	TLS      TLSMode // "" is TLSStartTLS
	Insecure bool    // allows TLSNone to a host that is not this machine
	Username string  // "" for no authentication
	Password string  // any bytes but NUL

	From           signup.Address   // of every letter, header and envelope
	HELO           string           // how we name ourselves; "" is the domain of From
	Timeouts       Timeouts         // zero values are defaults
	MaxConnections int              // open at the same time; 0 is 8
	RootCAs        *x509.CertPool   // nil for the system's
	Now            func() time.Time // for the Date header; nil is time.Now
}

// Timeouts bound a conversation however slowly the server speaks. After the
// end of the letter the server has what is left of Total for its answer:
// giving up there too early sends mail twice (RFC 5321, section 4.5.3.2.6).
type Timeouts struct {
	Dial    time.Duration // to connect; 0 is 10s
	Command time.Duration // for each step after that; 0 is 30s
	Total   time.Duration // for all of it; 0 is 50s
}

// String keeps the password out of everything that is printed.
func (c Config) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("smtp://%s:%d?tls=%s", c.Host, c.Port, c.TLS)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) withDefaults() Config {
	orDefault(&c.TLS, TLSStartTLS)
	orDefault(&c.Port, c.TLS.port())
	orDefault(&c.Timeouts.Dial, 10*time.Second)
	orDefault(&c.Timeouts.Command, 30*time.Second)
	orDefault(&c.Timeouts.Total, 50*time.Second)
	orDefault(&c.MaxConnections, 8)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (m TLSMode) port() int {
	switch m {
	case TLSImplicit:
		return 465
	case TLSNone:
		return 25
	default:
		return 587
	}
}

// check returns the sender's address, ready for the envelope.
func (c Config) check() (mailbox, error) {
	if err := c.checkServer(); err != nil {
		return mailbox{}, err
	}
	if c.Timeouts.Dial < 0 || c.Timeouts.Command < 0 || c.Timeouts.Total < 0 || c.MaxConnections < 0 {
		return mailbox{}, errors.New("mail timeouts and connections must not be negative")
	}
	if !isToken(c.HELO) {
		return mailbox{}, errors.New("the HELO name must be a host name")
	}
	from, err := newMailbox(c.From)
	switch {
	case err != nil:
		return mailbox{}, fmt.Errorf("the sender's address: %w", err)
	case from.needsUTF8():
		return mailbox{}, errors.New("the sender's address must be ASCII before the @, for every mail server to take it")
	}
	return from, nil
}

func (c Config) checkServer() error {
	switch {
	case c.Host == "" || !isToken(hostInASCII(c.Host)):
		return errors.New("the mail server needs a host name or an IP address")
	case c.Port < 1 || c.Port > 65535:
		return errors.New("the mail server's port must be between 1 and 65535")
	case c.TLS != TLSStartTLS && c.TLS != TLSImplicit && c.TLS != TLSNone:
		return errors.New("tls must be starttls, implicit or none")
	case strings.ContainsRune(c.Username+c.Password, 0):
		return errors.New("the mail user and password cannot hold a NUL byte")
	case c.Username == "" && c.Password != "":
		return errors.New("SIGNUP_SMTP_PASSWORD is set, but the mail server's URL has no user")
	case c.TLS == TLSNone && c.Username != "":
		return errors.New("tls=none would send the mail password in clear text: use tls=starttls or tls=implicit")
	case c.TLS == TLSNone && !c.Insecure && !isLoopback(c.Host):
		return errors.New("tls=none would send links in clear text to another machine: " +
			"use tls=starttls or tls=implicit, or add insecure=yes to allow it")
	}
	return nil
}

func (c Config) heloName(from mailbox) string {
	if c.HELO != "" {
		return c.HELO
	}
	return from.domain()
}

// isToken reports whether s is printable ASCII without blanks.
func isToken(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func isLoopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// hostInASCII leaves a name that it cannot convert as it is.
func hostInASCII(host string) string {
	if net.ParseIP(host) != nil || isToken(host) {
		return host
	}
	if converted, err := idna.Lookup.ToASCII(host); err == nil {
		return converted
	}
	return host
}
