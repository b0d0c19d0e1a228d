package smtp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// ParseURL parses the URL of a mail server:
//
//	smtp://user@host:port?tls=starttls|implicit|opportunistic|none
//	smtps://user@host:port
//
// User and port are optional; the user is percent-decoded; tls is starttls by
// default; smtps means tls=implicit. Further options, joined by "&":
//
//	insecure=yes        allow clear text to another machine, or any certificate
//	ca=FILE             certificates (PEM) of the server's authority
//	server-name=NAME    the name in the certificate, if it is not the host
//	auth=METHOD         scram-sha-256, scram-sha-1, cram-md5, plain, login or xoauth2
//	token-file=FILE     the token for xoauth2
//	helo=NAME           the name to send in HELO
//	rate=N              letters per minute
//	connections=N       maximum number of open connections
//	timeout=DURATION    for each phase of a conversation
//
// A password is refused: it is configured separately, so that none of its bytes
// need escaping and no log shows it. Errors never repeat any part of s.
func ParseURL(s string) (Config, error) {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return Config{}, errors.New("the mail server must be given as smtp://user@host:port?tls=starttls " +
			"(the user percent-encoded, the password in SIGNUP_SMTP_PASSWORD)")
	}
	if _, ok := u.User.Password(); ok {
		return Config{}, errors.New("the mail server's URL must not hold the password: set SIGNUP_SMTP_PASSWORD instead")
	}
	if (u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return Config{}, errors.New("the mail server's URL must have nothing but options such as ?tls=starttls after host and port")
	}
	c := Config{Host: u.Hostname(), Username: u.User.Username()}
	if c.Port, err = port(u); err != nil {
		return Config{}, err
	}
	return c, readQuery(&c, u)
}

func port(u *url.URL) (int, error) {
	if u.Port() == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(u.Port())
	if err != nil || n < 1 || n > 65535 {
		return 0, errors.New("the mail server's port must be between 1 and 65535")
	}
	return n, nil
}

func readQuery(c *Config, u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the mail server's URL has a malformed part after the ?")
	}
	options := urlOptions()
	for key, values := range query {
		read, known := options[key]
		switch {
		case !known:
			return errors.New("the options after the ? in the mail server's URL can only be tls, insecure, ca, server-name, auth, token-file, helo, rate, connections and timeout")
		case len(values) > 1:
			return fmt.Errorf("the mail server's URL has the option %s twice", key)
		case values[0] == "":
			return fmt.Errorf("the mail server's URL has no value after %s=", key)
		}
		if err := read(c, values[0]); err != nil {
			return err
		}
	}
	c.TLS, err = tlsMode(u.Scheme, c.TLS)
	return err
}

// urlOptions returns the parsers of the options after the "?".
func urlOptions() map[string]func(*Config, string) error {
	return map[string]func(*Config, string) error{
		"tls":         func(c *Config, s string) error { c.TLS = TLSMode(s); return nil },
		"ca":          func(c *Config, s string) error { c.CAFile = s; return nil },
		"server-name": func(c *Config, s string) error { c.ServerName = s; return nil },
		"token-file":  func(c *Config, s string) error { c.TokenFile = s; return nil },
		"helo":        func(c *Config, s string) error { c.HELO = s; return nil },
		"auth":        func(c *Config, s string) (err error) { c.Auth, err = parseAuthMethod(s); return err },
		"rate":        func(c *Config, s string) error { return positive("rate", s, maxRate, &c.Rate) },
		"connections": func(c *Config, s string) error { return positive("connections", s, maxConnections, &c.MaxConnections) },
		"timeout":     readTimeout,
		"insecure": func(c *Config, s string) error {
			c.Insecure = s == "yes"
			if !c.Insecure {
				return errors.New("insecure must be yes or be left out")
			}
			return nil
		},
	}
}

const maxConnections = 100

func positive(name, s string, most int, into *int) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return fmt.Errorf("%s must be a number from 1 to %d", name, most)
	}
	*into = n
	return nil
}

// maxTimeout leaves time for more than one phase within Timeouts.Total.
const maxTimeout = 45 * time.Second

func readTimeout(c *Config, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > maxTimeout {
		return fmt.Errorf("timeout must be a duration of at most %s, such as 20s", maxTimeout)
	}
	c.Timeouts.Dial, c.Timeouts.Command = d, d
	return nil
}

func tlsMode(scheme string, asked TLSMode) (TLSMode, error) {
	switch {
	case scheme != "smtp" && scheme != "smtps":
		return "", errors.New("the mail server's URL must begin with smtp:// or smtps://")
	case scheme == "smtps" && asked != "" && asked != TLSImplicit:
		return "", errors.New("smtps:// is tls=implicit and cannot be combined with another tls=")
	case scheme == "smtps":
		return TLSImplicit, nil
	case asked == "":
		return TLSStartTLS, nil
	case !asked.known():
		return "", errors.New(badTLSMode)
	}
	return asked, nil
}
