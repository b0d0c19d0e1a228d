package main

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup/postgres/pgtest"
)

// A cluster is a PostgreSQL server that a test has to itself, to stop and to
// set up as it likes.
type cluster struct {
	t    testing.TB
	home string // the folder of its socket and its data
	bin  string // the folder of its programs
	port string // "" for the usual one
}

// newCluster starts one, with user and database "app" beside its superuser.
func newCluster(t testing.TB) *cluster {
	t.Helper()
	at, stop, err := pgtest.Start()
	if err != nil {
		if strings.Contains(err.Error(), "install PostgreSQL") {
			missing(t, err.Error())
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, home: u.Query().Get("host")}
	server, err := os.Readlink(filepath.Join("/proc", c.line(0), "exe"))
	if err != nil {
		missing(t, "the program of a running server is looked up in /proc: "+err.Error())
	}
	c.bin = filepath.Dir(server)
	c.exec(`CREATE ROLE app LOGIN PASSWORD 'app-s3cret'`)
	c.exec(`CREATE DATABASE app OWNER app ENCODING 'UTF8' TEMPLATE template0`)
	return c
}

// missing skips a test that needs a program, by name, and fails it where all
// are to be there.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %s", t.Name(), what)
	}
	t.Skipf("%s: %s", t.Name(), what)
}

// line is one of postmaster.pid: 0 is the process.
func (c *cluster) line(n int) string {
	c.t.Helper()
	b, err := os.ReadFile(filepath.Join(c.home, "data", "postmaster.pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Split(string(b), "\n")[n]
}

// url leads to its database "app", over its socket.
func (c *cluster) url(user string) string { return c.urlTo("app", user) }

func (c *cluster) urlTo(database, user string, parameters ...string) string {
	q := url.Values{"host": {c.home}}
	if c.port != "" {
		q.Set("port", c.port)
	}
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	return (&url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: q.Encode()}).String()
}

// exec runs a statement as the superuser, in the database "postgres" unless it
// is followed by another.
func (c *cluster) exec(statement string, database ...string) {
	c.t.Helper()
	conn := c.connect(append(database, "postgres")[0])
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.WithoutCancel(c.t.Context()), statement); err != nil {
		c.t.Fatalf("%s: %v", statement, err)
	}
}

// query returns one number, as exec.
func (c *cluster) query(statement string, database ...string) (n int) {
	c.t.Helper()
	conn := c.connect(append(database, "postgres")[0])
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(c.t.Context(), statement).Scan(&n); err != nil {
		c.t.Fatalf("%s: %v", statement, err)
	}
	return n
}

func (c *cluster) connect(database string) *pgx.Conn {
	c.t.Helper()
	conn, err := pgx.Connect(context.WithoutCancel(c.t.Context()), c.urlTo(database, "postgres"))
	if err != nil {
		c.t.Fatal(err)
	}
	return conn
}

// terminate ends all connections of the role app.
func (c *cluster) terminate() {
	c.t.Helper()
	c.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`)
}

// stop stops the server: mode is fast, or immediate for a crash.
func (c *cluster) stop(mode string) {
	c.t.Helper()
	c.control("stop", "--mode", mode)
}

// start starts it again, with further options of the server, such as port=1.
func (c *cluster) start(options ...string) {
	c.t.Helper()
	all := "-k '" + c.home + "' -c max_connections=200 -c shared_buffers=16MB"
	for _, o := range append([]string{"listen_addresses=''"}, options...) {
		all += " -c " + o
	}
	c.control("start", "--wait", "--timeout", "60", "--log", filepath.Join(c.home, "log"), "--options", all)
}

func (c *cluster) control(args ...string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), time.Minute)
	defer cancel()
	cmd := c.as(ctx, filepath.Join(c.bin, "pg_ctl"), append([]string{"--pgdata", filepath.Join(c.home, "data")}, args...)...)
	if err := cmd.Run(); err != nil { // without its output, which the server would keep open
		b, _ := os.ReadFile(filepath.Join(c.home, "log"))
		c.t.Fatalf("pg_ctl %s: %v\n%s", args, err, b)
	}
}

// as is a command run by the user whom the cluster belongs to.
func (c *cluster) as(ctx context.Context, program string, args ...string) *exec.Cmd {
	if os.Getuid() == 0 {
		program, args = "runuser", append([]string{"-u", "postgres", "--", program}, args...)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = c.home, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	return cmd
}
