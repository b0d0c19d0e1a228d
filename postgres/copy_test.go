package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/tables"
	"github.com/signup-go/signup/internal/upgradetest"
	"github.com/signup-go/signup/postgres"
	"github.com/signup-go/signup/postgres/pgtest"
	"github.com/signup-go/signup/sqlite"
)

func TestEveryColumnIsCopied(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	upgradetest.Columns(t, func(table string) []string {
		found, err := s.Pool().Query(t.Context(), "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return columns
	}, "users.status", "address_mails.id")
}

// exported returns the rows of a store, without counters, as text in a fixed
// order.
func exported(t *testing.T, export func(func(string, []any) error) error) (all []string) {
	t.Helper()
	if err := export(func(table string, values []any) error {
		if table != tables.Counters {
			all = append(all, fmt.Sprintf("%s %v", table, values))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// A database with rows in every table is unchanged after it has been copied to
// the other kind of store and back.
func TestCopyRoundTrip(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dump, err := os.ReadFile("testdata/upgrade/6-strangers.sql")
	if err != nil {
		t.Fatal(err)
	}
	at := pgtest.NewEmpty(t)
	run(t, outsider(t, at), string(dump))
	from := open(t, at, postgres.Options{})
	middle, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "middle.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = middle.Close() })
	to := migrated(t)
	if err := errors.Join(
		from.Migrate(ctx), middle.Migrate(ctx),
		middle.Import(ctx, func(row func(string, []any) error) error { return from.Export(ctx, row) }),
		to.Import(ctx, func(row func(string, []any) error) error { return middle.Export(ctx, row) }),
	); err != nil {
		t.Fatal(err)
	}
	want := exported(t, func(row func(string, []any) error) error { return from.Export(ctx, row) })
	got := exported(t, func(row func(string, []any) error) error { return to.Export(ctx, row) })
	if len(want) < 100 || !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d:\n%q\n%q", len(got), len(want), got, want)
	}
	if err := to.Import(ctx, func(row func(string, []any) error) error { return nil }); !errors.Is(err, postgres.ErrNotEmpty) {
		t.Errorf("into a database with rows: %v", err)
	}
	u := mustSignUp(t, to, 1)
	same := from.Update(ctx, func(tx signup.Tx) error {
		also, err := tx.CreateUser(ctx, person(1))
		if err == nil && also.ID != u.ID {
			t.Errorf("the next id is %d, want %d", u.ID, also.ID)
		}
		return err
	})
	if same != nil {
		t.Error(same)
	}
}
