package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
	"github.com/signup-go/signup/web"
)

// Sign-up as a handler in a program of one's own.
func ExampleNew() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "signup")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "signup.db"), sqlite.Options{})
	check(err)
	defer func() { _ = store.Close() }()
	check(store.Migrate(ctx))
	svc, err := signup.New(store, signup.Options{})
	check(err)

	handler, err := web.New(web.Config{
		Service: svc, BaseURL: &url.URL{Scheme: "https", Host: "app.example"}, AppName: "Our App",
	})
	check(err)
	server := httptest.NewServer(handler)
	defer server.Close()
	resp, err := http.Post(server.URL+"/api/v1/sign-up/confirm", "application/json", strings.NewReader(`{"token":"guess"}`))
	check(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	fmt.Print(resp.StatusCode, " ", string(body), err)
	// Output:
	// 400 {"title":"Bad Request","status":400,"detail":"Invalid or expired sign up token","code":"token_unknown"}
	// <nil>
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
