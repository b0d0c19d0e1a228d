package main

import (
	"net/http"
	"strings"
	"testing"
)

// The letters and the pages take the same colours.
func TestAccentInThreeDigits(t *testing.T) {
	s := newServer(t)
	s.start("--dev", "--accent", "#06c")
	b := tab{t, &http.Client{}, s.URL}
	page := b.get("/sign-up")
	_, link, ok := strings.Cut(page, "/static/accent.css")
	if !ok {
		t.Fatalf("no colour in\n%s", page)
	}
	query, _, _ := strings.Cut(link, `"`)
	if style := b.get("/static/accent.css" + query); !strings.Contains(style, "--pico-primary:#0066cc") {
		t.Error(style)
	}
}
