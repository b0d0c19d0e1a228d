// A program with the rules, a store and the queue, to be weighed.
package main

import (
	"context"
	"fmt"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres"
)

func main() {
	ctx := context.Background()
	store, err := postgres.Open(ctx, "", postgres.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	box, err := outbox.New(riverpgxv5.New(store.Pool()), outbox.Options{Schema: store.QueueSchema()})
	if err != nil {
		fmt.Println(err)
		return
	}
	store.SetEnqueue(box.Enqueue)
	svc, err := signup.New(store, signup.Options{})
	fmt.Println(err, store.Migrate(ctx), box.Migrate(ctx), box.Start(ctx, svc, nil), box.Stop(ctx), store.Close())
}
