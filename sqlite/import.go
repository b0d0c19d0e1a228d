package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/internal/tables"
)

// ErrNotEmpty is returned by Import when the database already has rows.
var ErrNotEmpty = errors.New("the database is not empty")

// importBatch is the number of rows per INSERT.
const importBatch = 100

// Import stores every row that load passes on, usually from another store's
// Export, in one transaction, and enqueues the mails owed among them. Like
// Update, it may run load again. If the database is not empty, it returns
// ErrNotEmpty.
func (s *Store) Import(ctx context.Context, load func(row func(table string, values []any) error) error) error {
	err := s.Update(ctx, func(tx signup.Tx) error {
		w := tx.(writer)
		enough, err := w.enlargeCache(ctx)
		if err != nil {
			return err
		}
		defer enough()
		if err := mustBeEmpty(ctx, w.tx); err != nil {
			return err
		}
		in := &inserter{ctx: ctx, tx: w.tx}
		defer in.close()
		batch := tables.Batch{Rows: importBatch, Flush: in.insert}
		if err := load(batch.Add); err != nil {
			return err
		}
		if err := batch.End(); err != nil {
			return err
		}
		if err := batch.CheckCounts(func(query string) (n int, err error) {
			err = w.tx.QueryRowContext(ctx, query).Scan(&n)
			return n, busy("count", err)
		}); err != nil {
			return err
		}
		return w.enqueueOwed(ctx)
	})
	if err != nil {
		return err
	}
	// Everything is in the write-ahead log. Checkpoint it now; otherwise the next
	// writer would have to wait for that.
	_, err = s.writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return busy("empty the log", err)
}

// enlargeCache makes room in memory for the pages of all indexes until enough is
// called. SQLite's default is 2 MB.
func (w writer) enlargeCache(ctx context.Context) (enough func(), err error) {
	var usual int
	if err := w.tx.QueryRowContext(ctx, "PRAGMA cache_size").Scan(&usual); err != nil {
		return nil, busy("read the cache's size", err)
	}
	set := func(ctx context.Context, size int) error {
		_, err := w.tx.ExecContext(ctx, fmt.Sprintf("PRAGMA cache_size = %d", size))
		return busy("set the cache's size", err)
	}
	const large = -64 << 10 // KiB
	return func() { _ = set(context.WithoutCancel(ctx), usual) }, set(ctx, large)
}

func mustBeEmpty(ctx context.Context, tx *sql.Tx) error {
	full, err := tables.Full(func(query string) (some bool, err error) {
		err = tx.QueryRowContext(ctx, query).Scan(&some)
		return some, busy("import", err)
	})
	if err == nil && full != "" {
		err = fmt.Errorf("%w: there are %s", ErrNotEmpty, full)
	}
	return err
}

// An inserter keeps its last prepared statement, which most batches can reuse.
type inserter struct {
	ctx  context.Context
	tx   *sql.Tx
	text string
	stmt *sql.Stmt
}

func (in *inserter) insert(t tables.Table, rows [][]any) error {
	if t.Name == tables.Counters {
		return in.setCounters(rows)
	}
	if err := in.prepare(insertSQL(t, len(rows))); err != nil {
		return busy("import "+t.Name, err)
	}
	args := make([]any, 0, len(rows)*len(t.Columns))
	for _, row := range rows {
		for _, value := range row {
			if at, ok := value.(time.Time); ok {
				value = at.UnixMilli()
			}
			args = append(args, value)
		}
	}
	_, err := in.stmt.ExecContext(in.ctx, args...)
	return busy("import "+t.Name, err)
}

func (in *inserter) prepare(text string) (err error) {
	if text == in.text {
		return nil
	}
	in.close()
	in.text = text
	in.stmt, err = in.tx.PrepareContext(in.ctx, text)
	return err
}

func (in *inserter) close() {
	if in.stmt != nil {
		_ = in.stmt.Close()
	}
	in.text, in.stmt = "", nil
}

func insertSQL(t tables.Table, rows int) string {
	one := "(?" + strings.Repeat(", ?", len(t.Columns)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", t.Name, columnList(t), one+strings.Repeat(", "+one, rows-1))
}

// setCounters only raises counters, because SQLite has already raised them to the
// greatest key.
func (in *inserter) setCounters(rows [][]any) error {
	for _, row := range rows {
		_, err := in.tx.ExecContext(in.ctx, `INSERT INTO sqlite_sequence (name, seq)
			SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)`, row[0])
		if err == nil {
			_, err = in.tx.ExecContext(in.ctx, "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", row...)
		}
		if err != nil {
			return busy("import counters", err)
		}
	}
	return nil
}

// enqueueOwed enqueues all mails that are owed.
func (w writer) enqueueOwed(ctx context.Context) error {
	for after := int64(0); ; {
		ids, last, err := owedAfter(ctx, w.tx, after)
		if err != nil || len(ids) == 0 {
			return busy("list the mails owed", err)
		}
		for _, id := range ids {
			if err := w.enqueue(lasting(ctx), w.tx, id); err != nil {
				return busy("enqueue mail", err)
			}
		}
		after = last
	}
}

func owedAfter(ctx context.Context, tx *sql.Tx, after int64) (ids []string, last int64, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, seq FROM mails WHERE state = 'owed' AND seq > ? ORDER BY seq LIMIT 1000", after)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id, &last); err != nil {
			return nil, 0, err
		}
		ids = append(ids, id)
	}
	return ids, last, rows.Err()
}
