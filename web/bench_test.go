package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite/sqlitetest"
	"github.com/signup-go/signup/web"
)

func BenchmarkLinkPage(b *testing.B) {
	benchmark(b, "GET", verifyPath+"?token="+strings.Repeat("A", 43), "")
}

func BenchmarkSignUpPage(b *testing.B) { benchmark(b, "GET", signUpPath, "") }

func BenchmarkConfirmUnknown(b *testing.B) {
	benchmark(b, "POST", confirmPath, tokenBody(strings.Repeat("A", 43)))
}

func BenchmarkConfirmMalformed(b *testing.B) { benchmark(b, "POST", confirmPath, `{"token":5}`) }

func BenchmarkHealth(b *testing.B) { benchmark(b, "GET", "/healthz", "") }

func benchmark(b *testing.B, method, path, body string) {
	svc, err := signup.New(sqlitetest.New(b), signup.Options{Letters: &post{}, Links: links})
	if err != nil {
		b.Fatal(err)
	}
	h, err := web.New(web.Config{Service: svc, BaseURL: &url.URL{Scheme: "https", Host: "a.example"}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// BenchmarkNew is what the pages and the API add to the start of a program.
func BenchmarkNew(b *testing.B) {
	svc, err := signup.New(sqlitetest.New(b), signup.Options{Letters: &post{}, Links: links})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := web.New(web.Config{Service: svc, BaseURL: &url.URL{Scheme: "https", Host: "a.example"}}); err != nil {
			b.Fatal(err)
		}
	}
}
