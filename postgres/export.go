package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup/internal/tables"
)

// Export calls row for every row that another database needs, table by table, all
// from one snapshot. The values are in the order of the columns in package
// internal/tables.
func (s *Store) Export(ctx context.Context, row func(table string, values []any) error) error {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, s.pool, snapshot, func(tx pgx.Tx) error {
		for _, t := range tables.All() {
			if err := exportTable(ctx, tx, t, row); err != nil {
				return busy("export "+t.Name, err)
			}
		}
		return busy("export counters", exportCounters(ctx, tx, row))
	})
}

func exportTable(ctx context.Context, tx pgx.Tx, t tables.Table, row func(string, []any) error) error {
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", selectList(t), t.Name, t.Key))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, err := rows.Values()
		if err == nil {
			err = neutral(values, t.Columns)
		}
		if err == nil {
			err = row(t.Name, values)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectList casts columns that pgx can return as more than one Go type.
func selectList(t tables.Table) string {
	casts := map[tables.Kind]string{tables.Int: "::bigint", tables.JSON: "::text"}
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name + casts[c.Kind]
	}
	return strings.Join(columns, ", ")
}

func neutral(values []any, columns []tables.Column) (err error) {
	for i, c := range columns {
		switch v := values[i].(type) {
		case time.Time:
			values[i] = v.UTC()
		case string:
			if c.Kind == tables.JSON {
				values[i], err = asGoWrites(v)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

// asGoWrites formats JSON as encoding/json does, but keeps every number as it is,
// however long.
func asGoWrites(text string) (string, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func exportCounters(ctx context.Context, tx pgx.Tx, row func(string, []any) error) error {
	for _, t := range tables.All() {
		if !t.Numbers {
			continue
		}
		var last *int64 // NULL when the table has never had a row
		err := tx.QueryRow(ctx, "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)", t.Name, t.Key).Scan(&last)
		if err == nil && last != nil {
			err = row(tables.Counters, []any{t.Name, *last})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
