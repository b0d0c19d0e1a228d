package upgradetest

import (
	"slices"
	"testing"

	"github.com/signup-go/signup/internal/tables"
)

// Columns checks that package internal/tables has every column of the tables it
// lists. The columns in except are not checked: they are computed, or numbers
// that nothing refers to.
func Columns(t *testing.T, columnsOf func(table string) []string, except ...string) {
	t.Helper()
	for _, table := range tables.All() {
		var want, got []string
		for _, column := range columnsOf(table.Name) {
			if !slices.Contains(except, table.Name+"."+column) {
				want = append(want, column)
			}
		}
		for _, column := range table.Columns {
			got = append(got, column.Name)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s has the columns %v, but %v would be copied", table.Name, want, got)
		}
	}
}
