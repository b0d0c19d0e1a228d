package signup_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/scope"
	"github.com/signup-go/signup/sqlite"
)

// linkOnly writes letters that consist of their link. Package letters has better
// ones.
type linkOnly struct{}

func (linkOnly) Write(m signup.Message) (signup.Text, error) {
	return signup.Text{Subject: string(m.Kind), Plain: m.Link}, nil
}

// open makes a Service on a new database in a temporary folder, which done
// removes.
func open() (svc *signup.Service, done func()) {
	dir, err := os.MkdirTemp("", "signup")
	if err != nil {
		log.Fatal(err)
	}
	store, err := sqlite.Open(context.Background(), filepath.Join(dir, "signup.db"), sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(context.Background()); err != nil {
		log.Fatal(err)
	}
	svc, err = signup.New(store, signup.Options{
		Letters: linkOnly{},
		Links: signup.Links{
			Confirm: func(t signup.Token) string { return "https://app.example/verify-email?token=" + t.Reveal() },
			Login:   func() string { return "https://app.example/login" },
			Review:  func(u signup.User) string { return "https://app.example/admin/users/" + u.Username },
		},
		Hasher: password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	})
	if err != nil {
		log.Fatal(err)
	}
	return svc, func() { _ = store.Close(); _ = os.RemoveAll(dir) }
}

// deliver stands in for package outbox: it writes the letters that are owed and
// returns the token of the last one.
func deliver(svc *signup.Service) (token string) {
	ctx := context.Background()
	if _, err := svc.Post().OweRequestedLinks(ctx); err != nil {
		log.Fatal(err)
	}
	owed, err := svc.Post().OwedMails(ctx, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range owed {
		letter, err := svc.Post().Compose(ctx, id)
		if errors.Is(err, signup.ErrNotOwed) {
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		_, _ = fmt.Sscanf(letter.Plain, "https://app.example/verify-email?token=%s", &token)
		if err := svc.Post().MailSent(ctx, id, "accepted"); err != nil {
			log.Fatal(err)
		}
	}
	return token
}

func ada() signup.Registration {
	return signup.Registration{Name: "Ada Lovelace", Username: "ada", Email: "ada@example.org", Password: "Engine-1843"}
}

func signedUp() (svc *signup.Service, id int64, done func()) {
	svc, done = open()
	if _, err := svc.SignUp(context.Background(), ada()); err != nil {
		log.Fatal(err)
	}
	u, err := svc.FindUser(context.Background(), "ada")
	if err != nil {
		log.Fatal(err)
	}
	return svc, u.ID, done
}

// A complete sign-up, from the form to the active account.
func Example() {
	svc, done := open()
	defer done()
	ctx := context.Background()

	receipt, err := svc.SignUp(ctx, ada())
	fmt.Println("must confirm:", receipt.EmailVerificationRequired, err)

	confirmed, err := svc.Confirm(ctx, deliver(svc))
	fmt.Println("now:", confirmed.Status, err)

	user, err := svc.As("user:1").Approve(ctx, confirmed.UserID)
	fmt.Println("let in:", user.Active(), err)
	// Output:
	// must confirm: true <nil>
	// now: pending_approval <nil>
	// let in: true <nil>
}

func ExampleService_SignUp() {
	svc, done := open()
	defer done()
	r := ada()
	r.Email, r.Password = "ada at example.org", "secret"
	_, err := svc.SignUp(context.Background(), r)
	for _, e := range refusal.Of(err) {
		fmt.Println(e.Code, e.Field)
	}
	// Output:
	// invalid email
	// invalid password
}

func ExampleService_Confirm() {
	svc, _, done := signedUp()
	defer done()
	token := deliver(svc)
	for range 2 {
		_, err := svc.Confirm(context.Background(), token)
		fmt.Println(err, refusal.Is(err, refusal.AlreadyConfirmed))
	}
	// Output:
	// <nil> false
	// Invalid or expired sign up token true
}

func ExampleService_Resend() {
	svc, _, done := signedUp()
	defer done()
	deliver(svc)
	fmt.Println(svc.Resend(context.Background(), "ADA@example.org"))
	fmt.Println(svc.Resend(context.Background(), "nobody@example.org"))
	fmt.Println("a new link:", deliver(svc) != "")
	// Output:
	// <nil>
	// <nil>
	// a new link: true
}

func ExampleAdmin_VerifyEmail() {
	svc, id, done := signedUp()
	defer done()
	user, err := svc.As("user:1").VerifyEmail(context.Background(), id)
	fmt.Println(user.Status(), err)
	// Output: pending_approval <nil>
}

func ExampleAdmin_Reject() {
	svc, id, done := signedUp()
	defer done()
	ctx := context.Background()
	_, err := svc.As("user:1").Reject(ctx, id, "", "")
	fmt.Println(err)
	_, _ = svc.As("user:1").VerifyEmail(ctx, id)
	user, err := svc.As("user:1").Reject(ctx, id, "We are full.", "asked twice")
	fmt.Println(user.Status(), err)
	user, err = svc.As("user:1").Reconsider(ctx, id)
	fmt.Println(user.Status(), err)
	// Output:
	// User email is not verified
	// rejected <nil>
	// pending_approval <nil>
}

func ExampleAdmin_CorrectEmail() {
	svc, id, done := signedUp()
	defer done()
	user, err := svc.As("user:1").CorrectEmail(context.Background(), id, "ada@example.net")
	fmt.Println(user.Email, err)
	// Output: ada@example.net <nil>
}

// An application can spend a token for a purpose of its own: the effects and the
// spending of the token are committed together.
func ExampleService_UseToken() {
	svc, id, done := signedUp()
	defer done()
	ctx := context.Background()
	token, _, err := svc.As(signup.ActorCLI).CreateToken(ctx, id)
	fmt.Println(token, err)
	_, err = svc.UseToken(ctx, token.Reveal(), func(signup.Tx, int64) error { return errors.New("power cut") })
	fmt.Println(err)
	userID, err := svc.UseToken(ctx, token.Reveal(), nil)
	fmt.Println(userID == id, err)
	_, err = svc.UseToken(ctx, token.Reveal(), nil)
	fmt.Println(err)
	// Output:
	// [token] <nil>
	// power cut
	// true <nil>
	// Invalid or expired sign up token
}

func ExampleService_TokenByHash() {
	svc, id, done := signedUp()
	defer done()
	ctx := context.Background()
	token, stored, _ := svc.As(signup.ActorCLI).CreateToken(ctx, id)
	found, err := svc.TokenByHash(ctx, token.Hash())
	fmt.Println(found.ID == stored.ID, err)
	used, err := svc.MarkTokenUsed(ctx, stored.ID)
	fmt.Println(used.Used, err)
	_, err = svc.TokenByHash(ctx, token.Hash())
	fmt.Println(errors.Is(err, signup.ErrNotFound))
	// Output:
	// true <nil>
	// true <nil>
	// true
}

func ExamplePost_DeleteExpired() {
	svc, _, done := signedUp()
	defer done()
	deliver(svc)
	deleted, err := svc.Post().DeleteExpired(context.Background())
	fmt.Println(deleted, err)
	// Output: 0 <nil>
}

func ExampleAdmin_ChangeSettings() {
	svc, done := open()
	defer done()
	ctx := context.Background()
	settings, err := svc.As(signup.ActorCLI).ChangeSettings(ctx, map[string]string{"token_lifetime": `"48h"`})
	fmt.Println(settings.TokenLifetime, err)
	_, err = svc.As(signup.ActorCLI).ChangeSettings(ctx, map[string]string{"token_lifetime": `"1s"`, "signup_enabled": "false"})
	fmt.Println(err)
	settings, _ = svc.Settings(ctx)
	fmt.Println(settings.SignUpEnabled)
	// Output:
	// 48h0m0s <nil>
	// token_lifetime: must be between 5m and 720h
	// true
}

func ExampleAdmin_CreateAPIKey() {
	svc, done := open()
	defer done()
	ctx := context.Background()
	key, _, _ := svc.As(signup.ActorCLI).CreateAPIKey(ctx, signup.APIKey{Name: "ci", Scopes: scope.Of(scope.Read)})
	actor, err := svc.Authenticate(ctx, key.Reveal(), scope.Read)
	fmt.Println(key, actor, err)
	_ = svc.As(signup.ActorCLI).RevokeAPIKey(ctx, "ci")
	_, err = svc.Authenticate(ctx, key.Reveal(), scope.Read)
	fmt.Println(err)
	// Output:
	// [token] key:ci <nil>
	// A valid API key is required
}
