package smtp

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	gosmtp "github.com/wneessen/go-mail/smtp"
	"golang.org/x/text/secure/precis"
)

// An AuthMethod is the name of a SASL mechanism.
type AuthMethod string

// The methods, strongest first. All but the last three hide the password from the
// server. None is used without TLS.
const (
	AuthSCRAMSHA256 AuthMethod = "SCRAM-SHA-256"
	AuthSCRAMSHA1   AuthMethod = "SCRAM-SHA-1"
	AuthCRAMMD5     AuthMethod = "CRAM-MD5"
	AuthPlain       AuthMethod = "PLAIN"
	AuthLogin       AuthMethod = "LOGIN"
	AuthXOAuth2     AuthMethod = "XOAUTH2" // with the token of Config.TokenFile instead of a password
)

// A login authenticates a connection. The credentials are in closures, so that
// printing a Sender does not reveal them.
type login struct {
	methods []method // best first
}

type method struct {
	name  AuthMethod
	start func() (gosmtp.Auth, error) // makes a new one for each connection, because they have state
}

func newLogin(c Config, host string) *login {
	if c.Username == "" {
		return nil
	}
	l := &login{methods: methods(c.Username, c.Password, c.TokenFile, host)}
	l.methods = slices.DeleteFunc(l.methods, func(m method) bool {
		if c.Auth != "" {
			return m.name != c.Auth
		}
		return (m.name == AuthXOAuth2) != (c.TokenFile != "") || isSCRAM(m.name) && !fitForSCRAM(c.Username, c.Password)
	})
	return l
}

func methods(user, password, tokenFile, host string) []method {
	ready := func(a func() gosmtp.Auth) func() (gosmtp.Auth, error) {
		return func() (gosmtp.Auth, error) { return a(), nil }
	}
	return []method{
		{AuthSCRAMSHA256, ready(func() gosmtp.Auth { return gosmtp.ScramSHA256Auth(user, password) })},
		{AuthSCRAMSHA1, ready(func() gosmtp.Auth { return gosmtp.ScramSHA1Auth(user, password) })},
		{AuthCRAMMD5, ready(func() gosmtp.Auth { return gosmtp.CRAMMD5Auth(user, password) })},
		{AuthPlain, ready(func() gosmtp.Auth { return gosmtp.PlainAuth("", user, password, host, false) })},
		{AuthLogin, ready(func() gosmtp.Auth { return gosmtp.LoginAuth(user, password, host, false) })},
		{AuthXOAuth2, func() (gosmtp.Auth, error) {
			token, err := readToken(tokenFile)
			if err != nil {
				return nil, err
			}
			return gosmtp.XOAuth2Auth(user, token), nil
		}},
	}
}

func isSCRAM(m AuthMethod) bool { return m == AuthSCRAMSHA256 || m == AuthSCRAMSHA1 }

// fitForSCRAM reports whether SCRAM can carry the credentials: it accepts
// prepared Unicode only (RFC 5802, section 5.1), while the other methods accept
// any bytes.
func fitForSCRAM(user, password string) bool {
	if !utf8.ValidString(user + password) {
		return false
	}
	_, errUser := precis.OpaqueString.String(user)
	_, errPassword := precis.OpaqueString.String(password)
	return errUser == nil && errPassword == nil
}

// choose returns the best method that the server offers.
func (l *login) choose(offered string) (gosmtp.Auth, error) {
	var ours []string
	for _, m := range l.methods {
		ours = append(ours, string(m.name))
		if slices.ContainsFunc(strings.Fields(offered), func(name string) bool {
			return strings.EqualFold(name, string(m.name))
		}) {
			return m.start()
		}
	}
	if offered == "" {
		offered = "no login method"
	}
	return nil, noMethodError(fmt.Sprintf("the server offers %s, but signup needs %s", offered, strings.Join(ours, ", ")))
}

type noMethodError string

func (e noMethodError) Error() string { return string(e) }

const maxToken = 16 << 10 // bytes

// readToken reads the file each time, because an external tool renews it.
func readToken(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", tokenError{err}
	}
	token := strings.TrimSpace(string(b))
	if token == "" || len(token) > maxToken || !isToken(token) {
		return "", tokenError{errors.New("the token file must contain one token: a line of printable ASCII")}
	}
	return token, nil
}

// A tokenError means that the token file cannot be used.
type tokenError struct{ error }

func (e tokenError) Unwrap() error { return e.error }

// parseAuthMethod parses the name of a method in a URL.
func parseAuthMethod(s string) (AuthMethod, error) {
	for _, m := range methods("", "", "", "") {
		if strings.EqualFold(s, string(m.name)) {
			return m.name, nil
		}
	}
	return "", errors.New("auth must be scram-sha-256, scram-sha-1, cram-md5, plain, login or xoauth2")
}
