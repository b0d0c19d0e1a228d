package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/signup-go/signup"
)

func TestMigrateTwiceIsHarmless(t *testing.T) {
	s := migrated(t)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	current, latest, err := s.Version(t.Context())
	if err != nil || current != latest || latest < 1 {
		t.Errorf("version %d of %d, %v", current, latest, err)
	}
}

func TestMigrateConcurrently(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signup.db")
	stores := make([]*Store, 3)
	for i := range stores {
		stores[i] = open(t, path, Options{})
	}
	errs := make([]error, len(stores))
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() { errs[i] = s.Migrate(t.Context()) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		if current, latest, err := s.Version(t.Context()); err != nil || current != latest {
			t.Errorf("version %d of %d, %v", current, latest, err)
		}
	}
}

func TestMigrateRefusesANewerDatabase(t *testing.T) {
	s := migrated(t)
	exec(t, s.writer, "INSERT INTO signup_migrations (version_id, is_applied) VALUES (99999, 1)")
	for name, err := range map[string]error{"Migrate": s.Migrate(t.Context()), "Version": version(t, s)} {
		if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "99999") {
			t.Errorf("%s: %v, want ErrNewer", name, err)
		}
	}
}

func version(t *testing.T, s *Store) error {
	_, _, err := s.Version(t.Context())
	return err
}

func TestUpdateBeforeMigrateIsAFault(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "signup.db"), Options{})
	reads := func(tx signup.Tx) error {
		_, err := tx.Settings(t.Context())
		return err
	}
	if err := s.Update(t.Context(), reads); err == nil || errors.Is(err, signup.ErrBusy) {
		t.Fatalf("Update: %v, want a fault", err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), reads); err != nil {
		t.Fatal(err)
	}
}
