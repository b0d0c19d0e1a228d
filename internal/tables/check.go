package tables

import (
	"fmt"
	"strings"
)

// Full returns the names of the tables that have rows. The function exists runs a
// query that returns one bool.
func Full(exists func(query string) (bool, error)) (string, error) {
	var full []string
	for _, t := range All() {
		some, err := exists("SELECT EXISTS (SELECT 1 FROM " + t.Name + ")")
		if err != nil {
			return "", fmt.Errorf("check whether %s is empty: %w", t.Name, err)
		}
		if some {
			full = append(full, t.Name)
		}
	}
	return strings.Join(full, ", "), nil
}

// CheckCounts compares the number of rows in each table with the number of rows
// that were added. The function count runs a query that returns one number.
func (b *Batch) CheckCounts(count func(query string) (int, error)) error {
	for _, t := range All() {
		n, err := count("SELECT count(*) FROM " + t.Name)
		if err != nil {
			return fmt.Errorf("count %s: %w", t.Name, err)
		}
		if n != b.added[t.Name] {
			return fmt.Errorf("%d rows of %s arrived, but %d were sent", n, t.Name, b.added[t.Name])
		}
	}
	return nil
}
