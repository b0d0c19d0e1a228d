package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func listen() (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
}

func (b *bench) build() error {
	b.binary = filepath.Join(b.dir, "signup")
	out, err := exec.CommandContext(b.ctx, "go", "build", "-o", b.binary, "./cmd/signup").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// A process is a server started by the bench.
type process struct {
	url string
	cmd *exec.Cmd
}

// stop ends the process by its PID and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
}

// serve starts the program with a database and with the development inbox.
func (b *bench) serve(url string) (*process, error) {
	return b.launch([]string{"serve", "--dev"}, "SIGNUP_DATABASE="+url)
}

// launch starts the program and waits until it listens.
func (b *bench) launch(args []string, environ ...string) (*process, error) {
	cmd := exec.CommandContext(b.ctx, b.binary, args...)
	cmd.Env = append(append(os.Environ(), "SIGNUP_LISTEN=127.0.0.1:0", "SIGNUP_LOG_FORMAT=json", "SIGNUP_RATE_LIMIT=off"), environ...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return &process{"http://" + line.Address, cmd}, nil
		}
	}
	return nil, fmt.Errorf("serve ended early: %w", cmd.Wait())
}

// serveEmptyHandler starts this program again, with an empty handler.
func (b *bench) serveEmptyHandler() (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(b.ctx, self, "-empty")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	return &process{strings.TrimSpace(url), cmd}, err
}

// memory returns the current (VmRSS) or maximum (VmHWM) resident set size of the
// process, in MiB.
func (p *process) memory(field string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), field+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("no %s", field)
	}
	kib, err := strconv.ParseFloat(fields[0], 64)
	return kib / 1024, err
}

// start measures how long a new process takes until the first response, and its
// memory.
func (b *bench) start(d database) error {
	var times, idle []float64
	for i := range b.rounds {
		url, err := d.create(fmt.Sprintf("start%d", i))
		if err != nil {
			return err
		}
		began := time.Now()
		p, err := b.serve(url)
		if err != nil {
			return err
		}
		resp, err := http.Get(p.url + "/readyz") //nolint:noctx // ends with the process
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		times = append(times, float64(time.Since(began).Milliseconds()))
		rss, err := p.memory("VmRSS")
		if err != nil {
			return err
		}
		idle = append(idle, rss)
		p.stop()
	}
	fmt.Printf("%-34s %10.0f ms (a new database; its first administrator's password hashed)\n", "first response after", median(times))
	fmt.Printf("%-34s %10.0f MiB\n\n", "memory, idle", median(idle))
	return nil
}
