// Embed is an application with sign-up built in, under /account/.
//
//	SMTP=smtp://user@mail.example.org:587 SMTP_PASSWORD=... ADMIN_EMAIL=boss@app.example ADMIN_PASSWORD=... go run ./examples/embed
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/sqlite"
	"github.com/signup-go/signup/web"
)

func main() {
	ctx := context.Background()
	base := &url.URL{Scheme: "http", Host: "localhost:8080", Path: "/account"}
	mail, err := smtp.ParseURL(os.Getenv("SMTP"))
	if err != nil {
		log.Fatal("SMTP: ", err)
	}
	mail.Password, mail.From = os.Getenv("SMTP_PASSWORD"), signup.Address{Name: "Our App", Email: "noreply@app.example"}
	admin := signup.Registration{Name: "Boss", Username: "boss", Email: os.Getenv("ADMIN_EMAIL"), Password: os.Getenv("ADMIN_PASSWORD")}
	a, err := start(ctx, "app.db", base, mail, admin)
	if err != nil {
		log.Fatal(err)
	}
	err = http.ListenAndServe(base.Host, a.handler())
	log.Fatal(errors.Join(err, a.stop(ctx)))
}

// An app is the application and the parts of sign-up it uses.
type app struct {
	store   *sqlite.Store
	box     *outbox.Outbox[*sql.Tx]
	signUp  *signup.Service
	account http.Handler // pages and API of sign-up
}

// start sets up sign-up: a store, its queue, letters, the rules, an administrator,
// a transport for the mail, and the pages.
func start(ctx context.Context, file string, base *url.URL, mail smtp.Config, admin signup.Registration) (*app, error) {
	store, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	box, err := outbox.New(riversqlite.New(store.Writer()), outbox.Options{})
	if err != nil {
		return nil, err
	}
	store.SetEnqueue(box.Enqueue) // a mail owed and its job are stored in one transaction
	if err := store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := box.Migrate(ctx); err != nil {
		return nil, err
	}
	words, err := letters.New(letters.Options{AppName: "Our App", BaseURL: base.String()})
	if err != nil {
		return nil, err
	}
	svc, err := signup.New(store, signup.Options{Letters: words, Links: signup.Links{
		Confirm:       func(t signup.Token) string { return base.String() + "/verify-email?token=" + t.Reveal() },
		ResetPassword: func(t signup.Token) string { return base.String() + "/reset-password?token=" + t.Reveal() },
		ConfirmEmail:  func(t signup.Token) string { return base.String() + "/confirm-email?token=" + t.Reveal() },
		Login:         func() string { return base.ResolveReference(&url.URL{Path: "/"}).String() },
		Review:        func(u signup.User) string { return fmt.Sprintf("%s/admin/users/%d", base, u.ID) },
	}})
	if err != nil {
		return nil, err
	}
	if err := makeAdmin(ctx, svc, admin); err != nil {
		return nil, err
	}
	sender, err := smtp.New(mail)
	if err != nil {
		return nil, err
	}
	account, err := web.New(web.Config{Service: svc, BaseURL: base, AppName: "Our App", LoginURL: "/", Languages: words.Languages()})
	if err != nil {
		return nil, err
	}
	return &app{store, box, svc, account}, box.Start(ctx, svc, sender)
}

// makeAdmin makes the administrator at the first start: somebody has to approve
// who signs up, at /account/admin.
func makeAdmin(ctx context.Context, svc *signup.Service, r signup.Registration) error {
	n, err := svc.As(signup.ActorSystem).Count(ctx, signup.UserQuery{Role: signup.RoleAdmin})
	if err == nil && n == 0 {
		_, err = svc.As(signup.ActorSystem).CreateAdmin(ctx, r)
	}
	return err
}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/account/", a.account)
	mux.HandleFunc("GET /{$}", a.home)
	return mux
}

// home is the application itself. A real one would have sessions; this one only
// shows the check to make before letting somebody in.
func (a *app) home(w http.ResponseWriter, r *http.Request) {
	u, err := a.signUp.FindUser(r.Context(), r.FormValue("who"))
	switch {
	case refusal.Is(err, refusal.UserNotFound), refusal.Is(err, refusal.Conflict), err == nil && !u.Active():
		http.Error(w, "No active user has this name. Sign up at /account/sign-up", http.StatusForbidden)
	case err != nil:
		log.Print(err) // a fault: log it, but do not show it
		http.Error(w, "Something went wrong", http.StatusInternalServerError)
	default:
		_, _ = fmt.Fprintf(w, "Hello %s\n", u.Username)
	}
}

func (a *app) stop(ctx context.Context) error {
	return errors.Join(a.box.Stop(ctx), a.store.Close())
}
