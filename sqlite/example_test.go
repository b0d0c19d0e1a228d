package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
)

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "signup")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	store, err := sqlite.Open(ctx, filepath.Join(dir, "signup.db"), sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}

	err = store.Update(ctx, func(tx signup.Tx) error {
		return tx.PutSettings(ctx, map[string]string{"signup_enabled": "false"})
	})
	fmt.Println(err)
	err = store.View(ctx, func(r signup.Reader) error {
		settings, err := r.Settings(ctx)
		fmt.Println(settings)
		return err
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// map[signup_enabled:false]
	// <nil>
}
