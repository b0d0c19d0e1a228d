package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestOperatorSetups runs the program as operators have PostgreSQL set up.
func TestOperatorSetups(t *testing.T) {
	c := newCluster(t)
	for name, setup := range map[string]func(*testing.T, *cluster){
		"least privilege": setupLeastPrivilege,
		"custom schema":   setupCustomSchema,
		"beside a host":   setupBesideAHost,
		"PgBouncer":       setupPgBouncer,
	} {
		t.Run(name, func(t *testing.T) {
			c := *c
			c.t = t
			setup(t, &c)
		})
	}
	t.Run("TLS", func(t *testing.T) { setupTLS(t, c) }) // the last: it restarts the server
}

// siteAt is a server on a database that is there.
func siteAt(t *testing.T, where string, args ...string) *site {
	t.Helper()
	d := postgresMake
	d.where = func(testing.TB) string { return where }
	return openSite(t, d, args...)
}

// works walks a sign-up from the request to the last mail, and waits for the
// first clean-up.
func (s *site) works(name string) {
	s.t.Helper()
	s.confirmed(name)
	s.wantStatus(s.admin("PUT", s.pathOf(name)+"/approve", nil), 200)
	s.mailTo(name, "is active")
	s.settled()
	s.Eventually("the clean-up", s.cleaned)
	s.wantStatus(s.send("GET", "/readyz", "", nil), 200)
}

// The role that serves owns nothing and creates nothing.
func setupLeastPrivilege(t *testing.T, c *cluster) {
	c.exec(`CREATE ROLE owner LOGIN`)
	c.exec(`CREATE ROLE worker LOGIN`)
	c.exec(`CREATE DATABASE least OWNER owner`)
	migrate := func() {
		t.Helper()
		if code, out, errs := runProgram(t, nil, "migrate", "--database", c.urlTo("least", "owner")); code != exitOK {
			t.Fatalf("migrate: %d %s%s", code, out, errs)
		}
	}
	migrate()
	migrate()
	c.exec(`GRANT USAGE ON SCHEMA public, signup TO worker`, "least")
	c.exec(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, signup TO worker`, "least")
	c.exec(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, signup TO worker`, "least")
	c.exec(`REVOKE TEMPORARY ON DATABASE least FROM PUBLIC`)
	s := siteAt(t, c.urlTo("least", "worker"))
	s.works("ada")
	s.startWith("--no-migrate")
	s.works("grace")
	if lines := s.logLines("permission denied"); lines != "" {
		t.Errorf("something is not allowed:\n%s", lines)
	}
	// An empty database that nobody has migrated is refused with what to do.
	c.exec(`CREATE DATABASE bare OWNER owner`)
	code, _, errs := runProgram(t, nil, "user", "list", "--no-migrate", "--database", c.urlTo("bare", "worker"))
	if code != exitFault || !strings.Contains(errs, "run signup migrate") {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, errs := runProgram(t, nil, "user", "list", "--database", c.urlTo("bare", "worker")); code != exitFault || !strings.Contains(errs, "permission denied") {
		t.Errorf("%d %s", code, errs)
	}
}

func (s *site) logLines(words string) string {
	var out strings.Builder
	for line := range strings.Lines(s.Stderr.String()) {
		if strings.Contains(line, words) {
			out.WriteString(line)
		}
	}
	return out.String()
}

// Everything lives in the schema that the URL names, the queue too.
func setupCustomSchema(t *testing.T, c *cluster) {
	c.exec(`CREATE DATABASE schemas OWNER app`)
	c.exec(`CREATE SCHEMA custom AUTHORIZATION app`, "schemas")
	where := c.urlTo("schemas", "app", "search_path", "custom")
	s := siteAt(t, where)
	s.works("ada")
	if n := c.query(`SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('custom', 'pg_catalog', 'information_schema')`, "schemas"); n != 0 {
		t.Errorf("%d tables elsewhere", n)
	}
	if n := c.query(`SELECT count(*) FROM pg_tables WHERE schemaname = 'custom' AND tablename LIKE 'river%'`, "schemas"); n == 0 {
		t.Error("the queue has no tables in the schema")
	}
	code, _, errs := runProgram(t, nil, "migrate", "--database", c.urlTo("schemas", "app", "search_path", "nowhere"))
	if code != exitFault || !strings.Contains(errs, "search_path") {
		t.Errorf("a schema that does not exist: %d %s", code, errs)
	}
}

// Beside the tables of another program, everything lives in a schema of its own:
// "signup", or the one that --schema names.
func setupBesideAHost(t *testing.T, c *cluster) {
	c.exec(`CREATE DATABASE hosted OWNER app`)
	c.exec(`CREATE TABLE users (id int)`, "hosted")
	others := func(schema string) int {
		return c.query(`SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('`+schema+`', 'pg_catalog', 'information_schema')`, "hosted")
	}
	where := c.urlTo("hosted", "app")
	siteAt(t, where).works("ada")
	if n := others("signup"); n != 1 {
		t.Errorf("%d tables outside the schema signup", n)
	}
	c.exec(`DROP SCHEMA signup CASCADE`, "hosted")
	if code, out, errs := runProgram(t, nil, "migrate", "--database", where, "--schema", "accounts"); code != exitOK {
		t.Fatalf("migrate: %d %s%s", code, out, errs)
	}
	if n := others("accounts"); n != 1 {
		t.Errorf("%d tables outside the schema accounts", n)
	}
	code, _, errs := runProgram(t, nil, "migrate", "--database", where, "--schema", "public")
	if code != exitFault || !strings.Contains(errs, "are in the way, and nothing was written: users;") {
		t.Errorf("a schema with other tables: %d %s", code, errs)
	}
	if code, _, errs := runProgram(t, nil, "migrate", "--database", "sqlite:"+t.TempDir()+"/x.db", "--schema", "accounts"); code != exitUsage {
		t.Errorf("a schema for SQLite: %d %s", code, errs)
	}
}

// Through PgBouncer in transaction mode the URL says
// default_query_exec_mode=exec; the tables come over a direct connection.
func setupPgBouncer(t *testing.T, c *cluster) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			missing(t, "install PgBouncer (Debian: apt-get install pgbouncer)")
		}
	}
	c.exec(`CREATE DATABASE pooled OWNER app`)
	if code, out, errs := runProgram(t, nil, "migrate", "--database", c.urlTo("pooled", "app")); code != exitOK {
		t.Fatalf("migrate: %d %s%s", code, out, errs)
	}
	at := c.startPgBouncer(program)
	where := "postgres://app@" + at + "/pooled?sslmode=disable&default_query_exec_mode=exec"
	d := postgresMake
	d.where = func(testing.TB) string { return where }
	d.connect = func(t testing.TB, _ string) *sql.DB { return postgresMake.connect(t, c.urlTo("pooled", "app")) }
	s := openSite(t, d)
	s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
	second := another(t, s)
	s.works("ada")
	second.works("grace")
	plain := s.newToken("racer")
	answers := tally(together(atOnce, func(i int) int {
		return []*site{s, second}[i%2].post("/api/v1/sign-up/confirm", token(plain)).status
	}))
	if answers[200] != 1 || answers[400] != atOnce-1 {
		t.Errorf("answers %v", answers)
	}
	for i := range 20 {
		s.confirmed(fmt.Sprintf("pooled-%d", i))
	}
	s.settled()
	for _, s := range []*site{s, second} {
		if lines := s.logLines(`"level":"ERROR"`); lines != "" {
			t.Errorf("something went wrong:\n%s", lines)
		}
	}
	if n := c.query(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`, "pooled"); n != 0 {
		t.Errorf("%d locks are held by sessions that do not know of them", n)
	}
}

// another is a second server on the database of a first, with its mail server.
func another(t *testing.T, first *site) *site {
	t.Helper()
	second := *first
	second.server = newServer(t)
	second.Database, second.Key = first.Database, first.Key
	second.start(second.args...)
	return &second
}

// startPgBouncer pools connections to the cluster, a transaction at a time.
func (c *cluster) startPgBouncer(program string) (at string) {
	c.t.Helper()
	port := freePort(c.t)
	config := fmt.Sprintf(`[databases]
pooled = host=%[1]s port=5432 dbname=pooled user=app
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %[2]d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
pidfile = %[1]s/pgbouncer.pid
logfile = %[1]s/pgbouncer.log
`, c.home, port)
	c.write("pgbouncer.ini", []byte(config))
	cmd := c.as(context.WithoutCancel(c.t.Context()), program, "--quiet", filepath.Join(c.home, "pgbouncer.ini"))
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	at = "127.0.0.1:" + strconv.Itoa(port)
	c.t.Cleanup(func() {
		if b, err := os.ReadFile(filepath.Join(c.home, "pgbouncer.pid")); err == nil {
			pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
			if p, err := os.FindProcess(pid); err == nil && pid > 1 {
				_ = p.Signal(os.Interrupt)
			}
		}
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(timeout); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", at)
		if err == nil {
			_ = conn.Close()
			return at
		}
		if time.Now().After(deadline) {
			b, _ := os.ReadFile(filepath.Join(c.home, "pgbouncer.log"))
			c.t.Fatalf("PgBouncer does not listen: %v\n%s", err, b)
		}
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// Over TLS the server is who it says, or nothing is sent to it.
func setupTLS(t *testing.T, c *cluster) {
	certificate, key, authority := localhostCertificate(t)
	_, _, stranger := localhostCertificate(t)
	c.write("server.crt", certificate)
	c.write("server.key", key)
	c.write("data/pg_hba.conf", []byte("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"))
	c.stop("fast")
	c.port = strconv.Itoa(freePort(t))
	c.start("listen_addresses=127.0.0.1", "port="+c.port, "ssl=on",
		"ssl_cert_file="+filepath.Join(c.home, "server.crt"), "ssl_key_file="+filepath.Join(c.home, "server.key"))
	at := func(host, password string, parameters ...string) string {
		q := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			q.Set(parameters[i], parameters[i+1])
		}
		return (&url.URL{Scheme: "postgres", User: url.UserPassword("app", password), Host: host + ":" + c.port, Path: "/app", RawQuery: q.Encode()}).String()
	}
	s := siteAt(t, at("localhost", "app-s3cret", "sslmode", "verify-full", "sslrootcert", authority))
	s.works("ada")
	if n := c.query(`SELECT count(*) FROM pg_stat_ssl l JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'app' AND NOT l.ssl`); n != 0 {
		t.Errorf("%d connections in the clear", n)
	}
	for name, where := range map[string]string{
		"another authority": at("localhost", "app-s3cret", "sslmode", "verify-full", "sslrootcert", stranger),
		"another name":      at("127.0.0.1", "app-s3cret", "sslmode", "verify-full", "sslrootcert", authority),
		"no TLS":            at("127.0.0.1", "app-s3cret", "sslmode", "disable"),
		"another password":  at("localhost", "wr0ng-s3cret", "sslmode", "verify-full", "sslrootcert", authority),
	} {
		code, out, errs := runProgram(t, nil, "user", "list", "--database", where)
		if code != exitFault || strings.Contains(out+errs, "s3cret") {
			t.Errorf("%s: %d %s%s", name, code, out, errs)
		}
	}
}

// localhostCertificate returns one for localhost, its key, and the file of the
// authority that signed it.
func localhostCertificate(t *testing.T) (certificate, key []byte, authority string) {
	t.Helper()
	newKey := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	sign := func(of, by *x509.Certificate, public any, private *ecdsa.PrivateKey) []byte {
		of.NotBefore, of.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, of, by, public, private)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	caKey, serverKey := newKey(), newKey()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authority = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, sign(ca, ca, caKey.Public(), caKey), 0o600); err != nil {
		t.Fatal(err)
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.MarshalECPrivateKey(serverKey)
	if err != nil {
		t.Fatal(err)
	}
	return sign(server, ca, serverKey.Public(), caKey), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), authority
}

// write writes a file of the cluster's user into its folder.
func (c *cluster) write(name string, content []byte) {
	c.t.Helper()
	cmd := c.as(c.t.Context(), "/bin/sh", "-c", `umask 077 && cat >"$1"`, "sh", filepath.Join(c.home, name))
	cmd.Stdin = bytes.NewReader(content)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("write %s: %v\n%s", name, err, out)
	}
}
