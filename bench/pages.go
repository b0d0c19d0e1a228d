package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/signup-go/signup"
)

// pages measures the pages that strangers and mail scanners open, beside a
// handler that does nothing at all.
func (b *bench) pages(d database) error {
	url, err := d.create("pages")
	if err != nil {
		return err
	}
	p, err := b.serve(url)
	if err != nil {
		return err
	}
	defer p.stop()
	e, err := b.serveEmptyHandler()
	if err != nil {
		return err
	}
	defer e.stop()
	token, err := signup.NewToken(nil)
	if err != nil {
		return err
	}
	for _, path := range []string{"/sign-up", "/verify-email?token=" + token.Reveal()} {
		name, _, _ := strings.Cut(path, "?")
		err := b.beside("GET "+name, b.gets(p.url+path, http.StatusOK), "an empty handler", b.gets(e.url+path, http.StatusBadRequest))
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) gets(url string, want int) load {
	return func() (float64, error) {
		return b.repeat(connections, func(ctx context.Context, _ int64) (bool, error) { return true, get(ctx, url, want) })
	}
}

func get(ctx context.Context, url string, want int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s: status %d, want %d", url, resp.StatusCode, want)
	}
	return nil
}
