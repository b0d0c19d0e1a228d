// A program with the rules, a store and the queue, to be weighed.
package main

import (
	"context"
	"fmt"

	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/sqlite"
)

func main() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "signup.db", sqlite.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	box, err := outbox.New(riversqlite.New(store.Writer()), outbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	store.SetEnqueue(box.Enqueue)
	svc, err := signup.New(store, signup.Options{})
	fmt.Println(err, store.Migrate(ctx), box.Migrate(ctx), box.Start(ctx, svc, nil), box.Stop(ctx), store.Close())
}
