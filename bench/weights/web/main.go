// A program with the rules, a store and the pages, to be weighed.
package main

import (
	"context"
	"fmt"
	"net/url"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
	"github.com/signup-go/signup/web"
)

func main() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "signup.db", sqlite.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	svc, err := signup.New(store, signup.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler, err := web.New(web.Config{Service: svc, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}})
	fmt.Println(handler, err, store.Close())
}
