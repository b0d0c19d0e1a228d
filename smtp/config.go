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

// A TLSMode is how the connection is encrypted.
type TLSMode string

// The modes. Without Config.Insecure the last two are allowed only for a server
// on this machine: on a network, somebody could read the traffic or suppress the
// offer of TLS. They never carry credentials.
const (
	TLSStartTLS      TLSMode = "starttls"      // from the STARTTLS command on, or else no connection; port 587
	TLSImplicit      TLSMode = "implicit"      // from the first byte; port 465
	TLSOpportunistic TLSMode = "opportunistic" // if STARTTLS is offered, with any certificate; port 25
	TLSNone          TLSMode = "none"          // never; port 25
)

// Config is a mail server and how to use it.
type Config struct {
	Host     string
	Port     int     // 0 means the default port of the mode
	TLS      TLSMode // "" means TLSStartTLS
	Username string  // "" means no authentication
	Password string  // any bytes but NUL

	// Insecure allows what somebody on the network could read or forge: clear
	// text to another machine and, with TLS, a certificate that is not verified.
	Insecure   bool
	CAFile     string         // PEM certificates of the server's authority; "" means RootCAs
	RootCAs    *x509.CertPool // nil means the system's
	ServerName string         // the name in the certificate; "" means Host
	Auth       AuthMethod     // "" means the strongest method that the server offers
	TokenFile  string         // for AuthXOAuth2: the file with the token, read for each connection

	From       signup.Address   // of every letter: header and envelope
	DKIM       *DKIM            // nil: letters are not signed
	FeedbackID string           // the Feedback-ID header; "" for none
	Now        func() time.Time // for the Date header and Rate; nil means time.Now

	HELO           string        // the name to send in HELO; "" means the domain of From
	Timeouts       Timeouts      // zero values mean the defaults
	MaxConnections int           // maximum number of open connections; 0 means 8
	IdleTimeout    time.Duration // how long a connection waits for the next letter; 0 means 5s, negative means not at all
	Rate           int           // letters per minute, see Sender.Turn; 0 means no limit
}

// Timeouts limit a conversation, however slowly the server responds. After the
// end of the letter, the server has the rest of Total to respond: giving up too
// early at that point sends mail twice (RFC 5321, section 4.5.3.2.6).
type Timeouts struct {
	Dial    time.Duration // to connect; 0 means 10s
	Command time.Duration // for each phase after that; 0 means 30s
	Total   time.Duration // for everything; 0 means 50s
}

// String omits the password, so that printing never reveals it.
func (c Config) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("smtp://%s:%d?tls=%s", c.Host, c.Port, c.TLS)
}

// GoString returns String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue returns String, for slog.
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

// check returns what is wrong with the configuration, except for the letterhead.
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

// mayBeClear reports whether somebody on the network may be able to read the
// traffic.
func (m TLSMode) mayBeClear() bool { return m == TLSNone || m == TLSOpportunistic }

func (c Config) checkSecurity() error {
	switch {
	case c.TLS.mayBeClear() && c.Username != "":
		return fmt.Errorf("tls=%s would send the mail password in clear text: use tls=starttls or tls=implicit", c.TLS)
	case c.TLS.mayBeClear() && !c.Insecure && !isLoopback(c.Host):
		return fmt.Errorf("tls=%s would send links in clear text to another machine: "+
			"use tls=starttls or tls=implicit, or add insecure=yes to allow it", c.TLS)
	case c.TLS.mayBeClear() && (c.CAFile != "" || c.ServerName != ""):
		return fmt.Errorf("with tls=%s no certificate is verified, so ca and server-name have no effect", c.TLS)
	case !c.TLS.mayBeClear() && c.Insecure && (c.CAFile != "" || c.ServerName != ""):
		return errors.New("with insecure=yes no certificate is verified: leave out either insecure, or ca and server-name")
	}
	return nil
}

func (c Config) checkLogin() error {
	switch {
	case strings.ContainsRune(c.Username+c.Password, 0):
		return errors.New("the mail user and password must not contain a NUL byte")
	case c.Username == "" && c.Password != "":
		return errors.New("SIGNUP_SMTP_PASSWORD is set, but the mail server's URL has no user")
	case c.Username == "" && (c.Auth != "" || c.TokenFile != ""):
		return errors.New("auth and token-file need a user in the mail server's URL")
	case c.TokenFile != "" && c.Password != "":
		return errors.New("the mail server gets a password or a token, not both: unset SIGNUP_SMTP_PASSWORD or leave out token-file")
	case c.Auth == AuthXOAuth2 && c.TokenFile == "":
		return errors.New("auth=xoauth2 needs token-file=PATH")
	case c.TokenFile != "" && c.Auth != "" && c.Auth != AuthXOAuth2:
		return errors.New("token-file works only with auth=xoauth2")
	case isSCRAM(c.Auth) && !fitForSCRAM(c.Username, c.Password):
		return fmt.Errorf("auth=%s cannot carry this user or password: it takes printable Unicode only", strings.ToLower(string(c.Auth)))
	}
	return nil
}

// Weakness describes the risk that Insecure brings, for a warning, or returns "".
func (c Config) Weakness() string {
	c = c.withDefaults()
	switch {
	case !c.Insecure:
		return ""
	case c.TLS == TLSNone:
		return "mails go to the mail server in clear text: anybody on the network path can use the links in them"
	case c.TLS == TLSOpportunistic:
		return "mails go to the mail server in clear text when it does not offer TLS: anybody on the network path can use the links in them"
	default:
		return "the mail server's certificate is not checked: anybody on the network path can impersonate the server and read mails and the password"
	}
}

// tlsConfig builds the TLS configuration, for which it reads the CA file.
func (c Config) tlsConfig(host string) (*tls.Config, error) {
	t := &tls.Config{ServerName: host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	if c.ServerName != "" {
		t.ServerName = hostInASCII(c.ServerName)
	}
	// Where clear text is acceptable, so is any certificate.
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
		return nil, fmt.Errorf("ca: %s must contain PEM certificates", c.CAFile)
	}
	return t, nil
}

func (c Config) heloName(from mailbox) string {
	if c.HELO != "" {
		return c.HELO
	}
	return from.domain()
}

// isToken reports whether s is printable ASCII without spaces.
func isToken(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func isLoopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// hostInASCII returns a name that it cannot convert unchanged.
func hostInASCII(host string) string {
	if net.ParseIP(host) != nil || isToken(host) {
		return host
	}
	if converted, err := idna.Lookup.ToASCII(host); err == nil {
		return converted
	}
	return host
}
