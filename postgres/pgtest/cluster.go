package pgtest

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// script makes a cluster in $2 with the programs in $1, says "ready", and waits
// until its input ends, which it does even when the test program is killed.
// Then it stops the cluster, by the process id in its folder, and removes it.
const script = `
bin=$1 dir=$2 fsync=$3
"$bin/initdb" --pgdata "$dir/data" --username postgres --auth trust --encoding UTF8 --locale C --no-sync >"$dir/log" 2>&1 &&
"$bin/pg_ctl" --pgdata "$dir/data" --log "$dir/log" --wait --timeout 60 --options "-k '$dir' -c listen_addresses='' \
	-c max_connections=200 -c fsync=$fsync" start >>"$dir/log" 2>&1 &&
echo ready || cat "$dir/log"
read -r _
"$bin/pg_ctl" --pgdata "$dir/data" --mode immediate stop >>"$dir/log" 2>&1
rm -rf "$dir"
`

// errMissing means that no PostgreSQL is installed.
var errMissing = errors.New("install PostgreSQL 14 or later (Debian: apt-get install postgresql), or set SIGNUP_TEST_POSTGRES")

// start starts a cluster that lives as long as this process and what it
// returns beside the URL. It listens on a Unix socket in a folder that is
// closed to others. What it has committed is on the disk unless
// SIGNUP_TEST_FSYNC is off.
func start() (at string, life io.Closer, err error) {
	bin, err := programs()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest") // short: a socket's path has 107 bytes at most
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", script, "sh", bin, dir, cmp.Or(os.Getenv("SIGNUP_TEST_FSYNC"), "on"))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"} // no PGPORT and the like
	if err := detach(cmd, dir); err != nil {
		return "", nil, err
	}
	if life, err = startUntilReady(cmd); err != nil {
		return "", nil, fmt.Errorf("start a PostgreSQL cluster: %w", err)
	}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}
	return u.String(), life, nil
}

// startUntilReady returns cmd's standard input, which ends when it is closed,
// collected as garbage, or this process is gone.
func startUntilReady(cmd *exec.Cmd) (io.Closer, error) {
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if line == "ready\n" {
		return in, nil
	}
	err = errors.Join(err, in.Close())
	rest, _ := io.ReadAll(lines)
	return nil, errors.Join(fmt.Errorf("%s%s", line, rest), err, cmd.Wait())
}

// programs is the folder that SIGNUP_TEST_POSTGRES_BIN names, else that of the
// newest PostgreSQL.
func programs() (string, error) {
	if given := os.Getenv("SIGNUP_TEST_POSTGRES_BIN"); given != "" {
		return given, nil
	}
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if onPath, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, onPath)
	}
	if len(dirs) == 0 {
		return "", errMissing
	}
	return filepath.Dir(slices.MaxFunc(dirs, func(a, b string) int { return version(a) - version(b) })), nil
}

// version is 15 for /usr/lib/postgresql/15/bin/initdb, 0 where the path does
// not say.
func version(initdb string) int {
	n, _ := strconv.Atoi(strings.Split(initdb+"////", "/")[4])
	return n
}
