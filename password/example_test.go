package password_test

import (
	"context"
	"fmt"

	"github.com/signup-go/signup/password"
)

func ExampleHasher() {
	hasher := password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0)
	ctx := context.Background()
	hash, _ := hasher.Hash(ctx, "Engine-1843")
	ok, outdated, err := hasher.Verify(ctx, hash, "Engine-1843")
	fmt.Println(hash, ok, outdated, err)
	// Output: [password hash] true false <nil>
}
