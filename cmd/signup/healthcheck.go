package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthTimeout is longer than the server waits for its database.
const healthTimeout = 5 * time.Second

type healthcheckCmd struct{}

func (healthcheckCmd) Help() string {
	return `For containers and monitoring: it asks /readyz of the server that listens at --listen on this machine. The exit code is 0 when the server and its database answer, else 1.

Examples:

    signup healthcheck
    SIGNUP_LISTEN=:8080 signup healthcheck`
}

func (healthcheckCmd) Run(ctx context.Context, s *session) error {
	if err := s.config.err(); err != nil {
		return err
	}
	host, err := reachable(s.config.listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := askReady(ctx, "http://"+host+"/readyz"); err != nil {
		return err
	}
	return s.answer(map[string]bool{"ready": true}, func(w io.Writer) { _, _ = io.WriteString(w, "ready\n") })
}

// reachable is where a server that listens there is reached from this machine.
func reachable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return "", usagef("--listen must have the port at which the server is")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

func askReady(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req) // no proxy is asked
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", errors.Unwrap(err))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", resp.Status)
	}
	return nil
}
