// Package smtptest runs an SMTP server inside a test. It stores the letters it
// receives, and misbehaves at any step on demand. Start it with New, point the
// program under test at URL or Addr, and read letters with WaitFor.
//
//	mail := smtptest.New(t)
//	mail.SetBehaviour(smtptest.ReplyAt(smtptest.Rcpt, "450 4.2.1 try later"))
//	...
//	mail.SetBehaviour(smtptest.Accept()...)
//	letter := mail.WaitFor(t, 1)[0]
//
// All methods may be called from any goroutine.
package smtptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// A Server is an SMTP server on a port of the loopback interface.
type Server struct {
	addr     string
	implicit bool
	cert     tls.Certificate
	roots    *x509.CertPool
	user     string
	password string
	utf8     bool

	running sync.WaitGroup // the accept loop and the conversations

	mu          sync.Mutex
	listener    net.Listener // nil while closed
	conns       map[net.Conn]bool
	rules       []*Rule
	accepted    []Message
	unanswered  []Message
	transcript  []string
	connections int
	changed     chan struct{} // closed and replaced when a message arrives
}

// An Option configures a server permanently.
type Option func(*Server)

// StartTLS makes the server offer STARTTLS with a certificate for 127.0.0.1 and
// localhost that RootCAs contains.
func StartTLS() Option { return func(s *Server) { s.cert, s.roots = NewCertificate() } }

// ImplicitTLS makes the server speak TLS from the first byte.
func ImplicitTLS() Option {
	return func(s *Server) {
		s.cert, s.roots = NewCertificate()
		s.implicit = true
	}
}

// Credentials makes the server refuse MAIL before AUTH PLAIN or LOGIN with this
// user and password.
func Credentials(user, password string) Option {
	return func(s *Server) { s.user, s.password = user, password }
}

// SMTPUTF8 makes the server offer SMTPUTF8 (RFC 6531). Without it, the server
// refuses addresses that are not ASCII.
func SMTPUTF8() Option { return func(s *Server) { s.utf8 = true } }

// New starts a server that accepts everything. It is closed when t ends.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{addr: "127.0.0.1:0", conns: map[net.Conn]bool{}, changed: make(chan struct{})}
	for _, o := range options {
		o(s)
	}
	s.Open(t)
	t.Cleanup(s.Close)
	return s
}

// Open makes a closed server listen again on the same port.
func (s *Server) Open(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return
	}
	listener, err := listen(s.addr)
	if err != nil {
		t.Fatalf("smtptest: %v", err)
	}
	s.addr, s.listener = listener.Addr().String(), listener
	s.running.Go(func() { s.serve(listener) })
}

// listen retries for a while, because the kernel may need a moment to free the
// port.
func listen(addr string) (net.Listener, error) {
	deadline := time.Now().Add(2 * time.Second)
	for {
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
		if err == nil || time.Now().After(deadline) {
			return listener, err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Close drops every connection and stops listening, so that the kernel refuses
// new connections. Received letters stay. Close may be called twice.
func (s *Server) Close() {
	s.mu.Lock()
	if s.listener != nil {
		_ = s.listener.Close()
		s.listener = nil
	}
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Addr returns "127.0.0.1:port". It never changes.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// URL returns the server's URL for smtp.ParseURL, without the password.
func (s *Server) URL() string {
	u := url.URL{Scheme: "smtp", Host: s.Addr(), RawQuery: "tls=" + s.tlsMode()}
	if s.user != "" {
		u.User = url.User(s.user)
	}
	return u.String()
}

func (s *Server) tlsMode() string {
	switch {
	case s.implicit:
		return "implicit"
	case s.roots != nil:
		return "starttls"
	default:
		return "none"
	}
}

// RootCAs returns a pool with the server's certificate; nil if it has none.
func (s *Server) RootCAs() *x509.CertPool { return s.roots }

// Connections returns the number of connections accepted so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Transcript returns every command line received so far, over all connections,
// without the letters.
func (s *Server) Transcript() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.transcript)
}

func (s *Server) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if !s.admit(listener, conn) {
			_ = conn.Close()
			return
		}
		s.running.Go(func() {
			defer s.dismiss(conn)
			newConversation(s, conn).run()
		})
	}
}

// admit refuses a connection that was accepted while Close ran.
func (s *Server) admit(listener net.Listener, conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != listener {
		return false
	}
	s.conns[conn] = true
	s.connections++
	return true
}

func (s *Server) dismiss(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

func (s *Server) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transcript = append(s.transcript, line)
}
