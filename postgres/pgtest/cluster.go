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

// script creates a cluster in $2 with the programs in $1, prints "ready", and
// waits until its input ends, which happens even if the test program is killed.
// Then it stops the cluster and deletes its folder.
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

// errMissing means that PostgreSQL is not installed.
var errMissing = errors.New("install PostgreSQL 14 or later (Debian: apt-get install postgresql), or set SIGNUP_TEST_POSTGRES")

// start starts a cluster that runs until life is closed or this process ends. It
// listens on a Unix socket in a folder that only the owner can enter. Commits are
// flushed to the disk unless SIGNUP_TEST_FSYNC is off.
func start() (at string, life io.Closer, err error) {
	bin, err := programs()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest") // short, because the path of a socket has at most 107 bytes
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", script, "sh", bin, dir, cmp.Or(os.Getenv("SIGNUP_TEST_FSYNC"), "on"))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"} // without PGPORT and similar variables
	if err := detach(cmd, dir); err != nil {
		return "", nil, err
	}
	if life, err = startUntilReady(cmd); err != nil {
		return "", nil, fmt.Errorf("start a PostgreSQL cluster: %w", err)
	}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}
	return u.String(), life, nil
}

// startUntilReady starts cmd, waits for "ready", and returns cmd's standard
// input. The input ends when it is closed or garbage collected, or when this
// process ends.
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

// programs returns the folder in SIGNUP_TEST_POSTGRES_BIN, or else that of the
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

// version returns 15 for /usr/lib/postgresql/15/bin/initdb, or 0 if the path
// contains no version.
func version(initdb string) int {
	n, _ := strconv.Atoi(strings.Split(initdb+"////", "/")[4])
	return n
}
