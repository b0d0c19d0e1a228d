package outbox_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/sqlite"
)

// announce is a Sender that reports what it was given.
type announce chan string

func (a announce) Send(_ context.Context, l signup.Letter) error {
	a <- l.Subject + " to " + l.To.Email
	return nil
}

// The parts of a program that lets people sign up and sends the mails owed to
// them.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "signup")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()

	store, err := sqlite.Open(ctx, filepath.Join(dir, "signup.db"), sqlite.Options{})
	check(err)
	defer func() { _ = store.Close() }()
	box, err := outbox.New(riversqlite.New(store.Writer()), outbox.Options{})
	check(err)
	store.SetEnqueue(box.Enqueue) // a mail owed and its job are stored in one transaction
	for _, migrate := range []func(context.Context) error{store.Migrate, box.Migrate} {
		check(migrate(ctx))
	}
	svc, err := signup.New(store, signup.Options{
		Letters: writer{}, // package letters has better ones
		Links: signup.Links{
			Confirm: func(t signup.Token) string { return "https://app.example/verify-email?token=" + t.Reveal() },
			Login:   func() string { return "https://app.example/login" },
			Review:  func(signup.User) string { return "https://app.example/admin" },
		},
		Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	})
	check(err)

	sent := make(announce, 1)
	check(box.Start(ctx, svc, sent))
	defer func() { _ = box.Stop(ctx) }()
	_, err = svc.SignUp(ctx, signup.Registration{
		Name: "Ada Lovelace", Username: "ada", Email: "ada@example.org", Password: "Engine-1843",
	})
	check(err)
	fmt.Println(<-sent)
	// Output: confirmation to ada@example.org
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
