package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
)

func checkCurrent(t *testing.T, s *postgres.Store) {
	t.Helper()
	current, latest, err := s.Version(t.Context())
	if err != nil || current != latest || latest < 1 {
		t.Errorf("version %d of %d, %v", current, latest, err)
	}
}

func TestMigrateTwiceIsHarmless(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkCurrent(t, s)
}

func TestMigrateConcurrently(t *testing.T) {
	t.Parallel()
	url := pgtest.NewEmpty(t)
	var calls []func() error
	for range 8 {
		calls = append(calls, func() error {
			s, err := postgres.Open(t.Context(), url, postgres.Options{})
			if err != nil {
				return err
			}
			return errors.Join(s.Migrate(t.Context()), s.Close())
		})
	}
	if err := errors.Join(race(calls...)...); err != nil {
		t.Fatal(err)
	}
	checkCurrent(t, open(t, url, postgres.Options{}))
}

func TestMigrateRefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	exec(t, s, "INSERT INTO signup_migrations (version_id, is_applied) VALUES (99999, true)")
	_, _, err := s.Version(t.Context())
	for name, err := range map[string]error{"Migrate": s.Migrate(t.Context()), "Version": err} {
		if !errors.Is(err, postgres.ErrNewer) || !strings.Contains(err.Error(), "99999") {
			t.Errorf("%s: %v, want ErrNewer", name, err)
		}
	}
}

func TestUpdateBeforeMigrateIsAFault(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.NewEmpty(t), postgres.Options{})
	if _, err := signUp(t.Context(), s, 1); err == nil || errors.Is(err, signup.ErrBusy) {
		t.Errorf("Update: %v, want a fault", err)
	}
	if current, _, err := s.Version(t.Context()); current != 0 || err != nil {
		t.Errorf("version %d, %v", current, err)
	}
}

// Case B44: the tables are created in the schema of the search_path, next to
// those of another installation.
func TestMigrateIntoACustomSchema(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	other := open(t, url, postgres.Options{})
	exec(t, other, `CREATE SCHEMA "my schema"`)
	exec(t, other, "INSERT INTO signup_migrations (version_id, is_applied) VALUES (99999, true)")
	s := open(t, with(t, url, "search_path", `"my schema",public`), postgres.Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkCurrent(t, s)
	mustSignUp(t, s, 1)
	if n := count(t, other, `SELECT count(*) FROM "my schema".users`); n != 1 {
		t.Errorf("%d users in the schema", n)
	}
	if n := count(t, other, "SELECT count(*) FROM public.users"); n != 0 {
		t.Errorf("%d users in public", n)
	}
}

func TestOpenRefusesAMissingSchema(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), with(t, pgtest.NewEmpty(t), "search_path", "absent"), postgres.Options{})
	if err == nil || !strings.Contains(err.Error(), "search_path") {
		t.Errorf("Open: %v", err)
	}
}

// Case B44: the program runs under a role that can only read and write rows of
// tables that another role created.
func TestALeastPrivilegedRole(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	owner := open(t, url, postgres.Options{})
	role := "r" + strings.ToLower(strings.TrimPrefix(databaseName(t, url), "signup_test_"))
	exec(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD 'x'")
	t.Cleanup(func() { _, _ = owner.Pool().Exec(t.Context(), "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	exec(t, owner, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
	exec(t, owner, "GRANT USAGE ON SCHEMA public TO "+role)
	exec(t, owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+role)
	s := open(t, as(t, url, role, "x"), postgres.Options{})
	if err := s.Migrate(t.Context()); err != nil {
		t.Errorf("Migrate with nothing to do: %v", err)
	}
	u := mustSignUp(t, s, 1)
	err := s.Update(t.Context(), func(tx signup.Tx) error {
		if _, err := tx.User(t.Context(), u.ID); err != nil {
			return err
		}
		return errors.Join(
			tx.AddMail(t.Context(), confirmation("m", u)),
			tx.AddAudit(t.Context(), signup.AuditEvent{At: now(), Actor: "cli", Type: "x"}),
			tx.DeleteUser(t.Context(), u.ID),
		)
	})
	if err != nil {
		t.Error(err)
	}
}
