package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/outbox"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/web"
)

const signUpPath = "/account"

// A signUp is sign-up with approval. Its tables are in a schema of their own.
type signUp struct {
	store *postgres.Store
	box   *outbox.Outbox[pgx.Tx]
	svc   *signup.Service
	pages http.Handler
}

func (a *app) addSignUp(ctx context.Context, database string) (*signUp, error) {
	store, err := postgres.Open(ctx, database, postgres.Options{Schema: "signup"})
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, err
	}
	box, err := outbox.New(riverpgxv5.New(store.Pool()), outbox.Options{Schema: store.QueueSchema()})
	if err != nil {
		return nil, err
	}
	store.SetEnqueue(box.Enqueue)
	if err := box.Migrate(ctx); err != nil {
		return nil, err
	}
	base := a.base.JoinPath(signUpPath)
	words, err := letters.New(letters.Options{AppName: "Our App", BaseURL: base.String()})
	if err != nil {
		return nil, err
	}
	svc, err := signup.New(store, signup.Options{
		OnActive: join, Taken: a.taken, Hasher: a.hasher,
		Letters: words, Links: signup.Links{
			Confirm: func(t signup.Token) string { return base.String() + "/verify-email?token=" + t.Reveal() },
			Login:   func() string { return a.base.String() },
			Review:  func(u signup.User) string { return fmt.Sprintf("%s/admin/users/%d", base, u.ID) },
		},
	})
	if err != nil {
		return nil, err
	}
	if err := makeAdmin(ctx, svc, a.admin); err != nil {
		return nil, err
	}
	sender, err := smtp.New(a.mail)
	if err != nil {
		return nil, err
	}
	pages, err := web.New(web.Config{Service: svc, BaseURL: base, AppName: "Our App", LoginURL: a.base.String(), Languages: words.Languages()})
	if err != nil {
		return nil, err
	}
	return &signUp{store, box, svc, pages}, box.Start(ctx, svc, sender)
}

// join gives everybody who is let in a row in the application's table, in the same
// transaction.
func join(ctx context.Context, tx signup.Tx, u signup.User) error {
	db, err := postgres.SQL(ctx, tx)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "INSERT INTO public.users (login, email, password) VALUES ($1, $2, $3)", u.Username, u.Email, string(u.PasswordHash))
	broken := new(pgconn.PgError) // stays empty if err is another error, or nil
	switch errors.As(err, &broken); broken.ConstraintName {
	case "users_login":
		return &refusal.Error{Code: refusal.UsernameTaken, Field: "username", Message: "Already in use"}
	case "users_email":
		return &refusal.Error{Code: refusal.EmailTaken, Field: "email", Message: "Already in use"}
	}
	return err
}

// taken reports what the application's own table has.
func (a *app) taken(ctx context.Context, email, username string) (field string, err error) {
	err = a.db.QueryRow(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM users WHERE lower(login) = lower($1)) THEN 'username'
		WHEN EXISTS (SELECT 1 FROM users WHERE lower(email) = lower($2)) THEN 'email' ELSE '' END`, username, email).Scan(&field)
	return field, err
}

// makeAdmin makes the administrator at the first start.
func makeAdmin(ctx context.Context, svc *signup.Service, r signup.Registration) error {
	n, err := svc.As(signup.ActorSystem).Count(ctx, signup.UserQuery{Role: signup.RoleAdmin})
	if err == nil && n == 0 {
		_, err = svc.As(signup.ActorSystem).CreateAdmin(ctx, r)
	}
	return err
}

func (s *signUp) stop(ctx context.Context) error {
	return errors.Join(s.box.Stop(ctx), s.store.Close())
}
