package signup_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/sqlite"
)

// follow is an OnChanged that stores in the host's table what the user is now.
func follow(ctx context.Context, tx signup.Tx, u signup.User) error {
	const change = "UPDATE copies SET role = $1, password = $2, verified = $3, name = $4, status = $5 WHERE user_id = $6"
	verified := 0
	if !u.VerifiedAt.IsZero() {
		verified = 1
	}
	args := []any{string(u.Role), string(u.PasswordHash), verified, u.Name + " " + u.Username, string(u.Status()), u.ID}
	if pg, err := postgres.SQL(ctx, tx); err == nil {
		_, err = pg.Exec(ctx, change, args...)
		return err
	}
	lite, err := sqlite.SQL(tx)
	if err == nil {
		_, err = lite.ExecContext(ctx, change, args...)
	}
	return err
}

// A copy of an active user in the host's table stays right: it changes with the
// user, and if the host refuses, neither does.
func TestOnChanged(t *testing.T) {
	var w *world
	var link string // to reset the password, or to another address
	changes := map[string]func(a signup.Admin, ctx context.Context, id int64) error{
		"reset": func(_ signup.Admin, ctx context.Context, _ int64) error {
			return w.ResetPassword(ctx, link, "Passw0rd!other")
		},
		"address": func(_ signup.Admin, ctx context.Context, _ int64) error {
			return w.ConfirmEmail(ctx, link)
		},
		"role": func(a signup.Admin, ctx context.Context, id int64) error {
			_, err := a.SetRole(ctx, id, signup.RoleAdmin)
			return err
		},
		"password": func(a signup.Admin, ctx context.Context, id int64) error {
			_, err := a.SetPassword(ctx, id, "Passw0rd!other")
			return err
		},
		"verified": func(a signup.Admin, ctx context.Context, id int64) error {
			_, err := a.VerifyEmail(ctx, id)
			return err
		},
		"named": func(a signup.Admin, ctx context.Context, id int64) error {
			name, username := "Another Name", "another"
			_, err := a.Change(ctx, id, signup.Changes{Name: &name, Username: &username})
			return err
		},
		"disabled": func(a signup.Admin, ctx context.Context, id int64) error {
			_, err := a.SetDisabled(ctx, id, true)
			return err
		},
		"shut": func(a signup.Admin, ctx context.Context, id int64) error { // disabled before
			_, err := a.VerifyEmail(ctx, id)
			return err
		},
		"enabled": func(a signup.Admin, ctx context.Context, id int64) error {
			_, err := a.SetDisabled(ctx, id, false)
			return err
		},
	}
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			h := host{t, store}
			h.exec("CREATE TABLE copies (user_id bigint NOT NULL, role text NOT NULL, password text NOT NULL, verified integer NOT NULL, name text, status text)")
			refuses, calls := false, 0
			w = newWorld(t, store, func(o *signup.Options) {
				o.OnChanged = func(ctx context.Context, tx signup.Tx, u signup.User) error {
					calls++
					if err := follow(ctx, tx, u); err != nil || !refuses {
						return err
					}
					return refusal.New(refusal.Conflict, "Not while books are lent")
				}
			})
			w.set("signup_require_email_verification", "false")
			w.set("signup_require_admin_approval", "false")
			user := func(id int64) signup.User {
				u, err := w.User(w.ctx, id)
				w.must(err)
				return u
			}
			for what, change := range changes {
				w.signUp(what)
				switch what {
				case "enabled", "shut":
					w.disable(what, true)
				case "address":
					link = w.asked(w.user(what).ID, "address@new.example.org")
				case "reset":
					link = w.resetLink("reset@example.org")
				}
				before := w.user(what)
				h.exec(fmt.Sprintf("INSERT INTO copies VALUES (%d, 'member', '%s', 0, '%s %s', '%s')",
					before.ID, string(before.PasswordHash), before.Name, before.Username, before.Status()))

				refuses, calls = true, 0
				w.refused(change(w.As("test"), w.ctx, before.ID), refusal.Conflict)
				if after := user(before.ID); after.Version != before.Version || !copied(h, before) {
					t.Errorf("%s: something changed although the host refused", what)
				}
				refuses, calls = false, 0
				w.must(change(w.As("test"), w.ctx, before.ID))
				if after := user(before.ID); after.Version == before.Version || !copied(h, after) || calls != 1 {
					t.Errorf("%s: the host was told %d times and does not have the user as changed", what, calls)
				}
			}
		})
	}
}

// copied reports whether the host has the user as they are.
func copied(h host, u signup.User) bool {
	h.t.Helper()
	verified := 0
	if !u.VerifiedAt.IsZero() {
		verified = 1
	}
	where := []string{
		fmt.Sprintf("user_id = %d", u.ID), fmt.Sprintf("role = '%s'", u.Role),
		fmt.Sprintf("password = '%s'", string(u.PasswordHash)), fmt.Sprintf("verified = %d", verified),
		fmt.Sprintf("name = '%s %s'", u.Name, u.Username), fmt.Sprintf("status = '%s'", u.Status()),
	}
	return h.count("SELECT count(*) FROM copies WHERE "+strings.Join(where, " AND ")) == 1
}

// Who was never active is not the host's: it is told when they become active, and
// nothing before.
func TestOnChangedOnlyOfActiveUsers(t *testing.T) {
	var calls []string
	record := func(what string) func(context.Context, signup.Tx, signup.User) error {
		return func(_ context.Context, _ signup.Tx, u signup.User) error {
			calls = append(calls, what+" "+u.Username)
			return nil
		}
	}
	w := newWorld(t, openSQLite(t), func(o *signup.Options) { o.OnActive, o.OnChanged = record("active"), record("changed") })
	w.admin("boss")
	w.signUp("ada")
	id := w.user("ada").ID
	_, err := w.As("test").CorrectEmail(w.ctx, id, "ada@example.net")
	w.must(err)
	name := "Ada King"
	_, err = w.As("test").Change(w.ctx, id, signup.Changes{Name: &name})
	w.must(err)
	_, err = w.As("test").VerifyEmail(w.ctx, id)
	w.must(err)
	_, err = w.As("test").Approve(w.ctx, id)
	w.must(err)
	for range 2 { // the second changes nothing
		_, err = w.As("test").SetRole(w.ctx, id, signup.RoleAdmin)
		w.must(err)
	}
	w.disable("ada", true)
	w.disable("ada", false) // which does not make her active for a second time
	ada := w.user("ada")
	ada.RejectedAt = w.clock.Now() // no operation does this, but a store may have such a row
	w.must(w.store.Update(w.ctx, func(tx signup.Tx) error { return tx.UpdateUser(w.ctx, ada) }))
	_, err = w.As("test").SetRole(w.ctx, id, signup.RoleMember)
	w.must(err)
	if got := strings.Join(calls, ", "); got != "active boss, active ada, changed ada, changed ada, changed ada" {
		t.Errorf("the host was told: %s", got)
	}
}
