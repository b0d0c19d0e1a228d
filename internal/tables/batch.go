package tables

import "fmt"

// Counters is the name under which, after all tables, the counters go: a
// table's name and the greatest number it has given out, perhaps to a row that
// is gone since.
const Counters = "counters"

// A Batch gathers rows, which come table by table, and flushes so many at a
// time.
type Batch struct {
	Rows  int // at most, in one flush
	Flush func(Table, [][]any) error

	// Added counts the rows by table.
	Added map[string]int

	table Table
	rows  [][]any
}

// Add takes one row.
func (b *Batch) Add(table string, values []any) error {
	if table != b.table.Name || len(b.rows) == b.Rows {
		if err := b.End(); err != nil {
			return err
		}
	}
	if table != b.table.Name {
		t, err := ByName(table)
		if err != nil {
			return err
		}
		b.table = t
	}
	if len(values) != len(b.table.Columns) {
		return fmt.Errorf("a row of %s with %d values, want %d", table, len(values), len(b.table.Columns))
	}
	b.rows = append(b.rows, values)
	b.Added[table]++
	return nil
}

// End flushes what is left.
func (b *Batch) End() error {
	if len(b.rows) == 0 {
		return nil
	}
	rows := b.rows
	b.rows = b.rows[:0]
	return b.Flush(b.table, rows)
}

// ByName finds a table, or the counters.
func ByName(name string) (Table, error) {
	for _, t := range append(All(), counters()) {
		if t.Name == name {
			return t, nil
		}
	}
	return Table{}, fmt.Errorf("no table is called %q", name)
}

func counters() Table {
	return Table{Counters, []Column{{"name", Text}, {"value", Int}}, "name", false}
}
