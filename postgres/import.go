package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/tables"
)

// ErrNotEmpty is returned by Import when there is something already.
var ErrNotEmpty = errors.New("the database is not empty")

// importBatch is how many rows one COPY holds.
const importBatch = 2000

// Import stores all the rows that load hands over, which are another store's
// Export, in one transaction, and enqueues the mails owed among them. It may
// run load again, as Update does. The database must be empty: ErrNotEmpty.
func (s *Store) Import(ctx context.Context, load func(row func(table string, values []any) error) error) error {
	return s.Update(ctx, func(tx signup.Tx) error {
		w := tx.(writer)
		if err := claimEmpty(ctx, w.tx); err != nil {
			return err
		}
		in := inserter{ctx, w.tx}
		batch := tables.Batch{Rows: importBatch, Flush: in.insert, Added: map[string]int{}}
		if err := load(batch.Add); err != nil {
			return err
		}
		if err := batch.End(); err != nil {
			return err
		}
		if err := checkCounts(ctx, w.tx, batch.Added); err != nil {
			return err
		}
		return w.enqueueOwed(ctx)
	})
}

// claimEmpty keeps everybody else from writing until the transaction ends.
func claimEmpty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "LOCK TABLE "+tableList()+" IN EXCLUSIVE MODE"); err != nil {
		return busy("lock the tables", err)
	}
	var full []string
	for _, t := range tables.All() {
		var some bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.Name+")").Scan(&some); err != nil {
			return busy("look for rows of "+t.Name, err)
		}
		if some {
			full = append(full, t.Name)
		}
	}
	if len(full) > 0 {
		return fmt.Errorf("%w: there are %s", ErrNotEmpty, strings.Join(full, ", "))
	}
	return nil
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

func (in inserter) insert(t tables.Table, rows [][]any) error {
	if t.Name == tables.Counters {
		return busy("import counters", in.setCounters(rows))
	}
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	for _, row := range rows {
		for i := range row {
			if text, ok := row[i].(string); ok {
				row[i] = storable(text)
			}
		}
	}
	_, err := in.tx.CopyFrom(in.ctx, pgx.Identifier{t.Name}, columns, pgx.CopyFromRows(rows))
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

func checkCounts(ctx context.Context, tx pgx.Tx, want map[string]int) error {
	for _, t := range tables.All() {
		var n int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+t.Name).Scan(&n); err != nil {
			return busy("count "+t.Name, err)
		}
		if n != want[t.Name] {
			return fmt.Errorf("%d rows of %s arrived, but %d were sent", n, t.Name, want[t.Name])
		}
	}
	return nil
}

// enqueueOwed sees to it that the mails owed will be sent after the commit.
func (w writer) enqueueOwed(ctx context.Context) error {
	for after := int64(0); ; {
		ids, last, err := owedAfter(ctx, w.tx, after)
		if err != nil || len(ids) == 0 {
			return busy("list the mails owed", err)
		}
		for _, id := range ids {
			if err := w.enqueue(ctx, w.tx, id); err != nil {
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
