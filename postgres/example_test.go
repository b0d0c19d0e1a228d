package postgres_test

import (
	"context"
	"log"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
)

func ExampleOpen() {
	ctx := context.Background()
	store, err := postgres.Open(ctx, "postgres://signup@db.example.org/app?search_path=signup&pool_max_conns=20", postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	var _ signup.Store = store // pass it to signup.New, and call store.Close() at the end
}
