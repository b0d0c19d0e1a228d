// Existing-app is an application that had users before it had sign-up: a table
// of its own with bcrypt hashes, and sessions. Everything about sign-up is in
// signup.go.
//
//	DATABASE=postgres://localhost/app SMTP=smtp://localhost:25 ADMIN_EMAIL=boss@app.example ADMIN_PASSWORD=... go run .
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/smtp"
)

const schema = `CREATE TABLE IF NOT EXISTS users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, login text NOT NULL, email text NOT NULL, password text NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS users_login ON users (lower(login));
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON users (lower(email));`

func main() {
	mail, err := smtp.ParseURL(os.Getenv("SMTP"))
	if err != nil {
		log.Fatal("SMTP: ", err)
	}
	mail.From = signup.Address{Name: "Our App", Email: "noreply@app.example"}
	a := &app{base: &url.URL{Scheme: "http", Host: "localhost:8080"}, mail: mail, admin: signup.Registration{
		Name: "Boss", Username: "boss", Email: os.Getenv("ADMIN_EMAIL"), Password: os.Getenv("ADMIN_PASSWORD"),
	}}
	ctx := context.Background()
	if err := a.start(ctx, os.Getenv("DATABASE")); err != nil {
		log.Fatal(err)
	}
	err = http.ListenAndServe(a.base.Host, a.handler())
	log.Fatal(errors.Join(err, a.stop(ctx)))
}

// An app is the application.
type app struct {
	base     *url.URL
	mail     smtp.Config
	admin    signup.Registration
	db       *pgxpool.Pool
	sessions *scs.SessionManager
	hasher   *password.Hasher // checks bcrypt as well
	signUp   *signUp
}

func (a *app) start(ctx context.Context, database string) (err error) {
	if a.db, err = pgxpool.New(ctx, database); err != nil {
		return err
	}
	if _, err = a.db.Exec(ctx, schema); err != nil {
		return err
	}
	a.sessions = scs.New()
	a.hasher = password.NewHasher(password.DefaultParams(), 0, 0)
	a.signUp, err = a.addSignUp(ctx, database)
	return err
}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(signUpPath+"/", a.signUp.pages)
	mux.HandleFunc("POST /log-in", a.logIn)
	mux.HandleFunc("GET /{$}", a.home)
	return a.sessions.LoadAndSave(mux)
}

// logIn takes everybody in the table, whether they were there before or signed up.
func (a *app) logIn(w http.ResponseWriter, r *http.Request) {
	var id int64
	var hash string
	err := a.db.QueryRow(r.Context(), "SELECT id, password FROM users WHERE lower(login) = lower($1)", r.PostFormValue("login")).Scan(&id, &hash)
	known := !errors.Is(err, pgx.ErrNoRows)
	ok := false
	switch {
	case err == nil:
		ok, _, err = a.hasher.Verify(r.Context(), password.Hash(hash), r.PostFormValue("password"))
	case !known:
		_, err = a.hasher.Hash(r.Context(), r.PostFormValue("password")) // the same work, so that the time tells nothing
	}
	if err == nil && ok {
		err = a.sessions.RenewToken(r.Context())
	}
	switch {
	case err != nil:
		log.Print(err)
		http.Error(w, "Something went wrong", http.StatusInternalServerError)
	case !ok:
		http.Error(w, "The name or the password is wrong. New here? "+signUpPath+"/sign-up", http.StatusForbidden)
	default:
		a.sessions.Put(r.Context(), "user", id)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	var login string
	err := a.db.QueryRow(r.Context(), "SELECT login FROM users WHERE id = $1", a.sessions.GetInt64(r.Context(), "user")).Scan(&login)
	if err != nil {
		http.Error(w, "Log in first", http.StatusForbidden)
		return
	}
	_, _ = fmt.Fprintf(w, "Hello %s\n", login)
}

func (a *app) stop(ctx context.Context) error {
	err := a.signUp.stop(ctx)
	a.db.Close()
	return err
}
