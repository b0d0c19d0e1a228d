package smtp_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url  string
		want smtp.Config
	}{
		{"smtp://mail.example", smtp.Config{Host: "mail.example", TLS: smtp.TLSStartTLS}},
		{"smtp://us%40er%2F:@mail.example", smtp.Config{}},
		{"smtp://us%40er%2F%25@mail.example:2525/", smtp.Config{Host: "mail.example", Port: 2525, Username: "us@er/%", TLS: smtp.TLSStartTLS}},
		{"smtps://mail.example", smtp.Config{Host: "mail.example", TLS: smtp.TLSImplicit}},
		{"smtp://mail.example?tls=implicit", smtp.Config{Host: "mail.example", TLS: smtp.TLSImplicit}},
		{"smtp://[::1]:25?tls=none", smtp.Config{Host: "::1", Port: 25, TLS: smtp.TLSNone}},
		{"smtp://mailhog?tls=none&insecure=yes", smtp.Config{Host: "mailhog", TLS: smtp.TLSNone, Insecure: true}},
		{
			"smtp://u@mail.example?ca=/etc/ca.pem&server-name=a.b&auth=scram-sha-256&helo=me.example&rate=30&connections=2&timeout=20s",
			smtp.Config{
				Host: "mail.example", Username: "u", TLS: smtp.TLSStartTLS, CAFile: "/etc/ca.pem", ServerName: "a.b", Auth: smtp.AuthSCRAMSHA256,
				HELO: "me.example", Rate: 30, MaxConnections: 2, Timeouts: smtp.Timeouts{Dial: 20 * time.Second, Command: 20 * time.Second},
			},
		},
		{"smtp://u@mail.example?auth=xoauth2&token-file=/run/t", smtp.Config{
			Host: "mail.example", Username: "u", TLS: smtp.TLSStartTLS, Auth: smtp.AuthXOAuth2, TokenFile: "/run/t",
		}},
		{"smtp://mail.example?tls=opportunistic&insecure=yes", smtp.Config{Host: "mail.example", TLS: smtp.TLSOpportunistic, Insecure: true}},
		{"smtp://mail.example?auth=ntlm", smtp.Config{}},
		{"smtp://mail.example?rate=0", smtp.Config{}},
		{"smtp://mail.example?rate=30/m", smtp.Config{}},
		{"smtp://mail.example?connections=1000", smtp.Config{}},
		{"smtp://mail.example?timeout=46s", smtp.Config{}},
		{"smtp://mail.example?timeout=-1s", smtp.Config{}},
		{"smtp://mail.example?helo=", smtp.Config{}},
		{"smtp://user:s3cret@mail.example", smtp.Config{}},
		{"smtp://user:s3/cret@mail.example", smtp.Config{}},
		{"smtp://mail.example?tls=maybe", smtp.Config{}},
		{"smtps://mail.example?tls=none", smtp.Config{}},
		{"smtp://mail.example?tls=none&tls=starttls", smtp.Config{}},
		{"smtp://mail.example?tsl=none", smtp.Config{}},
		{"smtp://mail.example?insecure=no", smtp.Config{}},
		{"smtp://mail.example:70000", smtp.Config{}},
		{"smtp://mail.example/inbox", smtp.Config{}},
		{"smtp:mail.example", smtp.Config{}},
		{"http://mail.example", smtp.Config{}},
		{"mail.example:587", smtp.Config{}},
		{"", smtp.Config{}},
	}
	for _, tt := range tests {
		got, err := smtp.ParseURL(tt.url)
		if refused := tt.want.Host == ""; refused != (err != nil) {
			t.Errorf("%s: %v", tt.url, err)
		} else if !refused && !cmp.Equal(got, tt.want, cmpopts.IgnoreFields(smtp.Config{}, "RootCAs", "Now")) {
			t.Errorf("%s: host %q port %d user %q tls %q", tt.url, got.Host, got.Port, got.Username, got.TLS)
		}
		if err != nil && strings.Contains(err.Error(), "s3") {
			t.Errorf("%s: the error repeats the password: %v", tt.url, err)
		}
	}
	if _, err := smtp.ParseURL("smtp://user:s3cret@mail.example"); !strings.Contains(err.Error(), "SIGNUP_SMTP_PASSWORD") {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := smtp.Config{Host: "mail.example", From: signup.Address{Email: "a@b.example"}}
	if _, err := smtp.New(good); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*smtp.Config){
		"no host":                      func(c *smtp.Config) { c.Host = "" },
		"host with a line break":       func(c *smtp.Config) { c.Host = "a\r\nb" },
		"port":                         func(c *smtp.Config) { c.Port = -1 },
		"no sender":                    func(c *smtp.Config) { c.From.Email = "" },
		"sender not ASCII":             func(c *smtp.Config) { c.From.Email = "ä@b.example" },
		"HELO":                         func(c *smtp.Config) { c.HELO = "a b" },
		"clear text":                   func(c *smtp.Config) { c.TLS = smtp.TLSNone },
		"password in clear text":       func(c *smtp.Config) { c.Host, c.TLS, c.Username = "127.0.0.1", smtp.TLSNone, "u" },
		"password without a user":      func(c *smtp.Config) { c.Password = "p" },
		"NUL":                          func(c *smtp.Config) { c.Username, c.Password = "u", "p\x00" },
		"mode":                         func(c *smtp.Config) { c.TLS = "maybe" },
		"negative time":                func(c *smtp.Config) { c.Timeouts.Total = -1 },
		"negative connections":         func(c *smtp.Config) { c.MaxConnections = -1 },
		"opportunistic elsewhere":      func(c *smtp.Config) { c.TLS = smtp.TLSOpportunistic },
		"opportunistic and a password": func(c *smtp.Config) { c.Host, c.TLS, c.Username = "127.0.0.1", smtp.TLSOpportunistic, "u" },
		"missing CA file":              func(c *smtp.Config) { c.CAFile = "/nowhere/ca.pem" },
		"CA without TLS":               func(c *smtp.Config) { c.Host, c.TLS, c.CAFile = "127.0.0.1", smtp.TLSNone, "config.go" },
		"CA that has no effect":        func(c *smtp.Config) { c.Insecure, c.CAFile = true, "config.go" },
		"CA that is not PEM":           func(c *smtp.Config) { c.CAFile = "config.go" },
		"server name":                  func(c *smtp.Config) { c.ServerName = "a b" },
		"method without a user":        func(c *smtp.Config) { c.Auth = smtp.AuthPlain },
		"token without a user":         func(c *smtp.Config) { c.TokenFile = "t" },
		"XOAUTH2 without a token":      func(c *smtp.Config) { c.Username, c.Auth = "u", smtp.AuthXOAuth2 },
		"token and password":           func(c *smtp.Config) { c.Username, c.Password, c.TokenFile = "u", "p", "t" },
		"token for another method":     func(c *smtp.Config) { c.Username, c.TokenFile, c.Auth = "u", "t", smtp.AuthPlain },
		"SCRAM with odd bytes":         func(c *smtp.Config) { c.Username, c.Password, c.Auth = "u", "\xff", smtp.AuthSCRAMSHA256 },
		"rate":                         func(c *smtp.Config) { c.Rate = -1 },
		"looks like this machine":      func(c *smtp.Config) { c.Host, c.TLS = "localhost.evil.example", smtp.TLSNone },
		"insecure with a password":     func(c *smtp.Config) { c.TLS, c.Insecure, c.Username = smtp.TLSNone, true, "u" },
	} {
		c := good
		change(&c)
		if _, err := smtp.New(c); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
	for _, host := range []string{"localhost", "127.0.0.1", "127.8.8.8", "::1"} {
		if _, err := smtp.New(smtp.Config{Host: host, TLS: smtp.TLSNone, From: good.From}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestPasswordIsNeverPrinted(t *testing.T) {
	t.Parallel()
	c := smtp.Config{Host: "mail.example", Username: "u", Password: "s3cret", From: signup.Address{Email: "a@b.example"}}
	sender, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "config", c, "pointer", &c, "sender", sender)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "config", c, "pointer", &c, "sender", sender)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&logged, verb+verb+verb+verb, c, &c, sender, *sender)
	}
	if strings.Contains(logged.String(), "s3cret") {
		t.Error(logged.String())
	}
}

// Weakness describes the risk of insecure=yes.
func TestWeakness(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"smtp://mail.example": "", "smtp://127.0.0.1?tls=none": "",
		"smtp://mail.example?insecure=yes":                   "certificate is not checked",
		"smtps://mail.example?insecure=yes":                  "certificate is not checked",
		"smtp://mail.example?tls=none&insecure=yes":          "in clear text: ",
		"smtp://mail.example?tls=opportunistic&insecure=yes": "when it does not offer TLS",
	} {
		c, err := smtp.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Weakness(); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: %q", url, got)
		}
	}
}
