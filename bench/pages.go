package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/signup-go/signup"
)

// pages compares the pages that strangers and mail scanners open with an empty
// handler.
func (b *bench) pages(d database) error {
	token := signup.NewToken()
	return b.withEmpty(d, "pages", func(ours, empty string) error {
		for _, path := range []string{"/sign-up", "/verify-email?token=" + token.Reveal()} {
			name, _, _ := strings.Cut(path, "?")
			err := b.beside("GET "+name, b.gets(ours+path, http.StatusOK), "an empty handler", b.gets(empty+path, http.StatusBadRequest))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// withEmpty passes the URLs of the program, with a new database, and of an empty
// handler.
func (b *bench) withEmpty(d database, name string, f func(ours, empty string) error) error {
	url, err := d.create(name)
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
	return f(p.url, e.url)
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
	return send(req, want)
}
