package signup_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/sqlite"
)

// linkOnly writes letters that are nothing but their link. Package letters has
// better ones.
type linkOnly struct{}

func (linkOnly) Write(m signup.Message) (signup.Text, error) {
	return signup.Text{Subject: string(m.Kind), Plain: m.Link}, nil
}

// open makes a Service on a new database in a folder that done removes.
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
		Hasher: signup.NewHasher(signup.PasswordParams{Memory: 64, Time: 1, Threads: 1}, 0, 0),
	})
	if err != nil {
		log.Fatal(err)
	}
	return svc, func() { _ = store.Close(); _ = os.RemoveAll(dir) }
}

// deliver stands in for package outbox: it writes the letters that are owed
// and returns the token in the last one.
func deliver(svc *signup.Service) (token string) {
	ctx := context.Background()
	owed, err := svc.OwedMails(ctx, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range owed {
		letter, err := svc.Compose(ctx, id)
		if errors.Is(err, signup.ErrNotOwed) {
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		_, _ = fmt.Sscanf(letter.Plain, "https://app.example/verify-email?token=%s", &token)
		if err := svc.MailSent(ctx, id, "accepted"); err != nil {
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

// The whole road, from the sign-up to the account.
func Example() {
	svc, done := open()
	defer done()
	ctx := context.Background()

	receipt, err := svc.SignUp(ctx, ada())
	fmt.Println("must confirm:", receipt.EmailVerificationRequired, err)

	confirmed, err := svc.Confirm(ctx, deliver(svc))
	fmt.Println("now:", confirmed.Status, err)

	user, err := svc.Approve(ctx, confirmed.UserID, "user:1")
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
	for _, refusal := range signup.Refusals(err) {
		fmt.Println(signup.Refusals(err)[0].Code, refusal.Field)
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
		fmt.Println(err, signup.IsCode(err, signup.CodeAlreadyConfirmed))
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

func ExampleService_VerifyByHand() {
	svc, id, done := signedUp()
	defer done()
	user, err := svc.VerifyByHand(context.Background(), id, "user:1")
	fmt.Println(user.Status(), err)
	// Output: pending_approval <nil>
}

func ExampleService_Reject() {
	svc, id, done := signedUp()
	defer done()
	ctx := context.Background()
	_, err := svc.Reject(ctx, id, "", "", "user:1")
	fmt.Println(err)
	_, _ = svc.VerifyByHand(ctx, id, "user:1")
	user, err := svc.Reject(ctx, id, "We are full.", "asked twice", "user:1")
	fmt.Println(user.Status(), err)
	user, err = svc.Reconsider(ctx, id, "user:1")
	fmt.Println(user.Status(), err)
	// Output:
	// User email is not verified
	// rejected <nil>
	// pending_approval <nil>
}

func ExampleService_CorrectEmail() {
	svc, id, done := signedUp()
	defer done()
	user, err := svc.CorrectEmail(context.Background(), id, "ada@example.net", "user:1")
	fmt.Println(user.Email, err)
	// Output: ada@example.net <nil>
}

// A host application can spend a token for a purpose of its own: the effects
// and the token go together.
func ExampleService_UseToken() {
	svc, id, done := signedUp()
	defer done()
	ctx := context.Background()
	token, _, err := svc.CreateToken(ctx, id, signup.ActorCLI)
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
	token, stored, _ := svc.CreateToken(ctx, id, signup.ActorCLI)
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

func ExampleService_DeleteExpired() {
	svc, _, done := signedUp()
	defer done()
	deliver(svc)
	deleted, err := svc.DeleteExpired(context.Background())
	fmt.Println(deleted, err)
	// Output: 0 <nil>
}

func ExampleService_ChangeSettings() {
	svc, done := open()
	defer done()
	ctx := context.Background()
	settings, err := svc.ChangeSettings(ctx, map[string]string{"token_lifetime": `"48h"`}, signup.ActorCLI)
	fmt.Println(settings.TokenLifetime, err)
	_, err = svc.ChangeSettings(ctx, map[string]string{"token_lifetime": `"1s"`, "signup_enabled": "false"}, signup.ActorCLI)
	fmt.Println(err)
	settings, _ = svc.Settings(ctx)
	fmt.Println(settings.SignUpEnabled)
	// Output:
	// 48h0m0s <nil>
	// token_lifetime: must be between 5m and 720h
	// true
}

func ExampleService_CreateAPIKey() {
	svc, done := open()
	defer done()
	ctx := context.Background()
	key, _, _ := svc.CreateAPIKey(ctx, "ci", signup.ActorCLI)
	actor, err := svc.Authenticate(ctx, key.Reveal())
	fmt.Println(key, actor, err)
	_ = svc.RevokeAPIKey(ctx, "ci", signup.ActorCLI)
	_, err = svc.Authenticate(ctx, key.Reveal())
	fmt.Println(err)
	// Output:
	// [API key] key:ci <nil>
	// A valid API key is required
}

func ExampleParseEmail() {
	email, _ := signup.ParseEmail(" Ada+Notes@BÜCHER.example ")
	fmt.Println(email.Typed)
	fmt.Println(email.Key)
	_, err := signup.ParseEmail("a@example.org,b@example.org")
	fmt.Println(signup.IsCode(err, signup.CodeInvalid), err)
	// Output:
	// Ada+Notes@BÜCHER.example
	// ada+notes@xn--bcher-kva.example
	// true email: must be an e-mail address such as name@example.org
}

func ExampleHasher() {
	hasher := signup.NewHasher(signup.PasswordParams{Memory: 64, Time: 1, Threads: 1}, 0, 0)
	ctx := context.Background()
	hash, _ := hasher.Hash(ctx, "Engine-1843")
	ok, outdated, err := hasher.Verify(ctx, hash, "Engine-1843")
	fmt.Println(hash, ok, outdated, err)
	// Output: [password hash] true false <nil>
}
