package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
)

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "signup")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()

	store, err := sqlite.Open(ctx, filepath.Join(dir, "signup.db"), sqlite.Options{})
	check(err)
	defer func() { _ = store.Close() }()
	check(store.Migrate(ctx))

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

func check(err error) {
	if err != nil {
		panic(err)
	}
}
