package sqlite

import (
	"database/sql"
	"fmt"
	"testing"
)

// A kept statement must not be run again while its rows are being read.
func TestKeptStatementsNest(t *testing.T) {
	tx, err := migrated(t).writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const pairs = "SELECT value FROM json_each(?)"
	var got []string
	for range 2 {
		outer := query(t, tx, pairs, "[1, 2, 3]")
		for outer.Next() {
			inner := query(t, tx, pairs, "[4, 5]")
			for inner.Next() {
				got = append(got, scan(t, outer)+scan(t, inner))
			}
			closed(t, inner)
		}
		closed(t, outer)
	}
	if want := "[14 15 24 25 34 35 14 15 24 25 34 35]"; fmt.Sprint(got) != want {
		t.Fatalf("%v, want %s", got, want)
	}
}

// The number of kept statements is bounded.
func TestKeptStatementsAreBounded(t *testing.T) {
	db := migrated(t).writer
	for i := range maxKept + 50 {
		var got int
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d + ?", i), 1).Scan(&got); err != nil || got != i+1 {
			t.Fatalf("%d, %v; want %d", got, err, i+1)
		}
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	err = conn.Raw(func(c any) error {
		if n := len(c.(*keepingConn).kept); n != maxKept {
			return fmt.Errorf("%d statements kept, want %d", n, maxKept)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, tx *sql.Tx, text string, args ...any) *sql.Rows {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func scan(t *testing.T, rows *sql.Rows) (s string) {
	t.Helper()
	if err := rows.Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, rows *sql.Rows) {
	t.Helper()
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
}
