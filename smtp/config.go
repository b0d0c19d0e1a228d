package smtp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/signup-go/signup"
)

// A TLSMode says how the connection is encrypted.
type TLSMode string

// The modes. Without Config.Insecure the last two are for this machine only:
// whoever sits on the wire could read along, or take the offer of TLS away.
// They never carry credentials.
const (
	TLSStartTLS      TLSMode = "starttls"      // from the STARTTLS command on, or not at all; port 587
	TLSImplicit      TLSMode = "implicit"      // from the first byte; port 465
	TLSOpportunistic TLSMode = "opportunistic" // when STARTTLS is offered, with any certificate; port 25
	TLSNone          TLSMode = "none"          // never; port 25
)

// Config says which server takes the mail, and how.
type Config struct {
	Host     string
	Port     int     // 0 for the port of the mode
	TLS      TLSMode // "" is TLSStartTLS
	Username string  // "" for no authentication
	Password string  // any bytes but NUL

	// Insecure allows what somebody on the wire could read or forge: clear text
	// to another machine and, with TLS, a certificate that nobody vouches for.
	Insecure   bool
	CAFile     string         // PEM of who vouches for the server; "" for RootCAs
	RootCAs    *x509.CertPool // nil for the system's
	ServerName string         // in the certificate; "" for Host
	Auth       AuthMethod     // "" for the strongest that the server offers
	TokenFile  string         // for AuthXOAuth2: where the token is, read for each connection

	From       signup.Address   // of every letter, header and envelope
	DKIM       *DKIM            // nil: letters are not signed
	FeedbackID string           // the Feedback-ID header; "" for none
	Now        func() time.Time // for the Date header and Rate; nil is time.Now

	HELO           string        // how we name ourselves; "" is the domain of From
	Timeouts       Timeouts      // zero values are defaults
	MaxConnections int           // open at the same time; 0 is 8
	IdleTimeout    time.Duration // how long a connection waits for the next letter; 0 is 5s, negative: not at all
	Rate           int           // letters a minute, see Sender.Turn; 0 for no limit
}

// Timeouts bound a conversation however slowly the server speaks. After the
// end of the letter the server has what is left of Total for its answer:
// giving up there too early sends mail twice (RFC 5321, section 4.5.3.2.6).
type Timeouts struct {
	Dial    time.Duration // to connect; 0 is 10s
	Command time.Duration // for each phase after that; 0 is 30s
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
	orDefault(&c.IdleTimeout, 5*time.Second)
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
	case TLSNone, TLSOpportunistic:
		return 25
	default:
		return 587
	}
}

// check says what is wrong with all but the letterhead.
func (c Config) check() error {
	for _, check := range []func() error{c.checkServer, c.checkSecurity, c.checkLogin} {
		if err := check(); err != nil {
			return err
		}
	}
	switch {
	case c.Timeouts.Dial < 0 || c.Timeouts.Command < 0 || c.Timeouts.Total < 0 || c.MaxConnections < 0 || c.Rate < 0:
		return errors.New("mail timeouts, connections and rate must not be negative")
	case c.Rate > maxRate:
		return fmt.Errorf("the mail rate must be at most %d letters a minute", maxRate)
	case !isToken(c.HELO):
		return errors.New("the HELO name must be a host name")
	}
	return nil
}

const maxRate = 100_000

func (c Config) checkServer() error {
	switch {
	case c.Host == "" || !isToken(hostInASCII(c.Host)):
		return errors.New("the mail server needs a host name or an IP address")
	case c.Port < 1 || c.Port > 65535:
		return errors.New("the mail server's port must be between 1 and 65535")
	case !c.TLS.known():
		return errors.New(badTLSMode)
	case !isToken(hostInASCII(c.ServerName)):
		return errors.New("the server name must be the one in the mail server's certificate")
	}
	return nil
}

const badTLSMode = "tls must be starttls, implicit, opportunistic or none"

func (m TLSMode) known() bool {
	return m == TLSStartTLS || m == TLSImplicit || m == TLSOpportunistic || m == TLSNone
}

// mayBeClear reports whether somebody on the wire may be able to read along.
func (m TLSMode) mayBeClear() bool { return m == TLSNone || m == TLSOpportunistic }

func (c Config) checkSecurity() error {
	switch {
	case c.TLS.mayBeClear() && c.Username != "":
		return fmt.Errorf("tls=%s would send the mail password in clear text: use tls=starttls or tls=implicit", c.TLS)
	case c.TLS.mayBeClear() && !c.Insecure && !isLoopback(c.Host):
		return fmt.Errorf("tls=%s would send links in clear text to another machine: "+
			"use tls=starttls or tls=implicit, or add insecure=yes to allow it", c.TLS)
	case c.TLS.mayBeClear() && (c.CAFile != "" || c.ServerName != ""):
		return fmt.Errorf("with tls=%s no certificate is checked: ca and server-name are of no use", c.TLS)
	case !c.TLS.mayBeClear() && c.Insecure && (c.CAFile != "" || c.ServerName != ""):
		return errors.New("with insecure=yes no certificate is checked: leave out either it, or ca and server-name")
	}
	return nil
}

func (c Config) checkLogin() error {
	switch {
	case strings.ContainsRune(c.Username+c.Password, 0):
		return errors.New("the mail user and password cannot hold a NUL byte")
	case c.Username == "" && c.Password != "":
		return errors.New("SIGNUP_SMTP_PASSWORD is set, but the mail server's URL has no user")
	case c.Username == "" && (c.Auth != "" || c.TokenFile != ""):
		return errors.New("auth and token-file need a user in the mail server's URL")
	case c.TokenFile != "" && c.Password != "":
		return errors.New("the mail server gets a password or a token, not both: unset SIGNUP_SMTP_PASSWORD or leave out token-file")
	case c.Auth == AuthXOAuth2 && c.TokenFile == "":
		return errors.New("auth=xoauth2 needs token-file=PATH")
	case c.TokenFile != "" && c.Auth != "" && c.Auth != AuthXOAuth2:
		return errors.New("token-file is for auth=xoauth2 alone")
	case isSCRAM(c.Auth) && !fitForSCRAM(c.Username, c.Password):
		return fmt.Errorf("auth=%s cannot carry this user or password: it takes printable Unicode only", strings.ToLower(string(c.Auth)))
	}
	return nil
}

// Weakness says what Insecure gives away, for a warning, or "".
func (c Config) Weakness() string {
	c = c.withDefaults()
	switch {
	case !c.Insecure:
		return ""
	case c.TLS == TLSNone:
		return "mails go to the mail server in clear text: whoever sits on the wire can use the links in them"
	case c.TLS == TLSOpportunistic:
		return "mails go to the mail server in clear text when it does not offer TLS: whoever sits on the wire can use the links in them"
	default:
		return "the mail server's certificate is not checked: whoever sits on the wire can pass for it and read mails and password"
	}
}

// tlsConfig reads the CA file.
func (c Config) tlsConfig(host string) (*tls.Config, error) {
	t := &tls.Config{ServerName: host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	if c.ServerName != "" {
		t.ServerName = hostInASCII(c.ServerName)
	}
	// Where clear text would do, so does any certificate.
	t.InsecureSkipVerify = c.Insecure || c.TLS == TLSOpportunistic
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca: %s must hold certificates in PEM", c.CAFile)
	}
	return t, nil
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
