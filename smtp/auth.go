package smtp

import (
	"errors"
	"strings"

	gosmtp "github.com/wneessen/go-mail/smtp"
)

// A login proves who we are. The credentials are in closures, where no
// printing of the Sender reaches them.
type login struct {
	methods []method // the best first
}

type method struct {
	name  string
	start func() gosmtp.Auth // a fresh one for each connection: they keep state
}

func newLogin(user, password, host string) *login {
	if user == "" {
		return nil
	}
	// PLAIN and LOGIN come first because every server's own are the best tested;
	// the connection is encrypted in any case, see Config.checkServer.
	return &login{methods: []method{
		{"PLAIN", func() gosmtp.Auth { return gosmtp.PlainAuth("", user, password, host, false) }},
		{"LOGIN", func() gosmtp.Auth { return gosmtp.LoginAuth(user, password, host, false) }},
		{"SCRAM-SHA-256", func() gosmtp.Auth { return gosmtp.ScramSHA256Auth(user, password) }},
		{"CRAM-MD5", func() gosmtp.Auth { return gosmtp.CRAMMD5Auth(user, password) }},
	}}
}

// choose takes the best method of those the server offers.
func (l *login) choose(offered string) (gosmtp.Auth, error) {
	for _, m := range l.methods {
		for _, name := range strings.Fields(offered) {
			if strings.EqualFold(name, m.name) {
				return m.start(), nil
			}
		}
	}
	return nil, errors.New("the server offers none of PLAIN, LOGIN, SCRAM-SHA-256, CRAM-MD5")
}
