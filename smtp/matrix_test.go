package smtp_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/xdg-go/scram"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

const (
	matrixUser     = "us er,=ü@x"
	matrixPassword = `p@ss:w/o rd%",=ü `
	matrixToken    = "ya29.a0_token-of-a-provider"
)

var allMethods = []string{"LOGIN", "PLAIN", "XOAUTH2", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}

// TestTLSAndAuth sends a letter with every combination of encryption and login
// through a third-party server, with a certificate signed by an authority of its
// own.
func TestTLSAndAuth(t *testing.T) {
	t.Parallel()
	for _, mode := range []smtp.TLSMode{smtp.TLSStartTLS, smtp.TLSImplicit, smtp.TLSOpportunistic, smtp.TLSNone} {
		for _, method := range append([]string{""}, allMethods...) {
			t.Run(string(mode)+" "+method, func(t *testing.T) {
				t.Parallel()
				r := startRelay(t, mode, method)
				sender, err := smtp.New(r.config(t, mode, method))
				if clear := mode == smtp.TLSNone || mode == smtp.TLSOpportunistic; clear && method != "" {
					if err == nil || !strings.Contains(err.Error(), "clear text") {
						t.Errorf("a password over tls=%s: %v", mode, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := sender.Send(t.Context(), letter()); err != nil {
					t.Fatal(err)
				}
				secure, used := r.seen()
				if secure != (mode != smtp.TLSNone) || used != method {
					t.Errorf("encrypted %v, logged in by %q", secure, used)
				}
				if method != "" {
					r.refuse()
					wrong := r.send(t, mode, method)
					checkError(t, "wrong", wrong, smtp.PhaseAuth)
					if e := asError(wrong); e == nil || e.Permanent() || e.Code != 535 || !strings.Contains(e.Advice(), "are wrong") {
						t.Errorf("wrong credentials: %v", wrong)
					}
				}
			})
		}
	}
}

// The strongest method that the server offers is used, unless another one is
// requested or the password has bytes that the method cannot carry.
func TestAuthIsChosen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		offered, asked, password, want string
	}{
		{"PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 XOAUTH2", "", matrixPassword, "SCRAM-SHA-256"},
		{"LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", "", matrixPassword, "SCRAM-SHA-1"},
		{"LOGIN CRAM-MD5 PLAIN", "", matrixPassword, "CRAM-MD5"},
		{"XOAUTH2 LOGIN PLAIN", "", matrixPassword, "PLAIN"},
		{"LOGIN", "", matrixPassword, "LOGIN"},
		{"PLAIN LOGIN SCRAM-SHA-256", "login", matrixPassword, "LOGIN"},
		{"PLAIN SCRAM-SHA-256", "", matrixPassword + "\xff\t", "PLAIN"},
		{"XOAUTH2", "", matrixPassword, ""},
		{"PLAIN", "cram-md5", matrixPassword, ""},
	} {
		r := startRelay(t, smtp.TLSStartTLS, tt.offered)
		r.password = tt.password
		c := r.config(t, smtp.TLSStartTLS, tt.offered)
		c.Password, c.TokenFile = tt.password, ""
		c.Auth = smtp.AuthMethod(strings.ToUpper(tt.asked))
		sender, err := smtp.New(c)
		if err != nil {
			t.Fatal(err)
		}
		err = sender.Send(t.Context(), letter())
		if tt.want == "" {
			checkError(t, tt.offered, err, smtp.PhaseAuth)
			if err != nil && !strings.Contains(err.Error(), "the server offers "+tt.offered+", but signup needs ") {
				t.Error(err)
			}
			continue
		}
		if _, used := r.seen(); err != nil || used != tt.want {
			t.Errorf("%s: logged in by %q, want %s: %v", tt.offered, used, tt.want, err)
		}
	}
}

// A token that an external tool renews is read from the file for each connection.
func TestTokenIsReadForEachConnection(t *testing.T) {
	t.Parallel()
	r := startRelay(t, smtp.TLSImplicit, "XOAUTH2")
	c := r.config(t, smtp.TLSImplicit, "XOAUTH2")
	c.IdleTimeout = -1
	sender, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, c.TokenFile, "outlived\n")
	checkError(t, "old token", sender.Send(t.Context(), letter()), smtp.PhaseAuth)
	writeFile(t, c.TokenFile, matrixToken+"\n")
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Error(err)
	}
	for what, content := range map[string]string{"empty": "\n", "two lines": "a\nb\n", "control": "a\x01b"} {
		writeFile(t, c.TokenFile, content)
		err := sender.Send(t.Context(), letter())
		if checkError(t, what, err, smtp.PhaseAuth); err != nil && !strings.Contains(err.Error(), "token file") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.Remove(c.TokenFile); err != nil {
		t.Fatal(err)
	}
	checkError(t, "no file", sender.Send(t.Context(), letter()), smtp.PhaseAuth)
}

// The advice names what is wrong with a certificate, and insecure=yes accepts it
// anyway.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for _, mode := range []smtp.TLSMode{smtp.TLSStartTLS, smtp.TLSImplicit} {
		r := startRelay(t, mode, "")
		good := r.config(t, mode, "")
		for _, tt := range []struct {
			name   string
			change func(*smtp.Config)
			advice string // "" if it must work
		}{
			{"own authority", func(*smtp.Config) {}, ""},
			{"unknown authority", func(c *smtp.Config) { c.CAFile = "" }, "ca=FILE"},
			{"another name", func(c *smtp.Config) { c.ServerName = "mail.test" }, "server-name=NAME"},
			{"its own name", func(c *smtp.Config) { c.ServerName = "localhost" }, ""},
			{"insecure", func(c *smtp.Config) { c.CAFile, c.Insecure = "", true }, ""},
			{"the other mode", func(c *smtp.Config) { c.TLS = other(mode); hasty(c) }, "use tls="},
		} {
			c := good
			tt.change(&c)
			sender, err := smtp.New(c)
			if err != nil {
				t.Fatal(err)
			}
			err = sender.Send(t.Context(), letter())
			if tt.advice == "" {
				if err != nil {
					t.Errorf("%s %s: %v", mode, tt.name, err)
				}
				continue
			}
			checkError(t, tt.name, err, smtp.PhaseTLS, smtp.PhaseHello)
			if e := asError(err); e != nil && (e.Permanent() || !strings.Contains(e.Advice(), tt.advice)) {
				t.Errorf("%s %s: %v: %s", mode, tt.name, err, e.Advice())
			}
		}
	}
}

func other(mode smtp.TLSMode) smtp.TLSMode {
	if mode == smtp.TLSImplicit {
		return smtp.TLSStartTLS
	}
	return smtp.TLSImplicit
}

func TestOpportunistic(t *testing.T) {
	t.Parallel()
	plain, secure := smtptest.New(t), smtptest.New(t, smtptest.StartTLS())
	for what, server := range map[string]*smtptest.Server{"not offered": plain, "offered": secure} {
		sender := newSender(t, server, func(c *smtp.Config) { c.TLS, c.RootCAs = smtp.TLSOpportunistic, nil })
		if err := sender.Send(t.Context(), letter()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if all := strings.Join(secure.Transcript(), "\n"); !strings.Contains(all, "STARTTLS") {
		t.Errorf("STARTTLS was offered and not used:\n%s", all)
	}
}

// A relay is a server with TLS and logins of all kinds.
type relay struct {
	host, ca string
	port     int
	offered  []string

	mu       sync.Mutex
	password string
	token    string
	secure   bool
	used     string
}

func startRelay(t *testing.T, mode smtp.TLSMode, offered string) *relay {
	t.Helper()
	authority, cert := smtptest.NewAuthority("127.0.0.1", "localhost")
	r := &relay{
		offered: strings.Fields(offered), password: matrixPassword, token: matrixToken,
		ca: filepath.Join(t.TempDir(), "ca.pem"),
	}
	writeFile(t, r.ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw})))
	server := gosmtp.NewServer(r)
	server.Domain, server.ErrorLog = "localhost", quietLog()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	r.host, r.port = address.IP.String(), address.Port
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch mode {
	case smtp.TLSImplicit:
		listener = tls.NewListener(listener, config)
	case smtp.TLSStartTLS, smtp.TLSOpportunistic:
		server.TLSConfig = config
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return r
}

// config returns a configuration parsed from a URL, as an operator writes it.
func (r *relay) config(t *testing.T, mode smtp.TLSMode, method string) smtp.Config {
	t.Helper()
	query := url.Values{"tls": {string(mode)}}
	if mode == smtp.TLSStartTLS || mode == smtp.TLSImplicit {
		query.Set("ca", r.ca)
	}
	u := url.URL{Scheme: "smtp", Host: fmt.Sprintf("%s:%d", r.host, r.port)}
	if method != "" {
		u.User = url.User(matrixUser)
	}
	if method == "XOAUTH2" {
		query.Set("token-file", filepath.Join(t.TempDir(), "token"))
		writeFile(t, query.Get("token-file"), matrixToken+"\n")
	}
	u.RawQuery = query.Encode()
	c, err := smtp.ParseURL(u.String())
	if err != nil {
		t.Fatalf("%s: %v", &u, err)
	}
	if method != "" && method != "XOAUTH2" {
		c.Password = matrixPassword
	}
	c.From = signup.Address{Email: "noreply@app.example"}
	return c
}

func (r *relay) send(t *testing.T, mode smtp.TLSMode, method string) error {
	sender, err := smtp.New(r.config(t, mode, method))
	if err != nil {
		t.Fatal(err)
	}
	return sender.Send(t.Context(), letter())
}

// refuse makes the correct credentials wrong.
func (r *relay) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.password, r.token = "other", "other"
}

func (r *relay) seen() (secure bool, used string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.secure, r.used
}

func (r *relay) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &relaySession{inbox: inbox{}, relay: r, secure: secure}, nil
}

type relaySession struct {
	inbox
	relay  *relay
	secure bool
}

func (s *relaySession) AuthMechanisms() []string { return s.relay.offered }

func (s *relaySession) Mail(string, *gosmtp.MailOptions) error {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.relay.secure = s.secure
	return nil
}

func (s *relaySession) Auth(mechanism string) (sasl.Server, error) {
	r := s.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	password, token := r.password, r.token
	used := func(ok bool) error {
		if !ok {
			return gosmtp.ErrAuthFailed
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.used = mechanism
		return nil
	}
	check := func(user, given string) error { return used(user == matrixUser && given == password) }
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, given string) error { return check(user, given) }), nil
	case "LOGIN":
		return &loginServer{check: check}, nil
	case "CRAM-MD5":
		return cramServer(func(challenge, response string) error {
			mac := hmac.New(md5.New, []byte(password))
			mac.Write([]byte(challenge))
			return used(response == matrixUser+" "+hex.EncodeToString(mac.Sum(nil)))
		}), nil
	case "SCRAM-SHA-1":
		return newScramServer(scram.SHA1, password, used)
	case "SCRAM-SHA-256":
		return newScramServer(scram.SHA256, password, used)
	case "XOAUTH2":
		return &xoauth2Server{want: "user=" + matrixUser + "\x01auth=Bearer " + token + "\x01\x01", used: used}, nil
	}
	return nil, errors.New("not offered")
}

type cramServer func(challenge, response string) error

const challenge = "<1896.697170952@localhost>"

func (s cramServer) Next(response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte(challenge), false, nil
	}
	return nil, true, s(challenge, string(response))
}

type xoauth2Server struct {
	want   string
	used   func(bool) error
	failed bool
}

func (s *xoauth2Server) Next(response []byte) ([]byte, bool, error) {
	switch {
	case s.failed:
		return nil, true, s.used(false)
	case string(response) != s.want:
		s.failed = true // the reason comes first, as providers do it
		return []byte(`{"status":"400"}`), false, nil
	}
	return nil, true, s.used(true)
}

type scramServer struct {
	conversation *scram.ServerConversation
	used         func(bool) error
}

func newScramServer(hash scram.HashGeneratorFcn, password string, used func(bool) error) (sasl.Server, error) {
	client, err := hash.NewClient(matrixUser, password, "")
	if err != nil {
		return nil, err
	}
	stored, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt of some bytes", Iters: 4096})
	if err != nil {
		return nil, err
	}
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
		if user != matrixUser {
			return scram.StoredCredentials{}, errors.New("no such user")
		}
		return stored, nil
	})
	if err != nil {
		return nil, err
	}
	return &scramServer{conversation: server.NewConversation(), used: used}, nil
}

func (s *scramServer) Next(response []byte) ([]byte, bool, error) {
	if response == nil {
		return nil, false, nil
	}
	if s.conversation.Done() {
		return nil, true, s.used(s.conversation.Valid())
	}
	answer, err := s.conversation.Step(string(response))
	if err != nil {
		return nil, true, s.used(false)
	}
	return []byte(answer), false, nil
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
