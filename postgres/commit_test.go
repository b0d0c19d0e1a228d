package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

// A wire is a proxy between a store and its server that can break connections.
type wire struct {
	server string
	// atCommit decides, once, what happens to a COMMIT. Nil lets it pass.
	atCommit atomic.Pointer[breakage]
	breaking sync.Mutex // held while a connection breaks, so that nobody can connect
	closed   atomic.Bool
}

// A breakage breaks the connection at a COMMIT.
type breakage struct {
	deliver bool // the server receives it, but the response is lost
	forGood bool // nobody can connect any more
}

// newWire returns a wire and the URL of the server behind it.
func newWire(t *testing.T, at string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	host := u.Query().Get("host")
	if host == "" {
		t.Skip("the wire needs a server on a Unix socket")
	}
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	w := &wire{server: filepath.Join(host, ".s.PGSQL.5432")}
	go w.serve(l)
	// Without prepared statements, each COMMIT is sent as text.
	return w, with(t, with(t, at, "host", dir), "default_query_exec_mode", "exec")
}

func (w *wire) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		w.breaking.Lock()
		w.breaking.Unlock() //nolint:staticcheck // waits until the connection is broken
		server, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: w.server, Net: "unix"})
		if err != nil || w.closed.Load() {
			_ = client.Close()
			continue
		}
		go w.toServer(client, server)
		go func() {
			_, _ = io.Copy(client, server)
			_ = client.Close()
		}()
	}
}

func (w *wire) toServer(client net.Conn, server *net.UnixConn) {
	defer func() { _ = server.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if b := w.atCommit.Load(); b != nil && bytes.Contains(buf[:n], []byte("COMMIT\x00")) && w.atCommit.CompareAndSwap(b, nil) {
			w.closed.Store(b.forGood)
			w.breaking.Lock()
			defer w.breaking.Unlock()
			_ = client.Close()
			if b.deliver {
				_, _ = server.Write(buf[:n])
				_ = server.CloseWrite()
				_, _ = io.Copy(io.Discard, server) // until the server has answered and closed
			}
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// signUpOnce signs a person up over a wire that breaks at COMMIT.
func signUpOnce(t *testing.T, b breakage) (runs, stored int, err error) {
	t.Helper()
	at := pgtest.New(t)
	w, behind := newWire(t, at)
	s := open(t, behind, postgres.Options{BusyTimeout: time.Second})
	w.atCommit.Store(&b)
	err = s.Update(t.Context(), func(tx signup.Tx) error {
		runs++
		_, err := tx.CreateUser(t.Context(), person(1))
		return err
	})
	return runs, count(t, open(t, at, postgres.Options{}), "SELECT count(*) FROM users"), err
}

func TestACommitWithALostResponseIsResolved(t *testing.T) {
	t.Parallel()
	runs, stored, err := signUpOnce(t, breakage{deliver: true})
	if runs != 1 || stored != 1 || err != nil {
		t.Errorf("run %d times, stored %d times, %v", runs, stored, err)
	}
}

func TestALostCommitIsRunAgain(t *testing.T) {
	t.Parallel()
	runs, stored, err := signUpOnce(t, breakage{})
	if runs != 2 || stored != 1 || err != nil {
		t.Errorf("run %d times, stored %d times, %v", runs, stored, err)
	}
}

func TestAnUnresolvableCommitIsInDoubt(t *testing.T) {
	t.Parallel()
	runs, _, err := signUpOnce(t, breakage{deliver: true, forGood: true})
	if runs != 1 || !errors.Is(err, postgres.ErrInDoubt) || errors.Is(err, signup.ErrBusy) {
		t.Errorf("ran %d times, %v, want ErrInDoubt", runs, err)
	}
}

// A transaction that PostgreSQL has aborted must not be reported as committed.
func TestContinuingAfterAFaultIsAFault(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	u := mustSignUp(t, s, 1)
	err := s.Update(t.Context(), func(tx signup.Tx) error {
		twice := signup.SignUpToken{ID: "a", UserID: u.ID, TokenHash: "a", CreatedAt: now(), ExpiresAt: now()}
		_, _ = tx.CreateToken(t.Context(), twice)
		_, _ = tx.CreateToken(t.Context(), twice)
		return nil
	})
	if err == nil || errors.Is(err, signup.ErrBusy) {
		t.Errorf("Update: %v, want a fault", err)
	}
	if n := count(t, s, "SELECT count(*) FROM sign_up_tokens"); n != 0 {
		t.Errorf("%d tokens", n)
	}
}

func TestADeferredStatementStillFailsTheUpdate(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	tooLong := signup.AuditEvent{At: now(), Actor: signup.Actor(bytes.Repeat([]byte("x"), 301)), Type: "x"}
	for _, last := range []func(context.Context, signup.Tx) error{
		func(context.Context, signup.Tx) error { return nil },
		func(ctx context.Context, tx signup.Tx) error {
			_, err := tx.CreateUser(ctx, person(1))
			return err
		},
	} {
		err := s.Update(t.Context(), func(tx signup.Tx) error {
			return errors.Join(tx.AddAudit(t.Context(), tooLong), last(t.Context(), tx))
		})
		if err == nil || errors.Is(err, signup.ErrBusy) {
			t.Errorf("Update: %v, want a fault", err)
		}
	}
	if n := count(t, s, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d users", n)
	}
}

// A server that has crashed may report the status of another transaction. The
// test simulates that with a role that cannot see older sessions.
func TestACommitOfAServerThatMayHaveCrashedIsInDoubt(t *testing.T) {
	t.Parallel()
	at := pgtest.New(t)
	owner := open(t, at, postgres.Options{})
	role := "r" + strings.ToLower(strings.TrimPrefix(databaseName(t, at), "signup_test_"))
	exec(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD 'x'")
	t.Cleanup(func() { _, _ = owner.Pool().Exec(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	exec(t, owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+role)
	w, behind := newWire(t, as(t, at, role, "x"))
	s := open(t, with(t, behind, "pool_max_conns", "2"), postgres.Options{BusyTimeout: time.Second})
	w.atCommit.Store(&breakage{deliver: true})
	err := s.Update(t.Context(), func(tx signup.Tx) error {
		_, err := tx.CreateUser(t.Context(), person(1))
		return err
	})
	if !errors.Is(err, postgres.ErrInDoubt) {
		t.Errorf("Update: %v, want ErrInDoubt", err)
	}
}
