package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/rows"
	"github.com/signup-go/signup/internal/tables"
)

// ErrNotEmpty is returned by Import when the database already has rows.
var ErrNotEmpty = errors.New("the database is not empty")

// importBatch is the number of rows per COPY.
const importBatch = 2000

// Import stores every row that load passes on, usually from another store's
// Export, in one transaction, and enqueues the mails owed among them. Like
// Update, it may run load again. If the database is not empty, it returns
// ErrNotEmpty.
func (s *Store) Import(ctx context.Context, load func(row func(table string, values []any) error) error) error {
	return s.Update(ctx, func(tx signup.Tx) error {
		w := tx.(writer)
		begun, err := w.unit.begun(ctx)
		if err != nil {
			return busy("begin", err)
		}
		if err := lockEmpty(ctx, begun); err != nil {
			return err
		}
		in := inserter{ctx, begun}
		batch := tables.Batch{Rows: importBatch, Flush: in.insert}
		if err := load(batch.Add); err != nil {
			return err
		}
		if err := batch.End(); err != nil {
			return err
		}
		if err := batch.CheckCounts(func(query string) (n int, err error) {
			err = begun.QueryRow(ctx, query).Scan(&n)
			return n, busy("count", err)
		}); err != nil {
			return err
		}
		return w.enqueueOwed(ctx, begun)
	})
}

// lockEmpty checks that the tables are empty, and keeps other transactions from
// writing until this one ends.
func lockEmpty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "LOCK TABLE "+tableList()+" IN EXCLUSIVE MODE"); err != nil {
		return busy("lock the tables", err)
	}
	full, err := tables.Full(func(query string) (some bool, err error) {
		err = tx.QueryRow(ctx, query).Scan(&some)
		return some, busy("import", err)
	})
	if err == nil && full != "" {
		err = fmt.Errorf("%w: there are %s", ErrNotEmpty, full)
	}
	return err
}

func tableList() string {
	var names []string
	for _, t := range tables.All() {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

type inserter struct {
	ctx context.Context
	tx  pgx.Tx
}

func (in inserter) insert(t tables.Table, batch [][]any) error {
	if t.Name == tables.Counters {
		return busy("import counters", in.setCounters(batch))
	}
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	for _, row := range batch {
		for i := range row {
			if text, ok := row[i].(string); ok {
				row[i] = rows.Storable(text)
			}
		}
	}
	_, err := in.tx.CopyFrom(in.ctx, pgx.Identifier{t.Name}, columns, pgx.CopyFromRows(batch))
	return busy("import "+t.Name, err)
}

func (in inserter) setCounters(rows [][]any) error {
	for _, row := range rows {
		t, err := tables.ByName(fmt.Sprint(row[0]))
		if err != nil {
			return err
		}
		if _, err := in.tx.Exec(in.ctx, "SELECT setval(pg_get_serial_sequence($1, $2), $3)", t.Name, t.Key, row[1]); err != nil {
			return err
		}
	}
	return nil
}

// enqueueOwed enqueues all mails that are owed.
func (w writer) enqueueOwed(ctx context.Context, tx pgx.Tx) error {
	for after := int64(0); ; {
		ids, last, err := owedAfter(ctx, tx, after)
		if err != nil || len(ids) == 0 {
			return busy("list the mails owed", err)
		}
		for _, id := range ids {
			if err := w.enqueue(ctx, tx, id); err != nil {
				return busy("enqueue mail", err)
			}
		}
		after = last
	}
}

func owedAfter(ctx context.Context, tx pgx.Tx, after int64) (ids []string, last int64, err error) {
	rows, err := tx.Query(ctx, "SELECT id, seq FROM mails WHERE state = 'owed' AND seq > $1 ORDER BY seq LIMIT 1000", after)
	if err != nil {
		return nil, 0, err
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id, &last}, func() error {
		ids = append(ids, id)
		return nil
	})
	return ids, last, err
}
