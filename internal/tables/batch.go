package tables

import "fmt"

// Counters is the table name of the rows that follow those of all tables. Each
// contains a table's name and the greatest number it has ever assigned, possibly
// to a deleted row.
const Counters = "counters"

// A Batch collects rows, which arrive table by table, and flushes them in groups.
type Batch struct {
	Rows  int // maximum number of rows per flush
	Flush func(Table, [][]any) error

	added map[string]int // number of rows by table
	table Table
	rows  [][]any
}

// Add adds one row.
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
	if b.added == nil {
		b.added = map[string]int{}
	}
	b.rows = append(b.rows, values)
	b.added[table]++
	return nil
}

// End flushes the remaining rows.
func (b *Batch) End() error {
	if len(b.rows) == 0 {
		return nil
	}
	rows := b.rows
	b.rows = b.rows[:0]
	return b.Flush(b.table, rows)
}

// ByName returns the table with this name, or the counters.
func ByName(name string) (Table, error) {
	for _, t := range append(All(), counters()) {
		if t.Name == name {
			return t, nil
		}
	}
	return Table{}, fmt.Errorf("unknown table %q", name)
}

func counters() Table {
	return Table{Name: Counters, Columns: []Column{{"name", Text}, {"value", Int}}, Key: "name"}
}
