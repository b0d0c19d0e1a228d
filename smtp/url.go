package smtp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

// ParseURL reads where the mail server is:
//
//	smtp://user@host:port?tls=starttls|implicit|none
//	smtps://user@host:port
//
// User and port may be missing; the user is percent-decoded; tls is starttls
// by default; smtps means implicit. insecure=yes allows tls=none to another
// machine. A password is refused: it comes separately, so that no byte in it
// needs escaping and no log shows it. Errors never repeat what s held.
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
	for key := range query {
		if key != "tls" && key != "insecure" {
			return errors.New("the mail server's URL knows only tls=... and insecure=yes after the ?")
		}
		if len(query[key]) > 1 {
			return fmt.Errorf("the mail server's URL says %s twice", key)
		}
	}
	switch query.Get("insecure") {
	case "yes":
		c.Insecure = true
	case "":
	default:
		return errors.New("insecure must be yes or be left out")
	}
	c.TLS, err = tlsMode(u.Scheme, TLSMode(query.Get("tls")))
	return err
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
	case asked != TLSStartTLS && asked != TLSImplicit && asked != TLSNone:
		return "", errors.New("tls must be starttls, implicit or none")
	}
	return asked, nil
}
