package sqlite

import (
	"testing"

	"github.com/signup-go/signup/internal/upgradetest"
)

func TestEveryColumnIsCopied(t *testing.T) {
	s := migrated(t)
	upgradetest.Columns(t, func(table string) (columns []string) {
		found, err := s.reader.QueryContext(t.Context(), "SELECT name FROM pragma_table_xinfo(?)", table)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			var name string
			if err := found.Scan(&name); err != nil {
				t.Fatal(err)
			}
			columns = append(columns, name)
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		return columns
	}, "users.status")
}
