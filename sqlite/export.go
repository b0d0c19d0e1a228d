package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/signup-go/signup/internal/tables"
)

// Export calls row for every row that another database needs, table by table, all
// from one snapshot. The values are in the order of the columns in package
// internal/tables.
func (s *Store) Export(ctx context.Context, row func(table string, values []any) error) error {
	wait, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	tx, end, err := begin(ctx, wait, s.reader)
	if err != nil {
		return err
	}
	defer end()
	for _, t := range tables.All() {
		if err := exportTable(ctx, tx, t, row); err != nil {
			return busy("export "+t.Name, err)
		}
	}
	return busy("export counters", exportCounters(ctx, tx, row))
}

func exportTable(ctx context.Context, tx *sql.Tx, t tables.Table, row func(string, []any) error) (err error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", columnList(t), t.Name, t.Key))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		values, err := scanRow(rows, t.Columns)
		if err == nil {
			err = row(t.Name, values)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

func scanRow(rows *sql.Rows, columns []tables.Column) ([]any, error) {
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	err := rows.Scan(into...)
	for i, c := range columns {
		if number, ok := values[i].(int64); ok {
			values[i] = fromInteger(number, c.Kind)
		}
	}
	return values, err
}

// fromInteger converts an INTEGER to the column's kind.
func fromInteger(n int64, kind tables.Kind) any {
	switch kind {
	case tables.Bool:
		return n != 0
	case tables.Time:
		return time.UnixMilli(n).UTC()
	default:
		return n
	}
}

func exportCounters(ctx context.Context, tx *sql.Tx, row func(string, []any) error) error {
	for _, t := range tables.All() {
		if !t.Numbers {
			continue
		}
		var last int64
		err := tx.QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = ?", t.Name).Scan(&last)
		if errors.Is(err, sql.ErrNoRows) {
			continue // the table has never had a row
		}
		if err == nil {
			err = row(tables.Counters, []any{t.Name, last})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func columnList(t tables.Table) string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
