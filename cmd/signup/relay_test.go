package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/signup-go/signup/smtp/smtptest"
)

// TestThroughPostfix sends by way of Debian's Postfix, over TLS that its own
// authority vouches for, and by its sendmail command. What comes out behind it
// carries a signature that holds, and a link that works.
func TestThroughPostfix(t *testing.T) {
	sink := smtptest.New(t, smtptest.SMTPUTF8())
	p := startPostfix(t, sink)
	key, record := dkimKey(t)
	for name, way := range map[string]string{
		"smtp":     "smtp://" + p.address + "?server-name=relay.test&ca=" + url.QueryEscape(p.ca),
		"sendmail": "sendmail:" + p.sendmail,
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.start("--base-url", "https://signup.test", "--mail-from", "Test <noreply@signup.test>", "--smtp", way,
				"--dkim-key", key, "--dkim-selector", "mail2026")
			// The dash would be an option, were it not for the care we take.
			if code := s.Call("POST", "/api/v1/sign-up/request", map[string]any{
				"name": "Ada", "username": "ada-" + name, "email": "-t" + name + "@example.org", "password": "Passw0rd!ada",
			}, nil); code != http.StatusCreated {
				t.Fatalf("sign-up: status %d", code)
			}
			m := sink.WaitForTo(t, "-t"+name+"@example.org")
			if m.From != "noreply@signup.test" || !strings.Contains(string(m.Raw), "relay.test (Postfix") {
				t.Errorf("from %s, not by way of Postfix:\n%s", m.From, m.Raw)
			}
			checkSignature(t, m.Raw, record)
			s.Expect(http.StatusOK, "POST", "/api/v1/sign-up/confirm", map[string]string{"token": tokenOf(t, m.Links()[0])}, nil)
			if name == "smtp" && !strings.Contains(p.log(t), "TLS connection established") {
				t.Errorf("no TLS in Postfix's log:\n%s", p.log(t))
			}
		})
	}
}

// A dkimKey is a file with a private key, and what the DNS would say of it.
func dkimKey(t *testing.T) (path, record string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "dkim.pem")
	writePEM(t, path, "PRIVATE KEY", der)
	return path, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
}

func checkSignature(t *testing.T, raw []byte, record string) {
	t.Helper()
	got, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "mail2026._domainkey.signup.test" {
			return nil, fmt.Errorf("asked for %s", name)
		}
		return []string{record}, nil
	}})
	if err != nil || len(got) != 1 || got[0].Err != nil {
		t.Errorf("DKIM: %+v, %v\n%s", got, err, raw)
	}
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A postfix is an instance of its own: own configuration, queue and port.
type postfix struct {
	dir, address, ca, sendmail string
}

func startPostfix(t *testing.T, next *smtptest.Server) *postfix {
	t.Helper()
	const master = "/usr/lib/postfix/sbin/master"
	if _, err := os.Stat(master); err != nil {
		lacking(t, "Postfix is not installed (Debian's package postfix)")
	}
	if os.Getuid() != 0 {
		lacking(t, "Postfix must be started by root")
	}
	// Not t.TempDir, which the user postfix cannot enter.
	dir, err := os.MkdirTemp("", "signup-postfix-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postfix{dir: dir, address: freeAddress(t), ca: filepath.Join(dir, "ca.pem"), sendmail: filepath.Join(dir, "sendmail")}
	p.configure(t, next)
	if out, err := exec.CommandContext(t.Context(), "/usr/sbin/postfix", "-c", dir, "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s", err, out)
	}
	cmd := exec.Command(master, "-c", dir, "-d")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // the master ends its children
		_ = cmd.Wait()
	})
	p.await(t)
	return p
}

func (p *postfix) configure(t *testing.T, next *smtptest.Server) {
	t.Helper()
	authority, cert := smtptest.NewAuthority("relay.test")
	writePEM(t, p.ca, "CERTIFICATE", authority.Raw)
	p.writeCertificate(t, cert)
	host, port, err := net.SplitHostPort(next.Addr())
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(p.dir, "data")
	for _, dir := range []string{data, filepath.Join(p.dir, "queue")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	giveTo(t, "postfix", data)
	if err := os.Chmod(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"main.cf":   fmt.Sprintf(postfixMain, p.dir, host, port),
		"master.cf": fmt.Sprintf(postfixMaster, p.address),
		"sendmail":  "#!/bin/sh\nexec /usr/sbin/sendmail -C " + p.dir + " \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *postfix) writeCertificate(t *testing.T, cert tls.Certificate) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(p.dir, "cert.pem"), "CERTIFICATE", cert.Certificate[0])
	writePEM(t, filepath.Join(p.dir, "key.pem"), "PRIVATE KEY", key)
}

// await waits until the port answers.
func (p *postfix) await(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(timeout); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Postfix did not come up: %v\n%s", err, p.log(t))
		}
	}
}

func (p *postfix) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, "mail.log"))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/mail.log
maillog_file_prefixes = %[1]s
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.test
mydestination =
allow_min_user = yes
local_transport = error:none
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = %[1]s/cert.pem
smtpd_tls_key_file = %[1]s/key.pem
smtpd_tls_loglevel = 1
relayhost = [%[2]s]:%[3]s
smtp_tls_security_level = none
`

const postfixMaster = `%s inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

// TestThroughMailpit sends to a server that others wrote for trying mail out,
// with a login over TLS, and reads the letter as a person would.
func TestThroughMailpit(t *testing.T) {
	m := startMailpit(t)
	s := newServer(t)
	s.environ = append(s.environ, "SIGNUP_SMTP_PASSWORD=p@ss:w/ord%ü")
	s.start("--base-url", "https://signup.test", "--mail-from", "Test <noreply@signup.test>",
		"--smtp", "smtp://us%40er@"+m.smtp+"?server-name=mailpit.test&ca="+url.QueryEscape(m.ca))
	if code := s.SignUp("ada"); code != http.StatusCreated {
		t.Fatalf("sign-up: status %d", code)
	}
	var list struct {
		Messages []struct{ ID, Subject string }
	}
	s.Eventually("the mail in Mailpit", func() bool {
		m.get(t, "/api/v1/messages", &list)
		return len(list.Messages) > 0
	})
	var read struct{ Text, HTML string }
	m.get(t, "/api/v1/message/"+list.Messages[0].ID, &read)
	token := tokenOf(t, read.Text)
	if !strings.Contains(read.HTML, token) || list.Messages[0].Subject == "" {
		t.Errorf("subject %q, HTML without the link:\n%s", list.Messages[0].Subject, read.HTML)
	}
	s.Expect(http.StatusOK, "POST", "/api/v1/sign-up/confirm", map[string]string{"token": token}, nil)
}

type mailpit struct{ smtp, http, ca string }

// startMailpit builds it on demand, which takes a minute the first time.
func startMailpit(t *testing.T) *mailpit {
	t.Helper()
	dir := t.TempDir()
	program, err := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../tools/mailpit/go.mod", "-n", "mailpit").Output()
	if err != nil {
		lacking(t, fmt.Sprintf("Mailpit cannot be built: %v", err))
	}
	authority, cert := smtptest.NewAuthority("mailpit.test")
	m := &mailpit{smtp: freeAddress(t), http: freeAddress(t), ca: filepath.Join(dir, "ca.pem")}
	writePEM(t, m.ca, "CERTIFICATE", authority.Raw)
	(&postfix{dir: dir}).writeCertificate(t, cert)
	if err := os.WriteFile(filepath.Join(dir, "auth"), []byte("us@er:p@ss:w/ord%ü\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said buffer
	cmd := exec.Command(strings.TrimSpace(string(program)), "--smtp", m.smtp, "--listen", m.http, "--database", filepath.Join(dir, "mailpit.db"),
		"--smtp-tls-cert", filepath.Join(dir, "cert.pem"), "--smtp-tls-key", filepath.Join(dir, "key.pem"), "--smtp-require-starttls",
		"--smtp-auth-file", filepath.Join(dir, "auth"), "--disable-version-check")
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(timeout); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", m.smtp)
		if err == nil {
			_ = conn.Close()
			return m
		}
		if time.Now().After(deadline) {
			t.Fatalf("Mailpit did not come up: %v\n%s", err, &said)
		}
	}
}

func (m *mailpit) get(t *testing.T, path string, into any) {
	t.Helper()
	resp, err := http.Get("http://" + m.http + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(b, into) != nil {
		t.Fatalf("%s: %s, %v\n%s", path, resp.Status, err, b)
	}
}

// lacking skips a test for want of something, except where nothing may be
// skipped.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// freeAddress is one on the loopback interface that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func giveTo(t *testing.T, name, path string) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	if errUID != nil || errGID != nil {
		t.Fatal(errUID, errGID)
	}
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
}
