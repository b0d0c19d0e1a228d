// A program with the rules and a store, to be weighed.
package main

import (
	"context"
	"fmt"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
)

func main() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "signup.db", sqlite.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	svc, err := signup.New(store, signup.Options{})
	fmt.Println(svc, err, store.Migrate(ctx), store.Close())
}
